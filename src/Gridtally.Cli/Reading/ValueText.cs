using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using Gridtally.Cli.Commands;
using Gridtally.Cosem.Classes;
using Gridtally.Cosem.Data;
using Gridtally.Metering;

namespace Gridtally.Cli.Reading;

/// <summary>Values that people type, as Data.</summary>
internal static class ValueText
{
    private static readonly DataTag[] Types = [.. Enum.GetValues<DataTag>().Where(t => t is not (DataTag.Array or DataTag.Structure or DataTag.CompactArray))];

    /// <summary>True for a value that says its type itself: JSON such as <c>{ "unsigned": 5 }</c>.</summary>
    public static bool IsJson(string text) => text.TrimStart().StartsWith('{');

    /// <summary>Data as JSON says it.</summary>
    public static CosemValue FromJson(string text) => CosemValueJson.TryRead(Encoding.UTF8.GetBytes(text), out var value, out var error)
        ? value
        : throw Usage($"The value is not Data in JSON: {error}. Expected such as {{ \"unsigned\": 5 }} or {{ \"structure\": [ {{ \"long\": 1 }}, ... ] }}; see docs/data-formats.md.");

    /// <summary>The type of that name in the standard.</summary>
    public static DataTag TypeOf(string name)
    {
        foreach (var tag in Types)
        {
            if (DataTags.NameOf(tag) == name) return tag;
        }

        throw Usage($"--type: '{name}' is no type; expected {string.Join(", ", Types.Select(DataTags.NameOf))}.");
    }

    /// <summary>A value of the type that the class table gives.</summary>
    /// <returns>Null where the table leaves the type open, or has one that only JSON can say.</returns>
    public static CosemValue? FromClass(string text, CosemType? type) => type switch
    {
        CosemType.SimpleType { Tags: [var tag] } => Of(tag, text),
        CosemType.EnumType names => CosemValue.Of(DataTag.Enum, NumberOf(text, names)),
        CosemType.MomentType moment => CosemValue.Of(DataTag.OctetString, MomentOf(text, moment)),
        CosemType.LogicalNameType => CosemValue.Of(DataTag.OctetString, NameOf(text)),
        CosemType.OctetsType octets => CosemValue.Of(DataTag.OctetString, OctetsOf(text, octets.Length)),
        CosemType.BitsType => Of(DataTag.BitString, text),
        CosemType.NoParameterType => CosemValue.Of(DataTag.Integer, 0),
        CosemType.OneOfType choice => choice.Types.Select(t => FromClass(text, t)).FirstOrDefault(v => v is not null),
        _ => null,
    };

    /// <summary>A value of one type.</summary>
    public static CosemValue Of(DataTag tag, string text)
    {
        switch (tag)
        {
            case DataTag.OctetString: return CosemValue.Of(tag, OctetsOf(text, null));
            case DataTag.DateTime: return CosemValue.Of(tag, DateTimeOf(text));
        }

        var name = DataTags.NameOf(tag);
        var isNumber = Int128.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _);
        var isReal = double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var real) && double.IsFinite(real);
        var literal = tag switch
        {
            DataTag.NullData or DataTag.DontCare => "null",
            DataTag.Boolean when text is "true" or "false" => text,
            DataTag.Boolean when text is "0" or "1" => text == "1" ? "true" : "false",
            DataTag.Float32 or DataTag.Float64 when isReal => real.ToString("R", CultureInfo.InvariantCulture),
            _ when isNumber && tag is not (DataTag.BitString or DataTag.VisibleString or DataTag.Utf8String) => text,
            _ => $"\"{JavaScriptEncoder.Default.Encode(text)}\"",
        };
        return CosemValueJson.TryRead(Encoding.UTF8.GetBytes($"{{\"{name}\":{literal}}}"), out var value, out var error)
            ? value
            : throw Usage($"'{text}' is no {name}: {error.Problem}.");
    }

    /// <summary>Encoded Data.</summary>
    public static ReadOnlyMemory<byte> Encode(in CosemValue value)
    {
        var buffer = new ArrayBufferWriter<byte>();
        value.WriteTo(buffer);
        return buffer.WrittenMemory;
    }

    private static byte NumberOf(string text, CosemType.EnumType names)
    {
        if (byte.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)) return number;
        foreach (var known in names.Values)
        {
            if (known.Name.Equals(text, StringComparison.OrdinalIgnoreCase)) return known.Value;
        }

        throw Usage($"'{text}' is no value of {names.Name}; expected {string.Join(", ", names.Values.Select(v => $"{v.Value} ({v.Name})"))}.");
    }

    private static byte[] MomentOf(string text, CosemType.MomentType moment) => moment.Size switch
    {
        _ when IsHex(text, moment.Size) => Convert.FromHexString(text),
        CosemDateTime.Size => DateTimeOf(text),
        CosemDate.Size when DateOnly.TryParse(text, CultureInfo.InvariantCulture, out var date) => Written(CosemDate.Size, CosemDate.From(date).Write),
        CosemTime.Size when TimeOnly.TryParse(text, CultureInfo.InvariantCulture, out var time) => Written(CosemTime.Size, CosemTime.From(time).Write),
        _ => throw Usage($"'{text}' is no {moment.Name}; expected such as 2026-01-15 or 06:30:00, or {2 * moment.Size} hexadecimal digits."),
    };

    // A time without offset has none on the wire either: the meter takes it for its local time.
    private static byte[] DateTimeOf(string text)
    {
        if (IsHex(text, CosemDateTime.Size)) return Convert.FromHexString(text);
        if (!DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time))
            throw Usage($"'{text}' is no date-time; expected such as 2026-01-15T06:30:00+01:00, or 24 hexadecimal digits.");
        var hasOffset = text.EndsWith('Z') || text.LastIndexOfAny(['+', '-']) > text.IndexOf(':', StringComparison.Ordinal) && text.Contains(':', StringComparison.Ordinal);
        var moment = CosemDateTime.From(time);
        return Written(CosemDateTime.Size, (hasOffset ? moment : moment with { DeviationMinutes = CosemDateTime.NoDeviation }).Write);
    }

    private static byte[] NameOf(string text)
    {
        if (IsHex(text, ObisCode.Size)) return Convert.FromHexString(text);
        return ObisCode.TryParse(text, null, out var code) ? Written(ObisCode.Size, code.Write) : throw Usage($"'{text}' is no logical name; expected an OBIS code such as 1-0:1.8.0.");
    }

    // Text in quotes is text; digits are octets; an OBIS code is a logical name; other text is text too.
    private static byte[] OctetsOf(string text, int? length)
    {
        var octets = text is ['"', .., '"'] ? Encoding.UTF8.GetBytes(text[1..^1])
            : text.Length % 2 == 0 && text.All(char.IsAsciiHexDigit) ? Convert.FromHexString(text)
            : text.Contains(':', StringComparison.Ordinal) && ObisCode.TryParse(text, null, out var code) ? Written(ObisCode.Size, code.Write)
            : Encoding.UTF8.GetBytes(text);
        return length is null || octets.Length == length ? octets : throw Usage($"'{text}' has {octets.Length} octets; expected {length}, in hexadecimal digits or as \"text\" in quotes.");
    }

    private static bool IsHex(string text, int octets) => text.Length == 2 * octets && text.All(char.IsAsciiHexDigit);

    private static byte[] Written(int size, SpanWriter write)
    {
        var octets = new byte[size];
        write(octets);
        return octets;
    }

    private static CommandException Usage(string message) => new(message, ExitCodes.Usage);

    private delegate void SpanWriter(Span<byte> target);
}
