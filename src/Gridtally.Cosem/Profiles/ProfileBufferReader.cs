using System.Buffers;
using Gridtally.Cosem.Data;

namespace Gridtally.Cosem.Profiles;

/// <summary>One row of a profile, as octets that mean the same on their own.</summary>
public readonly ref struct ProfileRow
{
    internal ProfileRow(DateTime utc, CosemDateTime stamp, ReadOnlySpan<byte> octets)
    {
        (Utc, Stamp) = (utc, stamp);
        Octets = octets;
    }

    /// <summary>The row's time in UTC; <see cref="DateTime.MinValue"/> where its layout has no clock.</summary>
    public DateTime Utc { get; }

    /// <summary>The row's time as the meter sent it.</summary>
    public CosemDateTime Stamp { get; }

    /// <summary>The row: a structure, tag included. Valid until the next row is read.</summary>
    public ReadOnlySpan<byte> Octets { get; }

    /// <summary>Reads the row's numbers, column by column; null for what is not a number.</summary>
    /// <param name="octets">A row, as <see cref="Octets"/>.</param>
    /// <param name="values">Room for at least as many as the row has; the rest is set to null.</param>
    /// <returns>False where the octets are not a row.</returns>
    public static bool TryReadNumbers(ReadOnlySpan<byte> octets, Span<long?> values)
    {
        values.Clear();
        var reader = new AxdrReader(octets, "profile row");
        if (!reader.TryReadStructure(out var count) || count > values.Length) return false;
        for (var i = 0; i < count; i++)
        {
            if (!reader.TrySkip(out var element)) return false;
            var cell = new AxdrReader(element);
            if (cell.TryReadNumber(out var number)) values[i] = number;
        }

        return reader.TryEnd();
    }
}

