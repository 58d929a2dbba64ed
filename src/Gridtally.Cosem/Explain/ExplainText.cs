using System.Text.Json;

namespace Gridtally.Cosem.Explain;

/// <summary>Explanations as text and as JSON.</summary>
public static class ExplainText
{
    /// <summary>Writes one line for each part, indented by its depth: offset in octets, name, value; notes and problems below.</summary>
    public static void Write(TextWriter writer, ExplainNode node) => Write(writer, node, 0);

    /// <summary>Writes an object: name, value, offset, length, and where there are any note, problem and children.</summary>
    public static void Write(Utf8JsonWriter json, ExplainNode node)
    {
        json.WriteStartObject();
        json.WriteString("name", node.Name);
        if (node.Value is not null) json.WriteString("value", node.Value);
        json.WriteNumber("offset", node.Offset);
        json.WriteNumber("length", node.Length);
        if (node.Note is not null) json.WriteString("note", node.Note);
        if (node.Problem is not null) json.WriteString("problem", node.Problem);
        if (node.Children.Count > 0)
        {
            json.WriteStartArray("children");
            foreach (var child in node.Children) Write(json, child);
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static void Write(TextWriter writer, ExplainNode node, int depth)
    {
        var indent = new string(' ', 2 * depth);
        writer.WriteLine($"{node.Offset,6}  {indent}{node}");
        if (node.Note is not null) writer.WriteLine($"        {indent}  note: {node.Note}");
        if (node.Problem is not null) writer.WriteLine($"        {indent}  PROBLEM at octet {node.Offset}: {node.Problem}");
        foreach (var child in node.Children) Write(writer, child, depth + 1);
    }
}
