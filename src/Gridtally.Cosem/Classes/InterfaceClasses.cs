using System.Collections.Frozen;

namespace Gridtally.Cosem.Classes;

/// <summary>The interface classes, as tables. docs/cosem-classes.md is printed from them.</summary>
/// <remarks>
/// Blue Book ed. 12 (IEC 62056-6-2). Attribute and method names are spelled as there. A field names the version that devices of today have;
/// <see cref="Find(ushort, byte)"/> knows the others. Rows marked as unconfirmed have one source only.
/// </remarks>
public static partial class InterfaceClasses
{
    /// <summary>All versions of all classes, by class id and version.</summary>
    public static IReadOnlyList<ClassSpec> All => Registry.All;

    /// <summary>The same, by theme, as documents and typed views have them.</summary>
    public static IReadOnlyList<ClassGroup> Groups => Registry.Groups;

    /// <summary>That version of a class; null where it is not known here.</summary>
    public static ClassSpec? Find(ushort classId, byte version) => Registry.ByVersion.GetValueOrDefault(classId << 8 | version);

    /// <summary>The newest version of a class, for tools that don't know which one a device has; null where the class is not known here.</summary>
    public static ClassSpec? Find(ushort classId) => Registry.Newest.GetValueOrDefault(classId);

    // A type of its own, so that it is filled after the fields of all parts of this class.
    private static class Registry
    {
        public static readonly ClassGroup[] Groups =
        [
            new("Data storage", DataStorage), new("Time and calendars", Time), new("Monitoring and control", Control), new("Access and management", Access),
            new("Payment", Payment), new("Ports and modems", Ports), new("Networks and push", Network), new("Power line carrier", Plc),
        ];

        public static readonly ClassSpec[] All = [.. Groups.SelectMany(g => g.Classes).OrderBy(c => c.Id).ThenBy(c => c.Version)];

        public static readonly FrozenDictionary<int, ClassSpec> ByVersion = All.ToFrozenDictionary(c => c.Id << 8 | c.Version);

        public static readonly FrozenDictionary<ushort, ClassSpec> Newest = All.GroupBy(c => c.Id).ToFrozenDictionary(g => g.Key, g => g.Last());
    }
}

/// <summary>Interface classes that belong together.</summary>
/// <param name="Name">The theme.</param>
/// <param name="Classes">All versions of its classes.</param>
public sealed record ClassGroup(string Name, IReadOnlyList<ClassSpec> Classes);
