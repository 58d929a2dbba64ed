using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Gridtally.Cosem.Data;

/// <summary>Data as JSON and back, octet for octet.</summary>
/// <remarks>
/// One object with one member, the type's name: <c>{"unsigned": 5}</c>. The format, with a row for each type, is in docs/data-formats.md.
/// </remarks>
public static class CosemValueJson
{
    internal const string Hex = "hex", TypeDescription = "type-description", Rows = "rows";

    /// <summary>Writes one object with one member: the type's name and the value.</summary>
    /// <remarks>
    /// Octets in hex, bit-strings as zeros and ones, strings as text. What JSON can't hold stays visible in hex: text that is not
    /// valid UTF-8, and floats that are not numbers.
    /// </remarks>
    public static void Write(in CosemValue value, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WritePropertyName(DataTags.NameOf(value.Tag));
        if (value.Tag is DataTag.Array or DataTag.Structure)
        {
            json.WriteStartArray();
            foreach (var element in value.Elements) Write(element, json);
            json.WriteEndArray();
        }
        else if (value.Tag == DataTag.CompactArray)
        {
            WriteCompactArray(value, json);
        }
        else
        {
            WriteScalar(value, json);
        }

        json.WriteEndObject();
    }

    /// <summary>Reads what <see cref="Write"/> writes.</summary>
    /// <param name="utf8">The text, at most <see cref="Limits.MaxText"/>.</param>
    /// <param name="value">The value.</param>
    /// <param name="error">What is wrong, and where.</param>
    /// <returns>False where the text is no JSON, or no Data.</returns>
    public static bool TryRead(ReadOnlySpan<byte> utf8, out CosemValue value, out DataTextError error)
    {
        value = default;
        if (utf8.Length > Limits.MaxText)
        {
            error = new(1, 1, $"{utf8.Length} octets; at most {Limits.MaxText} are read");
            return false;
        }

        return new CosemValueJsonReader(utf8).TryRead(out value, out error);
    }

    private static void WriteCompactArray(in CosemValue value, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WritePropertyName(TypeDescription);
        var type = new AxdrReader(value.TypeDescription);
        WriteType(ref type, json);
        json.WriteStartArray(Rows);
        foreach (var row in value.Elements) WriteUntyped(row, json);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteType(ref AxdrReader type, Utf8JsonWriter json)
    {
        type.TryReadByte(out var tag);
        var name = DataTags.NameOf((DataTag)tag);
        if ((DataTag)tag is not (DataTag.Array or DataTag.Structure))
        {
            json.WriteStringValue(name);
            return;
        }

        json.WriteStartObject();
        json.WriteStartArray(name);
        var elements = 1;
        if ((DataTag)tag == DataTag.Structure)
        {
            type.TryReadLength(out elements);
        }
        else
        {
            type.TryReadUInt16(out var times);
            json.WriteNumberValue(times);
        }

        for (var i = 0; i < elements; i++) WriteType(ref type, json);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteUntyped(in CosemValue value, Utf8JsonWriter json)
    {
        if (value.Tag is not (DataTag.Array or DataTag.Structure))
        {
            WriteScalar(value, json);
            return;
        }

        json.WriteStartArray();
        foreach (var element in value.Elements) WriteUntyped(element, json);
        json.WriteEndArray();
    }

    private static void WriteScalar(in CosemValue value, Utf8JsonWriter json)
    {
        switch (value.Tag)
        {
            case DataTag.NullData or DataTag.DontCare: json.WriteNullValue(); break;
            case DataTag.Boolean when value.IsPlainBoolean(out var truth): json.WriteBooleanValue(truth); break;
            case DataTag.Float32 when value.TryGetFloat(out var number) && double.IsFinite(number): json.WriteNumberValue((float)number); break;
            case DataTag.Float64 when value.TryGetFloat(out var number) && double.IsFinite(number): json.WriteNumberValue(number); break;
            case DataTag.BitString when value.HasUnusedBits: WriteHexBits(value, json); break;
            case DataTag.BitString: json.WriteStringValue(CosemValueText.Bits(value)); break;
            case DataTag.VisibleString: json.WriteStringValue(Encoding.Latin1.GetString(value.Octets)); break;
            case DataTag.Utf8String when CosemValueText.TryUtf8(value.Octets) is { } text: json.WriteStringValue(text); break;
            case DataTag.Utf8String:
                json.WriteStartObject();
                json.WriteString(Hex, Convert.ToHexString(value.Octets));
                json.WriteEndObject();
                break;
            default:
                if (value.TryGetNumber(out var whole)) json.WriteRawValue(whole.ToString(CultureInfo.InvariantCulture));
                else json.WriteStringValue(value.TryGetFloat(out _) ? CosemValueText.Float(value) : Convert.ToHexString(value.Octets));
                break;
        }
    }

    // The bits that do not count should be 0; where a meter sets them, they are kept.
    private static void WriteHexBits(in CosemValue value, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteNumber("count", value.BitCount);
        json.WriteString(Hex, Convert.ToHexString(value.Octets));
        json.WriteEndObject();
    }
}
