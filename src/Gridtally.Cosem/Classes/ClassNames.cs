namespace Gridtally.Cosem.Classes;

/// <summary>What classes, attributes, methods and their parts are called, for tools that show traffic.</summary>
/// <remarks>Where the version of an object is not known, its newest version answers: names are kept from version to version.</remarks>
public static class ClassNames
{
    /// <summary>Name of a class, such as <c>Register</c>; null where it is not known.</summary>
    public static string? OfClass(ushort classId) => InterfaceClasses.Find(classId)?.Name;

    /// <summary>Name of an attribute, such as <c>scaler_unit</c>; null where it is not known.</summary>
    public static string? OfAttribute(ushort classId, sbyte attributeId, byte? version = null) => attributeId == 1
        ? "logical_name"
        : Spec(classId, version)?.Attribute(attributeId)?.Name;

    /// <summary>Name of a method, such as <c>remote_disconnect</c>; null where it is not known.</summary>
    public static string? OfMethod(ushort classId, sbyte methodId, byte? version = null) => Spec(classId, version)?.Method(methodId)?.Name;

    /// <summary>Type of an attribute, which names the fields of structures and the values of enumerations; null where it is not known.</summary>
    public static CosemType? TypeOf(in AttributeRef attribute, byte? version = null) => Spec(attribute.ClassId, version)?.Attribute(attribute.AttributeId)?.Type;

    /// <summary>Type of a method's parameter; null where it is not known.</summary>
    public static CosemType? TypeOf(in MethodRef method, byte? version = null) => Spec(method.ClassId, version)?.Method(method.MethodId)?.Argument;

    private static ClassSpec? Spec(ushort classId, byte? version) =>
        version is { } known ? InterfaceClasses.Find(classId, known) : InterfaceClasses.Find(classId);
}
