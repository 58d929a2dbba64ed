using Gridtally.Cosem.Classes;
using Gridtally.Cosem.Data;
using static Gridtally.Cosem.Classes.CosemType;

namespace Gridtally.Cosem.Tests.Classes;

/// <summary>Encoded Data of a type, and Data that is nearly so.</summary>
internal static class SampleData
{
    private const byte DontCare = (byte)DataTag.DontCare;

    /// <summary>One element of the type; its numbers differ with <paramref name="seed"/>.</summary>
    public static byte[] Of(CosemType type, int seed = 1) => type switch
    {
        AnyType => [(byte)DataTag.DoubleLongUnsigned, 0, 0, 0, (byte)seed],
        SimpleType simple => Simple(simple.Tags.Contains(DataTag.DoubleLongUnsigned) ? DataTag.DoubleLongUnsigned : simple.Tags[0], seed),
        LogicalNameType => [(byte)DataTag.OctetString, 6, 1, 0, 1, 8, (byte)seed, 255],
        OctetsType octets => [(byte)DataTag.OctetString, (byte)(octets.Length ?? 3), .. Octets(octets.Length ?? 3, seed)],
        BitsType bits => [(byte)DataTag.BitString, (byte)(bits.Length ?? 9), .. Bits(bits.Length ?? 9)],
        MomentType moment => [(byte)DataTag.OctetString, (byte)moment.Size, .. Octets(moment.Size, seed)],
        NoParameterType => [(byte)DataTag.Integer, 0],
        EnumType named => [(byte)DataTag.Enum, named.Values[seed % named.Values.Count].Value],
        StructureType structure => [(byte)DataTag.Structure, (byte)structure.Fields.Count, .. structure.Fields.SelectMany((field, i) => Of(field.Type, seed + i))],
        ArrayType array => [(byte)DataTag.Array, 2, .. Of(array.Element, seed), .. Of(array.Element, seed + 1)],
        OneOfType choice => Of(choice.Types[seed % choice.Types.Count], seed),
        _ => throw new ArgumentException($"No sample of {type}."),
    };

    /// <summary>Elements that differ from a sample in one place and are not of the type any more.</summary>
    public static IEnumerable<byte[]> Wrong(CosemType type)
    {
        var sample = Of(type);
        yield return sample[..^1];
        yield return [.. sample, 0];
        foreach (var mistyped in Mistyped(type)) yield return mistyped;
    }

    private static IEnumerable<byte[]> Mistyped(CosemType type) => type switch
    {
        AnyType => [],
        OneOfType choice when choice.Types.Any(t => t is AnyType) => [],
        StructureType structure =>
        [
            [DontCare],
            [(byte)DataTag.Structure, (byte)(structure.Fields.Count + 1), .. structure.Fields.SelectMany(f => Of(f.Type)), DontCare],
            .. structure.Fields.SelectMany((field, i) => Mistyped(field.Type).Select(wrong => With(structure, i, wrong))),
        ],
        ArrayType array => [[DontCare], .. Mistyped(array.Element).Select(wrong => (byte[])[(byte)DataTag.Array, 1, .. wrong])],
        OctetsType { Length: { } length } => [[DontCare], [(byte)DataTag.OctetString, (byte)(length + 1), .. Octets(length + 1, 1)]],
        BitsType { Length: { } length } => [[DontCare], [(byte)DataTag.BitString, (byte)(length - 8), .. Bits(length - 8)]],
        LogicalNameType => [[DontCare], [(byte)DataTag.OctetString, 5, 1, 0, 1, 8, 0], [(byte)DataTag.VisibleString, 6, 1, 0, 1, 8, 0, 255]],
        MomentType moment => [[DontCare], [(byte)DataTag.OctetString, (byte)(moment.Size - 1), .. Octets(moment.Size - 1, 1)]],
        _ => [[DontCare]],
    };

    private static byte[] With(StructureType structure, int index, byte[] wrong) =>
        [(byte)DataTag.Structure, (byte)structure.Fields.Count, .. structure.Fields.SelectMany((field, i) => i == index ? wrong : Of(field.Type))];

    private static byte[] Simple(DataTag tag, int seed) => tag switch
    {
        DataTag.NullData => [(byte)tag],
        DataTag.Boolean => [(byte)tag, (byte)(seed % 2)],
        DataTag.VisibleString or DataTag.Utf8String => [(byte)tag, 2, (byte)'G', (byte)('A' + seed)],
        DataTag.CompactArray => [(byte)tag, (byte)DataTag.Unsigned, 2, 1, (byte)seed],
        _ => [(byte)tag, .. Octets(AxdrReader.FixedSize(tag), seed)],
    };

    private static byte[] Octets(int count, int seed) => [.. Enumerable.Range(0, count).Select(i => (byte)(seed + i))];

    // Unused bits are 0.
    private static byte[] Bits(int count) => [.. Enumerable.Range(0, (count + 7) / 8).Select(i => i == count / 8 ? (byte)0x80 : (byte)0xA5)];
}
