using Gridtally.Cosem.Data;

namespace Gridtally.Cosem.Classes;

/// <summary>The type that the standard gives an attribute or a method's parameter.</summary>
/// <remarks>Checks received Data before a device sees it, and names the type in documents and tools.</remarks>
public abstract record CosemType
{
    private CosemType() { }

    /// <summary>A CHOICE of anything.</summary>
    public static readonly CosemType Any = new AnyType();

    /// <summary>integer.</summary>
    public static readonly CosemType Integer = Of(DataTag.Integer);

    /// <summary>long.</summary>
    public static readonly CosemType Long = Of(DataTag.Long);

    /// <summary>unsigned.</summary>
    public static readonly CosemType Unsigned = Of(DataTag.Unsigned);

    /// <summary>long-unsigned.</summary>
    public static readonly CosemType LongUnsigned = Of(DataTag.LongUnsigned);

    /// <summary>double-long-unsigned.</summary>
    public static readonly CosemType DoubleLongUnsigned = Of(DataTag.DoubleLongUnsigned);

    /// <summary>enum.</summary>
    public static readonly CosemType Enum = Of(DataTag.Enum);

    /// <summary>boolean.</summary>
    public static readonly CosemType Bool = Of(DataTag.Boolean);

    /// <summary>bit-string.</summary>
    public static readonly CosemType Bits = Of(DataTag.BitString);

    /// <summary>octet-string of any length.</summary>
    public static readonly CosemType OctetString = new OctetsType(null);

    /// <summary>date-time in attributes: octet-string of twelve; the tagged date-time that some clients send is taken too.</summary>
    public static readonly CosemType DateTime = new DateTimeType();

    /// <summary>Logical name: octet-string of six.</summary>
    public static readonly CosemType LogicalName = Octets(6);

    /// <summary>scal_unit_type.</summary>
    public static readonly CosemType ScalerUnit = Struct(Integer, Enum);

    /// <summary>capture_object_definition.</summary>
    public static readonly CosemType CaptureObject = Struct(LongUnsigned, LogicalName, Integer, LongUnsigned);

    /// <summary>One of the simple types.</summary>
    public static CosemType Of(params DataTag[] tags) => new SimpleType(tags);

    /// <summary>octet-string of exactly <paramref name="length"/>.</summary>
    public static CosemType Octets(int length) => new OctetsType(length);

    /// <summary>structure of these elements.</summary>
    public static CosemType Struct(params CosemType[] elements) => new StructType(elements);

    /// <summary>array of elements of one type.</summary>
    public static CosemType ArrayOf(CosemType element) => new ArrayType(element);

    /// <summary>True when <paramref name="data"/> is exactly one element of this type.</summary>
    public bool Matches(ReadOnlySpan<byte> data)
    {
        var reader = new AxdrReader(data);
        return TryRead(ref reader) && reader.TryEnd();
    }

    private protected abstract bool TryRead(ref AxdrReader reader);

    private sealed record AnyType : CosemType
    {
        private protected override bool TryRead(ref AxdrReader reader) => reader.TrySkip(out _);

        public override string ToString() => "CHOICE";
    }

    private sealed record SimpleType(DataTag[] Tags) : CosemType
    {
        private protected override bool TryRead(ref AxdrReader reader) =>
            reader.Peek is { } tag && Array.IndexOf(Tags, tag) >= 0 && reader.TrySkip(out _);

        public override string ToString() => string.Join(" | ", Tags);
    }

    private sealed record OctetsType(int? Length) : CosemType
    {
        private protected override bool TryRead(ref AxdrReader reader) =>
            reader.Peek == DataTag.OctetString && reader.TryReadOctets(out var octets) && (Length is null || octets.Length == Length);

        public override string ToString() => Length is null ? "OctetString" : $"OctetString({Length})";
    }

    private sealed record DateTimeType : CosemType
    {
        private protected override bool TryRead(ref AxdrReader reader) => reader.TryReadDateTime(out _);

        public override string ToString() => "date-time";
    }

    private sealed record StructType(CosemType[] Elements) : CosemType
    {
        private protected override bool TryRead(ref AxdrReader reader)
        {
            if (!reader.TryReadStructureOf(Elements.Length)) return false;
            foreach (var element in Elements)
            {
                if (!element.TryRead(ref reader)) return false;
            }

            return true;
        }

        public override string ToString() => $"{{ {string.Join(", ", Elements.Select(e => e.ToString()))} }}";
    }

    private sealed record ArrayType(CosemType Element) : CosemType
    {
        private protected override bool TryRead(ref AxdrReader reader)
        {
            if (!reader.TryReadArray(out var count)) return false;
            for (var i = 0; i < count; i++)
            {
                if (!Element.TryRead(ref reader)) return false;
            }

            return true;
        }

        public override string ToString() => $"[ {Element} ]";
    }
}
