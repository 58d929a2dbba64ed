using System.Text;
using Gridtally.Cosem.Classes;
using Gridtally.Testing;

namespace Gridtally.Conformance;

/// <summary>docs/dlms-conformance.md.</summary>
internal static class Document
{
    // A feature may be shown by dozens of tests; a reader needs to find one.
    private const int MaxTests = 2;

    public static string Write(Marks marks, IReadOnlyList<ClassSpec> classes)
    {
        var text = new StringBuilder();
        var supported = DlmsFeatures.All.Count(feature => marks.Of(feature.Id).Count > 0);
        text.Append("# DLMS/COSEM conformance\n\n"
            + "Generated from the class tables, the list of features (`tests/Gridtally.Testing/DlmsFeatures.cs`) and a test run; do not edit. `./test` checks\n"
            + "it, `scripts/conformance` writes it anew. \"yes\" means that the tests named beside it passed; \"no\" means that no test shows it.\n\n"
            + $"{supported} of {DlmsFeatures.All.Count} features, and {classes.Count(c => marks.Of(Id(c)).Count > 0)} of {classes.Count} interface classes (each version counted).\n");
        foreach (var group in DlmsFeatures.All.GroupBy(feature => feature.Group)) AppendGroup(text, group.Key, [.. group], marks);
        AppendClasses(text, classes, marks);
        return text.ToString();
    }

    private static string Id(ClassSpec spec) => $"class:{spec.Id}:{spec.Version}";

    private static void AppendGroup(StringBuilder text, string name, DlmsFeature[] features, Marks marks)
    {
        text.Append($"\n## {name}\n\n| feature | side | supported | shown by |\n|---|---|---|---|\n");
        foreach (var feature in features) text.Append($"| {feature.Name} | {SideOf(feature.Id)} | {Cells(marks.Of(feature.Id))} |\n");
    }

    private static string SideOf(string id) => id.EndsWith(".client", StringComparison.Ordinal) ? "client" : id.EndsWith(".server", StringComparison.Ordinal) ? "server" : "both";

    private static string Cells(IReadOnlyList<string> tests) => tests.Count == 0
        ? "no | "
        : "yes | " + string.Join(", ", tests.Take(MaxTests).Select(test => $"`{test}`")) + (tests.Count > MaxTests ? $" and {tests.Count - MaxTests} more" : "");

    private static void AppendClasses(StringBuilder text, IReadOnlyList<ClassSpec> classes, Marks marks)
    {
        text.Append("\n## Interface classes\n\nTypes and meanings of the attributes are in [cosem-classes.md](cosem-classes.md).\n\n"
            + "| class | version | attribute or method | supported | shown by |\n|---|---|---|---|---|\n");
        foreach (var spec in classes)
        {
            var cells = Cells(marks.Of(Id(spec)));
            text.Append($"| {spec.Id} {spec.Name} | {spec.Version} | class | {cells} |\n");
            foreach (var attribute in spec.Attributes) text.Append($"| {spec.Id} | {spec.Version} | attribute {attribute.Id} {attribute.Name} | {cells} |\n");
            foreach (var method in spec.Methods) text.Append($"| {spec.Id} | {spec.Version} | method {method.Id} {method.Name} | {cells} |\n");
        }
    }
}
