using Gridtally.Links;

namespace Gridtally.Concentrator.Tests;

/// <summary>What goes on on all lines of a test.</summary>
internal sealed class Traffic
{
    private long _moves;
    private int _metersAtWork;

    /// <summary>Counts every step of every line.</summary>
    public long Moves => Interlocked.Read(ref _moves);

    /// <summary>Meters' ends that were opened, or were given octets, and do not wait for more yet.</summary>
    public int MetersAtWork => Volatile.Read(ref _metersAtWork);

    public void Moved() => Interlocked.Increment(ref _moves);

    public void Works(int change)
    {
        Interlocked.Add(ref _metersAtWork, change);
        Moved();
    }
}

/// <summary>One end of a line that tells what it does. A meter's end is read by one reader, as servers do.</summary>
internal sealed class WatchedChannel : IByteChannel
{
    private readonly IByteChannel _inner;
    private readonly Traffic _traffic;
    private readonly bool _isMeter;
    private int _atWork;

    public WatchedChannel(IByteChannel inner, Traffic traffic, bool isMeter)
    {
        (_inner, _traffic, _isMeter) = (inner, traffic, isMeter);
        AtWork(true);
    }

    public string Name => _inner.Name;

    public bool IsDatagram => _inner.IsDatagram;

    public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        var reading = _inner.ReadAsync(buffer, cancellationToken);
        if (!reading.IsCompleted) AtWork(false);
        try
        {
            return await reading;
        }
        finally
        {
            AtWork(true);
        }
    }

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        _traffic.Moved();
        await _inner.WriteAsync(bytes, cancellationToken);
        _traffic.Moved();
    }

    public async ValueTask DisposeAsync()
    {
        await _inner.DisposeAsync();
        AtWork(false);
    }

    private void AtWork(bool atWork)
    {
        _traffic.Moved();
        if (_isMeter && Interlocked.Exchange(ref _atWork, atWork ? 1 : 0) != (atWork ? 1 : 0)) _traffic.Works(atWork ? 1 : -1);
    }
}
