using System.Buffers;
using System.Text;
using System.Text.Json;
using Gridtally.Cli.Decoding;
using Gridtally.Cosem.Client;
using Gridtally.Cosem.Data;

namespace Gridtally.Cli.Reading;

/// <summary>What came of a write or of a method.</summary>
internal static class ActionOutput
{
    /// <summary>Writes one line, or one JSON object in one line.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="json">True for JSON.</param>
    /// <param name="target">Attribute or method.</param>
    /// <param name="name">Its name in the standard.</param>
    /// <param name="result">What the meter answered.</param>
    /// <param name="sent">What was written; null for methods.</param>
    public static void Write(TextWriter output, bool json, string target, string? name, RequestResult result, CosemValue? sent)
    {
        CosemValue? returned = result.Succeeded && !result.Data.IsEmpty && CosemValue.TryRead(result.Data.Span, out var value, out _) ? value : null;
        if (json)
        {
            WriteJson(output, target, name, result, sent, returned);
            return;
        }

        var what = name is null ? target : $"{target} ({name})";
        output.WriteLine(result.Succeeded ? $"{what}: {(sent is { } data ? $"written {data.ToFriendlyString()}" : "done")}" : $"{what}: {result.Failure}");
        if (returned is { } back) output.WriteLine($"  returned {back.ToFriendlyString()}");
    }

    private static void WriteJson(TextWriter output, string target, string? name, RequestResult result, CosemValue? sent, CosemValue? returned)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, DecodeOutput.Compact))
        {
            json.WriteStartObject();
            json.WriteString("target", target);
            if (name is not null) json.WriteString("name", name);
            json.WriteBoolean("ok", result.Succeeded);
            if (result.Failure is { } failure) json.WriteString("failure", failure.ToString());
            if (sent is { } data)
            {
                json.WritePropertyName("written");
                data.WriteTo(json);
            }

            if (returned is { } back)
            {
                json.WritePropertyName("returned");
                back.WriteTo(json);
            }

            json.WriteEndObject();
        }

        output.WriteLine(Encoding.UTF8.GetString(buffer.WrittenSpan));
    }
}
