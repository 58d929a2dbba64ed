using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using Gridtally.Cosem;
using Gridtally.Cosem.Data;
using Gridtally.Cosem.Profiles;
using Gridtally.Metering;

namespace Gridtally.Companion;

/// <summary>What one journal record says; the enum that it starts with.</summary>
public enum JournalRecordKind : byte
{
    /// <summary>How the rows of one profile of one meter are laid out.</summary>
    Layout = 1,
    /// <summary>Rows of one profile of one meter.</summary>
    Rows = 2,
    /// <summary>Something happened to a meter or to the concentrator.</summary>
    Event = 3,
}

/// <summary>A layout record: from here on, rows with this layout id have these columns.</summary>
/// <param name="Meter">Meter number.</param>
/// <param name="LayoutId">Means something within one concentrator's journal only.</param>
/// <param name="Layout">Profile, capture period and columns, in the order of a row's elements.</param>
public sealed record LayoutRecord(string Meter, uint LayoutId, ProfileLayout Layout);

/// <summary>An event record.</summary>
/// <param name="Meter">Meter number; empty where the event is the concentrator's own.</param>
/// <param name="Time">When, by the concentrator's clock.</param>
/// <param name="Code">Event code.</param>
/// <param name="Text">For people.</param>
public sealed record EventRecord(string Meter, CosemDateTime Time, ushort Code, string Text);

/// <summary>A rows record, read in place: enumerating it gives each row's octets exactly as the meter sent them.</summary>
public readonly ref struct RowsRecord
{
    private readonly ReadOnlySpan<byte> _rows;

    internal RowsRecord(string meter, ObisCode profile, uint layoutId, int count, ReadOnlySpan<byte> rows)
    {
        (Meter, Profile, LayoutId, Count) = (meter, profile, layoutId, count);
        _rows = rows;
    }

    /// <summary>Meter number.</summary>
    public string Meter { get; }

    /// <summary>The profile's logical name.</summary>
    public ObisCode Profile { get; }

    /// <summary>Which layout the rows have; that layout's record came earlier in the journal.</summary>
    public uint LayoutId { get; }

    /// <summary>Rows in this record.</summary>
    public int Count { get; }

    /// <summary>Enumerates the rows: each is one encoded structure, tag included.</summary>
    public Enumerator GetEnumerator() => new(_rows);

    /// <summary>Walks the rows, which are known to be well formed.</summary>
    public ref struct Enumerator
    {
        private AxdrReader _reader;
        private ReadOnlySpan<byte> _current;

        internal Enumerator(ReadOnlySpan<byte> rows) => _reader = new(rows, JournalRecord.Production);

        /// <summary>The row's octets.</summary>
        public readonly ReadOnlySpan<byte> Current => _current;

        /// <summary>Steps to the next row.</summary>
        public bool MoveNext() => _reader.Remaining > 0 && _reader.TrySkip(out _current);
    }
}

/// <summary>Reads and writes the records of the journal.</summary>
/// <remarks>
/// docs/journal.md is the description for others. Reading takes a whole record and says what is wrong with it as a value; a record
/// that can't be read never keeps one from reading the next.
/// </remarks>
public static class JournalRecord
{
    /// <summary>The name used in <see cref="DecodeError"/>.</summary>
    public const string Production = "journal-record";

    /// <summary>Rows of one record: two days at one-minute capture. A writer splits what is more.</summary>
    public const int MaxRows = 2880;

    /// <summary>Octets of an event's text: one line on a screen, twice over.</summary>
    public const int MaxText = 512;

    /// <summary>Writes a layout record.</summary>
    /// <exception cref="ArgumentException">Meter number out of range.</exception>
    public static void WriteLayout(IBufferWriter<byte> target, LayoutRecord record)
    {
        target.WriteStructure(6);
        target.WriteEnum((byte)JournalRecordKind.Layout);
        WriteMeter(target, record.Meter);
        target.WriteObis(record.Layout.Profile);
        target.WriteDoubleLongUnsigned(record.LayoutId);
        target.WriteDoubleLongUnsigned(record.Layout.CapturePeriodSeconds);
        target.WriteArray(record.Layout.Columns.Length);
        foreach (var column in record.Layout.Columns)
        {
            target.WriteStructure(6);
            target.WriteLongUnsigned(column.Object.ClassId);
            target.WriteObis(column.Object.Instance);
            target.WriteInteger(column.Object.AttributeIndex);
            target.WriteLongUnsigned(column.Object.DataIndex);
            target.WriteInteger(column.Scale.Scaler);
            target.WriteEnum((byte)column.Scale.Unit);
        }
    }

