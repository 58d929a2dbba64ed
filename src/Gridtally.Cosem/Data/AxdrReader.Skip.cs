namespace Gridtally.Cosem.Data;

public ref partial struct AxdrReader
{
    /// <summary>Steps over one element, whatever it is, and returns its octets, tag included. What is stepped over is well formed.</summary>
    /// <remarks>
    /// Work is in proportion to the octets, compact-array included. An element that goes past the end is truncated, whatever is missing of it: a
    /// stream of which more may come asks this way whether it has one whole.
    /// </remarks>
    public bool TrySkip(out ReadOnlySpan<byte> element) => TrySkip(out element, isWhole: false);

    /// <summary>As <see cref="TrySkip(out ReadOnlySpan{byte})"/>; with <paramref name="isWhole"/>, a count past the end is a bad length at that count.</summary>
    internal bool TrySkip(out ReadOnlySpan<byte> element, bool isWhole)
    {
        var start = Position;
        var done = SkipElement(0, isWhole);
        element = done ? _source[start..Position] : default;
        return done;
    }

    /// <summary>Octets that a bit-string of <paramref name="bits"/> takes.</summary>
    internal static int OctetsOfBits(int bits) => (int)((bits + 7L) / 8);

    /// <summary>Steps over the value of a simple type, whose tag was read or is known otherwise. False for what is no simple type.</summary>
    internal bool SkipValue(DataTag tag)
    {
        var size = FixedSize(tag);
        if (size >= 0) return TryReadBytes(size, out _);
        return tag switch
        {
            DataTag.OctetString or DataTag.VisibleString or DataTag.Utf8String => TryReadLengthPrefixed(out _),
            DataTag.BitString => TryReadLength(out var bits) && TryReadBytes(OctetsOfBits(bits), out _),
            _ => false,
        };
    }

    /// <summary>Fails because a structure has more elements than octets are left.</summary>
    internal bool FailCount(int offset) => FailAt(MoreMayCome ? DecodeFault.Truncated : DecodeFault.BadLength, offset);

    // The end of a sub-reader is where this reader goes on.
    internal void Advance(int count) => Position += count;

    private bool SkipElement(int depth, bool isWhole)
    {
        var start = Position;
        if (depth > Limits.MaxNesting) return Fail(DecodeFault.TooDeep);
        if (!TryReadByte(out var octet)) return false;
        switch ((DataTag)octet)
        {
            case DataTag.Array or DataTag.Structure:
                if (!TryReadLength(out var count)) return false;
                if (isWhole && count > Remaining) return FailAt(DecodeFault.BadLength, start);
                for (var i = 0; i < count; i++)
                {
                    if (!SkipElement(depth + 1, isWhole)) return false;
                }

                return true;
            case DataTag.CompactArray:
                Position = start;
                return CompactArrayReader.TryRead(ref this, depth, out _);
            default:
                return SkipValue((DataTag)octet) || FailAt(DecodeFault.UnknownTag, start);
        }
    }
}