/// <summary>Reads the rows of a profile buffer as it came from the meter, without building a tree.</summary>
/// <remarks>
/// Rows that a meter has compressed (null-data for "as in the row before", for the clock "one period later"; delta types; compact-array; Blue Book,
/// class 7) are written out in full, so that each row can be stored and sent on by itself. All others are handed out exactly as they came.
/// </remarks>
public ref struct ProfileBufferReader
{
    private readonly ProfileLayout _layout;
    private readonly int _count;
    private readonly bool _isCompact;
    private readonly ClockConvention _clock;
    private AxdrReader _reader;
    private CompactArrayReader _compact;
    private int _read;
    private ReadOnlySpan<byte> _previous;
    private ArrayBufferWriter<byte>? _expanded;
    private ArrayBufferWriter<byte>? _spare; // holds the row before, where that was written out

    /// <summary>Starts at the array of rows.</summary>
    /// <param name="buffer">Attribute 2 of a profile, encoded: an array or compact-array of structures.</param>
    /// <param name="layout">The profile's columns.</param>
    /// <param name="assumedDeviationMinutes">UTC minus local time, for clocks that send none.</param>
    public ProfileBufferReader(ReadOnlySpan<byte> buffer, ProfileLayout layout, short assumedDeviationMinutes = 0)
        : this(buffer, layout, new ClockConvention(assumedDeviationMinutes)) { }

    /// <summary>As the other constructor, for meters whose clock has a convention of its own.</summary>
    public ProfileBufferReader(ReadOnlySpan<byte> buffer, ProfileLayout layout, ClockConvention clock)
    {
        (_layout, _clock) = (layout, clock);
        _reader = new(buffer, "profile buffer");
        _isCompact = _reader.Peek == DataTag.CompactArray;
        if (!_isCompact) _reader.TryReadArray(out _count);
        else if (CompactArrayReader.TryRead(ref _reader, out _compact)) _count = _compact.RowCount;
    }

    /// <summary>Rows in the buffer.</summary>
    public readonly int Count => _count;

    /// <summary>True once something was not a row of this layout; what was read before stands.</summary>
    public readonly bool Failed => _reader.Failed;

    /// <summary>What was wrong, and where.</summary>
    public readonly DecodeError Error => _reader.Error;

    /// <summary>Reads the next row. False at the end, and on failure.</summary>
    public bool TryRead(out ProfileRow row)
    {
        row = default;
        if (_read == _count || Failed)
        {
            _reader.TryEnd();
            return false;
        }

        if (!TryReadOctets(out var octets)) return false;
        var stamp = default(CosemDateTime);
        var utc = DateTime.MinValue;
        if (_layout.ClockColumn >= 0 && (!TryReadStamp(octets, out stamp) || !stamp.TryToUtc(out utc, _clock))) return _reader.Fail(DecodeFault.BadValue);

        _previous = octets;
        _read++;
        row = new(utc, stamp, octets);
        return true;
    }

    // One row with all its columns, written out in full where it refers to the one before.
    private bool TryReadOctets(out ReadOnlySpan<byte> octets)
    {
        octets = default;
        if (_isCompact)
        {
            var target = NextBuffer();
            _compact.TryWriteRow(target);
            octets = target.WrittenSpan;
        }
        else if (!_reader.TrySkip(out octets))
        {
            return false;
        }

        var cells = new AxdrReader(octets, "profile row");
        if (!cells.TryReadStructure(out var count) || count != _layout.Columns.Length) return _reader.Fail(DecodeFault.BadLength);
        var refersBack = false;
        while (cells.Peek is { } tag)
        {
            refersBack |= tag == DataTag.NullData && !_isCompact || ProfileDelta.IsDelta(tag);
            cells.TrySkip(out _);
        }

        // A null in the first row is the meter's own value: there is nothing it could repeat.
        if (!refersBack || _previous.IsEmpty) return true;
        var row = octets;
        var expanded = NextBuffer();
        if (!TryWriteExpanded(row, expanded)) return _reader.Fail(DecodeFault.BadValue);
        octets = expanded.WrittenSpan;
        return true;
    }

    // Two buffers by turns: the row before is needed while the next is written. A compact row with deltas takes both, and one more.
    private ArrayBufferWriter<byte> NextBuffer()
    {
        (_expanded, _spare) = (_spare, _expanded);
        if (_isCompact) _expanded = null;
        _expanded ??= new(256);
        _expanded.ResetWrittenCount();
        return _expanded;
    }

    private readonly bool TryReadStamp(ReadOnlySpan<byte> octets, out CosemDateTime stamp)
    {
        stamp = default;
        var cells = new AxdrReader(octets);
        if (!cells.TryReadStructure(out _)) return false;
        for (var i = 0; i < _layout.ClockColumn; i++)
        {
            if (!cells.TrySkip(out _)) return false;
        }

        return cells.TryReadDateTime(out stamp);
    }

    private readonly bool TryWriteExpanded(ReadOnlySpan<byte> octets, ArrayBufferWriter<byte> expanded)
    {
        var now = new AxdrReader(octets);
        var before = new AxdrReader(_previous);
        if (!now.TryReadStructure(out var count) || !before.TryReadStructure(out _)) return false;
        expanded.WriteStructure(count);
        for (var i = 0; i < count; i++)
        {
            if (!now.TrySkip(out var cell) || !before.TrySkip(out var earlier)) return false;
            if (ProfileDelta.IsDelta((DataTag)cell[0]))
            {
                if (!ProfileDelta.TryExpand(earlier, cell, expanded)) return false;
            }
            else if (cell[0] != (byte)DataTag.NullData)
            {
                expanded.Write(cell);
            }
            else if (i != _layout.ClockColumn)
            {
                expanded.Write(earlier);
            }
            else if (!TryWriteNextStamp(earlier, expanded))
            {
                return false;
            }
        }

        return true;
    }

    private readonly bool TryWriteNextStamp(ReadOnlySpan<byte> earlier, ArrayBufferWriter<byte> expanded)
    {
        var reader = new AxdrReader(earlier);
        if (!reader.TryReadDateTime(out var stamp) || !ProfileDelta.TryGetNext(stamp, _layout.CapturePeriodSeconds, out var next)) return false;
        expanded.WriteDateTime(next);
        return true;
    }
}
