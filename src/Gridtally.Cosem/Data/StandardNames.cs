namespace Gridtally.Cosem.Data;

/// <summary>The standards' spelling of names that C# spells otherwise.</summary>
internal static class StandardNames
{
    /// <summary><c>ReadWriteDenied</c> to <c>read-write-denied</c>.</summary>
    public static string Hyphenate(string name) =>
        string.Concat(name.Select((c, i) => char.IsUpper(c) && i > 0 ? $"-{char.ToLowerInvariant(c)}" : $"{char.ToLowerInvariant(c)}"));

    /// <summary>The name of a value and its number, <c>read-write-denied (3)</c>; <c>3 (not in the standard)</c> where it has none.</summary>
    public static string Of<TEnum>(TEnum value, int number) where TEnum : struct, Enum =>
        Enum.IsDefined(value) ? $"{Hyphenate(value.ToString())} ({number})" : $"{number} (not in the standard)";
}
