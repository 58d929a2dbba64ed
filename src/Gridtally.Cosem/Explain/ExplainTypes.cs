using Gridtally.Cosem.Classes;
using Gridtally.Cosem.Data;

namespace Gridtally.Cosem.Explain;

/// <summary>Names the parts of a value by the type that its class gives it: fields of structures, values of enumerations, dates and times.</summary>
internal static class ExplainTypes
{
    /// <summary>Goes through a value and all below it. What does not fit its type stays as it is: devices deviate.</summary>
    public static void Apply(ExplainNode node, CosemType type)
    {
        switch (type)
        {
            case CosemType.StructureType structure when node.Type == DataTag.Structure && node.Children.Count == structure.Fields.Count:
                for (var i = 0; i < structure.Fields.Count; i++)
                {
                    node.Children[i].Name = structure.Fields[i].Name;
                    Apply(node.Children[i], structure.Fields[i].Type);
                }

                break;
            case CosemType.ArrayType array when node.Type is DataTag.Array or DataTag.CompactArray:
                foreach (var element in node.Children)
                {
                    if (element.Type is not null) Apply(element, array.Element);
                }

                break;
            case CosemType.OneOfType choice when choice.Types.FirstOrDefault(t => Fits(node, t)) is { } fitting:
                Apply(node, fitting);
                break;
            case CosemType.EnumType names when node.Type is DataTag.Enum or DataTag.Unsigned && node.Content.Length == 1:
                node.Meaning = names.NameOf(node.Content.Span[0]) ?? node.Meaning;
                break;
            case CosemType.MomentType when node.Type == DataTag.OctetString && node.Meaning is null:
                node.Meaning = node.Content.Length switch
                {
                    CosemDate.Size => CosemDate.Read(node.Content.Span).ToString(),
                    CosemTime.Size => CosemTime.Read(node.Content.Span).ToString(),
                    CosemDateTime.Size when node.Value?.Contains('=', StringComparison.Ordinal) != true => CosemDateTime.Read(node.Content.Span).ToString(),
                    _ => null,
                };
                break;
        }
    }

    private static bool Fits(ExplainNode node, CosemType type) => type switch
    {
        CosemType.StructureType structure => node.Type == DataTag.Structure && node.Children.Count == structure.Fields.Count,
        CosemType.ArrayType => node.Type is DataTag.Array or DataTag.CompactArray,
        CosemType.EnumType => node.Type == DataTag.Enum,
        CosemType.MomentType moment => node.Type == moment.Tag || (node.Type == DataTag.OctetString && node.Content.Length == moment.Size),
        CosemType.SimpleType simple => node.Type is { } tag && simple.Tags.Contains(tag),
        CosemType.OneOfType choice => choice.Types.Any(t => Fits(node, t)),
        CosemType.LogicalNameType => node.Type == DataTag.OctetString && node.Content.Length == 6,
        CosemType.OctetsType octets => node.Type == DataTag.OctetString && (octets.Length is null || octets.Length == node.Content.Length),
        CosemType.BitsType => node.Type == DataTag.BitString,
        _ => false,
    };
}
