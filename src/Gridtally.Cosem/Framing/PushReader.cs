namespace Gridtally.Cosem.Framing;

/// <summary>One framing of <see cref="PushDeframer"/>: octets in, APDUs or blocks of them out.</summary>
internal abstract class PushReader
{
    public abstract PushFraming Framing { get; }

    public abstract bool HasPending { get; }

    public abstract long BadFrames { get; }

    public abstract long GarbageOctets { get; }

    /// <summary>APDUs given up because of a missing segment, or because they became too long.</summary>
    public virtual long Incomplete => 0;

    public abstract bool TryRead(scoped ref ReadOnlySpan<byte> source, out PeerAddress peer, out ReadOnlySpan<byte> payload);

    public abstract bool TryReadAfterSilence(out PeerAddress peer, out ReadOnlySpan<byte> payload);

    /// <summary>Told that this is the framing. A reader without a checksum of its own is careful until then.</summary>
    public virtual void Believe()
    {
    }

    /// <summary>Forgets what is held back, and what it was told.</summary>
    public abstract void Clear();
}

/// <summary>Puts segments together, up to a bound.</summary>
internal sealed class SegmentReassembly(int maxApdu)
{
    private byte[] _octets = [];
    private int _count;
    private bool _active;

    /// <summary>True between the first and the last segment.</summary>
    public bool IsActive => _active;

    /// <summary>APDUs given up.</summary>
    public long Incomplete { get; private set; }

    /// <summary>Takes the first segment of an APDU; one that is under way is given up.</summary>
    public void Begin(ReadOnlySpan<byte> segment)
    {
        GiveUp();
        (_active, _count) = (true, 0);
        Append(segment);
    }

    /// <summary>Takes a further segment.</summary>
    public void Append(ReadOnlySpan<byte> segment)
    {
        if (!_active) return;
        if (_count + segment.Length > maxApdu)
        {
            GiveUp();
            return;
        }

        if (_octets.Length < _count + segment.Length) Array.Resize(ref _octets, Math.Min(maxApdu, Math.Max(_count + segment.Length, 2 * _octets.Length)));
        segment.CopyTo(_octets.AsSpan(_count));
        _count += segment.Length;
    }

    /// <summary>Ends it after the last segment.</summary>
    /// <returns>False where there is none: it was given up.</returns>
    public bool TryEnd(out ReadOnlySpan<byte> apdu)
    {
        apdu = _active ? _octets.AsSpan(0, _count) : default;
        var whole = _active;
        _active = false;
        return whole;
    }

    /// <summary>Gives up what is under way.</summary>
    public void GiveUp()
    {
        if (_active) Incomplete++;
        _active = false;
    }

    /// <summary>Forgets what is under way, uncounted.</summary>
    public void Clear() => _active = false;
}
