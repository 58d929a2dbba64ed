using Gridtally.Cosem.Classes;
using Gridtally.Metering;

namespace Gridtally.Cosem.Explain;

/// <summary>Names from the tables of classes and OBIS codes.</summary>
internal static class ExplainNames
{
    /// <summary>Class and attribute, and what the object stands for: <c>Register.value, Active energy import (+A)</c>.</summary>
    public static string Of(in AttributeRef target) =>
        With($"{OfClass(target.ClassId)}.{OfAttribute(target)}", ClassNames.OfClass(target.ClassId), target.Instance);

    /// <summary>Class and method, and what the object stands for.</summary>
    public static string Of(in MethodRef target) =>
        With($"{OfClass(target.ClassId)}.{ClassNames.OfMethod(target.ClassId, target.MethodId) ?? $"method {target.MethodId}"}", ClassNames.OfClass(target.ClassId), target.Instance);

    /// <summary>The class's name; its number where it is not known.</summary>
    public static string OfClass(int classId) => ClassNames.OfClass((ushort)classId) ?? $"class {classId}";

    /// <summary>What the column of a profile holds.</summary>
    public static string OfColumn(in AttributeRef column)
    {
        var name = ObisMeanings.Find(column.Instance) ?? column.Instance.ToString();
        return column.AttributeId == 2 ? name : $"{name}, {OfAttribute(column)}";
    }

    private static string OfAttribute(in AttributeRef target) => target.AttributeId == 0
        ? "all attributes"
        : ClassNames.OfAttribute(target.ClassId, target.AttributeId) ?? $"attribute {target.AttributeId}";

    private static string With(string name, string? className, ObisCode instance) =>
        ObisMeanings.Find(instance) is { } meaning && meaning != className ? $"{name}, {meaning}" : name;
}
