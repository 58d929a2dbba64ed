using Gridtally.Cosem.LocalPort;
using Gridtally.Links;

namespace Gridtally.Sessions;

/// <summary>What an opening has come to.</summary>
/// <param name="Identification">Who has answered.</param>
/// <param name="Line">How the line is set now.</param>
/// <param name="Confirmed">True where the device has confirmed mode E; some leave that out.</param>
public sealed record OpenedPort(Identification Identification, LocalLine Line, bool Confirmed);

/// <summary>What a data readout has brought.</summary>
/// <param name="Identification">Who has answered.</param>
/// <param name="Values">The values in their order.</param>
public sealed record LocalReadout(Identification Identification, IReadOnlyList<DataSet> Values);

/// <summary>Opens the local port of a meter, mostly its optical one, and reads it: IEC 62056-21 over a serial port.</summary>
/// <remarks>
/// Baud rate and parity are changed on the way. On channels that have none (TCP, pseudo-terminals) that does nothing: a converter in between has
/// to follow by itself, or the meter has to stay at one rate.
/// </remarks>
public static class OpticalOpening
{
    /// <summary>Wakes the device and agrees with it on what follows; afterwards the channel is set for that.</summary>
    /// <exception cref="AssociationException">The device does not answer, or not as asked; the message says why.</exception>
    /// <exception cref="LinkException">The channel was lost.</exception>
    public static async Task<OpenedPort> OpenAsync(
        IByteChannel channel, OpeningOptions options, TimeProvider lineTime, Action<FrameTrace>? trace = null, CancellationToken cancellationToken = default) =>
        (await OpenAsync(new LocalPortDriver(channel, lineTime, trace), options, cancellationToken).ConfigureAwait(false)).Opened;

    /// <summary>Opens for a data readout, whatever service the options name, and takes it in.</summary>
    /// <inheritdoc cref="OpenAsync(IByteChannel, OpeningOptions, TimeProvider, Action{FrameTrace}, CancellationToken)"/>
    public static async Task<LocalReadout> ReadAsync(
        IByteChannel channel, OpeningOptions options, TimeProvider lineTime, Action<FrameTrace>? trace = null, CancellationToken cancellationToken = default)
    {
        var driver = new LocalPortDriver(channel, lineTime, trace);
        var (opened, rest) = await OpenAsync(driver, options with { Service = LocalService.DataReadout }, cancellationToken).ConfigureAwait(false);
        var readout = new ReadoutClient(driver.Now, options.ReactionTimeout, options.Retries);
        readout.Receive(rest, driver.Now);
        while (!readout.IsOver)
        {
            var octets = await driver.StepAsync(readout.Output, opened.Line, readout.NextDeadline, cancellationToken).ConfigureAwait(false);
            if (octets.IsEmpty) readout.Tick(driver.Now);
            else readout.Receive(octets.Span, driver.Now);
        }

        if (readout.Error is { } error) throw new AssociationException(AssociationReason.DeviceError, $"{driver.Name}: the data block of {opened.Identification} can't be read: {error}.");
        return readout.Fault == LocalFault.None ? new(opened.Identification, readout.Values) : throw Failed(driver.Name, readout.Fault, options, opened.Identification);
    }

    internal static async Task<(OpenedPort Opened, byte[] Early)> OpenAsync(LocalPortDriver driver, OpeningOptions options, CancellationToken cancellationToken)
    {
        var opening = new OpeningClient(options);
        opening.Open(driver.Now);
        while (opening.State == OpeningState.Opening)
        {
            var octets = await driver.StepAsync(opening.Output, opening.Line, opening.NextDeadline, cancellationToken).ConfigureAwait(false);
            if (octets.IsEmpty) opening.Tick(driver.Now);
            else opening.Receive(octets.Span, driver.Now);
        }

        if (opening.State == OpeningState.Failed) throw Failed(driver.Name, opening.Fault, options, opening.Identification);
        await driver.FlushAsync(opening.Output, opening.Line, cancellationToken).ConfigureAwait(false);
        return (new(opening.Identification!, opening.Line, opening.Confirmed), opening.Rest.ToArray());
    }

    internal static AssociationException Failed(string name, LocalFault fault, OpeningOptions options, Identification? who)
    {
        var device = who is null ? "the device" : who.ToString();
        var (reason, message) = fault switch
        {
            LocalFault.NoAnswer => (AssociationReason.NoAnswer, $"{device} does not answer (asked {options.Retries + 1} times). Check that the head sits right, and the device address where there is one."),
            LocalFault.Garbage => (AssociationReason.LineError, $"expected an answer of IEC 62056-21, got characters that are none. Check the rate of the opening (here {options.InitialLine})."),
            LocalFault.NotOffered => (AssociationReason.Refused, $"{device} does not offer {options.Service}. Read it in another mode; a meter that speaks HDLC without saying so needs HdlcUnannounced."),
            LocalFault.Refused => (AssociationReason.Refused, $"{device} has refused {options.Service}. Ask for a lower rate, or another mode."),
            LocalFault.ReadoutInstead => (AssociationReason.Refused, $"{device} has begun a data readout instead of {options.Service}. It does not know that mode, or has not heard the option select; ask for a lower rate."),
            LocalFault.BadCheck => (AssociationReason.LineError, $"the check character of {device} was wrong again and again. Check the head and the rate."),
            LocalFault.TooLong => (AssociationReason.DeviceError, $"{device} sent more characters than are taken."),
            LocalFault.Break => (AssociationReason.Refused, $"{device} has broken the exchange off (B0). Check the password."),
            _ => (AssociationReason.DeviceError, $"{device} sent a message that has no place here."),
        };
        return new(reason, $"{name}: {message}");
    }
}
