using Gridtally.Cosem.Data;

namespace Gridtally.Cosem.Profiles;

/// <summary>A range of values, both ends included, and whether a cell lies in it.</summary>
/// <remarks>
/// Clocks are compared by the fields that both specify, numbers and floats as numbers whatever their width, strings and bits octet by octet. A cell
/// of another kind than an end lies outside.
/// </remarks>
internal readonly ref struct CellRange
{
    private readonly ReadOnlySpan<byte> _from;
    private readonly ReadOnlySpan<byte> _to;
    private readonly bool _isClock;

    public CellRange(ReadOnlySpan<byte> from, ReadOnlySpan<byte> to, bool isClock)
    {
        _from = from;
        _to = to;
        _isClock = isClock;
    }

    /// <summary>False where an end is of a type that cells of this column never have.</summary>
    public bool IsComparable => IsBound(_from) && IsBound(_to);

    /// <summary>True where the cell lies in the range.</summary>
    /// <param name="cell">The cell, encoded.</param>
    /// <param name="isComparable">False where it is of another kind than an end.</param>
    public bool Contains(ReadOnlySpan<byte> cell, out bool isComparable)
    {
        var (low, high) = (0, 0);
        isComparable = (ProfileQuery.IsOpen(_from) || TryCompare(cell, _from, out low)) && (ProfileQuery.IsOpen(_to) || TryCompare(cell, _to, out high));
        return isComparable && low >= 0 && high <= 0;
    }

    private bool IsBound(ReadOnlySpan<byte> bound) => ProfileQuery.IsOpen(bound) || (_isClock ? new AxdrReader(bound).TryReadDateTime(out _) : TryCompare(bound, bound, out _));

    private bool TryCompare(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right, out int order)
    {
        order = 0;
        if (_isClock)
        {
            if (!new AxdrReader(left).TryReadDateTime(out var time) || !new AxdrReader(right).TryReadDateTime(out var bound)) return false;
            order = CosemDateTime.CompareSpecified(time, bound);
            return true;
        }

        if (TryGetNumber(left, out var whole) && TryGetNumber(right, out var otherWhole)) order = whole.CompareTo(otherWhole);
        else if (TryGetFloat(left, out var number) && TryGetFloat(right, out var other)) order = number.CompareTo(other);
        else if (TryGetOctets(left, out var octets) && TryGetOctets(right, out var otherOctets)) order = octets.SequenceCompareTo(otherOctets);
        else return false;
        return true;
    }

    private static bool TryGetNumber(ReadOnlySpan<byte> cell, out Int128 number) => new AxdrReader(cell).TryReadWideNumber(out number);

    private static bool TryGetFloat(ReadOnlySpan<byte> cell, out double number)
    {
        if (new AxdrReader(cell).TryReadFloat(out number)) return !double.IsNaN(number);
        var done = TryGetNumber(cell, out var whole);
        number = (double)whole;
        return done;
    }

    private static bool TryGetOctets(ReadOnlySpan<byte> cell, out ReadOnlySpan<byte> octets)
    {
        if (new AxdrReader(cell).TryReadOctets(out octets) || new AxdrReader(cell).TryReadBitString(out octets, out _)) return true;
        octets = (DataTag)cell[0] is DataTag.DateTime or DataTag.Date or DataTag.Time ? cell[1..] : default;
        return !octets.IsEmpty;
    }
}
