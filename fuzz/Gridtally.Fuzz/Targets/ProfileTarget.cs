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

    private readonly ArrayBufferWriter<byte> _rows = new();

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
            yield return ("a layout", DataTarget.Encoded(Layout.WriteTo));
        }
    }

    public override bool Try(ReadOnlySpan<byte> input)
    {
        ReadLayout(input);
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
