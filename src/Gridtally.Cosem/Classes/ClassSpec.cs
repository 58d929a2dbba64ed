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
public sealed record AttributeSpec(sbyte Id, string Name, CosemType Type, Kind Kind)
{
    /// <summary>Access selectors that this attribute may be read with; empty for none.</summary>
    public byte[] Selectors { get; init; } = [];

    /// <summary>First version of the class that has it so.</summary>
    public byte From { get; init; }

    /// <summary>Last version of the class that has it so.</summary>
    public byte Until { get; init; } = byte.MaxValue;

    /// <summary>True for a password or key, which no client may ever read.</summary>
    public bool IsSecret { get; init; }

    /// <summary>True where only one source tells of it, or none in full.</summary>
    public bool Unconfirmed { get; init; }
}

/// <summary>One method of an interface class.</summary>
/// <param name="Id">Method id, from 1.</param>
/// <param name="Name">Spelled as in the Blue Book.</param>
/// <param name="Argument">Type of its parameter; <see cref="CosemType.NoParameter"/> where it has none.</param>
/// <param name="Mandatory">True where an object must have it.</param>
public sealed record MethodSpec(sbyte Id, string Name, CosemType Argument, bool Mandatory = false)
{
    /// <summary>Type of what it returns; null where it returns nothing.</summary>
    public CosemType? Returns { get; init; }

    /// <inheritdoc cref="AttributeSpec.From"/>
    public byte From { get; init; }

    /// <inheritdoc cref="AttributeSpec.Until"/>
    public byte Until { get; init; } = byte.MaxValue;

    /// <inheritdoc cref="AttributeSpec.Unconfirmed"/>
    public bool Unconfirmed { get; init; }
}

/// <summary>
/// One version of an interface class: what its objects have. Dispatch, access checks, object lists, typed views, tools and documents derive
/// from it.
/// </summary>
/// <param name="Id">class_id.</param>
/// <param name="Version">Version of the class.</param>
/// <param name="Name">Spelled as in the Blue Book.</param>
/// <param name="Clause">Where the Blue Book, ed. 12, defines it; a chapter, where the clause differs between editions.</param>
public sealed record ClassSpec(ushort Id, byte Version, string Name, string Clause)
{
    private static readonly AttributeSpec LogicalName = new(1, "logical_name", CosemType.LogicalName, Kind.Static);

    private readonly AttributeSpec?[] _attributesById = [null, LogicalName];
    private readonly MethodSpec?[] _methodsById = [];

    /// <summary>The attributes in their order; logical_name is put first by itself.</summary>
    /// <exception cref="ArgumentException">An id twice.</exception>
    public AttributeSpec[] Attributes
    {
        get;
        init
        {
            field = [LogicalName, .. value];
            _attributesById = ById(field, static attribute => attribute.Id);
        }
    } = [LogicalName];

    /// <summary>The methods in their order.</summary>
    /// <exception cref="ArgumentException">An id twice.</exception>
    public MethodSpec[] Methods
    {
        get;
        init
        {
            field = value;
            _methodsById = ById(value, static method => method.Id);
        }
    } = [];

    /// <summary>
    /// Offset of method 1 from the base name where objects are addressed by short names, the next methods following in steps of 8; null
    /// where the class has no methods, or where no edition gives it.
    /// </summary>
    public byte? ShortNameMethods { get; init; }

    /// <summary>One above the highest attribute id.</summary>
    internal int AttributeSlots => _attributesById.Length;

    /// <summary>One above the highest method id.</summary>
    internal int MethodSlots => _methodsById.Length;

    /// <summary>The versions of one class, described once: each has the attributes and methods whose range of versions includes it.</summary>
    /// <param name="id">class_id.</param>
    /// <param name="name">Spelled as in the Blue Book.</param>
    /// <param name="clause">Where the Blue Book defines it.</param>
    /// <param name="versions">The versions, in their order.</param>
    /// <param name="attributes">The attributes of all versions.</param>
    /// <param name="methods">The methods of all versions.</param>
    /// <param name="shortNameMethods">See <see cref="ShortNameMethods"/>; the same for all versions.</param>
    public static ClassSpec[] Versions(
        ushort id, string name, string clause, byte[] versions, AttributeSpec[] attributes, MethodSpec[] methods, byte? shortNameMethods = null) =>
    [
        .. versions.Select(version => new ClassSpec(id, version, name, clause)
        {
            Attributes = [.. attributes.Where(a => a.From <= version && version <= a.Until)],
            Methods = [.. methods.Where(m => m.From <= version && version <= m.Until)],
            ShortNameMethods = shortNameMethods,
        }),
    ];

    /// <summary>The attribute of that id; null where the class has none.</summary>
    public AttributeSpec? Attribute(sbyte id) => (byte)id < _attributesById.Length ? _attributesById[(byte)id] : null;

    /// <summary>The method of that id; null where the class has none.</summary>
    public MethodSpec? Method(sbyte id) => (byte)id < _methodsById.Length ? _methodsById[(byte)id] : null;

    /// <summary><c>Register (class 3, version 0)</c>.</summary>
    public override string ToString() => $"{Name} (class {Id}, version {Version})";

    // Ids above 127 would be negative; none of the standard is.
    private static T?[] ById<T>(T[] specs, Func<T, sbyte> id) where T : class
    {
        var byId = new T?[specs.Length == 0 ? 0 : specs.Max(id) + 1];
        foreach (var spec in specs)
        {
            if (byId[id(spec)] is not null) throw new ArgumentException($"Id {id(spec)} is there twice.", nameof(specs));
            byId[id(spec)] = spec;
        }

        return byId;
    }
}
