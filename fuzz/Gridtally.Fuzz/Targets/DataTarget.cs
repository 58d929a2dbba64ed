using System.Buffers;
using Gridtally.Cosem.Classes;
using Gridtally.Cosem.Data;

namespace Gridtally.Fuzz;

internal sealed class DataTarget : Target
{
    private readonly ArrayBufferWriter<byte> _first = new(), _second = new(), _compact = new();

    public override string Name => "data";

    public override string What => "AxdrReader, CosemValue, compact-array: what reads is written and read the same; readers agree; packed and unpacked is the same";

    // The tree, twice, and what it is written to.
    public override Bound Allocation => new(4096, 1500);

    public override string[] VectorKinds => ["data", "compact-array", "datetime"];

    public override IEnumerable<(string Name, byte[] Octets)> OwnSeeds
    {
        get
        {
            yield return ("an array of like structures", Encoded(static output =>
            {
                output.WriteArray(3);
                for (var i = 0; i < 3; i++)
                {
                    output.WriteStructure(4);
                    output.WriteDateTime(CosemDateTime.From(new DateTimeOffset(2026, 1, 15, i, 0, 0, TimeSpan.Zero)));
                    output.WriteUnsigned((byte)i);
                    output.WriteDoubleLongUnsigned(1000);
                    output.WriteNull();
                }
            }));
            yield return ("every type", Convert.FromHexString(
                "0216" + "00" + "0301" + "040240" + "0500000001" + "0600000002" + "09020102" + "0A024142" + "0C02C3A4" + "0D12" + "0FFF" + "10FFFF" + "110A" + "12FFFF"
                + "140000000000000001" + "15FFFFFFFFFFFFFFFF" + "1605" + "173F800000" + "183FF0000000000000" + "1907EA010FFF0A0F00FF800000" + "1A07EA010F04" + "1B0A0F0000" + "FF"));
            yield return ("a compact array of structures", Convert.FromHexString("130202110612" + "0E" + "0100000001000202000000020003"));
        }
    }

    public override bool Try(ReadOnlySpan<byte> input)
    {
        ReadEveryWay(input);
        var skipping = new AxdrReader(input);
        var skips = skipping.TrySkip(out var element);
        var reading = new AxdrReader(input);
        var reads = CosemValue.TryRead(ref reading, out var value);
        Require(reads == skips, $"what can be stepped over can be read: skipping {skips}, reading {reads} ({(reads ? skipping.Error : reading.Error)})");
        if (!reads) return false;
        Require(element.Length == reading.Position, "stepping over and reading take the same octets");

        Write(value, _first);
        Require(CosemValue.TryRead(_first.WrittenSpan, out var again, out _), "what was written can be read");
        Require(again.Equals(value), "what was written reads the same");
        Write(again, _second);
        Require(_first.WrittenSpan.SequenceEqual(_second.WrittenSpan), "what was read is written the same");
        Pack(_first.WrittenSpan, value);
        return true;
    }

    private static void Write(in CosemValue value, ArrayBufferWriter<byte> output)
    {
        output.ResetWrittenCount();
        value.WriteTo(output);
    }

    /// <summary>Compact-array from array and back, as octets and as trees.</summary>
    private void Pack(ReadOnlySpan<byte> octets, in CosemValue value)
    {
        _compact.ResetWrittenCount();
        var packs = CompactArrayWriter.TryWrite(octets, _compact);
        Require(packs == value.TryToCompactArray(out var compact), "octets and tree agree on what can be packed");
        if (!packs) return;
        Require(compact.Expand().Equals(value), "a packed tree expands to what it was");
        var reader = new AxdrReader(_compact.WrittenSpan);
        Require(CompactArrayReader.TryRead(ref reader, out var rows) && reader.TryEnd(), "a packed array can be read");
        _second.ResetWrittenCount();
        rows.WriteExpanded(_second);
        Require(_second.WrittenSpan.SequenceEqual(octets), "a packed array expands to what it was");
    }

    private static void ReadEveryWay(ReadOnlySpan<byte> input)
    {
        new AxdrReader(input).TryReadNumber(out _);
        new AxdrReader(input).TryReadOctets(out _);
        new AxdrReader(input).TryReadObis(out _);
        new AxdrReader(input).TryReadDateTime(out _);
        new AxdrReader(input).TryReadScalerUnit(out _);
        new AxdrReader(input).TryReadCaptureObject(out _);
        new AxdrReader(input).TryReadLengthPrefixed(out _);
        var compact = new AxdrReader(input);
        if (CompactArrayReader.TryRead(ref compact, out var rows))
        {
            while (rows.TryRead(out _)) continue;
        }

        // Another class each time: that a type can be held against any octets.
        if (input.Length < 2) return;
        var @class = InterfaceClasses.All[input[^1] % InterfaceClasses.All.Count];
        @class.Attributes[input[^2] % @class.Attributes.Length].Type.Matches(input[..^2]);
    }

    internal static byte[] Encoded(Action<ArrayBufferWriter<byte>> write)
    {
        var output = new ArrayBufferWriter<byte>();
        write(output);
        return output.WrittenSpan.ToArray();
    }
}