    /// <summary>Writes a rows record up to its rows; exactly <paramref name="count"/> of them must be written next, unchanged.</summary>
    /// <exception cref="ArgumentException">Meter number or number of rows out of range.</exception>
    public static void WriteRowsHead(IBufferWriter<byte> target, string meter, ObisCode profile, uint layoutId, int count)
    {
        if (count is < 0 or > MaxRows) throw new ArgumentException($"A rows record has 0..{MaxRows} rows; this one has {count}.", nameof(count));
        target.WriteStructure(5);
        target.WriteEnum((byte)JournalRecordKind.Rows);
        WriteMeter(target, meter);
        target.WriteObis(profile);
        target.WriteDoubleLongUnsigned(layoutId);
        target.WriteArray(count);
    }

    /// <summary>Writes an event record. A text longer than <see cref="MaxText"/> is cut.</summary>
    /// <exception cref="ArgumentException">Meter number out of range.</exception>
    public static void WriteEvent(IBufferWriter<byte> target, EventRecord record)
    {
        target.WriteStructure(5);
        target.WriteEnum((byte)JournalRecordKind.Event);
        WriteMeter(target, record.Meter, mayBeEmpty: true);
        target.WriteDateTime(record.Time);
        target.WriteLongUnsigned(record.Code);
        target.WriteUtf8String(Cut(record.Text));
    }

    /// <summary>What kind of record this is; false where it does not start like any.</summary>
    public static bool TryReadKind(ReadOnlySpan<byte> record, out JournalRecordKind kind, out DecodeError error)
    {
        var reader = new AxdrReader(record, Production);
        var done = TryReadKind(ref reader, out kind);
        error = reader.Error;
        return done;
    }

    /// <summary>Reads a layout record.</summary>
    public static bool TryReadLayout(ReadOnlySpan<byte> source, out LayoutRecord? record, out DecodeError error)
    {
        record = null;
        var reader = new AxdrReader(source, Production);
        if (TryReadHead(ref reader, 6, JournalRecordKind.Layout, out var meter, mayBeEmpty: false) && reader.TryReadObis(out var profile)
            && TryReadUInt32(ref reader, out var layoutId) && TryReadUInt32(ref reader, out var period)
            && TryReadColumns(ref reader, out var columns) && reader.TryEnd())
        {
            record = new(meter, layoutId, new(profile, period, columns));
        }

        error = reader.Error;
        return record is not null;
    }

    /// <summary>Reads a rows record; every row is checked to be one well-formed structure.</summary>
    public static bool TryReadRows(ReadOnlySpan<byte> source, out RowsRecord record, out DecodeError error)
    {
        record = default;
        var reader = new AxdrReader(source, Production);
        if (!TryReadHead(ref reader, 5, JournalRecordKind.Rows, out var meter, mayBeEmpty: false) || !reader.TryReadObis(out var profile)
            || !TryReadUInt32(ref reader, out var layoutId) || !TryReadCount(ref reader, MaxRows, out var count))
        {
            error = reader.Error;
            return false;
        }

        var start = reader.Position;
        for (var i = 0; i < count; i++)
        {
            if (reader.Peek == DataTag.Structure ? !reader.TrySkip(out _) : !reader.Fail(DecodeFault.UnknownTag)) break;
        }

        var done = reader.TryEnd();
        error = reader.Error;
        if (done) record = new(meter, profile, layoutId, count, source[start..]);
        return done;
    }

    /// <summary>Reads an event record.</summary>
    public static bool TryReadEvent(ReadOnlySpan<byte> source, out EventRecord? record, out DecodeError error)
    {
        record = null;
        var reader = new AxdrReader(source, Production);
        if (TryReadHead(ref reader, 5, JournalRecordKind.Event, out var meter, mayBeEmpty: true) && reader.TryReadDateTime(out var time)
            && TryReadUInt16(ref reader, out var code) && TryReadText(ref reader, out var text) && reader.TryEnd())
        {
            record = new(meter, time, code, text);
        }

        error = reader.Error;
        return record is not null;
    }

    internal static bool TryReadMeter(ref AxdrReader reader, out string meter, bool mayBeEmpty = false)
    {
        meter = "";
        if (!reader.TryReadOctets(out var octets)) return false;
        if (octets.Length > GatewayNetworks.MaxMeterNumber || octets.Length == 0 && !mayBeEmpty) return reader.Fail(DecodeFault.BadLength);
        if (octets.ContainsAnyExceptInRange((byte)0x21, (byte)0x7E)) return reader.Fail(DecodeFault.BadValue);
        meter = Encoding.ASCII.GetString(octets);
        return true;
    }

