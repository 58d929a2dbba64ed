namespace Gridtally.Cosem.Explain;

/// <summary>Where gathered octets came from: runs of octets that follow each other in the input.</summary>
internal sealed class ExplainOrigins
{
    private readonly List<(int Position, int Offset)> _runs = [];
    private int _length;

    /// <summary>Says where the next octets came from.</summary>
    public void Add(int offset, int count)
    {
        if (count <= 0) return;
        if (_runs.Count == 0 || _runs[^1].Offset + (_length - _runs[^1].Position) != offset) _runs.Add((_length, offset));
        _length += count;
    }

    /// <summary>Where the octet at <paramref name="position"/> came from; one past the end follows the last.</summary>
    public int OffsetOf(int position)
    {
        if (_runs.Count == 0) return 0;
        var (low, high) = (0, _runs.Count - 1);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            if (_runs[middle].Position <= position) low = middle;
            else high = middle - 1;
        }

        // The end belongs to the last octet, wherever a run that begins there would be.
        if (position >= _length && low > 0 && _runs[low].Position == position) low--;
        return _runs[low].Offset + (position - _runs[low].Position);
    }

    /// <summary>Adds where the octets from <paramref name="position"/> on came from to <paramref name="target"/>.</summary>
    public void CopyTo(ExplainOrigins target, int position, int count)
    {
        var end = position + count;
        for (var i = 0; i < _runs.Count && position < end; i++)
        {
            var runEnd = i + 1 < _runs.Count ? _runs[i + 1].Position : _length;
            if (runEnd <= position) continue;
            var taken = Math.Min(end, runEnd) - position;
            target.Add(_runs[i].Offset + (position - _runs[i].Position), taken);
            position += taken;
        }
    }
}
