using System.Text.Json;

namespace Gridtally.Testing;

/// <summary>One golden example: octets, what they mean, and where they come from.</summary>
public sealed record Vector(string Id, string Kind, byte[] Octets, JsonElement Meaning, JsonElement Whole)
{
    /// <summary>A key of the example (encryption, authentication, kek); null where it has none of that name.</summary>
    public byte[]? Key(string name) =>
        Whole.TryGetProperty("keys", out var keys) && keys.TryGetProperty(name, out var key) ? Convert.FromHexString(key.GetString()!) : null;

    /// <summary>A text beside the octets, such as the note that explains a deviation.</summary>
    public string? Text(string name) =>
        (Whole.TryGetProperty(name, out var value) || Meaning.TryGetProperty(name, out value)) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    public override string ToString() => Id;
}

/// <summary>tests/vectors/dlms-vectors.json.</summary>
public static class Vectors
{
    private static readonly Lazy<IReadOnlyList<Vector>> Loaded = new(Load);

    public static IReadOnlyList<Vector> All => Loaded.Value;

    public static IEnumerable<Vector> OfKind(params string[] kinds) => All.Where(v => kinds.Contains(v.Kind));

    public static Vector ById(string id) => All.Single(v => v.Id == id);

    private static List<Vector> Load()
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Documents.Root, "tests", "vectors", "dlms-vectors.json")));
        return [.. document.RootElement.GetProperty("vectors").EnumerateArray().Select(v => v.Clone()).Select(v => new Vector(
            v.GetProperty("id").GetString()!, v.GetProperty("kind").GetString()!, Convert.FromHexString(v.GetProperty("hex").GetString()!),
            v.GetProperty("meaning"), v))];
    }
}
