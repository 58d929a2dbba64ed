using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using System.Text.Json;

namespace Gridtally.Cosem.Data;

/// <summary>Reads Data from JSON. What is wrong with the text ends in <see cref="Problem"/>, once.</summary>
internal ref struct CosemValueJsonReader
{
    // Each level of Data is an object and an array; a compact-array adds two of its own.
    private const int MaxJsonDepth = 2 * Limits.MaxNesting + 8;

    private readonly ReadOnlySpan<byte> _text;
    private Utf8JsonReader _json;
    private DataTextError? _error;

    public CosemValueJsonReader(ReadOnlySpan<byte> text)
    {
        _text = text;
        _json = new(text, new JsonReaderOptions { MaxDepth = MaxJsonDepth });
    }

    public bool TryRead(out CosemValue value, out DataTextError error)
    {
        value = default;
        try
        {
            if (Next() && TryReadTyped(0, out value)) Ends();
        }
        catch (JsonException malformed)
        {
            _error ??= new((int)(malformed.LineNumber ?? 0) + 1, (int)(malformed.BytePositionInLine ?? 0) + 1, $"not JSON: {Plain(malformed.Message)}");
        }

        error = _error ?? default;
        return _error is null;
    }

    // {"type": value}; the current token is the brace.
    private bool TryReadTyped(int depth, out CosemValue value)
    {
        value = default;
        if (depth > Limits.MaxNesting) return Problem($"nested deeper than {Limits.MaxNesting} levels");
        if (!At(JsonTokenType.StartObject, "an object such as {\"unsigned\": 5}") || !Next()) return false;
        if (!At(JsonTokenType.PropertyName, "the name of a type") || !TryReadTag(out var tag) || !Next()) return false;
        var done = tag switch
        {
            DataTag.Array or DataTag.Structure => TryReadElements(tag, depth, out value),
            DataTag.CompactArray => TryReadCompactArray(out value),
            _ => TryReadSimple(tag, out value),
        };
        return done && Next() && At(JsonTokenType.EndObject, "the end of the object: a value has one type");
    }

    private bool TryReadElements(DataTag tag, int depth, out CosemValue value)
    {
        value = default;
        if (!At(JsonTokenType.StartArray, $"the elements of {DataTags.NameOf(tag)}")) return false;
        var elements = new List<CosemValue>();
        while (Next() && _json.TokenType != JsonTokenType.EndArray)
        {
            if (!TryReadTyped(depth + 1, out var element)) return false;
            elements.Add(element);
        }

        value = CosemValue.Of(tag, [.. elements]);
        return true;
    }

    private bool TryReadSimple(DataTag tag, out CosemValue value)
    {
        value = default;
        switch (_json.TokenType)
        {
            case JsonTokenType.Null when tag is DataTag.NullData or DataTag.DontCare:
                value = CosemValue.Empty(tag);
                return true;
            case JsonTokenType.True or JsonTokenType.False when tag == DataTag.Boolean:
                return CosemValue.TryOf(tag, _json.TokenType == JsonTokenType.True ? 1 : 0, out value);
            case JsonTokenType.Number when AxdrReader.FixedSize(tag) > 0 && tag is not (DataTag.DateTime or DataTag.Date or DataTag.Time):
                return Parsed(CosemValueText.TryParse(tag, Encoding.ASCII.GetString(_json.ValueSpan), out value));
            case JsonTokenType.String when tag is DataTag.VisibleString or DataTag.Utf8String:
                return TryGetString(out var text) && Parsed(CosemValueText.TryParseText(tag, text, out value));
            case JsonTokenType.String when tag is DataTag.OctetString or DataTag.BitString or DataTag.DateTime or DataTag.Date or DataTag.Time or DataTag.Float32 or DataTag.Float64:
                return TryGetString(out var coded) && Parsed(CosemValueText.TryParse(tag, coded, out value));
            case JsonTokenType.StartObject when tag is DataTag.VisibleString or DataTag.Utf8String or DataTag.BitString:
                return TryReadHex(tag, out value);
            default:
                return Problem($"{_json.TokenType} is no value of {DataTags.NameOf(tag)}");
        }
    }

    // {"hex": "..."}, for a bit-string {"count": n, "hex": "..."}
    private bool TryReadHex(DataTag tag, out CosemValue value)
    {
        value = default;
        var count = 0;
        if (tag == DataTag.BitString && !(Expect("count") && Next() && At(JsonTokenType.Number, "a count of bits") && (_json.TryGetInt32(out count) || Problem("a count of bits expected"))))
            return false;
        if (!Expect(CosemValueJson.Hex) || !Next() || !At(JsonTokenType.String, "octets in hex") || !TryGetString(out var hex)) return false;
        if (!CosemValueText.TryParseHex(tag == DataTag.BitString ? DataTag.OctetString : tag, hex, out value)) return Problem("octets in hex expected");
        if (tag == DataTag.BitString)
        {
            if (count < 0 || AxdrReader.OctetsOfBits(count) != value.Octets.Length) return Problem($"{count} bits do not take {value.Octets.Length} octets");
            value = CosemValue.OfBits(value.Octets, count);
        }

        return Next() && At(JsonTokenType.EndObject, "the end of the object");
    }

    private bool TryReadCompactArray(out CosemValue value)
    {
        value = default;
        if (!At(JsonTokenType.StartObject, "the type-description and the rows of compact-array") || !Expect(CosemValueJson.TypeDescription) || !Next()) return false;
        var type = new ArrayBufferWriter<byte>();
        if (!TryReadType(type, 1) || !Expect(CosemValueJson.Rows) || !Next() || !At(JsonTokenType.StartArray, "rows")) return false;
        var rows = new List<CosemValue>();
        while (Next() && _json.TokenType != JsonTokenType.EndArray)
        {
            var description = new AxdrReader(type.WrittenSpan);
            if (!TryReadUntyped(ref description, out var row)) return false;
            rows.Add(row);
        }

        if (!CosemValue.TryCompactArray(type.WrittenSpan, [.. rows], out value, out var problem)) return Problem(problem);
        return Next() && At(JsonTokenType.EndObject, "the end of compact-array");
    }

    // "unsigned", {"structure": [type, ...]} or {"array": [count, type]}
    private bool TryReadType(ArrayBufferWriter<byte> type, int depth)
    {
        if (depth > Limits.MaxNesting) return Problem($"nested deeper than {Limits.MaxNesting} levels");
        if (_json.TokenType == JsonTokenType.String)
        {
            if (!TryReadTag(out var simple)) return false;
            if (simple is DataTag.Array or DataTag.Structure or DataTag.CompactArray) return Problem($"{DataTags.NameOf(simple)} is no simple type");
            type.WriteByte((byte)simple);
            return true;
        }

        if (!At(JsonTokenType.StartObject, "a type") || !Next() || !At(JsonTokenType.PropertyName, "array or structure") || !TryReadTag(out var tag) || !Next()) return false;
        if (!At(JsonTokenType.StartArray, "the types of the elements")) return false;
        var done = tag switch
        {
            DataTag.Array => TryReadArrayType(type, depth),
            DataTag.Structure => TryReadStructureType(type, depth),
            _ => Problem($"{DataTags.NameOf(tag)} has no elements"),
        };
        return done && Next() && At(JsonTokenType.EndObject, "the end of the type");
    }

    private bool TryReadArrayType(ArrayBufferWriter<byte> type, int depth)
    {
        if (!Next() || !At(JsonTokenType.Number, "a count of elements") || !_json.TryGetUInt16(out var count)) return Problem("a count of elements, 0..65535, expected");
        var head = type.GetSpan(3);
        head[0] = (byte)DataTag.Array;
        BinaryPrimitives.WriteUInt16BigEndian(head[1..], count);
        type.Advance(3);
        return Next() && TryReadType(type, depth + 1) && Next() && At(JsonTokenType.EndArray, "the end of the array's type");
    }

    private bool TryReadStructureType(ArrayBufferWriter<byte> type, int depth)
    {
        var (fields, count) = (new ArrayBufferWriter<byte>(), 0);
        while (Next() && _json.TokenType != JsonTokenType.EndArray)
        {
            if (!TryReadType(fields, depth + 1)) return false;
            count++;
        }

        type.WriteStructure(count);
        type.Write(fields.WrittenSpan);
        return true;
    }

    private bool TryReadUntyped(ref AxdrReader type, out CosemValue value)
    {
        value = default;
        type.TryReadByte(out var tag);
        if ((DataTag)tag is not (DataTag.Array or DataTag.Structure)) return TryReadSimple((DataTag)tag, out value);
        int count;
        if ((DataTag)tag == DataTag.Structure)
        {
            type.TryReadLength(out count);
        }
        else
        {
            type.TryReadUInt16(out var times);
            count = times;
        }

        if (!At(JsonTokenType.StartArray, $"{count} elements")) return false;
        var elements = new List<CosemValue>();
        var start = type;
        for (var i = 0; i < count; i++)
        {
            if ((DataTag)tag == DataTag.Array) type = start;
            if (!Next() || !TryReadUntyped(ref type, out var element)) return false;
            elements.Add(element);
        }

        if (count == 0 && (DataTag)tag == DataTag.Array) CompactType.TryRead(ref type, out _);
        value = CosemValue.Of((DataTag)tag, [.. elements]);
        return Next() && At(JsonTokenType.EndArray, $"the end of {count} elements");
    }

    private bool TryReadTag(out DataTag tag)
    {
        tag = default;
        return TryGetString(out var name) && (DataTags.TryFind(name, out tag) || Problem($"'{(name.Length <= 40 ? name : name[..40] + "...")}' is no type of Data"));
    }

    private bool Expect(string name) => Next() && At(JsonTokenType.PropertyName, name) && (_json.ValueTextEquals(name) || Problem($"\"{name}\" expected here"));

    private bool TryGetString(out string text)
    {
        try
        {
            text = _json.GetString()!;
            return true;
        }
        catch (InvalidOperationException)
        {
            text = "";
            return Problem("the text is no valid Unicode");
        }
    }

    private bool Parsed(string? problem) => problem is null || Problem(problem);

    private bool At(JsonTokenType expected, string what) => _json.TokenType == expected || Problem($"{what} expected; {_json.TokenType} is there");

    private bool Next() => _error is null && (_json.Read() || Problem("the text ends too early"));

    private void Ends()
    {
        if (_json.Read()) Problem("nothing more expected");
    }

    // The first problem stays, with the place of the token that shows it.
    private bool Problem(string problem)
    {
        if (_error is not null) return false;
        var before = _text[..(int)Math.Min(_text.Length, _json.TokenStartIndex)];
        _error = new(before.Count((byte)'\n') + 1, before.Length - before.LastIndexOf((byte)'\n'), problem);
        return false;
    }

    // The reader's own message ends with its place, which is told once.
    private static string Plain(string message)
    {
        var place = message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return place < 0 ? message : message[..place];
    }
}
