using System.Buffers;

namespace Gridtally.Cosem.Data;

/// <summary>The type of the rows of a compact-array, as its type description gives it.</summary>
/// <remarks>
/// TypeDescription, IEC 62056-5-3: one tag for a simple type; <c>01</c>, count (16 bits) and type for an array; <c>02</c>, count and as many
/// types for a structure. A compact-array inside a compact-array has no description and is refused.
/// </remarks>
public readonly ref struct CompactType
{
    private CompactType(ReadOnlySpan<byte> octets, Measure measure)
    {
        Octets = octets;
        (RowSize, MinRowSize, EmptyElements) = (measure.IsFixed ? measure.Octets : -1, measure.Octets, measure.Empty);
    }

    /// <summary>The description as it stands on the wire.</summary>
    public ReadOnlySpan<byte> Octets { get; }

    /// <summary>The rows' own type.</summary>
    public DataTag Tag => (DataTag)Octets[0];

    /// <summary>Octets that each row takes; -1 where rows differ (strings, bit-strings).</summary>
    public long RowSize { get; }

    /// <summary>Octets that a row takes at least.</summary>
    internal long MinRowSize { get; }

    /// <summary>Elements of a row that take no octets: arrays, structures, null-data.</summary>
    internal long EmptyElements { get; }

    /// <summary>Rows that contents of <paramref name="length"/> octets, more than none, may hold: see <see cref="Limits.MaxEmptyElements"/>.</summary>
    internal long MostRows(long length)
    {
        if (RowSize == 0 || MinRowSize > length) return 0;
        return EmptyElements == 0 ? long.MaxValue : (Limits.MaxEmptyElements + 4 * length) / EmptyElements;
    }

    /// <summary>Elements of the row, where it is a structure of simple types, copied to <paramref name="types"/>.</summary>
    /// <returns>How many; -1 where the row is something else or has more than there is room for.</returns>
    public int FlatColumns(Span<DataTag> types)
    {
        var reader = new AxdrReader(Octets);
        if (Tag != DataTag.Structure || !reader.TryReadByte(out _) || !reader.TryReadLength(out var count) || count > types.Length || count != reader.Remaining) return -1;
        for (var i = 0; i < count; i++)
        {
            types[i] = (DataTag)reader.Rest[i];
            if (types[i] is DataTag.Array or DataTag.Structure) return -1;
        }

        return count;
    }

    /// <summary>The description with its lengths in their shortest form, as all that is written.</summary>
    internal byte[] ToShortest()
    {
        var shortest = new ArrayBufferWriter<byte>(Octets.Length);
        var reader = new AxdrReader(Octets);
        while (reader.Remaining > 0 && reader.TryReadByte(out var tag))
        {
            shortest.WriteByte(tag);
            if ((DataTag)tag == DataTag.Array && reader.TryReadBytes(2, out var times)) shortest.Write(times);
            else if ((DataTag)tag == DataTag.Structure && reader.TryReadLength(out var count)) shortest.WriteLength(count);
        }

        return shortest.WrittenSpan.ToArray();
    }

    /// <summary>Reads a description; on failure the reader holds the reason.</summary>
    public static bool TryRead(scoped ref AxdrReader reader, out CompactType type) => TryRead(ref reader, 0, out type);

    internal static bool TryRead(scoped ref AxdrReader reader, int depth, out CompactType type)
    {
        type = default;
        var all = reader.Rest;
        var start = reader.Position;
        if (!TryMeasure(ref reader, depth, out var measure)) return false;
        type = new(all[..(reader.Position - start)], measure);
        return true;
    }

    // Size and number of elements of a row, before any row is looked at: products of 16-bit counts, so they saturate.
    private static bool TryMeasure(ref AxdrReader reader, int depth, out Measure measure)
    {
        measure = default;
        var start = reader.Position;
        if (depth > Limits.MaxNesting) return reader.Fail(DecodeFault.TooDeep);
        if (!reader.TryReadByte(out var octet)) return false;
        var tag = (DataTag)octet;
        switch (tag)
        {
            case DataTag.Array:
                if (!reader.TryReadUInt16(out var times) || !TryMeasure(ref reader, depth + 1, out var element)) return false;
                measure = element.Times(times);
                return true;
            case DataTag.Structure:
                if (!reader.TryReadLength(out var count)) return false;
                if (count > reader.Remaining) return reader.FailCount(start);
                measure = new(0, 1, true);
                for (var i = 0; i < count; i++)
                {
                    if (!TryMeasure(ref reader, depth + 1, out var field)) return false;
                    measure = measure.Plus(field);
                }

                return true;
            case DataTag.CompactArray:
                return reader.FailAt(DecodeFault.UnknownTag, start);
            default:
                var size = AxdrReader.FixedSize(tag);
                if (size < 0 && !DataTags.IsKnown(tag)) return reader.FailAt(DecodeFault.UnknownTag, start);
                measure = new(size < 0 ? 1 : size, size == 0 ? 1 : 0, size >= 0);
                return true;
        }
    }

    private readonly record struct Measure(long Octets, long Empty, bool IsFixed)
    {
        private const long Plenty = 1L << 40;

        public Measure Plus(in Measure other) => new(Math.Min(Plenty, Octets + other.Octets), Math.Min(Plenty, Empty + other.Empty), IsFixed && other.IsFixed);

        // The array itself is an element without octets too.
        public Measure Times(ushort count) => new(Math.Min(Plenty, Octets * count), Math.Min(Plenty, Empty * count + 1), IsFixed || count == 0);
    }
}
