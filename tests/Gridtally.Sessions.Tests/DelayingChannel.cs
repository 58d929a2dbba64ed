using Gridtally.Links;

namespace Gridtally.Sessions.Tests;

/// <summary>A channel whose answers can be held back, or cut off, at a moment that the test chooses.</summary>
internal sealed class DelayingChannel(IByteChannel inner, TimeProvider clock) : IByteChannel
{
    private int _reads;

    public string Name => inner.Name;

    /// <summary>How long each read holds back what it has got.</summary>
    public TimeSpan Delay { get; set; }

    /// <summary>Reads that get something; what comes after is thrown away.</summary>
    public int SilentAfterReads { get; set; } = int.MaxValue;

    public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        while (true)
        {
            var count = await inner.ReadAsync(buffer, cancellationToken);
            if (Delay > TimeSpan.Zero) await Task.Delay(Delay, clock, cancellationToken);
            if (_reads++ < SilentAfterReads || count == 0) return count;
        }
    }

    public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) => inner.WriteAsync(bytes, cancellationToken);

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}
