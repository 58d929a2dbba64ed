using System.Globalization;
using System.Text;
using System.Text.Json;
using Gridtally.Metering;

namespace Gridtally.Cosem.Data;

/// <summary>Data for people, and simple values as text.</summary>
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
            DataTag.Date => CosemDate.Read(value.Octets).ToString(),
            DataTag.Time => CosemTime.Read(value.Octets).ToString(),
            _ => Convert.ToHexString(value.Octets),
        };
    }

    public static string Describe(in CosemValue value, bool friendly)
    {
        var text = new StringBuilder();
        Describe(value, friendly, text);
        return text.ToString();
    }

    private static void Describe(in CosemValue value, bool friendly, StringBuilder text)
    {
        if (value.Tag is not (DataTag.Array or DataTag.Structure or DataTag.CompactArray))
        {
            text.Append(friendly && value.Tag == DataTag.OctetString ? Interpret(value.Octets) ?? Scalar(value) : Scalar(value));
            return;
        }

        var isArray = value.Tag != DataTag.Structure;
        text.Append(isArray ? '[' : '{');
        for (var i = 0; i < value.Elements.Length; i++)
        {
            if (i > 0) text.Append(", ");
            Describe(value.Elements[i], friendly, text);
        }

        text.Append(isArray ? ']' : '}');
    }

    public static string Float(in CosemValue value)
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

    public static string Bits(in CosemValue value)
    {
        var octets = value.Octets;
        var text = new StringBuilder(value.BitCount);
        for (var i = 0; i < value.BitCount; i++) text.Append((octets[i / 8] & (0x80 >> (i % 8))) != 0 ? '1' : '0');
        return text.ToString();
    }

    private static bool LooksLikeDateTime(ReadOnlySpan<byte> octets)
    {
        var time = CosemDateTime.Read(octets);
        return time.Year is (>= 1970 and <= 2200) or 0xFFFF && time.IsValid;
    }

    private static bool IsPrintable(ReadOnlySpan<byte> octets) => octets.Length > 1 && !octets.ContainsAnyExceptInRange((byte)0x20, (byte)0x7E);

    private static string Escape(string text) => text.Any(char.IsControl) ? JsonEncodedText.Encode(text).ToString() : text;

    public static string? TryUtf8(ReadOnlySpan<byte> octets)
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

    /// <summary>Reads the text of a simple type: numbers, bits as zeros and ones, everything else in hex; strings are not read here.</summary>
    /// <returns>Null where the text is one; else what is wrong with it.</returns>
    public static string? TryParse(DataTag tag, string text, out CosemValue value)
    {
        value = default;
        switch (tag)
        {
            case DataTag.BitString:
                return TryParseBits(text, out value) ? null : "bit-string: zeros and ones expected";
            case DataTag.Float32 or DataTag.Float64:
                return TryParseFloat(tag, text, out value) ? null : $"{DataTags.NameOf(tag)}: '{Shown(text)}' is no number, Infinity, -Infinity or NaN 0x and its octets";
            case DataTag.OctetString or DataTag.DateTime or DataTag.Date or DataTag.Time:
                return TryParseHex(tag, text, out value) ? null : $"{DataTags.NameOf(tag)}: {SizeText(tag)} in hex expected";
            default:
                if (Int128.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && CosemValue.TryOf(tag, number, out value)) return null;
                return $"{DataTags.NameOf(tag)}: '{Shown(text)}' is no whole number that it can hold";
        }
    }

    /// <summary>Reads the octets of a string that were given in hex.</summary>
    public static bool TryParseHex(DataTag tag, string text, out CosemValue value)
    {
        value = default;
        var octets = new byte[text.Length / 2];
        var size = AxdrReader.FixedSize(tag);
        if (text.Length % 2 != 0 || size >= 0 && size != octets.Length || Convert.FromHexString(text, octets, out _, out _) != System.Buffers.OperationStatus.Done) return false;
        value = CosemValue.Of(tag, octets);
        return true;
    }

    /// <summary>The octets of a visible-string or utf8-string that was given as text.</summary>
    public static string? TryParseText(DataTag tag, string text, out CosemValue value)
    {
        value = default;
        if (tag == DataTag.VisibleString && text.Any(c => c > 0xFF)) return "visible-string: it holds characters up to U+00FF";
        try
        {
            value = CosemValue.Of(tag, tag == DataTag.VisibleString ? Encoding.Latin1.GetBytes(text) : StrictUtf8.GetBytes(text));
            return null;
        }
        catch (EncoderFallbackException)
        {
            return "utf8-string: half of a surrogate pair is no character";
        }
    }

    private static string SizeText(DataTag tag) => AxdrReader.FixedSize(tag) is >= 0 and var size ? $"{size} octets" : "octets";

    private static string Shown(string text) => text.Length <= 40 ? text : text[..40] + "...";

    private static bool TryParseBits(string text, out CosemValue value)
    {
        value = default;
        var octets = new byte[AxdrReader.OctetsOfBits(text.Length)];
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] is not ('0' or '1')) return false;
            if (text[i] == '1') octets[i / 8] |= (byte)(0x80 >> (i % 8));
        }

        value = CosemValue.OfBits(octets, text.Length);
        return true;
    }

    private static bool TryParseFloat(DataTag tag, string text, out CosemValue value)
    {
        const string nan = "NaN 0x";
        value = default;
        if (text.StartsWith(nan, StringComparison.Ordinal))
        {
            if (!ulong.TryParse(text.AsSpan(nan.Length), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var bits)) return false;
            if (tag == DataTag.Float32 && bits > uint.MaxValue) return false;
            value = tag == DataTag.Float32 ? CosemValue.Of(BitConverter.UInt32BitsToSingle((uint)bits)) : CosemValue.Of(BitConverter.UInt64BitsToDouble(bits));
            return value.TryGetFloat(out var number) && double.IsNaN(number);
        }

        if (text is "Infinity" or "-Infinity")
        {
            value = tag == DataTag.Float32 ? CosemValue.Of(text[0] == '-' ? float.NegativeInfinity : float.PositiveInfinity)
                : CosemValue.Of(text[0] == '-' ? double.NegativeInfinity : double.PositiveInfinity);
            return true;
        }

        // "Infinity" is spelled out where it is meant: 1e999 is a mistake.
        if (tag == DataTag.Float32)
        {
            if (!float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var single) || !float.IsFinite(single)) return false;
            value = CosemValue.Of(single);
            return true;
        }

        if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var wide) || !double.IsFinite(wide)) return false;
        value = CosemValue.Of(wide);
        return true;
    }
}
