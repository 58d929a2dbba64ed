using System.Buffers;
using Gridtally.Cosem.Data;
using Gridtally.Metering;

namespace Gridtally.Cosem.Apdus;

/// <summary>Asks for a part of an attribute: rows of a profile, by range or by entry.</summary>
/// <remarks>Selective-Access-Descriptor, IEC 62056-5-3: selector, then its parameters as Data.</remarks>
public sealed class SelectiveAccess
{
    /// <summary>Selector of <see cref="RangeDescriptor"/>.</summary>
    public const byte ByRangeSelector = 1;

    /// <summary>Selector of <see cref="EntryDescriptor"/>.</summary>
    public const byte ByEntrySelector = 2;

    /// <summary>Any selector with parameters already encoded.</summary>
    public SelectiveAccess(byte selector, ReadOnlyMemory<byte> parameters) => (Selector, Parameters) = (selector, parameters);

    /// <summary>Which descriptor the parameters are; its meaning depends on class and attribute.</summary>
    public byte Selector { get; }

    /// <summary>Encoded Data.</summary>
    public ReadOnlyMemory<byte> Parameters { get; }

    /// <summary>A selector whose parameters are null-data, as selector 1 of object_list.</summary>
    public static SelectiveAccess WithoutParameters(byte selector) => new(selector, new byte[] { (byte)DataTag.NullData });

    /// <summary>Rows by the value of one column.</summary>
    public static SelectiveAccess By(RangeDescriptor range)
    {
        var buffer = new ArrayBufferWriter<byte>(64);
        range.WriteTo(buffer);
        return new(ByRangeSelector, buffer.WrittenMemory);
    }

    /// <summary>Rows by their place.</summary>
    public static SelectiveAccess By(EntryDescriptor entries)
    {
        var buffer = new ArrayBufferWriter<byte>(32);
        entries.WriteTo(buffer);
        return new(ByEntrySelector, buffer.WrittenMemory);
    }

    /// <summary>Rows whose clock lies in <paramref name="from"/>..<paramref name="to"/>, both included.</summary>
    public static SelectiveAccess ByClock(in CosemDateTime from, in CosemDateTime to) => By(RangeDescriptor.ByClock(from, to));

    /// <summary>Selector and parameters in hex, for people.</summary>
    public override string ToString() => $"selector {Selector} {Convert.ToHexString(Parameters.Span)}";
}

/// <summary>Rows whose value in one column lies in a range, both ends included.</summary>
/// <param name="Restricting">The column that is compared, usually the clock.</param>
/// <param name="From">Lowest value, encoded Data.</param>
/// <param name="To">Highest value, encoded Data.</param>
/// <param name="Columns">Columns to return; none for all.</param>
/// <remarks>range_descriptor, Blue Book, class 7 Profile generic, selector 1.</remarks>
public sealed record RangeDescriptor(CaptureObject Restricting, ReadOnlyMemory<byte> From, ReadOnlyMemory<byte> To, IReadOnlyList<CaptureObject> Columns)
{
    private const string Production = "range_descriptor";

    /// <summary>Columns that a peer may ask for: as many as a profile has. Bounds what is allocated for a request.</summary>
    public const int MaxColumns = Profiles.ProfileLayout.MaxColumns;

    /// <summary>The column that time ranges restrict: attribute 2 of the clock 0-0:1.0.0.255.</summary>
    public static readonly CaptureObject Clock = new(8, new ObisCode(0, 0, 1, 0, 0, 255), 2);

    /// <summary>All columns of the rows whose clock lies in the range.</summary>
    /// <param name="from">First moment; fields that are not specified are not compared.</param>
    /// <param name="to">Last moment.</param>
    /// <param name="tagged">True for the ends as date-time (tag 19) where a meter wants them so; else they are octet-strings, as most take them.</param>
    public static RangeDescriptor ByClock(in CosemDateTime from, in CosemDateTime to, bool tagged = false) =>
        By(Clock, OfTime(from, tagged), OfTime(to, tagged));

    /// <summary>The rows whose value in one column lies in the range.</summary>
    /// <param name="restricting">The column that is compared: any capture object of the profile.</param>
    /// <param name="from">Lowest value; <see cref="CosemValue.Null"/> for no bound, where the meter takes that.</param>
    /// <param name="to">Highest value, likewise.</param>
    /// <param name="columns">Columns to return; none for all.</param>
    public static RangeDescriptor By(in CaptureObject restricting, in CosemValue from, in CosemValue to, params IReadOnlyList<CaptureObject> columns)
    {
        var (low, high) = (new ArrayBufferWriter<byte>(16), new ArrayBufferWriter<byte>(16));
        from.WriteTo(low);
        to.WriteTo(high);
        return new(restricting, low.WrittenMemory, high.WrittenMemory, columns);
    }

