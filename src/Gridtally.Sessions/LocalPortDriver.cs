using System.Buffers;
using Gridtally.Cosem.LocalPort;
using Gridtally.Links;

namespace Gridtally.Sessions;

/// <summary>Moves octets, time and line settings between a channel and a state machine of IEC 62056-21.</summary>
internal sealed class LocalPortDriver(IByteChannel channel, TimeProvider lineTime, Action<FrameTrace>? trace)
{
    private readonly byte[] _buffer = new byte[1024];
    private readonly long _start = lineTime.GetTimestamp();
    private LocalLine? _line;

    public string Name => channel.Name;

    public TimeSpan Now => lineTime.GetElapsedTime(_start);

    /// <summary>Sets the line, sends what there is, then waits for octets or for the deadline.</summary>
    /// <returns>The octets; empty when the deadline has come.</returns>
    public async ValueTask<ReadOnlyMemory<byte>> StepAsync(ArrayBufferWriter<byte> output, LocalLine line, TimeSpan? deadline, CancellationToken cancellationToken)
    {
        await FlushAsync(output, line, cancellationToken).ConfigureAwait(false);
        var count = await channel.ReadAsync(_buffer, deadline - Now, lineTime, cancellationToken).ConfigureAwait(false);
        if (count == 0) throw new LinkException($"{Name}: the other side closed the connection.");
        if (count < 0) return default;
        trace?.Invoke(new(Name, TraceDirection.Received, _buffer.AsMemory(0, count), lineTime.GetUtcNow()));
        return _buffer.AsMemory(0, count);
    }

    /// <summary>Sets the line, where it changes, once all that was sent before is out; then sends what there is.</summary>
    public async ValueTask FlushAsync(ArrayBufferWriter<byte> output, LocalLine line, CancellationToken cancellationToken)
    {
        if (_line != line)
        {
            await channel.SetLineAsync(Settings(line), cancellationToken).ConfigureAwait(false);
            _line = line;
        }

        if (output.WrittenCount == 0) return;
        trace?.Invoke(new(Name, TraceDirection.Sent, output.WrittenMemory, lineTime.GetUtcNow()));
        await channel.WriteInTimeAsync(output.WrittenMemory, lineTime, cancellationToken).ConfigureAwait(false);
        output.ResetWrittenCount();
    }

    private static SerialSettings Settings(LocalLine line) => line.SevenBitsEvenParity ? new(line.Baud, 7, Parity.Even) : new(line.Baud);
}
