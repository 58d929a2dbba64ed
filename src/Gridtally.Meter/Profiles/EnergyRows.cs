using System.Buffers;
using Gridtally.Cosem;
using Gridtally.Cosem.Profiles;

namespace Gridtally.Meter.Profiles;

/// <summary>The rows of the energy load profile, oldest out first when full. Memory grows with the rows, in blocks: 36 octets a row.</summary>
/// <remarks>
/// Rows are numbered from the first ever captured, so a row keeps its number while others leave. Time stamps rise from row to row
/// unless the clock was set back; as long as they do, a range is found by bisection.
/// </remarks>
public sealed class EnergyRows : IProfileRows
{
    /// <summary>Rows kept (DTSD545 5.1: 11,520, which is 240 days of half hours).</summary>
    public const int Capacity = 11_520;

    // 180 blocks of 64 rows (2.3 KB) make the capacity; a meter with a day of rows has one.
    private const int BlockRows = 64;

    private ProfileRow[]?[] _blocks = [];

    /// <summary>Number of the oldest row that is kept.</summary>
    public long First { get; private set; }

    /// <summary>Number that the next row gets.</summary>
    public long Next { get; private set; }

    /// <summary>Rows kept.</summary>
    public int Count => (int)(Next - First);

    // Rows whose predecessor is kept too and is not earlier than they are.
    private int _inversions;

    IReadOnlyList<CaptureObject> IProfileRows.Columns => EnergyProfile.Columns;

    int IProfileRows.SortColumn => 0;

    ProfileOrder IProfileRows.Order => _inversions == 0 ? ProfileOrder.Rising : ProfileOrder.Unordered;

    long IProfileRows.KeyAt(int row) => DateTime.UnixEpoch.Ticks + this[First + row].Time.Utc * TimeSpan.TicksPerSecond;

    void IProfileRows.WriteCells(int row, in ColumnChoice columns, IBufferWriter<byte> output)
    {
        ref readonly var captured = ref this[First + row];
        for (var i = 0; i < columns.Count; i++) captured.WriteCell(columns[i], output);
    }

    /// <summary>The row of that number.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It has left, or has not been captured.</exception>
    public ref readonly ProfileRow this[long number]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(number, First);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(number, Next);
            return ref Slot(number);
        }
    }

    /// <summary>Adds a row; the oldest leaves when there is no room.</summary>
    public void Add(in ProfileRow row)
    {
        if (Count == Capacity) DropFirst();
        var slot = (int)(Next % Capacity);
        if (slot / BlockRows >= _blocks.Length) Array.Resize(ref _blocks, Math.Min(Capacity / BlockRows, Math.Max(4, _blocks.Length * 2)));
        (_blocks[slot / BlockRows] ??= new ProfileRow[BlockRows])[slot % BlockRows] = row;
        if (Count > 0 && Slot(Next - 1).Time.Utc >= row.Time.Utc) _inversions++;
        Next++;
    }

    /// <summary>Forgets all rows; numbers go on.</summary>
    public void Clear()
    {
        (_blocks, First, _inversions) = ([], Next, 0);
    }

    /// <summary>True when a kept row has this time stamp.</summary>
    public bool Contains(uint utc)
    {
        if (Count == 0 || _inversions == 0 && utc > Slot(Next - 1).Time.Utc) return false;
        foreach (var number in Between(utc, utc))
        {
            if (this[number].Time.Utc == utc) return true;
        }

        return false;
    }

    /// <summary>Numbers of the rows from one time stamp to another, both included, oldest first.</summary>
    /// <param name="fromUtc">Seconds since 1970.</param>
    /// <param name="toUtc">Seconds since 1970.</param>
    public IEnumerable<long> Between(long fromUtc, long toUtc)
    {
        var start = _inversions == 0 ? LowerBound(fromUtc) : First;
        for (var number = start; number < Next; number++)
        {
            long utc = Slot(number).Time.Utc;
            if (utc > toUtc && _inversions == 0) yield break;
            if (utc >= fromUtc && utc <= toUtc) yield return number;
        }
    }

    // Restores numbering before rows are read back from the memory file.
    internal void StartAt(long first)
    {
        Clear();
        (First, Next) = (first, first);
    }

    internal void DropBefore(long first)
    {
        if (first > Next) throw new InvalidDataException("rows are missing");
        if (first == Next) Clear();
        while (First < first) DropFirst();
    }

    internal void CopyFrom(EnergyRows other)
    {
        StartAt(other.First);
        for (var number = other.First; number < other.Next; number++) Add(other[number]);
    }

    private ref ProfileRow Slot(long number)
    {
        var slot = (int)(number % Capacity);
        return ref _blocks[slot / BlockRows]![slot % BlockRows];
    }

    private void DropFirst()
    {
        if (Count > 1 && Slot(First).Time.Utc >= Slot(First + 1).Time.Utc) _inversions--;
        First++;
    }

    private long LowerBound(long utc)
    {
        var (low, high) = (First, Next);
        while (low < high)
        {
            var middle = low + (high - low) / 2;
            if (Slot(middle).Time.Utc < utc) low = middle + 1;
            else high = middle;
        }

        return low;
    }
}
