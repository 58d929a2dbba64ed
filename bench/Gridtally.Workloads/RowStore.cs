using System.Buffers;
using Gridtally.Cosem;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Data;
using Gridtally.Cosem.Server;

namespace Gridtally.Workloads;

/// <summary>The rows of the workloads' profile: ten columns, of which each row is 58 octets on the wire.</summary>
/// <remarks>
/// Row 0 is 2026-01-15 00:00, a row every quarter of an hour. A store of more than a day begins earlier, so that the last
/// <see cref="DayRows"/> rows are always the same.
/// </remarks>
internal sealed class RowStore
{
    public const int DayRows = 96, Columns = 10, Channels = 8;

    private static readonly DateTime Day = new(2026, 1, 15, 0, 0, 0, DateTimeKind.Utc);

    private readonly DateTime _first;
    private readonly byte[] _status;
    private readonly uint[] _values;

    public RowStore(int rows)
    {
        _first = Day.AddMinutes(15 * (DayRows - rows));
        (_status, _values) = (new byte[rows], new uint[rows * Channels]);
        for (var row = 0; row < rows; row++)
        {
            var k = row - rows + DayRows;
            _status[row] = (byte)(k & 0x0F);
            for (var c = 0; c < Channels; c++) _values[row * Channels + c] = ValueOf(k, c);
        }
    }

    public int Count => _status.Length;

    /// <summary>The time stamp of row <paramref name="k"/> of the day: no day of week, no hundredths, deviation 0, status 0.</summary>
    public static CosemDateTime TimeOf(int k) => Stamp(Day.AddMinutes(15 * k));

    /// <summary>Channel <paramref name="c"/> of row <paramref name="k"/>.</summary>
    public static uint ValueOf(int k, int c) => (uint)(1_000_000 * (c + 1) + 17 * k + 100_000);

    /// <summary>Serves attribute 2 of the profile: everything, or a range of the clock.</summary>
    public DataAccessResult Write(in RequestContext context, IBufferWriter<byte> output)
    {
        var (from, to) = (0, Count);
        if (context.Selector != 0)
        {
            if (context.Selector != SelectiveAccess.ByRangeSelector || !TryReadRange(context.SelectorParameters, out var low, out var high)) return DataAccessResult.TypeUnmatched;
            (from, to) = (IndexAtOrAfter(low), IndexAtOrAfter(high.AddTicks(1)));
        }

        output.WriteArray(Math.Max(0, to - from));
        for (var row = from; row < to; row++) WriteRow(row, output);
        return DataAccessResult.Success;
    }

    private static bool TryReadRange(ReadOnlySpan<byte> parameters, out DateTime low, out DateTime high)
    {
        (low, high) = (default, default);
        var reader = new AxdrReader(parameters, "range_descriptor");
        return reader.TryReadStructureOf(4) && reader.TryReadCaptureObject(out _) && reader.TryReadDateTime(out var first) && reader.TryReadDateTime(out var last)
            && reader.TryReadArray(out _) && reader.TryEnd() && first.TryToUtc(out low) && last.TryToUtc(out high);
    }

    private void WriteRow(int row, IBufferWriter<byte> output)
    {
        output.WriteStructure(Columns);
        output.WriteDateTime(Stamp(_first.AddMinutes(15 * row)));
        output.WriteUnsigned(_status[row]);
        foreach (var value in _values.AsSpan(row * Channels, Channels)) output.WriteDoubleLongUnsigned(value);
    }

    private int IndexAtOrAfter(DateTime time) => (int)Math.Clamp(Math.Ceiling((time - _first).TotalMinutes / 15), 0, Count);

    private static CosemDateTime Stamp(DateTime time) => new(
        (ushort)time.Year, (byte)time.Month, (byte)time.Day, 0xFF, (byte)time.Hour, (byte)time.Minute, 0, 0xFF, 0, ClockStatus.None);
}
