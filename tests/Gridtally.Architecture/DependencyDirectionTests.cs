using System.Xml.Linq;

namespace Gridtally.Architecture;

/// <summary>Reads the project files and says so when an arrow of ARCHITECTURE.md turns round.</summary>
public class DependencyDirectionTests
{
    private static readonly string Root = FindRoot();

    // What each project may refer to. A project that is not here is not part of the architecture.
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Metering"] = [],
        ["Cosem"] = ["Metering"],
        ["Links"] = ["Metering"],
        ["Companion"] = ["Cosem", "Metering"],
        ["Sessions"] = ["Cosem", "Links", "Metering"],
        ["Storage"] = ["Cosem", "Metering"],
        ["WebHost"] = ["Metering"],
        ["Meter"] = ["Cosem", "Links", "Sessions", "Metering"],
        ["Concentrator"] = ["Cosem", "Links", "Sessions", "Companion", "Storage", "WebHost", "Metering"],
        ["HeadEnd"] = ["Cosem", "Links", "Sessions", "Companion", "Storage", "WebHost", "Metering"],
        ["Cli"] = ["Workloads", "Meter", "Concentrator", "HeadEnd", "Cosem", "Links", "Sessions", "Companion", "Storage", "WebHost", "Metering"],
    };

    private static readonly string[] Products = ["Meter", "Concentrator", "HeadEnd"];

    public static TheoryData<string> Projects => new(SourceProjects().Select(p => p.Name));

    [Theory, MemberData(nameof(Projects))]
    public void A_project_refers_only_to_what_lies_below_it(string project)
    {
        Assert.True(Allowed.TryGetValue(project, out var allowed), $"Gridtally.{project} is not in the table of allowed references.");
        var references = SourceProjects().Single(p => p.Name == project).References;

        Assert.Empty(references.Except(allowed!));
    }

    [Fact]
    public void The_products_never_refer_to_each_other() =>
        Assert.All(Products, product => Assert.DoesNotContain(Products, Reachable(product).Contains));

    [Fact]
    public void Protocol_code_does_no_io_and_reads_no_clock()
    {
        string[] forbidden = ["System.Net.Sockets", "DateTime.UtcNow", "DateTime.Now", "Task.Delay", "Stopwatch", "Random.Shared", "RandomNumberGenerator", "File.", "Microsoft.Extensions.Logging"];
        var offences =
            from file in Directory.EnumerateFiles(Path.Combine(Root, "src", "Gridtally.Cosem"), "*.cs", SearchOption.AllDirectories)
            let text = File.ReadAllText(file)
            from word in forbidden
            where text.Contains(word, StringComparison.Ordinal)
            select $"{Path.GetRelativePath(Root, file)} uses {word}";

        Assert.Empty(offences);
    }

    [Fact]
    public void Nothing_but_the_composition_root_reads_the_systems_clock()
    {
        var offences =
            from file in Directory.EnumerateFiles(Path.Combine(Root, "src"), "*.cs", SearchOption.AllDirectories)
            where !file.Contains("Gridtally.Cli", StringComparison.Ordinal)
            let text = File.ReadAllText(file)
            from word in new[] { "DateTime.UtcNow", "DateTime.Now", "DateTimeOffset.UtcNow", "DateTimeOffset.Now" }
            where text.Contains(word, StringComparison.Ordinal)
            select $"{Path.GetRelativePath(Root, file)} uses {word}";

        Assert.Empty(offences);
    }

    private static HashSet<string> Reachable(string project)
    {
        var seen = new HashSet<string>();
        var open = new Stack<string>(SourceProjects().Single(p => p.Name == project).References);
        while (open.TryPop(out var next))
        {
            if (!seen.Add(next)) continue;
            foreach (var reference in SourceProjects().Single(p => p.Name == next).References) open.Push(reference);
        }

        return seen;
    }

    private static IEnumerable<(string Name, string[] References)> SourceProjects() =>
        from file in Directory.EnumerateFiles(Path.Combine(Root, "src"), "*.csproj", SearchOption.AllDirectories)
        select (ShortName(file), XDocument.Load(file).Descendants("ProjectReference").Select(r => ShortName(r.Attribute("Include")!.Value)).ToArray());

    private static string ShortName(string path) => Path.GetFileNameWithoutExtension(path.Replace('\\', '/')).Replace("Gridtally.", "");

    private static string FindRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Gridtally.slnx"))) folder = Path.GetDirectoryName(folder)!;
        return folder;
    }
}
