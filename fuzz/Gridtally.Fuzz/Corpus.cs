using System.Text.Json;

namespace Gridtally.Fuzz;

/// <summary>Inputs to begin with: fuzz/corpus/NAME.txt is made of golden vectors and our own encoders, NAME.found.txt of what once broke something.</summary>
internal static class Corpus
{
    public static readonly string Root = FindRoot();

    private static readonly string Folder = Path.Combine(Root, "fuzz", "corpus");

    /// <summary>The octets of both files.</summary>
    public static byte[][] Load(Target target)
    {
        var inputs = Lines(PathOf(target, "")).Concat(Lines(PathOf(target, ".found"))).Select(line => Parse(target, line)).ToArray();
        return inputs.Length > 0 ? inputs : throw new InvalidOperationException($"There is no corpus for {target.Name}; run 'corpus' first.");
    }

    /// <summary>Writes the first file anew.</summary>
    public static int Write(Target target)
    {
        var seeds = Vectors(target).Concat(target.OwnSeeds).Where(seed => seed.Octets.Length <= target.MaxInput).ToList();
        Directory.CreateDirectory(Folder);
        File.WriteAllLines(PathOf(target, ""), seeds.SelectMany(seed => new[] { $"# {seed.Name}", ToText(target, seed.Octets) }));
        return seeds.Count;
    }

    public static string ToText(Target target, ReadOnlySpan<byte> octets) => target.IsDialogue ? Messages.ToText(octets) : Convert.ToHexString(octets);

    public static byte[] Parse(Target target, string line) => target.IsDialogue ? Messages.Parse(line) : Convert.FromHexString(line.Replace(" ", "", StringComparison.Ordinal));

    private static string PathOf(Target target, string suffix) => Path.Combine(Folder, $"{target.Name}{suffix}.txt");

    private static IEnumerable<string> Lines(string path) =>
        File.Exists(path) ? File.ReadLines(path).Where(line => line.Length > 0 && line[0] != '#') : [];

    private static IEnumerable<(string Name, byte[] Octets)> Vectors(Target target)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Root, "tests", "vectors", "dlms-vectors.json")));
        foreach (var vector in document.RootElement.GetProperty("vectors").EnumerateArray())
        {
            if (Array.IndexOf(target.VectorKinds, vector.GetProperty("kind").GetString()) < 0) continue;
            yield return (vector.GetProperty("id").GetString()!, target.FromVector(Convert.FromHexString(vector.GetProperty("hex").GetString()!)));
        }
    }

    private static string FindRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Gridtally.slnx")))
        {
            folder = Path.GetDirectoryName(folder.TrimEnd(Path.DirectorySeparatorChar)) ?? throw new InvalidOperationException("Run the fuzzer inside the repository: its corpus is in fuzz/corpus.");
        }

        return folder;
    }
}
