namespace Gridtally.Cosem.Classes;

/// <summary>Whether an attribute is configuration or is set by the process.</summary>
public enum Kind : byte
{
    /// <summary>Configuration: changes only when somebody writes it.</summary>
    Static,
    /// <summary>Set by the process or by time.</summary>
    Dynamic,
}

/// <summary>One attribute of an interface class.</summary>
/// <param name="Id">Attribute id; 1 is always logical_name.</param>
/// <param name="Name">Spelled as in the Blue Book, so that a search finds it.</param>
/// <param name="Type">Type of its value.</param>
/// <param name="Kind">Configuration or process value.</param>
public readonly record struct AttributeSpec(sbyte Id, string Name, CosemType Type, Kind Kind)
{
    /// <summary>Access selectors that this attribute may be read with; empty for none.</summary>
    public byte[] Selectors { get; init; } = [];
}

/// <summary>One method of an interface class.</summary>
/// <param name="Id">Method id, from 1.</param>
/// <param name="Name">Spelled as in the Blue Book.</param>
/// <param name="Argument">Type of its parameter.</param>
public readonly record struct MethodSpec(sbyte Id, string Name, CosemType Argument);

/// <summary>One interface class: what its objects have. Access checks, object lists, tools and documents derive from it.</summary>
/// <param name="Id">class_id.</param>
/// <param name="Version">Version of the class.</param>
/// <param name="Name">Spelled as in the Blue Book.</param>
public sealed record ClassSpec(ushort Id, byte Version, string Name)
{
    private static readonly AttributeSpec LogicalName = new(1, "logical_name", CosemType.LogicalName, Kind.Static);

    /// <summary>The attributes in their order; logical_name is put first by itself.</summary>
    public AttributeSpec[] Attributes { get; init => field = [LogicalName, .. value]; } = [LogicalName];

    /// <summary>The methods in their order.</summary>
    public MethodSpec[] Methods { get; init; } = [];

    /// <summary>The attribute of that id.</summary>
    public AttributeSpec? Attribute(sbyte id) => id > 0 && id <= Attributes.Length ? Attributes[id - 1] : null;

    /// <summary>The method of that id.</summary>
    public MethodSpec? Method(sbyte id) => id > 0 && id <= Methods.Length ? Methods[id - 1] : null;
}
