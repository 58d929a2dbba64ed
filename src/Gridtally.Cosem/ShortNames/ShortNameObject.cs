using Gridtally.Cosem.Classes;
using Gridtally.Metering;

namespace Gridtally.Cosem.ShortNames;

/// <summary>One object of a meter that is addressed by short names.</summary>
/// <param name="BaseName">Short name of its logical name, attribute 1.</param>
/// <param name="ClassId">Interface class.</param>
/// <param name="Version">Version of the class.</param>
/// <param name="LogicalName">Its logical name.</param>
/// <remarks>objlist_element, Blue Book, class 12 Association SN.</remarks>
public readonly record struct ShortNameObject(ushort BaseName, ushort ClassId, byte Version, ObisCode LogicalName)
{
    /// <summary>From one attribute, or method, to the next.</summary>
    public const int Step = 8;

    /// <summary>The class as the Blue Book has it; the newest version where it does not have this one, null where it does not have the class.</summary>
    public ClassSpec? Class => InterfaceClasses.Find(ClassId, Version) ?? InterfaceClasses.Find(ClassId);

    /// <summary>Base name in hex, class, logical name.</summary>
    public override string ToString() => $"{BaseName:X4} {ClassId}/{LogicalName}";
}

/// <summary>What a short name stands for: an attribute or a method.</summary>
/// <param name="Object">Of which object.</param>
/// <param name="Id">Attribute id or method id.</param>
/// <param name="IsMethod">True for a method.</param>
public readonly record struct ShortNameTarget(ShortNameObject Object, sbyte Id, bool IsMethod)
{
    /// <summary>The attribute; only where it is none of the methods.</summary>
    public AttributeRef Attribute => new(Object.ClassId, Object.LogicalName, Id);

    /// <summary>The method; only where it is one.</summary>
    public MethodRef Method => new(Object.ClassId, Object.LogicalName, Id);
}
