using Gridtally.Cosem.LocalPort;
using Gridtally.Links;

namespace Gridtally.Sessions;

/// <summary>A device's local port: waits for an opening, serves what the reader has chosen, and waits again.</summary>
/// <param name="options">What the device says of itself.</param>
/// <param name="serve">Serves the chosen service over the channel until that is over: for HDLC, a <see cref="DlmsServer"/> with an idle timeout.</param>
/// <param name="lineTime">Clock of the line.</param>
/// <param name="trace">Shown everything that goes over the line during openings.</param>
public sealed class OpticalPort(
    OpeningServerOptions options, Func<LocalService, IByteChannel, CancellationToken, Task> serve, TimeProvider lineTime, Action<FrameTrace>? trace = null)
{
    /// <summary>Serves until cancelled. The channel stays the caller's.</summary>
    /// <exception cref="LinkException">The channel was lost.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public async Task ServeAsync(IByteChannel channel, CancellationToken cancellationToken)
    {
        var driver = new LocalPortDriver(channel, lineTime, trace);
        var opening = new OpeningServer(options);
        while (true)
        {
            while (opening.State != OpeningState.Open)
            {
                var octets = await driver.StepAsync(opening.Output, opening.Line, opening.NextDeadline, cancellationToken).ConfigureAwait(false);
                if (octets.IsEmpty) opening.Tick(driver.Now);
                else opening.Receive(octets.Span, driver.Now);
            }

            await driver.FlushAsync(opening.Output, opening.Line, cancellationToken).ConfigureAwait(false);
            await serve(opening.Chosen, channel, cancellationToken).ConfigureAwait(false);
            opening.Reset();
        }
    }
}
