using System.Collections.Frozen;

namespace Gridtally.Cosem.Data;

/// <summary>What the types of Data are called.</summary>
public static class DataTags
{
    private static readonly string?[] Names = BuildNames();

    private static readonly FrozenDictionary<string, DataTag> Tags = Enum.GetValues<DataTag>().ToFrozenDictionary(NameOf);

    /// <summary>The standard's name, such as <c>double-long-unsigned</c>; <c>unknown type 7F</c> where there is none.</summary>
    public static string NameOf(DataTag tag) => Names[(byte)tag] ?? $"unknown type {(byte)tag:X2}";

    /// <summary>The type of that name, as <see cref="NameOf"/> spells it; false where there is none.</summary>
    public static bool TryFind(string name, out DataTag tag) => Tags.TryGetValue(name, out tag);

    /// <summary>True for the tags that the Data CHOICE has.</summary>
    public static bool IsKnown(DataTag tag) => Names[(byte)tag] is not null;

    private static string?[] BuildNames()
    {
        var names = new string?[256];
        foreach (var tag in Enum.GetValues<DataTag>()) names[(byte)tag] = StandardNames.Hyphenate(tag.ToString());
        return names;
    }
}
