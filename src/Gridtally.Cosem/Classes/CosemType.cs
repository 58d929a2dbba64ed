using Gridtally.Cosem.Data;

namespace Gridtally.Cosem.Classes;

/// <summary>The type that the standard gives an attribute, a method's parameter or what a method returns.</summary>
/// <remarks>
/// Checks received Data before a device sees it, and names the type and its parts in documents and tools. Typed views are generated from it.
/// </remarks>
public abstract partial record CosemType
{
    private CosemType() { }

    /// <summary>A CHOICE of anything.</summary>
    public static readonly CosemType Any = new AnyType();

    /// <summary>A CHOICE of numbers; strings and null-data are taken too, as registers may hold them.</summary>
    public static readonly CosemType Value = Of(
        DataTag.NullData, DataTag.BitString, DataTag.DoubleLong, DataTag.DoubleLongUnsigned, DataTag.OctetString, DataTag.VisibleString, DataTag.Utf8String,
        DataTag.Integer, DataTag.Long, DataTag.Unsigned, DataTag.LongUnsigned, DataTag.Long64, DataTag.Long64Unsigned, DataTag.Float32, DataTag.Float64);

    /// <summary>null-data.</summary>
    public static readonly CosemType Null = Of(DataTag.NullData);

    /// <summary>integer.</summary>
    public static readonly CosemType Integer = Of(DataTag.Integer);

    /// <summary>long.</summary>
    public static readonly CosemType Long = Of(DataTag.Long);

    /// <summary>double-long.</summary>
    public static readonly CosemType DoubleLong = Of(DataTag.DoubleLong);

    /// <summary>unsigned.</summary>
    public static readonly CosemType Unsigned = Of(DataTag.Unsigned);

    /// <summary>long-unsigned.</summary>
    public static readonly CosemType LongUnsigned = Of(DataTag.LongUnsigned);

    /// <summary>double-long-unsigned.</summary>
    public static readonly CosemType DoubleLongUnsigned = Of(DataTag.DoubleLongUnsigned);

    /// <summary>enum whose values are not named here.</summary>
    public static readonly CosemType Enum = Of(DataTag.Enum);

    /// <summary>boolean.</summary>
    public static readonly CosemType Bool = Of(DataTag.Boolean);

    /// <summary>bit-string of any length.</summary>
    public static readonly CosemType Bits = new BitsType(null);

    /// <summary>octet-string of any length.</summary>
    public static readonly CosemType OctetString = new OctetsType(null);

    /// <summary>visible-string.</summary>
    public static readonly CosemType VisibleString = Of(DataTag.VisibleString);

    /// <summary>utf8-string.</summary>
    public static readonly CosemType Utf8String = Of(DataTag.Utf8String);

    /// <summary>date-time in attributes: octet-string of twelve; the tagged date-time that some clients send is taken too.</summary>
    public static readonly CosemType DateTime = new MomentType("date-time", CosemDateTime.Size, DataTag.DateTime);

    /// <summary>date in attributes: octet-string of five; the tagged date is taken too.</summary>
    public static readonly CosemType Date = new MomentType("date", 5, DataTag.Date);

    /// <summary>time in attributes: octet-string of four; the tagged time is taken too.</summary>
    public static readonly CosemType Time = new MomentType("time", 4, DataTag.Time);

    /// <summary>Logical name: octet-string of six.</summary>
    public static readonly CosemType LogicalName = new LogicalNameType();

    /// <summary>integer (0): what is sent to a method that has no parameter.</summary>
    public static readonly CosemType NoParameter = new NoParameterType();

    /// <summary>One of the simple types.</summary>
    public static CosemType Of(params DataTag[] tags) => new SimpleType(tags);

    /// <summary>octet-string of exactly <paramref name="length"/>.</summary>
    public static CosemType Octets(int length) => new OctetsType(length);

    /// <summary>bit-string of exactly <paramref name="length"/> bits.</summary>
    public static CosemType BitString(int length) => new BitsType(length);

    /// <summary>structure, named as in the standard, of these fields.</summary>
    public static CosemType Structure(string name, params (string Name, CosemType Type)[] fields) =>
        new StructureType(name, [.. fields.Select(f => new FieldSpec(f.Name, f.Type))]);

    /// <summary>array of elements of one type.</summary>
    public static CosemType ArrayOf(CosemType element) => new ArrayType(element);

    /// <summary>CHOICE of types, the likeliest first.</summary>
    public static CosemType OneOf(params CosemType[] types) => new OneOfType(types);

    /// <summary>enum whose values count from 0.</summary>
    public static CosemType Enumeration(string name, params string[] values) =>
        new EnumType(name, [.. values.Select((value, i) => new EnumValue((byte)i, value))], false);

    /// <summary>enum with these values.</summary>
    public static CosemType Enumeration(string name, params (byte Value, string Name)[] values) =>
        new EnumType(name, [.. values.Select(v => new EnumValue(v.Value, v.Name))], false);

    /// <summary>enum that is a mask of these bits.</summary>
    public static CosemType Mask(string name, params (byte Value, string Name)[] bits) =>
        new EnumType(name, [.. bits.Select(v => new EnumValue(v.Value, v.Name))], true);

    /// <summary>True when <paramref name="data"/> is exactly one element of this type.</summary>
    public bool Matches(ReadOnlySpan<byte> data)
    {
        var reader = new AxdrReader(data);
        return TryStepOver(ref reader) && reader.TryEnd();
    }

    /// <summary>Steps over one element of this type; false where the element has another type.</summary>
    public bool TryRead(ref AxdrReader reader, out ReadOnlySpan<byte> element)
    {
        var rest = reader.Rest;
        var start = reader.Position;
        var done = TryStepOver(ref reader);
        element = done ? rest[..(reader.Position - start)] : default;
        return done;
    }

    private protected abstract bool TryStepOver(ref AxdrReader reader);
}

/// <summary>One field of a structure.</summary>
/// <param name="Name">Spelled as in the standard.</param>
/// <param name="Type">Its type.</param>
public readonly record struct FieldSpec(string Name, CosemType Type);

/// <summary>One value of an enumeration, or one bit of a mask.</summary>
/// <param name="Value">As sent.</param>
/// <param name="Name">What it means.</param>
public readonly record struct EnumValue(byte Value, string Name);
