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
/// Rows that a meter has compressed (null-data for "as in the row before", for the clock "one period later"; Blue Book, class 7) are
/// written out in full, so that each row can be stored and sent on by itself. All others are handed out exactly as they came.
/// </remarks>
public ref struct ProfileBufferReader
{
    private readonly ProfileLayout _layout;
    private readonly int _count;
    private readonly short _assumedDeviationMinutes;
    private AxdrReader _reader;
    private int _read;
    private ReadOnlySpan<byte> _previous;

    /// <summary>Starts at the array of rows.</summary>
    /// <param name="buffer">Attribute 2 of a profile, encoded: an array of structures.</param>
    /// <param name="layout">The profile's columns.</param>
    /// <param name="assumedDeviationMinutes">UTC minus local time, for clocks that send none.</param>
    public ProfileBufferReader(ReadOnlySpan<byte> buffer, ProfileLayout layout, short assumedDeviationMinutes = 0)
    {
        (_layout, _assumedDeviationMinutes) = (layout, assumedDeviationMinutes);
        _reader = new(buffer, "profile buffer");
        _reader.TryReadArray(out _count);
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
        if (_read == _count)
        {
            _reader.TryEnd();
            return false;
        }

        var start = _reader.Position;
        if (!_reader.TrySkip(out var octets) || !TryExpand(ref octets, start)) return false;
        var stamp = default(CosemDateTime);
        var utc = DateTime.MinValue;
        if (_layout.ClockColumn >= 0 && (!TryReadStamp(octets, out stamp) || !stamp.TryToUtc(out utc, _assumedDeviationMinutes)))
            return _reader.Fail(DecodeFault.BadValue);

        _previous = octets;
        _read++;
        row = new(utc, stamp, octets);
        return true;
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

    // Checks the number of columns, and writes the row out in full where it refers to the one before.
    private bool TryExpand(ref ReadOnlySpan<byte> octets, int start)
    {
        var cells = new AxdrReader(octets, "profile row");
        if (!cells.TryReadStructure(out var count) || count != _layout.Columns.Length) return _reader.Fail(DecodeFault.BadLength);
        var compressed = false;
        while (cells.Peek is { } tag)
        {
            compressed |= tag == DataTag.NullData;
            if (!cells.TrySkip(out _)) return false;
        }

        // A null in the first row is the meter's own value: there is nothing it could repeat.
        if (!compressed || _previous.IsEmpty) return true;
        var expanded = new ArrayBufferWriter<byte>(_previous.Length);
        if (!TryWriteExpanded(octets, expanded)) return _reader.Fail(DecodeFault.BadValue);
        octets = expanded.WrittenSpan;
        return true;
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
            if (cell[0] != (byte)DataTag.NullData) expanded.Write(cell);
            else if (i != _layout.ClockColumn) expanded.Write(earlier);
            else if (!TryWriteNextStamp(earlier, expanded)) return false;
        }

        return true;
    }

    private readonly bool TryWriteNextStamp(ReadOnlySpan<byte> earlier, ArrayBufferWriter<byte> expanded)
    {
        var reader = new AxdrReader(earlier);
        if (!reader.TryReadDateTime(out var stamp) || !(stamp with { DeviationMinutes = 0 }).TryToUtc(out var local)) return false;
        var next = CosemDateTime.From(new DateTimeOffset(local.AddSeconds(_layout.CapturePeriodSeconds), TimeSpan.Zero), stamp.Status);
        next = next with
        {
            DeviationMinutes = stamp.DeviationMinutes,
            Hundredths = stamp.Hundredths,
            DayOfWeek = stamp.DayOfWeek == 0xFF ? (byte)0xFF : next.DayOfWeek,
        };
        expanded.WriteDateTime(next);
        return true;
    }
}
