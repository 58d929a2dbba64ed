namespace Gridtally.Links;

/// <summary>What the emulator has done to one direction of the line.</summary>
/// <param name="Bursts">Bursts sent.</param>
/// <param name="Octets">Octets sent.</param>
/// <param name="LostBursts">Bursts thrown away by chance.</param>
/// <param name="OutageOctets">Octets that met an outage.</param>
/// <param name="NoisyOctets">Octets that got a bit inverted.</param>
/// <param name="CollidedOctets">Octets garbled because both sides were sending.</param>
/// <param name="DuplicatedBursts">Bursts delivered twice.</param>
public readonly record struct LineStatistics(
    long Bursts, long Octets, long LostBursts, long OutageOctets, long NoisyOctets, long CollidedOctets, long DuplicatedBursts);

/// <summary>Some octets on their way, on the line from <see cref="Start"/> to <see cref="End"/> and there at <see cref="Due"/>.</summary>
internal sealed class Slice(byte[] octets)
{
    private int _taken;

    public byte[] Octets => octets;

    public TimeSpan Start { get; init; }

    public TimeSpan End { get; init; }

    public TimeSpan Due { get; init; }

    public bool Lost { get; init; }

    /// <summary>What has not been taken yet.</summary>
    public ReadOnlySpan<byte> Remaining => octets.AsSpan(_taken);

    public int Take(Span<byte> buffer)
    {
        var count = Math.Min(buffer.Length, Remaining.Length);
        Remaining[..count].CopyTo(buffer);
        _taken += count;
        return count;
    }
}

/// <summary>The arithmetic of the line, both directions: when which octets arrive in what shape. No clock, no waiting.</summary>
internal sealed class LineMedium
{
    // About 33 ms at 9,600 baud: frames are seen to arrive as they do on a wire, at 30 timer calls a second.
    private const int SliceOctets = 32;

    private readonly LineConditions _conditions;
    private readonly OutagePlan _outages;
    private readonly LineRandom _collisionRandom;
    private readonly bool _datagrams;
    private readonly Direction[] _directions;

    public LineMedium(LineConditions conditions, bool datagrams)
    {
        (_conditions, _datagrams) = (conditions, datagrams);
        (_outages, _collisionRandom) = (new(conditions), new(conditions.Seed, 4));
        _directions = [new(new(conditions.Seed, 1)), new(new(conditions.Seed, 2))];
    }

    public Lock Lock { get; } = new();

    /// <summary>True for datagrams: what was sent as one piece arrives as one.</summary>
    public bool KeepsPieces => _datagrams;

    /// <summary>Puts a burst on the line. Its slices wait in <see cref="Queue"/>.</summary>
    public void Send(int direction, ReadOnlySpan<byte> burst, TimeSpan now)
    {
        var (own, other) = (_directions[direction], _directions[1 - direction]);
        own.Statistics = own.Statistics with { Bursts = own.Statistics.Bursts + 1, Octets = own.Statistics.Octets + burst.Length };

        // Drawn whether needed or not, so that a burst takes the same numbers whatever the others' fate was.
        var lost = own.Random.Chance(_conditions.Loss);
        var twice = own.Random.Chance(_conditions.Duplicate);
        var latency = _conditions.Latency + _conditions.Jitter * own.Random.NextDouble();
        if (lost) own.Statistics = own.Statistics with { LostBursts = own.Statistics.LostBursts + 1 };
        if (twice && !lost) own.Statistics = own.Statistics with { DuplicatedBursts = own.Statistics.DuplicatedBursts + 1 };

        for (var copy = 0; copy < (twice && !lost ? 2 : 1); copy++)
        {
            var octets = burst.ToArray();
            AddNoise(own, octets);
            Place(own, other, octets, now, latency, lost);
        }
    }

    public LineQueue Queue(int direction) => _directions[direction].Queue;

    public LineStatistics Statistics(int direction)
    {
        lock (Lock) return _directions[direction].Statistics;
    }

