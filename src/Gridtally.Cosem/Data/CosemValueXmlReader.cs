using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Xml;

namespace Gridtally.Cosem.Data;

/// <summary>Reads Data from XML. What is wrong with the text ends in <see cref="Problem"/>, once.</summary>
internal sealed class CosemValueXmlReader(XmlReader xml)
{
    private DataTextError? _error;

    public bool TryRead(out CosemValue value, out DataTextError error)
    {
        value = default;
        try
        {
            xml.MoveToContent();
            if (TryReadTyped(0, out value) && xml.MoveToContent() != XmlNodeType.None) Problem("nothing more expected");
        }
        catch (XmlException malformed)
        {
            // Some refusals (of a document type declaration) come without their place.
            var (line, column) = malformed.LineNumber > 0 ? (malformed.LineNumber, malformed.LinePosition) : Place();
            _error ??= new(Math.Max(1, line), Math.Max(1, column), $"not XML that is read here: {Plain(malformed.Message)}");
        }

        error = _error ?? default;
        return _error is null;
    }

    // One element, up to and with its end.
    private bool TryReadTyped(int depth, out CosemValue value)
    {
        value = default;
        if (depth > Limits.MaxNesting) return Problem($"nested deeper than {Limits.MaxNesting} levels");
        if (!TryReadTag(out var tag)) return false;
        switch (tag)
        {
            case DataTag.Array or DataTag.Structure:
                if (!TryReadElements(depth, out var elements)) return false;
                value = CosemValue.Of(tag, elements);
                return true;
            case DataTag.CompactArray:
                return TryReadCompactArray(depth, out value);
            default:
                return TryReadSimple(tag, out value);
        }
    }

    private bool TryReadElements(int depth, out CosemValue[] elements)
    {
        elements = [];
        if (!HasNoAttributes()) return false;
        if (!Enter()) return _error is null;
        if (!TryReadRest(depth, out elements)) return false;
        xml.ReadEndElement();
        return true;
    }

    private bool TryReadRest(int depth, out CosemValue[] elements)
    {
        var list = new List<CosemValue>();
        elements = [];
        while (xml.MoveToContent() != XmlNodeType.EndElement)
        {
            if (!TryReadTyped(depth + 1, out var element)) return false;
            list.Add(element);
        }

        elements = [.. list];
        return true;
    }

    private bool TryReadCompactArray(int depth, out CosemValue value)
    {
        value = default;
        var type = new ArrayBufferWriter<byte>();
        if (!HasNoAttributes()) return false;
        if (!Enter() || xml.MoveToContent() != XmlNodeType.Element || xml.LocalName != CosemValueXml.TypeDescription || !Enter()) return Problem("<type-description> with a type expected");
        if (!TryReadType(type, 1)) return false;
        if (xml.MoveToContent() != XmlNodeType.EndElement) return Problem("one type expected");
        xml.ReadEndElement();
        var at = Place();
        if (!TryReadRest(depth, out var rows)) return false;
        if (!CosemValue.TryCompactArray(type.WrittenSpan, rows, out value, out var problem)) return Problem(problem, at);
        xml.ReadEndElement();
        return true;
    }

    private bool TryReadType(ArrayBufferWriter<byte> type, int depth)
    {
        if (depth > Limits.MaxNesting) return Problem($"nested deeper than {Limits.MaxNesting} levels");
        if (!TryReadTag(out var tag)) return false;
        switch (tag)
        {
            case DataTag.CompactArray:
                return Problem("a compact-array is no type of the rows of another");
            case DataTag.Structure:
                var (fields, count) = (new ArrayBufferWriter<byte>(), 0);
                if (!HasNoAttributes()) return false;
                if (Enter())
                {
                    for (; xml.MoveToContent() != XmlNodeType.EndElement; count++)
                    {
                        if (!TryReadType(fields, depth + 1)) return false;
                    }

                    xml.ReadEndElement();
                }

                type.WriteStructure(count);
                type.Write(fields.WrittenSpan);
                return _error is null;
            case DataTag.Array:
                return TryReadArrayType(type, depth);
            default:
                if (!HasNoAttributes()) return false;
                type.WriteByte((byte)tag);
                if (!Enter()) return _error is null;
                if (xml.MoveToContent() != XmlNodeType.EndElement) return Problem("a type has no value");
                xml.ReadEndElement();
                return true;
        }
    }

