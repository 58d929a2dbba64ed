using Gridtally.Cosem.Classes;

namespace Gridtally.Cosem.Tests.Classes;

/// <summary>What is written from the class tables is as the tables are. Run once with GRIDTALLY_WRITE_DOCS=1 after changing a table.</summary>
public class GeneratedFilesTests
{
    private static readonly string[] Objects = ["src", "Gridtally.Cosem", "Objects", "Generated"], Views = ["src", "Gridtally.Sessions", "Views", "Generated"];

    [Fact]
    public void Structures_and_codecs_are_those_of_the_tables() => Check(Objects, ObjectsGenerator.Write());

    [Fact]
    public void Typed_views_are_those_of_the_tables() => Check(Views, ViewsGenerator.Write());

    [Fact]
    public void The_page_in_docs_is_that_of_the_tables() => CheckFile(["docs", "cosem-classes.md"], ClassDocument.Write());

    [Theory]
    [InlineData("daylight_savings_begin", "DaylightSavingsBegin")]
    [InlineData("client_SAP", "ClientSap")]
    [InlineData("xDLMS_context_info", "XDlmsContextInfo")]
    [InlineData("TCP-UDP_port", "TcpUdpPort")]
    [InlineData("300 baud", "Baud300")]
    [InlineData("get_attributes&services", "GetAttributesServices")]
    public void Names_of_the_standard_become_names_of_the_language(string name, string expected) => Assert.Equal(expected, CSharpNames.Pascal(name));

    [Fact]
    public void One_name_stands_for_one_structure_or_enumeration()
    {
        var seen = new Dictionary<string, string>();
        foreach (var type in ClassRows.All.SelectMany(rows => rows.Types).SelectMany(TypeWalk.All))
        {
            var (name, layout) = type switch
            {
                CosemType.StructureType s => (CSharpNames.Pascal(s.Name), string.Join(", ", s.Fields)),
                CosemType.EnumType e => (CSharpNames.Pascal(e.Name), string.Join(", ", e.Values)),
                _ => ("", ""),
            };
            if (name.Length > 0) Assert.Equal(layout, seen.TryGetValue(name, out var known) ? known : seen[name] = layout);
        }
    }

    private static void Check(string[] folder, IReadOnlyList<(string File, string Text)> files)
    {
        foreach (var (file, text) in files) CheckFile([.. folder, file], text);

        var expected = files.Select(f => f.File).ToHashSet();
        Assert.All(Directory.EnumerateFiles(Path.Combine([Root(), .. folder]), "*.g.cs"), path => Assert.Contains(Path.GetFileName(path), expected));
    }

    private static void CheckFile(string[] file, string text)
    {
        var path = Path.Combine([Root(), .. file]);
        if (Environment.GetEnvironmentVariable("GRIDTALLY_WRITE_DOCS") == "1") File.WriteAllText(path, text);
        Assert.True(File.Exists(path) && File.ReadAllText(path).ReplaceLineEndings("\n") == text, $"{path} is out of date. Run this test once with GRIDTALLY_WRITE_DOCS=1.");
    }

    private static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Gridtally.slnx"))) folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("Not within the repository.");
        return folder;
    }
}
