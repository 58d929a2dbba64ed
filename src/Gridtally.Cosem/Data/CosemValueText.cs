using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Gridtally.Metering;

namespace Gridtally.Cosem.Data;

/// <summary>Data for people and for JSON.</summary>
internal static class CosemValueText
{
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    /// <summary>What an octet-string probably means: date-time, logical name or text; null where nothing suggests itself.</summary>
    public static string? Interpret(ReadOnlySpan<byte> octets)
    {
        if (octets.Length == CosemDateTime.Size && LooksLikeDateTime(octets)) return CosemDateTime.Read(octets).ToString();
        if (octets.Length == ObisCode.Size && octets[0] < 0x10) return ObisCode.Read(octets).ToString();
        return IsPrintable(octets) ? $"\"{Encoding.ASCII.GetString(octets)}\"" : null;
    }

    /// <summary>The value of anything but arrays and structures.</summary>
    public static string Scalar(in CosemValue value)
    {
        if (value.TryGetNumber(out var number)) return value.Tag == DataTag.Boolean ? number == 0 ? "false" : "true" : number.ToString(CultureInfo.InvariantCulture);
        if (value.TryGetFloat(out _)) return Float(value);
        return value.Tag switch
        {
            DataTag.NullData => "null",
            DataTag.DontCare => "dont-care",
            DataTag.BitString => Bits(value),
            DataTag.VisibleString => $"\"{Escape(Encoding.Latin1.GetString(value.Octets))}\"",
            DataTag.Utf8String => TryUtf8(value.Octets) is { } text ? $"\"{Escape(text)}\"" : Convert.ToHexString(value.Octets),
            DataTag.DateTime => CosemDateTime.Read(value.Octets).ToString(),
            DataTag.Date => Date(value.Octets),
            DataTag.Time => Time(value.Octets),
            _ => Convert.ToHexString(value.Octets),
        };
    }

    public static string Describe(in CosemValue value, bool friendly)
    {
        var text = new StringBuilder();
        Describe(value, friendly, text);
        return text.ToString();
    }

    public static void WriteJson(in CosemValue value, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WritePropertyName(DataTags.NameOf(value.Tag));
        if (value.Tag is DataTag.Array or DataTag.Structure)
        {
            json.WriteStartArray();
            foreach (var element in value.Elements) WriteJson(element, json);
            json.WriteEndArray();
        }
        else
        {
            WriteScalar(value, json);
        }

        json.WriteEndObject();
    }

    private static void WriteScalar(in CosemValue value, Utf8JsonWriter json)
    {
        switch (value.Tag)
        {
            case DataTag.NullData or DataTag.DontCare: json.WriteNullValue(); break;
            case DataTag.Boolean: json.WriteBooleanValue(Scalar(value) == "true"); break;
            case DataTag.Float32 when value.TryGetFloat(out var number) && double.IsFinite(number): json.WriteNumberValue((float)number); break;
            case DataTag.Float64 when value.TryGetFloat(out var number) && double.IsFinite(number): json.WriteNumberValue(number); break;
            case DataTag.BitString: json.WriteStringValue(Bits(value)); break;
            case DataTag.VisibleString: json.WriteStringValue(Encoding.Latin1.GetString(value.Octets)); break;
            case DataTag.Utf8String when TryUtf8(value.Octets) is { } text: json.WriteStringValue(text); break;
            case DataTag.Utf8String:
                json.WriteStartObject();
                json.WriteString("hex", Convert.ToHexString(value.Octets));
                json.WriteEndObject();
                break;
            default:
                if (value.TryGetNumber(out var whole)) json.WriteRawValue(whole.ToString(CultureInfo.InvariantCulture));
                else json.WriteStringValue(value.TryGetFloat(out _) ? Float(value) : Convert.ToHexString(value.Octets));
                break;
        }
    }

    private static void Describe(in CosemValue value, bool friendly, StringBuilder text)
    {
        if (value.Tag is not (DataTag.Array or DataTag.Structure))
        {
            text.Append(friendly && value.Tag == DataTag.OctetString ? Interpret(value.Octets) ?? Scalar(value) : Scalar(value));
            return;
        }

        var isArray = value.Tag == DataTag.Array;
        text.Append(isArray ? '[' : '{');
        for (var i = 0; i < value.Elements.Length; i++)
        {
            if (i > 0) text.Append(", ");
            Describe(value.Elements[i], friendly, text);
        }

        text.Append(isArray ? ']' : '}');
    }

    private static string Float(in CosemValue value)
    {
        value.TryGetFloat(out var number);
        if (double.IsNaN(number))
        {
            var octets = Written(value);
            return $"NaN 0x{Convert.ToHexString(octets)}";
        }

        return value.Tag == DataTag.Float32 ? ((float)number).ToString("R", CultureInfo.InvariantCulture) : number.ToString("R", CultureInfo.InvariantCulture);
    }

    private static byte[] Written(in CosemValue value)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>(9);
        value.WriteTo(buffer);
        return buffer.WrittenSpan[1..].ToArray();
    }

    private static string Bits(in CosemValue value)
    {
        var octets = value.Octets;
        var text = new StringBuilder(value.BitCount);
        for (var i = 0; i < value.BitCount; i++) text.Append((octets[i / 8] & (0x80 >> (i % 8))) != 0 ? '1' : '0');
        return text.ToString();
    }

    private static string Date(ReadOnlySpan<byte> octets)
    {
        var year = BinaryPrimitives.ReadUInt16BigEndian(octets);
        return $"{(year == 0xFFFF ? "*" : year.ToString("0000"))}-{Field(octets[2])}-{Field(octets[3])}{(octets[4] == 0xFF ? "" : $" (weekday {octets[4]})")}";
    }

    private static string Time(ReadOnlySpan<byte> octets) =>
        $"{Field(octets[0])}:{Field(octets[1])}:{Field(octets[2])}{(octets[3] is 0 or 0xFF ? "" : $".{octets[3]:00}")}";

    private static string Field(byte value) => value == 0xFF ? "*" : value.ToString("00");

    private static bool LooksLikeDateTime(ReadOnlySpan<byte> octets)
    {
        var time = CosemDateTime.Read(octets);
        return time.Year is (>= 1970 and <= 2200) or 0xFFFF
            && time.Month is (>= 1 and <= 12) or >= 0xFD && time.Day is (>= 1 and <= 31) or >= 0xFD
            && time.DayOfWeek is <= 7 or 0xFF && time.Hour is <= 23 or 0xFF && time.Minute is <= 59 or 0xFF && time.Second is <= 59 or 0xFF
            && time.Hundredths is <= 99 or 0xFF && time.DeviationMinutes is (>= -840 and <= 840) or CosemDateTime.NoDeviation;
    }

    private static bool IsPrintable(ReadOnlySpan<byte> octets) => octets.Length > 1 && !octets.ContainsAnyExceptInRange((byte)0x20, (byte)0x7E);

    private static string Escape(string text) => text.Any(char.IsControl) ? JsonEncodedText.Encode(text).ToString() : text;

    private static string? TryUtf8(ReadOnlySpan<byte> octets)
    {
        try
        {
            return StrictUtf8.GetString(octets);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }
}
