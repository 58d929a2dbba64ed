using System.Buffers;
using Gridtally.Companion;
using Gridtally.Cosem.Data;
using Gridtally.Cosem.Profiles;
using Gridtally.Metering;

namespace Gridtally.HeadEnd.Tests;

/// <summary>Writes journal answers as a concentrator would.</summary>
internal static class Journals
{
    public static readonly ObisCode LoadProfile = ObisCode.Parse("1-0:99.1.0.255");

    public static readonly DateTime Midnight = new(2026, 1, 15, 0, 0, 0, DateTimeKind.Utc);

    /// <summary>Clock, status, average demand in tenths of a watt; every 30 minutes.</summary>
    public static readonly ProfileLayout Layout = new(LoadProfile, 1800,
    [
        new(new(8, ObisCode.Parse("0-0:1.0.0.255"), 2), ScalerUnit.None),
        new(new(1, ObisCode.Parse("0-0:96.10.1.255"), 2), ScalerUnit.None),
        new(new(5, ObisCode.Parse("1-0:1.4.0.255"), 3), new(-1, Unit.Watt)),
    ]);

    public static byte[] Row(DateTime time, uint demand, byte status = 0)
    {
        var target = new ArrayBufferWriter<byte>();
        target.WriteStructure(3);
        target.WriteDateTime(CosemDateTime.From(time));
        target.WriteUnsigned(status);
        target.WriteDoubleLongUnsigned(demand);
        return target.WrittenSpan.ToArray();
    }

    /// <summary>The time stamp of a row that <see cref="Row"/> made.</summary>
    public static DateTime TimeOf(byte[] row) => CosemDateTime.Read(row.AsSpan(4)).TryToUtc(out var utc) ? utc : throw new ArgumentException("No row.", nameof(row));

    /// <summary>Rows of one day from 00:30 on: <paramref name="count"/> of them, the first with demand 1, the next 2 …</summary>
    public static byte[][] Rows(int count, int first = 1) =>
        [.. Enumerable.Range(first, count).Select(i => Row(Midnight.AddMinutes(30 * i), (uint)i))];

    public static byte[] LayoutRecord(string meter, uint id = 1, ProfileLayout? layout = null) =>
        Record(target => JournalRecord.WriteLayout(target, new(meter, id, layout ?? Layout)));

    public static byte[] RowsRecord(string meter, byte[][] rows, uint layoutId = 1) => Record(target =>
    {
        JournalRecord.WriteRowsHead(target, meter, LoadProfile, layoutId, rows.Length);
        foreach (var row in rows) target.Write(row);
    });

    public static byte[] EventRecord(string meter, ushort code, string text, DateTime? time = null) =>
        Record(target => JournalRecord.WriteEvent(target, new(meter, CosemDateTime.From(time ?? Midnight), code, text)));

    public static byte[] Answer(ulong firstSequence, params byte[][] records) => Record(target =>
    {
        target.WriteArray(records.Length);
        for (var i = 0; i < records.Length; i++)
        {
            JournalProfile.WriteEntryHead(target, firstSequence + (ulong)i);
            target.Write(records[i]);
        }
    });

    private static byte[] Record(Action<IBufferWriter<byte>> write)
    {
        var target = new ArrayBufferWriter<byte>();
        write(target);
        return target.WrittenSpan.ToArray();
    }
}
