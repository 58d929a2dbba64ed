using System.Buffers;
using Gridtally.Cosem.Data;
using Gridtally.Cosem.Profiles;
using Gridtally.Metering;

namespace Gridtally.Fuzz;

internal sealed class ProfileTarget : Target
{
    private static readonly ProfileLayout Layout = new(new ObisCode(1, 0, 99, 1, 0, 255), 900,
    [
        new(new(8, new ObisCode(0, 0, 1, 0, 0, 255), 2), ScalerUnit.None), new(new(1, new ObisCode(0, 0, 96, 10, 1, 255), 2), ScalerUnit.None),
        new(new(3, new ObisCode(1, 0, 1, 8, 0, 255), 2), new(0, Unit.WattHour)),
    ]);

    private const int MaxRows = 256;

    private readonly ArrayBufferWriter<byte> _rows = new();
    private readonly DateTimeOffset[] _times = new DateTimeOffset[MaxRows];
    private readonly long[] _status = new long[MaxRows], _energy = new long[MaxRows];
    private readonly ColumnSet _whole, _exact, _float;

    public ProfileTarget()
    {
        _whole = new ColumnSet(3, 900).Time(0, _times).Int64(1, _status).Int64(2, _energy);
        _exact = new ColumnSet(3, 900, new ClockConvention(60, DeviationExcludesDst: true)).Octets(0, new OctetRange[MaxRows]).Decimal(2, new decimal[MaxRows], -3);
        _float = new ColumnSet(3).Double(1, new double[MaxRows], 2).Time(2, new DateTimeOffset[MaxRows]);
    }

    public override string Name => "profile";

    public override string What => "profile buffers, compressed rows and layouts: rows written out in full read the same by themselves";

    // A compressed row is written out in a buffer of its own.
    public override Bound Allocation => new(4096, 200);

    public override IEnumerable<(string Name, byte[] Octets)> OwnSeeds
    {
        get
        {
            yield return ("rows in full", DataTarget.Encoded(output => Rows(output, compressed: false)));
            yield return ("rows with null-data", DataTarget.Encoded(output => Rows(output, compressed: true)));
            yield return ("delta types", Convert.FromHexString("0102" + "0203090C07EA010FFF000000FF000000" + "1105" + "0600002710" + "0203" + "00" + "1F01" + "2000FF"));
            yield return ("a compact-array", Convert.FromHexString("13020319110622" + "07EA010FFF000000FF000000" + "05" + "00002710" + "07EA010FFF000F00FF000000" + "06" + "00002711"));
            yield return ("a layout", DataTarget.Encoded(Layout.WriteTo));
        }
    }

    public override bool Try(ReadOnlySpan<byte> input)
    {
        ReadLayout(input);
        ReadColumns(input);
        var reader = new ProfileBufferReader(input, Layout);
        var count = 0;
        Span<long?> numbers = stackalloc long?[3];
        _rows.ResetWrittenCount();
        while (reader.TryRead(out var row))
        {
            count++;
            Require(ProfileRow.TryReadNumbers(row.Octets, numbers), "a row that was handed out reads by itself");
            if (_rows.WrittenCount < 64 * 1024) _rows.Write(row.Octets);
        }

        Require(count <= input.Length, "no more rows than octets");
        return count > 0 && !reader.Failed;
    }

    private void ReadColumns(ReadOnlySpan<byte> input)
    {
        _exact.TryReadRows(input, out _, out _);
        _float.TryReadRows(input, out _, out _);
        _whole.TryReadRow(input, 0, out _);
        if (!_whole.TryReadRows(input, out var rows, out _)) return;
        Require(rows == ColumnSet.CountRows(input), "all rows are read that are announced");
        Require(CosemValue.TryRead(input, out _, out _), "what is read as columns can be read as a tree");
    }

    private static void ReadLayout(ReadOnlySpan<byte> input)
    {
        var reader = new AxdrReader(input);
        if (!ProfileLayout.TryRead(ref reader, out var layout)) return;
        var output = new ArrayBufferWriter<byte>();
        layout!.WriteTo(output);
        var again = new AxdrReader(output.WrittenSpan);
        Require(ProfileLayout.TryRead(ref again, out var same) && same!.Equals(layout), "a layout that was written reads the same");
    }

    private static void Rows(ArrayBufferWriter<byte> output, bool compressed)
    {
        output.WriteArray(4);
        for (var i = 0; i < 4; i++)
        {
            output.WriteStructure(3);
            if (compressed && i > 0) output.WriteNull();
            else output.WriteDateTime(CosemDateTime.From(new DateTimeOffset(2026, 1, 15, 0, 15 * i, 0, TimeSpan.Zero)));
            if (compressed && i > 1) output.WriteNull();
            else output.WriteUnsigned((byte)i);
            output.WriteDoubleLongUnsigned((uint)(1000 + i));
        }
    }
}
