using System.Globalization;
using System.Text.Json;
using Gridtally.Cosem.Data;

namespace Gridtally.Cosem.Explain;

/// <summary>Explanations as text and as JSON.</summary>
public static class ExplainText
{
    // A wider cell would push all others off the screen; JSON has it whole.
    private const int MaxCell = 40;

    /// <summary>Writes one line for each part, indented by its depth: offset in octets, name, value; notes and problems below.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="node">What to write, with all below it.</param>
    /// <param name="depth">Depth to begin at, for parts that are delivered one by one.</param>
    public static void Write(TextWriter writer, ExplainNode node, int depth = 0)
    {
        var indent = new string(' ', 2 * depth);
        writer.WriteLine($"{node.Offset,6}  {indent}{node}");
        if (node.Note is not null) writer.WriteLine($"        {indent}  note: {node.Note}");
        if (node.Problem is not null) writer.WriteLine($"        {indent}  PROBLEM at octet {node.Offset}: {node.Problem}");
        if (node.HoldsRows && ShowsAsTable(node))
        {
            WriteTable(writer, node, indent);
            return;
        }

        foreach (var child in node.Children) Write(writer, child, depth + 1);
    }

    /// <summary>
    /// Writes an object: name, value, offset, length, and where there are any meaning, type and raw value, object, scaled value and unit,
    /// note, problem, columns and children. docs/decoding.md describes it.
    /// </summary>
    public static void Write(Utf8JsonWriter json, ExplainNode node)
    {
        json.WriteStartObject();
        WriteMembers(json, node);
        if (node.Children.Count > 0)
        {
            json.WriteStartArray("children");
            foreach (var child in node.Children) Write(json, child);
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    /// <summary>Writes the members of an object without its children.</summary>
    public static void WriteMembers(Utf8JsonWriter json, ExplainNode node)
    {
        json.WriteString("name", node.Name);
        if (node.Value is not null) json.WriteString("value", node.Value);
        if (node.Time is { } time) json.WriteString("time", time);
        json.WriteNumber("offset", node.Offset);
        json.WriteNumber("length", node.Length);
        if (node.Meaning is not null) json.WriteString("meaning", node.Meaning);
        if (node.Type is { } type)
        {
            json.WriteString("type", DataTags.NameOf(type));
            WriteRaw(json, node, type);
        }

        if (node.ObjectName is { } name) json.WriteString("object", name.ToString());
        WriteScaled(json, node);
        if (node.Note is not null) json.WriteString("note", node.Note);
        if (node.Problem is not null) json.WriteString("problem", node.Problem);
        if (node.Columns is null) return;
        json.WriteStartArray("columns");
        foreach (var column in node.Columns) json.WriteStringValue(column);
        json.WriteEndArray();
    }

    /// <summary>Writes the members of a value: <c>type</c>, <c>raw</c>, <c>text</c>, and where there are any <c>scaled</c>, <c>unit</c> and <c>meaning</c>.</summary>
    public static void WriteValue(Utf8JsonWriter json, ExplainNode node)
    {
        if (node.Type is not { } type) return;
        json.WriteString("type", DataTags.NameOf(type));
        WriteRaw(json, node, type);
        if (type == DataTag.OctetString && CosemValueText.Interpret(node.Content.Span) is { } text) json.WriteString("text", text.Trim('"'));
        WriteScaled(json, node);
        if (node.Meaning is not null) json.WriteString("meaning", node.Meaning);
    }

    /// <summary>Writes <c>scaled</c> and <c>unit</c>, where there are any.</summary>
    private static void WriteScaled(Utf8JsonWriter json, ExplainNode node)
    {
        if (node.Scaled is not { } scaled) return;
        json.WriteNumber("scaled", scaled);
        json.WriteString("unit", node.Unit);
    }

    /// <summary>Writes <c>raw</c>: numbers as numbers, booleans as such, date-times and texts as text, other octets in hexadecimal digits.</summary>
    private static void WriteRaw(Utf8JsonWriter json, ExplainNode node, DataTag type)
    {
        switch (type)
        {
            case DataTag.Array or DataTag.Structure or DataTag.CompactArray or DataTag.NullData or DataTag.DontCare:
                return;
            case DataTag.Boolean:
                json.WriteBoolean("raw", node.Content.Span is not [0, ..]);
                return;
            case DataTag.OctetString:
                json.WriteString("raw", Convert.ToHexString(node.Content.Span));
                return;
            case DataTag.VisibleString or DataTag.Utf8String:
                json.WriteString("raw", ExplainValues.TryValue(node, out var text) ? text.ToString().Trim('"') : Convert.ToHexString(node.Content.Span));
                return;
        }

        if (ExplainValues.TryNumber(node, out var number)) json.WriteNumber("raw", number);
        else if (ExplainValues.TryValue(node, out var value)) json.WriteString("raw", value.ToString());
    }

    // Rows that hold a problem or a note are shown part by part: there is more to say than fits in a line.
    private static bool ShowsAsTable(ExplainNode node) =>
        node.Children.Count > 0 && node.Children.All(row => row.Type is null or DataTag.Structure && row.Problem is null && row.Note is null && row.Children.All(c => c.Type is not null && c.Problem is null));

    private static void WriteTable(TextWriter writer, ExplainNode node, string indent)
    {
        var rows = node.Children.Where(row => row.Type == DataTag.Structure).ToArray();
        foreach (var other in node.Children.Where(row => row.Type != DataTag.Structure)) Write(writer, other, indent.Length / 2 + 1);
        var header = node.Columns;
        var width = rows.Length == 0 ? 0 : rows.Max(row => row.Children.Count);
        var widths = new int[width];
        foreach (var row in rows)
        {
            for (var i = 0; i < row.Children.Count; i++) widths[i] = Math.Max(widths[i], CellOf(row.Children[i]).Length);
        }

        if (header is not null)
        {
            for (var i = 0; i < header.Count; i++) writer.WriteLine($"        {indent}  column {i + 1}: {header[i]}");
        }

        foreach (var row in rows)
        {
            var cells = row.Children.Select((cell, i) => CellOf(cell).PadLeft(widths[i]));
            var line = $"{row.Offset,6}  {indent}  {row.Name} {string.Join("  ", cells)}".TrimEnd();
            writer.WriteLine(row.Meaning is null ? line : $"{line} - {row.Meaning}");
        }
    }

    private static string CellOf(ExplainNode cell)
    {
        var text = cell.Scaled is { } scaled ? $"{scaled.ToString(CultureInfo.InvariantCulture)} {cell.Unit}".TrimEnd() : cell.Effective ?? ExplainValues.Short(cell);
        if (cell.Scaled is null && cell.Effective is null && cell.Meaning is { } meaning && cell.Type != DataTag.OctetString) text = $"{text} {meaning}";
        return text.Length <= MaxCell ? text : $"{text.AsSpan(0, MaxCell - 3)}...";
    }
}