    private void Place(Direction own, Direction other, byte[] octets, TimeSpan now, TimeSpan latency, bool lost)
    {
        var start = own.FreeAt > now ? own.FreeAt : now;
        var earliest = other.FreeAt + _conditions.Turnaround;
        if (other.FreeAt <= now && other.HasSent && earliest > start) start = earliest;

        var size = _conditions.Baud == 0 || _datagrams ? Math.Max(1, octets.Length) : SliceOctets;
        for (var offset = 0; offset < octets.Length; offset += size)
        {
            var piece = octets[offset..Math.Min(octets.Length, offset + size)];
            var from = start + _conditions.TransmitTime(offset);
            var to = start + _conditions.TransmitTime(offset + piece.Length);
            var down = _outages.IsDown(from);
            if (down) own.Statistics = own.Statistics with { OutageOctets = own.Statistics.OutageOctets + piece.Length };
            own.LastDue = to + latency > own.LastDue ? to + latency : own.LastDue;
            var slice = new Slice(piece) { Start = from, End = to, Due = own.LastDue, Lost = lost || down };
            if (_conditions.Collisions) Collide(own, slice, other);
            own.Queue.Add(slice);
        }

        own.FreeAt = start + _conditions.TransmitTime(octets.Length);
        own.HasSent = true;
    }

    private void AddNoise(Direction own, byte[] octets)
    {
        if (_conditions.Noise <= 0) return;
        for (var i = 0; i < octets.Length; i++)
        {
            if (!own.Random.Chance(_conditions.Noise)) continue;
            octets[i] ^= (byte)(1 << (int)(own.Random.Next() & 7));
            own.Statistics = own.Statistics with { NoisyOctets = own.Statistics.NoisyOctets + 1 };
        }
    }

    private void Collide(Direction own, Slice slice, Direction other)
    {
        var hit = false;
        foreach (var theirs in other.Queue.Slices.Where(s => s.Start < slice.End && slice.Start < s.End))
        {
            hit = true;
            Garble(other, theirs);
        }

        if (hit) Garble(own, slice);
    }

    private void Garble(Direction direction, Slice slice)
    {
        foreach (ref var octet in slice.Octets.AsSpan()) octet ^= (byte)(1 + (_collisionRandom.Next() % 255));
        direction.Statistics = direction.Statistics with { CollidedOctets = direction.Statistics.CollidedOctets + slice.Octets.Length };
    }

    private sealed class Direction(LineRandom random)
    {
        public LineRandom Random => random;

        public LineQueue Queue { get; } = new();

        public TimeSpan FreeAt { get; set; }

        public TimeSpan LastDue { get; set; }

        public bool HasSent { get; set; }

        public LineStatistics Statistics { get; set; }
    }
}

/// <summary>Slices on their way, and whoever waits for them. Guarded by <see cref="LineMedium.Lock"/>.</summary>
internal sealed class LineQueue
{
    private readonly Queue<Slice> _slices = new();
    private TaskCompletionSource? _changed;

    public IEnumerable<Slice> Slices => _slices;

    /// <summary>Octets that are waiting.</summary>
    public int Octets { get; private set; }

    /// <summary>True when nothing will be added any more.</summary>
    public bool Ended { get; private set; }

    /// <summary>Why it ended, if not because the peer closed.</summary>
    public LinkException? Fault { get; private set; }

    public Slice? First => _slices.TryPeek(out var first) ? first : null;

    public void Add(Slice slice)
    {
        _slices.Enqueue(slice);
        Octets += slice.Octets.Length;
    }

    public void RemoveFirst() => Octets -= _slices.Dequeue().Octets.Length;

    public void End(LinkException? fault) => (Ended, Fault) = (true, Fault ?? fault);

    /// <summary>Completes at the next <see cref="TakeChanged"/>.</summary>
    public Task Changed => (_changed ??= new()).Task;

    /// <summary>Whom to tell, outside the lock, that something has changed.</summary>
    public TaskCompletionSource? TakeChanged()
    {
        var changed = _changed;
        _changed = null;
        return changed;
    }
}
