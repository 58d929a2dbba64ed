using System.Buffers;
using Gridtally.Cosem;
using Gridtally.Cosem.Data;
using Gridtally.Cosem.Profiles;
using Gridtally.Cosem.Server;

namespace Gridtally.Workloads;

/// <summary>The rows of the workloads' profile: ten columns, of which each row is 58 octets on the wire.</summary>
/// <remarks>
/// Row 0 is 2026-01-15 00:00, a row every quarter of an hour. A store of more than a day begins earlier, so that the last
/// <see cref="DayRows"/> rows are always the same.
/// </remarks>
internal sealed class RowStore
{
    public const int DayRows = 96, Columns = 10, Channels = 8, Capacity = 11_520;

    private static readonly DateTime Day = new(2026, 1, 15, 0, 0, 0, DateTimeKind.Utc);

    private readonly ProfileRing _rows = new(MeterModel.Columns, Capacity);

    public RowStore(int rows)
    {
        var row = new ArrayBufferWriter<byte>(64);
        for (var k = DayRows - rows; k < DayRows; k++)
        {
            row.ResetWrittenCount();
            row.WriteStructure(Columns);
            row.WriteDateTime(TimeOf(k));
            row.WriteUnsigned((byte)(k & 0x0F));
            for (var c = 0; c < Channels; c++) row.WriteDoubleLongUnsigned(ValueOf(k, c));
            _rows.Add(row.WrittenSpan);
        }
    }

    public int Count => _rows.Count;

    /// <summary>The time stamp of row <paramref name="k"/> of the day: no day of week, no hundredths, deviation 0, status 0.</summary>
    public static CosemDateTime TimeOf(int k) => Stamp(Day.AddMinutes(15 * k));

    /// <summary>Channel <paramref name="c"/> of row <paramref name="k"/>.</summary>
    public static uint ValueOf(int k, int c) => (uint)(1_000_000 * (c + 1) + 17 * k + 100_000);

    /// <summary>Serves attribute 2 of the profile: everything, by range or by entry.</summary>
    public DataAccessResult Write(in RequestContext context, IBufferWriter<byte> output) => ProfileServer.Write(_rows, context, output);

    private static CosemDateTime Stamp(DateTime time) => new(
        (ushort)time.Year, (byte)time.Month, (byte)time.Day, 0xFF, (byte)time.Hour, (byte)time.Minute, 0, 0xFF, 0, ClockStatus.None);
}
