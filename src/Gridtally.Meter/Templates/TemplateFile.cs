using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Gridtally.Cosem;
using Gridtally.Cosem.Classes;
using Gridtally.Cosem.Data;
using Gridtally.Cosem.Security;
using Gridtally.Cosem.Server;
using Gridtally.Metering;

namespace Gridtally.Meter.Templates;

/// <summary>Template files: JSON that people can read and change.</summary>
public static class TemplateFile
{
    /// <summary>Octets of the largest file. A meter with a year of profiles in it has a tenth.</summary>
    public const int MaxOctets = 512 * 1024 * 1024;

    private const string Format = "gridtally-meter";
    private const int FormatVersion = 1, MaxObjects = 65_536;

    /// <summary>Writes a template. Names of classes, attributes and objects are for people; reading passes over them.</summary>
    public static void Write(MeterTemplate template, Stream output)
    {
        using var json = new Utf8JsonWriter(output, new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        json.WriteStartObject();
        json.WriteString("format", Format);
        json.WriteNumber("version", FormatVersion);
        json.WriteString("source", template.Source);
        json.WriteString("readAt", template.ReadAt);
        json.WriteNumber("client", template.ClientSap);
        json.WriteNumber("logicalDevice", template.LogicalDevice);
        if (template.SystemTitle is { } title) json.WriteString("systemTitle", title.ToString());
        json.WriteStartArray("objects");
        foreach (var one in template.Objects) WriteObject(json, one);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>Reads a template.</summary>
    /// <exception cref="TemplateException">The file is none; the message says where and what is wrong.</exception>
    /// <exception cref="IOException">The file can't be read.</exception>
    public static MeterTemplate Load(string path)
    {
        if (new FileInfo(path) is { Exists: true, Length: > MaxOctets }) throw new TemplateException($"{path}: more than {MaxOctets >> 20} MiB.");
        var text = File.ReadAllBytes(path);
        try
        {
            using var document = JsonDocument.Parse(text, new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, MaxDepth = 64 });
            return Read(document.RootElement, path);
        }
        catch (JsonException e)
        {
            throw new TemplateException($"{path}: not JSON: line {e.LineNumber + 1}, octet {e.BytePositionInLine + 1}.");
        }
        catch (Exception e) when (e is InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw new TemplateException($"{path}: {e.Message} Expected a file that 'gridtally read --all' has made.");
        }
    }

    private static void WriteObject(Utf8JsonWriter json, TemplateObject one)
    {
        json.WriteStartObject();
        json.WriteNumber("classId", one.ClassId);
        json.WriteNumber("version", one.Version);
        json.WriteString("obis", one.Instance.ToString());
        var spec = InterfaceClasses.Find(one.ClassId, one.Version) ?? InterfaceClasses.Find(one.ClassId);
        if (spec is not null) json.WriteString("class", spec.Name);
        if (ObisMeanings.Find(one.Instance) is { } meaning) json.WriteString("name", meaning);
        json.WriteStartArray("attributes");
        foreach (var attribute in one.Attributes) WriteAttribute(json, attribute, spec?.Attribute(attribute.Id)?.Name);
        json.WriteEndArray();
        json.WriteStartArray("methods");
        foreach (var method in one.Methods)
        {
            json.WriteStartObject();
            json.WriteNumber("id", method.Id);
            if (spec?.Method(method.Id)?.Name is { } name) json.WriteString("name", name);
            json.WriteString("access", TextOf(method.Rights, isMethod: true));
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
    }

    private static void WriteAttribute(Utf8JsonWriter json, TemplateAttribute attribute, string? name)
    {
        json.WriteStartObject();
        json.WriteNumber("id", attribute.Id);
        if (name is not null) json.WriteString("name", name);
        json.WriteString("access", TextOf(attribute.Rights, isMethod: false));
        if (attribute.Selectors.Count > 0)
        {
            json.WriteStartArray("selectors");
            foreach (var selector in attribute.Selectors) json.WriteNumberValue(selector);
            json.WriteEndArray();
        }

        if (attribute.Data is not { } data)
        {
            json.WriteString("refused", attribute.Refusal.ToString());
        }
        else if (CosemValue.TryRead(data.Span, out var value, out _))
        {
            json.WritePropertyName("value");
            CosemValueJson.Write(value, json);
        }
        else
        {
            json.WriteString("octets", Convert.ToHexString(data.Span));
        }

        json.WriteEndObject();
    }

    private static MeterTemplate Read(JsonElement root, string path)
    {
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("format", out var format) || format.GetString() != Format)
            throw new TemplateException($"{path}: expected \"format\": \"{Format}\", a file that 'gridtally read --all' has made.");
        if (root.GetProperty("version").GetInt32() is var version && version != FormatVersion) throw new TemplateException($"{path}: version {FormatVersion} expected, got {version}.");
        var objects = root.GetProperty("objects");
        if (objects.GetArrayLength() > MaxObjects) throw new TemplateException($"{path}: more than {MaxObjects} objects.");
        return new()
        {
            Source = root.TryGetProperty("source", out var source) ? source.GetString() ?? "" : "",
            ReadAt = root.TryGetProperty("readAt", out var readAt) ? readAt.GetDateTime() : default,
            ClientSap = root.GetProperty("client").GetUInt16(),
            LogicalDevice = root.GetProperty("logicalDevice").GetUInt16(),
            SystemTitle = root.TryGetProperty("systemTitle", out var title) && SystemTitle.TryParse(title.GetString(), out var parsed) ? parsed : null,
            Objects = [.. objects.EnumerateArray().Select((one, i) => ReadObject(one, $"{path}: object {i + 1}"))],
        };
    }

    private static TemplateObject ReadObject(JsonElement one, string where)
    {
        var text = one.GetProperty("obis").GetString();
        if (!ObisCode.TryParse(text, CultureInfo.InvariantCulture, out var instance)) throw new TemplateException($"{where}: '{text}' is not an OBIS code.");
        where = $"{where} ({instance})";
        return new(
            one.GetProperty("classId").GetUInt16(), one.GetProperty("version").GetByte(), instance,
            [.. one.GetProperty("attributes").EnumerateArray().Select(a => ReadAttribute(a, where))],
            [.. one.GetProperty("methods").EnumerateArray().Select(m => new TemplateMethod(m.GetProperty("id").GetSByte(), RightsOf(m, where)))]);
    }

    private static TemplateAttribute ReadAttribute(JsonElement attribute, string where)
    {
        var id = attribute.GetProperty("id").GetSByte();
        where = $"{where}, attribute {id}";
        var read = new TemplateAttribute(id, RightsOf(attribute, where))
        {
            Selectors = attribute.TryGetProperty("selectors", out var selectors) ? [.. selectors.EnumerateArray().Select(s => s.GetSByte())] : [],
        };
        if (attribute.TryGetProperty("value", out var value)) return read with { Data = DataOf(value, where) };
        if (attribute.TryGetProperty("octets", out var octets)) return read with { Data = Convert.FromHexString(octets.GetString() ?? "") };
        if (!attribute.TryGetProperty("refused", out var refused)) return read;
        return Enum.TryParse<DataAccessResult>(refused.GetString(), out var result) && result != DataAccessResult.Success
            ? read with { Refusal = result }
            : throw new TemplateException($"{where}: '{refused}' is not a refusal; expected one such as ReadWriteDenied.");
    }

    private static byte[] DataOf(JsonElement value, string where)
    {
        if (!CosemValueJson.TryRead(Encoding.UTF8.GetBytes(value.GetRawText()), out var data, out var error)) throw new TemplateException($"{where}, its value: {error}.");
        var buffer = new ArrayBufferWriter<byte>();
        data.WriteTo(buffer);
        return buffer.WrittenSpan.ToArray();
    }

    // Reading and invoking are one bit, which has two names.
    private static string TextOf(AccessRights rights, bool isMethod)
    {
        if (rights.Mode == AccessMode.None) return nameof(AccessMode.None);
        var names = Enum.GetNames<AccessMode>().Where(name => name != (isMethod ? nameof(AccessMode.Read) : nameof(AccessMode.Invoke)))
            .Where(name => Enum.Parse<AccessMode>(name) is var bit && System.Numerics.BitOperations.IsPow2((uint)bit) && (rights.Mode & bit) != 0);
        return string.Join(", ", names);
    }

    private static AccessRights RightsOf(JsonElement element, string where)
    {
        var text = element.GetProperty("access").GetString();
        return Enum.TryParse<AccessMode>(text, out var mode) ? new(mode) : throw new TemplateException($"{where}: '{text}' is no access; expected one such as \"Read, Write\".");
    }
}
