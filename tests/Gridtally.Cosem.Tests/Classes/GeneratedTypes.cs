using Gridtally.Cosem.Classes;
using Gridtally.Cosem.Data;
using static Gridtally.Cosem.Classes.CosemType;

namespace Gridtally.Cosem.Tests.Classes;

/// <summary>What a type of the tables is in C#, and which codec reads and writes it.</summary>
/// <param name="CSharp">The C# type.</param>
/// <param name="Codec">An expression that gives its codec.</param>
internal sealed record GeneratedType(string CSharp, string Codec)
{
    // Types that the library has anyway.
    private static readonly Dictionary<string, GeneratedType> Known = new()
    {
        ["scal_unit_type"] = new("ScalerUnit", "SimpleCodecs.ScalerUnit"),
        ["unit"] = new("Unit", "SimpleCodecs.EnumOf<Unit>()"),
        ["capture_object_definition"] = new("CaptureObject", "SimpleCodecs.CaptureObject"),
        ["value_definition"] = new("AttributeRef", "SimpleCodecs.ValueDefinition"),
    };

    private static readonly Dictionary<DataTag, GeneratedType> Simple = new()
    {
        [DataTag.Boolean] = new("bool", "SimpleCodecs.Boolean"),
        [DataTag.Integer] = new("sbyte", "SimpleCodecs.Integer"),
        [DataTag.Long] = new("short", "SimpleCodecs.Long"),
        [DataTag.DoubleLong] = new("int", "SimpleCodecs.DoubleLong"),
        [DataTag.Unsigned] = new("byte", "SimpleCodecs.Unsigned"),
        [DataTag.LongUnsigned] = new("ushort", "SimpleCodecs.LongUnsigned"),
        [DataTag.DoubleLongUnsigned] = new("uint", "SimpleCodecs.DoubleLongUnsigned"),
        [DataTag.Enum] = new("byte", "SimpleCodecs.Enum"),
        [DataTag.VisibleString] = new("string", "SimpleCodecs.VisibleString"),
        [DataTag.Utf8String] = new("string", "SimpleCodecs.Utf8String"),
    };

    private static readonly GeneratedType Choice = new("CosemValue", "SimpleCodecs.Any");

    public static bool IsKnown(string name) => Known.ContainsKey(name);

    public static GeneratedType Of(CosemType type) => type switch
    {
        SimpleType { Tags: [var tag] } => Simple.GetValueOrDefault(tag, Choice),
        OctetsType => new("OctetString", "SimpleCodecs.OctetString"),
        LogicalNameType => new("ObisCode", "SimpleCodecs.LogicalName"),
        BitsType => new("BitString", "SimpleCodecs.BitString"),
        MomentType { Tag: DataTag.DateTime } => new("CosemDateTime", "SimpleCodecs.DateTime"),
        MomentType { Tag: DataTag.Date } => new("CosemDate", "SimpleCodecs.Date"),
        MomentType => new("CosemTime", "SimpleCodecs.Time"),
        NoParameterType => new("sbyte", "SimpleCodecs.Integer"),
        EnumType named => Known.GetValueOrDefault(named.Name) ?? new(CSharpNames.Pascal(named.Name), $"SimpleCodecs.EnumOf<{CSharpNames.Pascal(named.Name)}>()"),
        StructureType named => Known.GetValueOrDefault(named.Name) ?? new(CSharpNames.Pascal(named.Name), $"Objects.{CSharpNames.Pascal(named.Name)}.Codec"),
        ArrayType array => Of(array.Element) is var element ? new($"ValueList<{element.CSharp}>", $"SimpleCodecs.ArrayOf({element.Codec})") : Choice,
        OneOfType { Types: [SimpleType { Tags: [DataTag.NullData] }, ArrayType array] } =>
            Of(array.Element) is var element ? new($"ValueList<{element.CSharp}>?", $"SimpleCodecs.OptionalArrayOf({element.Codec})") : Choice,
        _ => Choice,
    };
}
