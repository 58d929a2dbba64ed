using Gridtally.Cosem;
using Gridtally.Cosem.Security;
using Gridtally.Cosem.Server;
using Gridtally.Metering;

namespace Gridtally.Meter.Templates;

/// <summary>One attribute of a template: what it holds, or why it could not be read.</summary>
/// <param name="Id">Attribute id.</param>
/// <param name="Rights">What the client that read it may do with it.</param>
public sealed record TemplateAttribute(sbyte Id, AccessRights Rights)
{
    /// <summary>Encoded Data; null where it was not read.</summary>
    public ReadOnlyMemory<byte>? Data { get; init; }

    /// <summary>What the meter answered where <see cref="Data"/> is null.</summary>
    public DataAccessResult Refusal { get; init; } = DataAccessResult.ReadWriteDenied;

    /// <summary>Access selectors of the attribute, as its object list tells them.</summary>
    public IReadOnlyList<sbyte> Selectors { get; init; } = [];
}

/// <summary>One method of a template.</summary>
/// <param name="Id">Method id.</param>
/// <param name="Rights">Whether the client may invoke it, and how protected.</param>
public sealed record TemplateMethod(sbyte Id, AccessRights Rights);

/// <summary>One object of a template.</summary>
/// <param name="ClassId">class_id.</param>
/// <param name="Version">Version of the class.</param>
/// <param name="Instance">Logical name.</param>
/// <param name="Attributes">Attributes, logical_name included.</param>
/// <param name="Methods">Methods.</param>
public sealed record TemplateObject(
    ushort ClassId, byte Version, ObisCode Instance, IReadOnlyList<TemplateAttribute> Attributes, IReadOnlyList<TemplateMethod> Methods);

/// <summary>A meter as one client saw it: every object of its list, with what could be read. <c>gridtally read --all</c> makes such files.</summary>
/// <remarks>docs/reading-meters.md describes the file. It holds no keys: secrets of a meter can't be read.</remarks>
public sealed record MeterTemplate
{
    /// <summary>Where it was read, for people.</summary>
    public string Source { get; init; } = "";

    /// <summary>When it was read, UTC.</summary>
    public DateTime ReadAt { get; init; }

    /// <summary>The client that read it.</summary>
    public ushort ClientSap { get; init; } = 16;

    /// <summary>The logical device.</summary>
    public ushort LogicalDevice { get; init; } = 1;

    /// <summary>The meter's system title, where it gave one.</summary>
    public SystemTitle? SystemTitle { get; init; }

    /// <summary>The objects, in the order of the object list.</summary>
    public IReadOnlyList<TemplateObject> Objects { get; init; } = [];
}

/// <summary>A template file can't be used; the message says where and why.</summary>
public sealed class TemplateException(string message) : Exception(message);
