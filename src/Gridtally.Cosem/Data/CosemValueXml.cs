using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Xml;

namespace Gridtally.Cosem.Data;

/// <summary>Data as XML and back, octet for octet.</summary>
/// <remarks>One element for each value, called as its type: <c>&lt;unsigned&gt;5&lt;/unsigned&gt;</c>. The format is in docs/data-formats.md.</remarks>
public static class CosemValueXml
{
    internal const string TypeDescription = "type-description", Encoding = "encoding", Hex = "hex", Count = "count";

    /// <summary>Writes one element.</summary>
    public static void Write(in CosemValue value, XmlWriter xml)
    {
        xml.WriteStartElement(DataTags.NameOf(value.Tag));
        if (value.Tag == DataTag.CompactArray)
        {
            xml.WriteStartElement(TypeDescription);
            var type = new AxdrReader(value.TypeDescription);
            WriteType(ref type, xml);
            xml.WriteEndElement();
        }

        foreach (var element in value.Elements) Write(element, xml);
        if (value.Tag is not (DataTag.Array or DataTag.Structure or DataTag.CompactArray)) WriteScalar(value, xml);
        xml.WriteEndElement();
    }

    /// <summary>Reads what <see cref="Write"/> writes, as a whole document.</summary>
    /// <param name="document">The text, at most <see cref="Limits.MaxText"/>. A document type declaration is refused, so nothing is fetched or expanded.</param>
    /// <param name="value">The value.</param>
    /// <param name="error">What is wrong, and where.</param>
    /// <returns>False where the text is no XML, or no Data.</returns>
    public static bool TryRead(ReadOnlyMemory<byte> document, out CosemValue value, out DataTextError error)
    {
        (value, error) = (default, default);
        if (document.Length > Limits.MaxText)
        {
            error = new(1, 1, $"{document.Length} octets; at most {Limits.MaxText} are read");
            return false;
        }

        var settings = new XmlReaderSettings
        {
            DtdProcessing = DtdProcessing.Prohibit,
            XmlResolver = null,
            MaxCharactersInDocument = Limits.MaxText,
            IgnoreComments = true,
            IgnoreProcessingInstructions = true,
            IgnoreWhitespace = true,
        };
        using var stream = MemoryMarshal.TryGetArray(document, out var segment)
            ? new MemoryStream(segment.Array!, segment.Offset, segment.Count, writable: false)
            : new MemoryStream(document.ToArray(), writable: false);
        using var xml = XmlReader.Create(stream, settings);
        return new CosemValueXmlReader(xml).TryRead(out value, out error);
    }

    private static void WriteType(ref AxdrReader type, XmlWriter xml)
    {
        type.TryReadByte(out var tag);
        xml.WriteStartElement(DataTags.NameOf((DataTag)tag));
        if ((DataTag)tag == DataTag.Structure)
        {
            type.TryReadLength(out var fields);
            for (var i = 0; i < fields; i++) WriteType(ref type, xml);
        }
        else if ((DataTag)tag == DataTag.Array)
        {
            type.TryReadUInt16(out var times);
            xml.WriteAttributeString(Count, times.ToString(CultureInfo.InvariantCulture));
            WriteType(ref type, xml);
        }

        xml.WriteEndElement();
    }

    private static void WriteScalar(in CosemValue value, XmlWriter xml)
    {
        switch (value.Tag)
        {
            case DataTag.NullData or DataTag.DontCare: break;
            case DataTag.Boolean when !value.IsPlainBoolean(out _):
                value.TryGetNumber(out var octet);
                xml.WriteString(octet.ToString(CultureInfo.InvariantCulture));
                break;
            case DataTag.BitString when value.HasUnusedBits:
                xml.WriteAttributeString(Count, value.BitCount.ToString(CultureInfo.InvariantCulture));
                WriteHex(value, xml);
                break;
            case DataTag.VisibleString: WriteText(System.Text.Encoding.Latin1.GetString(value.Octets), value, xml); break;
            case DataTag.Utf8String: WriteText(CosemValueText.TryUtf8(value.Octets), value, xml); break;
            default:
                xml.WriteString(value.Octets.IsEmpty || value.Tag == DataTag.BitString ? CosemValueText.Scalar(value) : Convert.ToHexString(value.Octets));
                break;
        }
    }

    private static void WriteText(string? text, in CosemValue value, XmlWriter xml)
    {
        if (text is not null && IsKept(text)) xml.WriteString(text);
        else WriteHex(value, xml);
    }

    private static void WriteHex(in CosemValue value, XmlWriter xml)
    {
        xml.WriteAttributeString(Encoding, Hex);
        xml.WriteString(Convert.ToHexString(value.Octets));
    }

    // XML has no control characters, and a reader may change white space at the ends.
    private static bool IsKept(string text)
    {
        if (text.Length == 0) return true;
        if (char.IsWhiteSpace(text[0]) || char.IsWhiteSpace(text[^1])) return false;
        foreach (var rune in text.EnumerateRunes())
        {
            if (Rune.IsControl(rune) || rune.Value is 0xFFFE or 0xFFFF or 0x2028) return false;
        }

        return true;
    }
}