    internal static void WriteMeter(IBufferWriter<byte> target, string meter, bool mayBeEmpty = false)
    {
        if (meter.Length > GatewayNetworks.MaxMeterNumber || meter.Length == 0 && !mayBeEmpty || meter.AsSpan().ContainsAnyExceptInRange('!', '~'))
        {
            throw new ArgumentException(
                $"'{meter}' is not a meter number: expected 1..{GatewayNetworks.MaxMeterNumber} printable ASCII characters.", nameof(meter));
        }

        Span<byte> octets = stackalloc byte[GatewayNetworks.MaxMeterNumber];
        target.WriteOctetString(octets[..Encoding.ASCII.GetBytes(meter, octets)]);
    }

    private static bool TryReadHead(ref AxdrReader reader, int elements, JournalRecordKind expected, out string meter, bool mayBeEmpty)
    {
        meter = "";
        if (!reader.TryReadStructureOf(elements)) return false;
        if (reader.Peek != DataTag.Enum) return reader.Fail(DecodeFault.UnknownTag);
        if (!reader.TryReadNumber(out var kind)) return false;
        return kind == (long)expected ? TryReadMeter(ref reader, out meter, mayBeEmpty) : reader.Fail(DecodeFault.BadValue);
    }

    private static bool TryReadKind(ref AxdrReader reader, out JournalRecordKind kind)
    {
        kind = default;
        if (!reader.TryReadStructure(out _)) return false;
        if (reader.Peek != DataTag.Enum) return reader.Fail(DecodeFault.UnknownTag);
        if (!reader.TryReadNumber(out var value)) return false;
        kind = (JournalRecordKind)value;
        return kind is JournalRecordKind.Layout or JournalRecordKind.Rows or JournalRecordKind.Event || reader.Fail(DecodeFault.BadValue);
    }

    private static bool TryReadColumns(ref AxdrReader reader, out ImmutableArray<ProfileColumn> columns)
    {
        columns = default;
        if (!TryReadCount(ref reader, ProfileLayout.MaxColumns, out var count)) return false;
        if (count == 0) return reader.Fail(DecodeFault.BadLength);
        var read = ImmutableArray.CreateBuilder<ProfileColumn>(count);
        for (var i = 0; i < count; i++)
        {
            if (!reader.TryReadStructureOf(6) || !TryReadUInt16(ref reader, out var classId) || !reader.TryReadObis(out var instance)
                || !TryReadInRange(ref reader, sbyte.MinValue, sbyte.MaxValue, out var attribute) || !TryReadUInt16(ref reader, out var index)
                || !TryReadInRange(ref reader, sbyte.MinValue, sbyte.MaxValue, out var scaler)
                || !TryReadInRange(ref reader, byte.MinValue, byte.MaxValue, out var unit)) return false;
            read.Add(new(new(classId, instance, (sbyte)attribute, index), new((sbyte)scaler, (Unit)unit)));
        }

        columns = read.MoveToImmutable();
        return true;
    }

    private static bool TryReadCount(ref AxdrReader reader, int max, out int count) =>
        reader.TryReadArray(out count) && (count <= max || reader.Fail(DecodeFault.BadLength));

    private static bool TryReadText(ref AxdrReader reader, out string text)
    {
        text = "";
        if (!reader.TryReadOctets(out var octets)) return false;
        if (octets.Length > MaxText) return reader.Fail(DecodeFault.BadLength);
        text = Encoding.UTF8.GetString(octets);
        return true;
    }

    private static bool TryReadUInt16(ref AxdrReader reader, out ushort value)
    {
        var done = TryReadInRange(ref reader, ushort.MinValue, ushort.MaxValue, out var number);
        value = (ushort)number;
        return done;
    }

    private static bool TryReadUInt32(ref AxdrReader reader, out uint value)
    {
        var done = TryReadInRange(ref reader, uint.MinValue, uint.MaxValue, out var number);
        value = (uint)number;
        return done;
    }

    private static bool TryReadInRange(ref AxdrReader reader, long min, long max, out long value) =>
        reader.TryReadNumber(out value) && (value >= min && value <= max || reader.Fail(DecodeFault.BadValue));

    internal static string Cut(string text)
    {
        if (Encoding.UTF8.GetByteCount(text) <= MaxText) return text;
        Span<byte> octets = stackalloc byte[MaxText];
        Encoding.UTF8.GetEncoder().Convert(text, octets, flush: false, out var chars, out _, out _);
        return text[..chars];
    }
}
