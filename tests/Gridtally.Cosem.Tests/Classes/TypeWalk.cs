using Gridtally.Cosem.Classes;

namespace Gridtally.Cosem.Tests.Classes;

/// <summary>A type and the types that it is made of.</summary>
internal static class TypeWalk
{
    public static IEnumerable<CosemType> All(CosemType type) => type switch
    {
        CosemType.ArrayType array => [type, .. All(array.Element)],
        CosemType.StructureType structure => [type, .. structure.Fields.SelectMany(f => All(f.Type))],
        CosemType.OneOfType choice => [type, .. choice.Types.SelectMany(All)],
        _ => [type],
    };
}