    /// <summary>All columns of the rows whose number (long64-unsigned) in one column lies in the range.</summary>
    public static RangeDescriptor ByNumber(in CaptureObject restricting, ulong from, ulong to) =>
        By(restricting, CosemValue.Of(DataTag.Long64Unsigned, from), CosemValue.Of(DataTag.Long64Unsigned, to));

    /// <summary>Both ends as dates; false where one of them is none.</summary>
    public bool TryGetDateTimes(out CosemDateTime from, out CosemDateTime to)
    {
        to = default;
        return new AxdrReader(From.Span).TryReadDateTime(out from) && new AxdrReader(To.Span).TryReadDateTime(out to);
    }

    /// <summary>Both ends as numbers; false where one of them is none.</summary>
    public bool TryGetNumbers(out long from, out long to)
    {
        to = 0;
        return new AxdrReader(From.Span).TryReadNumber(out from) && new AxdrReader(To.Span).TryReadNumber(out to);
    }

    /// <summary>Reads the parameters of selector 1.</summary>
    public static bool TryRead(ReadOnlySpan<byte> parameters, out RangeDescriptor? value, out DecodeError error)
    {
        value = null;
        var reader = new AxdrReader(parameters, Production);
        if (reader.TryReadStructureOf(4) && reader.TryReadCaptureObject(out var restricting) && reader.TrySkip(out var from) && reader.TrySkip(out var to)
            && TryReadColumns(ref reader, out var columns) && reader.TryEnd())
        {
            value = new(restricting, from.ToArray(), to.ToArray(), columns);
        }

        error = reader.Error;
        return value is not null;
    }

    /// <summary>Writes the parameters of selector 1.</summary>
    public void WriteTo(IBufferWriter<byte> target)
    {
        target.WriteStructure(4);
        target.WriteCaptureObject(Restricting);
        target.Write(From.Span);
        target.Write(To.Span);
        target.WriteArray(Columns.Count);
        foreach (var column in Columns) target.WriteCaptureObject(column);
    }

    private static CosemValue OfTime(in CosemDateTime time, bool tagged)
    {
        Span<byte> octets = stackalloc byte[CosemDateTime.Size];
        time.Write(octets);
        return CosemValue.Of(tagged ? DataTag.DateTime : DataTag.OctetString, octets);
    }

    private static bool TryReadColumns(scoped ref AxdrReader reader, out CaptureObject[] columns)
    {
        columns = [];
        if (!reader.TryReadArray(out var count)) return false;
        if (count > MaxColumns) return reader.Fail(DecodeFault.BadLength);
        if (count > 0) columns = new CaptureObject[count];
        for (var i = 0; i < count; i++)
        {
            if (!reader.TryReadCaptureObject(out columns[i])) return false;
        }

        return true;
    }
}

/// <summary>Rows and columns by their place.</summary>
/// <param name="FromEntry">First row; 1 is the oldest (first in sort order).</param>
/// <param name="ToEntry">Last row; 0 for the last one there is.</param>
/// <param name="FromColumn">First column, 1 being the first.</param>
/// <param name="ToColumn">Last column; 0 for the last one there is.</param>
/// <remarks>entry_descriptor, Blue Book, class 7 Profile generic, selector 2.</remarks>
public readonly record struct EntryDescriptor(uint FromEntry, uint ToEntry, ushort FromColumn = 1, ushort ToColumn = 0)
{
    /// <summary>Reads the parameters of selector 2.</summary>
    public static bool TryRead(ReadOnlySpan<byte> parameters, out EntryDescriptor value, out DecodeError error)
    {
        var reader = new AxdrReader(parameters, "entry_descriptor");
        value = default;
        if (reader.TryReadStructureOf(4) && TryReadUpTo(ref reader, uint.MaxValue, out var fromEntry) && TryReadUpTo(ref reader, uint.MaxValue, out var toEntry)
            && TryReadUpTo(ref reader, ushort.MaxValue, out var fromColumn) && TryReadUpTo(ref reader, ushort.MaxValue, out var toColumn) && reader.TryEnd())
        {
            value = new((uint)fromEntry, (uint)toEntry, (ushort)fromColumn, (ushort)toColumn);
        }

        error = reader.Error;
        return !reader.Failed;
    }

    /// <summary>Writes the parameters of selector 2.</summary>
    public void WriteTo(IBufferWriter<byte> target)
    {
        target.WriteStructure(4);
        target.WriteDoubleLongUnsigned(FromEntry);
        target.WriteDoubleLongUnsigned(ToEntry);
        target.WriteLongUnsigned(FromColumn);
        target.WriteLongUnsigned(ToColumn);
    }

    private static bool TryReadUpTo(scoped ref AxdrReader reader, long maximum, out long value) => reader.TryReadNumber(0, maximum, out value);
}
