using System.Text.Encodings.Web;
using System.Text.Json;
using Gridtally.Cosem.Explain;

namespace Gridtally.Cli.Decoding;

/// <summary>Explanations for people and as JSON, written as they come.</summary>
internal static class DecodeOutput
{
    // A plus sign or an umlaut needs no escape in JSON that is no part of a web page.
    private static readonly JavaScriptEncoder Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;

    /// <summary>For one object per line.</summary>
    public static JsonWriterOptions Compact { get; } = new() { Encoder = Encoder };

    /// <summary>For people.</summary>
    public static JsonWriterOptions Indented { get; } = new() { Encoder = Encoder, Indented = true };

    /// <summary>Writes the tree as text.</summary>
    /// <returns>True where nothing is wrong.</returns>
    public static bool WriteText(TextWriter output, ReadOnlyMemory<byte> octets, ExplainOptions options)
    {
        var good = true;
        Explainer.Explain(
            octets, options,
            root => output.WriteLine($"{root.Offset,6}  {root}"),
            part =>
            {
                ExplainText.Write(output, part, depth: 1);
                good &= !part.Problems.Any();
            });
        return good;
    }

    /// <summary>Writes the tree as one JSON object.</summary>
    /// <returns>True where nothing is wrong.</returns>
    public static bool WriteJson(Stream output, ReadOnlyMemory<byte> octets, ExplainOptions options)
    {
        var good = true;
        using var json = new Utf8JsonWriter(output, Indented);
        Explainer.Explain(
            octets, options,
            root =>
            {
                json.WriteStartObject();
                ExplainText.WriteMembers(json, root);
                json.WriteStartArray("children");
            },
            part =>
            {
                ExplainText.Write(json, part);
                good &= !part.Problems.Any();
                if (json.BytesPending > 64 * 1024) json.Flush();
            });
        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
        output.WriteByte((byte)'\n');
        return good;
    }

    /// <summary>Writes <c>problems</c>: what is wrong, and where.</summary>
    public static void WriteProblems(Utf8JsonWriter json, IReadOnlyList<ExplainNode> problems)
    {
        if (problems.Count == 0) return;
        json.WriteStartArray("problems");
        foreach (var problem in problems)
        {
            json.WriteStartObject();
            json.WriteNumber("offset", problem.Offset);
            json.WriteString("part", problem.Name);
            json.WriteString("problem", problem.Problem);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <summary>Writes <c>apdu</c>, the innermost that was read, and <c>values</c>, what belongs to an object that the input names.</summary>
    public static void WriteValues(Utf8JsonWriter json, ExplainNode explained)
    {
        if (explained.All.LastOrDefault(n => n.IsApdu) is { } apdu) json.WriteString("apdu", apdu.Name);
        json.WriteStartArray("values");
        foreach (var value in explained.All)
        {
            if (value is not { ObjectName: { } name, Type: not null } || value.Children.Count > 0) continue;
            json.WriteStartObject();
            json.WriteString("object", name.ToString());
            if (Metering.ObisMeanings.Find(name) is { } meaning) json.WriteString("name", meaning);
            ExplainText.WriteValue(json, value);
            json.WriteNumber("offset", value.Offset);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
