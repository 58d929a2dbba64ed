using System.Buffers;
using Gridtally.Cosem.Data;

namespace Gridtally.Cosem.Profiles;

/// <summary>The rows of a profile in memory, oldest out first when full. Ready to be served by <see cref="ProfileServer"/>.</summary>
/// <remarks>
/// Rows are kept as they are sent, so an answer is a copy. Memory grows with the rows, in blocks: an empty profile has none. Not thread-safe, as
/// a logical device is not.
/// </remarks>
public sealed class ProfileRing : IProfileRows
{
    /// <summary>Rows that a profile may hold: 120 years of days, 2 years at a minute. Bounds what an answer may take.</summary>
    public const int MaxCapacity = 1 << 20;

    private const int BlockRows = 64;

    private readonly ClockConvention _clock;
    private readonly bool _hasClock;
    private Block?[] _blocks = [];
    private long _first;         // number of the oldest row that is kept, counted from the first ever
    private long _next;
    private int _inversions;     // rows whose predecessor is kept too and has a greater key
    private int _keyless;        // rows whose clock was no moment

    /// <summary>An empty profile.</summary>
    /// <param name="columns">capture_objects, 1..<see cref="ProfileLayout.MaxColumns"/>. Kept, not copied: meters of one model share them.</param>
    /// <param name="capacity">profile_entries: rows that are kept, 1..<see cref="MaxCapacity"/>.</param>
    /// <param name="sortColumn">The column that ranges are found by; by default the first clock, or the first column where there is none.</param>
    /// <param name="clock">How the rows' clock is understood.</param>
    /// <exception cref="ArgumentException">Columns or capacity are out of range, or there is no such column.</exception>
    public ProfileRing(IReadOnlyList<CaptureObject> columns, int capacity, int? sortColumn = null, ClockConvention clock = default)
    {
        ArgumentNullException.ThrowIfNull(columns);
        ArgumentOutOfRangeException.ThrowIfZero(columns.Count, nameof(columns));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(columns.Count, ProfileLayout.MaxColumns, nameof(columns));
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(capacity, MaxCapacity);
        (Columns, Capacity, _clock) = (columns, capacity, clock);
        SortColumn = sortColumn ?? FirstClock(columns);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)SortColumn, (uint)columns.Count, nameof(sortColumn));
        _hasClock = IsClock(columns[SortColumn]);
    }

    /// <inheritdoc/>
    public IReadOnlyList<CaptureObject> Columns { get; }

    /// <summary>Rows that are kept at most.</summary>
    public int Capacity { get; }

    /// <inheritdoc/>
    public int Count => (int)(_next - _first);

    /// <inheritdoc/>
    public int SortColumn { get; }

    /// <inheritdoc/>
    public ProfileOrder Order => _keyless > 0 ? ProfileOrder.None : _inversions > 0 ? ProfileOrder.Unordered : ProfileOrder.Rising;

    /// <summary>Adds a row; the oldest leaves where there is no room.</summary>
    /// <param name="row">A structure with a value for each column, encoded.</param>
    /// <exception cref="ArgumentException">It is not.</exception>
    public void Add(ReadOnlySpan<byte> row)
    {
        var reader = new AxdrReader(row, "profile row");
        ReadOnlySpan<byte> key = default;
        if (!reader.TryReadStructure(out var count) || count != Columns.Count)
            throw new ArgumentException($"A row is a structure of {Columns.Count} values; this begins {Convert.ToHexString(row[..Math.Min(4, row.Length)])}.", nameof(row));
        var cells = reader.Rest;
        for (var i = 0; i < count; i++)
        {
            if (!reader.TrySkip(out var cell)) break;
            if (i == SortColumn) key = cell;
        }

        if (!reader.TryEnd()) throw new ArgumentException($"The row is not well formed: {reader.Error}.", nameof(row));
        if (Count == Capacity) DropFirst();
        var hasKey = TryGetKey(key, out var number);
        BlockOf(_next, make: true).Add((int)(_next % BlockRows), cells, number, hasKey);
        if (!hasKey) _keyless++;
        if (Count > 0 && KeyOf(_next - 1) > number) _inversions++;
        _next++;
    }

    /// <summary>Adds a row.</summary>
    /// <param name="row">A structure with a value for each column.</param>
    /// <exception cref="ArgumentException">It is not.</exception>
    public void Add(in CosemValue row)
    {
        var encoded = new ArrayBufferWriter<byte>(64);
        row.WriteTo(encoded);
        Add(encoded.WrittenSpan);
    }

    /// <summary>Forgets all rows: method reset.</summary>
    public void Clear() => (_blocks, _first, _inversions, _keyless) = ([], _next, 0, 0);

    /// <inheritdoc/>
    public long KeyAt(int row)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)row, (uint)Count, nameof(row));
        return KeyOf(_first + row);
    }

    /// <inheritdoc/>
    public void WriteCells(int row, in ColumnChoice columns, IBufferWriter<byte> output)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)row, (uint)Count, nameof(row));
        var number = _first + row;
        var cells = BlockOf(number).Cells((int)(number % BlockRows));
        if (columns.IsAll)
        {
            cells.CopyTo(output.GetSpan(cells.Length));
            output.Advance(cells.Length);
            return;
        }

        WriteChosen(cells, columns, output);
    }

    private static bool IsClock(in CaptureObject column) => column is { ClassId: 8, AttributeIndex: 2 };

    private static int FirstClock(IReadOnlyList<CaptureObject> columns)
    {
        for (var i = 0; i < columns.Count; i++)
        {
            if (IsClock(columns[i])) return i;
        }

        return 0;
    }

    private static void WriteChosen(ReadOnlySpan<byte> cells, in ColumnChoice columns, IBufferWriter<byte> output)
    {
        var reader = new AxdrReader(cells);
        var at = 0; // columns are mostly asked for in their order: one walk along the row does
        for (var i = 0; i < columns.Count; i++)
        {
            if (columns[i] < at)
            {
                reader = new(cells);
                at = 0;
            }

            ReadOnlySpan<byte> cell = default;
            for (; at <= columns[i]; at++) reader.TrySkip(out cell);
            output.Write(cell);
        }
    }

    private bool TryGetKey(ReadOnlySpan<byte> cell, out long key)
    {
        if (!_hasClock) return new AxdrReader(cell).TryReadNumber(out key);
        key = 0;
        if (!new AxdrReader(cell).TryReadDateTime(out var time) || !time.TryToUtc(out var utc, _clock)) return false;
        key = utc.Ticks;
        return true;
    }

    private long KeyOf(long number) => BlockOf(number).Key((int)(number % BlockRows));

    // Blocks stand in a circle that is just large enough for the rows kept; it grows until it holds the capacity.
    private Block BlockOf(long number, bool make = false)
    {
        if (make && number % BlockRows == 0 || _blocks.Length == 0) MakeRoom(number);
        return _blocks[number / BlockRows % _blocks.Length] ??= new();
    }

    private void MakeRoom(long number)
    {
        var needed = (int)(number / BlockRows - _first / BlockRows) + 1;
        if (needed > _blocks.Length)
        {
            var most = (Capacity + BlockRows - 1) / BlockRows + 1;
            var larger = new Block?[Math.Min(most, Math.Max(4, needed * 2))];
            for (var block = _first / BlockRows; block < number / BlockRows; block++) larger[block % larger.Length] = _blocks[block % _blocks.Length];
            _blocks = larger;
        }

        _blocks[number / BlockRows % _blocks.Length]?.Clear();
    }

    private void DropFirst()
    {
        if (Count > 1 && KeyOf(_first) > KeyOf(_first + 1)) _inversions--;
        if (!BlockOf(_first).HasKey((int)(_first % BlockRows))) _keyless--;
        _first++;
    }

    // Rows one after the other: cells without the structure's head. A profile that was cleared begins in the middle of a block.
    private sealed class Block
    {
        private readonly long[] _keys = new long[BlockRows];
        private readonly int[] _ends = new int[BlockRows];
        private ulong _keyed;
        private byte[] _octets = [];

        public void Clear() => _keyed = 0;

        public long Key(int slot) => _keys[slot];

        public bool HasKey(int slot) => (_keyed >> slot & 1) != 0;

        public ReadOnlySpan<byte> Cells(int slot) => _octets.AsSpan(Start(slot).._ends[slot]);

        public void Add(int slot, ReadOnlySpan<byte> cells, long key, bool hasKey)
        {
            var start = Start(slot);
            if (start + cells.Length > _octets.Length) Array.Resize(ref _octets, start + cells.Length * (BlockRows - slot));
            cells.CopyTo(_octets.AsSpan(start));
            (_ends[slot], _keys[slot]) = (start + cells.Length, key);
            if (hasKey) _keyed |= 1UL << slot;
        }

        private int Start(int slot) => slot == 0 ? 0 : _ends[slot - 1];
    }
}