    private bool TryReadArrayType(ArrayBufferWriter<byte> type, int depth)
    {
        if (!ushort.TryParse(xml.GetAttribute(CosemValueXml.Count), NumberStyles.None, CultureInfo.InvariantCulture, out var count))
            return Problem("count=\"0\"..\"65535\" expected");
        var head = type.GetSpan(3);
        head[0] = (byte)DataTag.Array;
        BinaryPrimitives.WriteUInt16BigEndian(head[1..], count);
        type.Advance(3);
        if (!Enter()) return Problem("the type of the elements expected");
        if (!TryReadType(type, depth + 1)) return false;
        if (xml.MoveToContent() != XmlNodeType.EndElement) return Problem("one type expected");
        xml.ReadEndElement();
        return true;
    }

    private bool TryReadSimple(DataTag tag, out CosemValue value)
    {
        value = default;
        var at = Place();
        var (encoding, count) = (xml.GetAttribute(CosemValueXml.Encoding), xml.GetAttribute(CosemValueXml.Count));
        if (xml.AttributeCount > (encoding is null ? 0 : 1) + (count is null ? 0 : 1)) return Problem("only encoding and count are attributes here");
        if (encoding is not (null or CosemValueXml.Hex)) return Problem("encoding=\"hex\" is the only one");
        var text = xml.IsEmptyElement ? "" : null;
        if (text is null) text = xml.ReadElementContentAsString();
        else xml.Read();
        if (encoding is null && count is not null) return Problem("count goes with encoding=\"hex\"", at);
        if (encoding is not null) return TryReadHex(tag, text, count, at, out value);
        var problem = tag switch
        {
            DataTag.NullData or DataTag.DontCare => text.Length == 0 ? null : $"{DataTags.NameOf(tag)} has no value",
            DataTag.VisibleString or DataTag.Utf8String => CosemValueText.TryParseText(tag, text, out value),
            DataTag.Boolean => CosemValueText.TryParse(tag, text switch { "true" => "1", "false" => "0", _ => text }, out value),
            _ => CosemValueText.TryParse(tag, text, out value),
        };
        if (tag is DataTag.NullData or DataTag.DontCare) value = CosemValue.Empty(tag);
        return problem is null || Problem(problem, at);
    }

    private bool TryReadHex(DataTag tag, string text, string? count, (int, int) at, out CosemValue value)
    {
        value = default;
        var isBits = tag == DataTag.BitString;
        if (!isBits && (tag is not (DataTag.VisibleString or DataTag.Utf8String) || count is not null)) return Problem($"{DataTags.NameOf(tag)} is not given so", at);
        if (!CosemValueText.TryParseHex(isBits ? DataTag.OctetString : tag, text, out value)) return Problem("octets in hex expected", at);
        if (!isBits) return true;
        if (!int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var bits) || AxdrReader.OctetsOfBits(bits) != value.Octets.Length)
            return Problem("count of the bits in these octets expected", at);
        value = CosemValue.OfBits(value.Octets, bits);
        return true;
    }

    private bool TryReadTag(out DataTag tag)
    {
        tag = default;
        if (xml.NodeType != XmlNodeType.Element) return Problem($"an element called as a type of Data expected; {xml.NodeType} is there");
        if (xml.NamespaceURI.Length == 0 && DataTags.TryFind(xml.LocalName, out tag)) return true;
        return Problem($"'{(xml.LocalName.Length <= 40 ? xml.LocalName : xml.LocalName[..40] + "...")}' is no type of Data");
    }

    // Steps into an element; false where it is empty, which is then behind.
    private bool Enter()
    {
        var isEmpty = xml.IsEmptyElement;
        xml.Read();
        return !isEmpty;
    }

    private bool HasNoAttributes() => xml.AttributeCount == 0 || Problem("no attributes expected");

    private (int Line, int Column) Place() => xml is IXmlLineInfo place && place.HasLineInfo() ? (place.LineNumber, place.LinePosition) : (1, 1);

    private bool Problem(string problem, (int Line, int Column)? at = null)
    {
        var (line, column) = at ?? Place();
        _error ??= new(line, column, problem);
        return false;
    }

    // The reader's own message ends with its place, which is told once.
    private static string Plain(string message)
    {
        var place = message.LastIndexOf(" Line ", StringComparison.Ordinal);
        return place < 0 ? message : message[..place];
    }
}
