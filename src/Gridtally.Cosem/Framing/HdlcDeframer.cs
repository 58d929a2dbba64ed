using System.Buffers;

namespace Gridtally.Cosem.Framing;

/// <summary>Finds frames in a stream of octets, whatever pieces it comes in and whatever lies between them.</summary>
/// <remarks>
/// Driven by the length field. After anything that turns out not to be a frame, the search goes on right behind the flag that
/// began it: a good frame inside a false one is still found. A closing flag may open the next frame.
/// </remarks>
public sealed class HdlcDeframer
{
    /// <summary>Twice the longest frame: what is kept always fits with room for more octets, so the search never stalls.</summary>
    private const int Capacity = 2 * (HdlcFrame.MaxLength + 2);

    private readonly byte[] _buffer = new byte[Capacity];
    private int _start;
    private int _end;

    /// <summary>Frames whose checks failed, or that did not end where they said.</summary>
    public long BadFrames { get; private set; }

    /// <summary>Octets outside of any frame.</summary>
    public long GarbageOctets { get; private set; }

    /// <summary>True where a frame has begun whose rest is still to come: its header is there and right.</summary>
    public bool InFrame { get; private set; }

    /// <summary>True where octets are held back that may become a frame.</summary>
    public bool HasPending => _end > _start + 1;

    /// <summary>Takes octets from the front of <paramref name="source"/> until they make a good frame.</summary>
    /// <param name="source">What is left of the received octets; moved on.</param>
    /// <param name="frame">The frame, valid until the next call, and as long as the octets that were received.</param>
    /// <returns>False once <paramref name="source"/> is used up without another frame.</returns>
    public bool TryRead(scoped ref ReadOnlySpan<byte> source, out HdlcFrame frame)
    {
        if (!HasPending)
        {
            if (TryReadInPlace(ref source, out frame)) return true;
            if (source.Length <= 1 && TryKeepFlag(ref source)) return false;
        }

        while (!TryScan(out frame))
        {
            if (source.IsEmpty) return false;
            Fill(ref source);
        }

        return true;
    }

    /// <summary>To be called when the line has been silent for longer than a sender may pause: a frame that has begun will not end.</summary>
    /// <param name="frame">A good frame that lay behind the false start.</param>
    /// <returns>False once nothing is held back any more. Call again after true.</returns>
    public bool TryReadAfterSilence(out HdlcFrame frame)
    {
        while (!TryScan(out frame))
        {
            if (_start == _end) return false;
            if (InFrame) BadFrames++;
            SkipFlag();
        }

        return true;
    }

    /// <summary>Forgets what is held back; the counters stay.</summary>
    public void Clear() => (_start, _end, InFrame) = (0, 0, false);

    /// <summary>The common case: a whole frame at the first flag of <paramref name="source"/>, read where it lies. Else nothing is touched.</summary>
    private bool TryReadInPlace(scoped ref ReadOnlySpan<byte> source, out HdlcFrame frame)
    {
        frame = default;
        var hasFlag = _end > _start;   // kept from before: it may open this frame as well
        var garbage = hasFlag ? 0 : source.IndexOf(HdlcFrame.Flag);
        if (garbage < 0) return false;
        var body = hasFlag ? 0 : garbage + 1;
        while (body < source.Length && source[body] == HdlcFrame.Flag) body++;
        if (HdlcFrame.TryRead(source[body..], out frame, out var length, out _) != OperationStatus.Done) return false;

        // The closing flag stays: it may open the next frame.
        source = source[(body + length)..];
        GarbageOctets += garbage;
        Clear();
        return true;
    }

    /// <summary>What is left behind most frames: the closing flag, which may open the next frame.</summary>
    private bool TryKeepFlag(scoped ref ReadOnlySpan<byte> source)
    {
        InFrame = false;
        if (source.IsEmpty) return true;
        if (source[0] != HdlcFrame.Flag) return false;
        _buffer[0] = HdlcFrame.Flag;
        (_start, _end) = (0, 1);
        source = default;
        return true;
    }

    private void Fill(scoped ref ReadOnlySpan<byte> source)
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start.._end).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }

        var count = Math.Min(source.Length, Capacity - _end);
        source[..count].CopyTo(_buffer.AsSpan(_end));
        _end += count;
        source = source[count..];
    }

    private bool TryScan(out HdlcFrame frame)
    {
        InFrame = false;
        while (FindFlag())
        {
            var status = HdlcFrame.TryRead(_buffer.AsSpan((_start + 1).._end), out frame, out var length, out var fault);
            switch (status)
            {
                case OperationStatus.Done:
                    // The closing flag stays: it may open the next frame.
                    _start += 1 + length;
                    return true;
                case OperationStatus.NeedMoreData:
                    InFrame = _end - _start > HdlcFrame.MinLength + 2 * HdlcAddress.MaxSize;
                    return false;
                default:
                    if (fault is HdlcFrameFault.BadHcs or HdlcFrameFault.BadFcs or HdlcFrameFault.NoClosingFlag) BadFrames++;
                    SkipFlag();
                    break;
            }
        }

        frame = default;
        return false;
    }

    /// <summary>Moves to the next flag that something other than a flag follows.</summary>
    private bool FindFlag()
    {
        var index = _buffer.AsSpan(_start.._end).IndexOf(HdlcFrame.Flag);
        if (index < 0)
        {
            GarbageOctets += _end - _start;
            Clear();
            return false;
        }

        GarbageOctets += index;
        _start += index;
        while (_start + 1 < _end && _buffer[_start + 1] == HdlcFrame.Flag) _start++;
        return _start + 1 < _end;
    }

    private void SkipFlag() => _start++;
}
