using System.Text;
using Gridtally.Cosem.Classes;
using static Gridtally.Cosem.Classes.CosemType;

namespace Gridtally.Cosem.Tests.Classes;

/// <summary>Prints the class tables as docs/cosem-classes.md.</summary>
internal static class ClassDocument
{
    private const string Introduction =
        """
        # Interface classes

        Printed from the tables in `src/Gridtally.Cosem/Classes` by `ClassDocument` of the tests, which fail when this page is not what the tables say.
        The same tables drive the server (dispatch, types, access rights, object lists), the typed client views (`client.Clock(name).GetTimeAsync()`), the
        names that `gridtally decode` prints, and the conformance document.

        Source: DLMS UA Blue Book ed. 12 (IEC 62056-6-2); clauses are that edition's, and move between editions. Names are spelled as there. Attribute 1 of
        every class is `logical_name`, static, and left out below. S is configuration, D is set by the process. M marks mandatory methods. *unconfirmed*
        marks what only one source tells, or none in full; so are selectors 3 and 4 of `object_list` and selector 1 of `table_cell_values`. `integer(0)` is the parameter of methods that have none. `CHOICE` without types takes any.


        """;

    public static string Write()
    {
        var text = new StringBuilder(Introduction.Replace("\r\n", "\n"));
        WriteOverview(text);
        foreach (var group in InterfaceClasses.Groups)
        {
            text.Append($"\n## {group.Name}\n");
            foreach (var rows in ClassRows.Of(group)) WriteClass(rows, text);
        }

        WriteTypes(text);
        return text.ToString();
    }

    private static void WriteOverview(StringBuilder text)
    {
        text.Append("| Class | Name | Versions | Clause | Typed view |\n|---|---|---|---|---|\n");
        foreach (var versions in InterfaceClasses.All.GroupBy(c => c.Id))
        {
            var newest = versions.Last();
            text.Append($"| {newest.Id} | {Cell(newest.Name)} | {string.Join(", ", versions.Select(v => v.Version))} | {newest.Clause} | `{CSharpNames.Pascal(newest.Name)}View` |\n");
        }
    }

    private static void WriteClass(ClassRows rows, StringBuilder text)
    {
        text.Append($"\n### {rows.Id} {rows.Name}\n\n| Id | Attribute | Type | | Versions | |\n|---|---|---|---|---|---|\n");
        foreach (var row in rows.Attributes)
        {
            text.Append($"| {row.Spec.Id} | {Cell(row.Spec.Name)} | {Cell($"{row.Spec.Type}")} | {(row.Spec.Kind == Kind.Static ? "S" : "D")} | {Range(row.Spec.From, row.Spec.Until)} | {Notes(row.Spec)} |\n");
        }

        if (rows.Methods.Count == 0) return;
        text.Append("\n| Id | Method | Parameter | Returns | | Versions | |\n|---|---|---|---|---|---|---|\n");
        foreach (var row in rows.Methods)
        {
            text.Append($"| {row.Spec.Id} | {Cell(row.Spec.Name)} | {Cell($"{row.Spec.Argument}")} | {Cell($"{row.Spec.Returns}")} | {(row.Spec.Mandatory ? "M" : "")} "
                + $"| {Range(row.Spec.From, row.Spec.Until)} | {(row.Spec.Unconfirmed ? "*unconfirmed*" : "")} |\n");
        }
    }

    private static void WriteTypes(StringBuilder text)
    {
        var types = ClassRows.All.SelectMany(rows => rows.Types).SelectMany(TypeWalk.All).ToList();
        text.Append("\n## Structures\n\n| Structure | Fields |\n|---|---|\n");
        foreach (var type in types.OfType<StructureType>().DistinctBy(t => t.Name).OrderBy(t => t.Name, StringComparer.Ordinal))
            text.Append($"| {Cell(type.Name)} | {Cell(string.Join(", ", type.Fields.Select(f => $"{f.Name} {f.Type}")))} |\n");
        text.Append("\n## Enumerations\n\nManufacturers may use values that are not listed; views keep them as numbers.\n\n| Enumeration | Values |\n|---|---|\n");
        foreach (var type in types.OfType<EnumType>().DistinctBy(t => t.Name).OrderBy(t => t.Name, StringComparer.Ordinal))
            text.Append($"| {Cell(type.Name)}{(type.IsMask ? " (bit mask)" : "")} | {Cell(string.Join("; ", type.Values.Select(v => $"{(type.IsMask ? $"0x{v.Value:X2}" : v.Value)} {v.Name}")))} |\n");
    }

    private static string Notes(AttributeSpec spec) => string.Join(", ", new[]
    {
        spec.Selectors.Length > 0 ? $"selectors {string.Join(", ", spec.Selectors)}" : "",
        spec.IsSecret ? "never readable" : "",
        spec.Unconfirmed ? "*unconfirmed*" : "",
    }.Where(note => note.Length > 0));

    private static string Range(byte from, byte until) => (from, until) switch
    {
        (0, byte.MaxValue) => "",
        (_, byte.MaxValue) => $"from {from}",
        _ when from == until => $"{from}",
        _ => $"{from} to {until}",
    };

    // A bar would end the cell.
    private static string Cell(string text) => text.Replace("|", "\\|");
}
