using System.Buffers;
using Gridtally.Cosem.Data;
using Gridtally.Cosem.Profiles;
using Gridtally.Metering;

namespace Gridtally.Cosem.Tests.Profiles;

/// <summary>The profile of the benchmarks (workload d): a clock, a status and eight registers, a row every quarter of an hour.</summary>
internal static class WorkloadProfile
{
    public static readonly CaptureObject[] Columns =
    [
        new(8, ObisCode.Parse("0-0:1.0.0.255"), 2),
        new(1, ObisCode.Parse("0-0:96.10.1.255"), 2),
        .. Enumerable.Range(1, 8).Select(c => new CaptureObject(3, new(1, 0, (byte)c, 8, 0, 255), 2)),
    ];

    public static readonly ProfileLayout Layout = new(ObisCode.Parse("1-0:99.1.0.255"), 900, [.. Columns.Select(c => new ProfileColumn(c, ScalerUnit.None))]);

    private static readonly DateTime Start = new(2026, 1, 15);

    public static DateTime TimeOf(int row) => Start.AddMinutes(15 * row);

    public static uint ValueOf(int row, int register) => (uint)(1_000_000 * (register + 1) + 17 * row + 100_000);

    public static CosemDateTime StampOf(int row)
    {
        var time = TimeOf(row);
        return new((ushort)time.Year, (byte)time.Month, (byte)time.Day, 0xFF, (byte)time.Hour, (byte)time.Minute, 0, 0xFF, 0, ClockStatus.None);
    }

    public static void WriteRow(int row, IBufferWriter<byte> output)
    {
        output.WriteStructure(Columns.Length);
        output.WriteDateTime(StampOf(row));
        output.WriteUnsigned((byte)(row & 0x0F));
        for (var c = 0; c < 8; c++) output.WriteDoubleLongUnsigned(ValueOf(row, c));
    }

    /// <summary>Rows from <paramref name="first"/> on; negative ones are before 2026-01-15.</summary>
    public static ProfileRing Ring(int first, int count, int capacity = 11_520)
    {
        var ring = new ProfileRing(Columns, capacity);
        var row = new ArrayBufferWriter<byte>();
        for (var i = first; i < first + count; i++)
        {
            row.ResetWrittenCount();
            WriteRow(i, row);
            ring.Add(row.WrittenSpan);
        }

        return ring;
    }
}
