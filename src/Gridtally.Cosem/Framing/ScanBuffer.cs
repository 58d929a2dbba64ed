namespace Gridtally.Cosem.Framing;

/// <summary>Octets in which a start is searched: filled behind, dropped in front. Grows to what is needed, up to a fixed bound.</summary>
internal sealed class ScanBuffer(int maxSize)
{
    private byte[] _octets = [];
    private int _start;
    private int _end;

    /// <summary>What is held.</summary>
    public ReadOnlySpan<byte> Held => _octets.AsSpan(_start.._end);

    /// <summary>True where nothing more fits: what is held can't become a frame.</summary>
    public bool IsFull => _end - _start == maxSize;

    /// <summary>Octets dropped without being part of a frame.</summary>
    public long Garbage { get; private set; }

    /// <summary>Takes as much from the front of <paramref name="source"/> as fits.</summary>
    public void Fill(scoped ref ReadOnlySpan<byte> source)
    {
        var held = _end - _start;
        var wanted = Math.Min(maxSize, held + source.Length);
        if (_octets.Length - _start < wanted)
        {
            var target = _octets.Length < wanted ? new byte[Math.Min(maxSize, Math.Max(wanted, 2 * _octets.Length))] : _octets;
            _octets.AsSpan(_start, held).CopyTo(target);
            (_octets, _start, _end) = (target, 0, held);
        }

        var count = wanted - held;
        source[..count].CopyTo(_octets.AsSpan(_end));
        _end += count;
        source = source[count..];
    }

    /// <summary>Drops the frame at the front.</summary>
    public void Take(int count)
    {
        _start += count;
        if (_start == _end) (_start, _end) = (0, 0);
    }

    /// <summary>Drops what is not a frame.</summary>
    public void Skip(int count)
    {
        Garbage += count;
        Take(count);
    }

    /// <summary>Drops everything, as garbage.</summary>
    public void SkipAll() => Skip(_end - _start);

    /// <summary>Forgets what is held; the counter stays.</summary>
    public void Clear() => (_start, _end) = (0, 0);
}
