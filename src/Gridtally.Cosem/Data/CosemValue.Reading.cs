using System.Buffers;
using System.Buffers.Binary;

namespace Gridtally.Cosem.Data;

public readonly partial struct CosemValue
{
    /// <summary>Reads octets that hold one Data and nothing else.</summary>
    public static bool TryRead(ReadOnlySpan<byte> source, out CosemValue value, out DecodeError error)
    {
        var reader = new AxdrReader(source);
        var done = TryRead(ref reader, out value) && reader.TryEnd();
        error = reader.Error;
        return done;
    }

    /// <summary>Reads the next Data.</summary>
    public static bool TryRead(ref AxdrReader reader, out CosemValue value)
    {
        value = default;

        // Looked through first: an array whose count is a lie is found before room is made for its elements.
        var start = reader.Position;
        if (!reader.TrySkip(out var element, isWhole: true)) return false;
        var octets = new AxdrReader(element);
        if (TryReadChecked(ref octets, out value)) return true;
        return reader.FailAt(octets.Error.Fault, start + octets.Error.Offset);
    }

    private static bool TryReadChecked(ref AxdrReader reader, out CosemValue value)
    {
        value = default;
        switch (reader.Peek)
        {
            case null:
                return reader.Fail(DecodeFault.Truncated);
            case DataTag.Array or DataTag.Structure:
                reader.TryReadByte(out var tag);
                if (!reader.TryReadLength(out var count)) return false;
                var elements = count == 0 ? [] : new CosemValue[count];
                for (var i = 0; i < count; i++)
                {
                    if (!TryReadChecked(ref reader, out elements[i])) return false;
                }

                value = new((DataTag)tag, 0, elements);
                return true;
            case DataTag.CompactArray:
                if (!CompactArrayReader.TryRead(ref reader, out var compact)) return false;
                value = new(DataTag.CompactArray, 0, CompactRows.Read(ref compact));
                return true;
            default:
                reader.TryReadByte(out var simple);
                return TryReadSimple(ref reader, (DataTag)simple, out value);
        }
    }

    // The value of a simple type, without its tag.
    private static bool TryReadSimple(ref AxdrReader reader, DataTag tag, out CosemValue value)
    {
        value = default;
        var size = AxdrReader.FixedSize(tag);
        var count = size;
        if (size < 0)
        {
            if (!reader.TryReadLength(out count)) return false;
            size = tag == DataTag.BitString ? AxdrReader.OctetsOfBits(count) : count;
        }

        if (!reader.TryReadBytes(size, out var octets)) return false;
        value = OfOctets(tag, octets, count);
        return true;
    }

    private static CosemValue OfOctets(DataTag tag, ReadOnlySpan<byte> octets, int count)
    {
        if (AxdrReader.FixedSize(tag) < 0 || tag is DataTag.DateTime or DataTag.Date or DataTag.Time)
            return new(tag, tag == DataTag.BitString ? (ulong)count : 0, octets.ToArray());
        ulong number = 0;
        foreach (var octet in octets) number = number << 8 | octet;
        return new(tag, number);
    }

    // The value of a simple type, without its tag.
    private void WriteSimple(IBufferWriter<byte> target)
    {
        var size = AxdrReader.FixedSize(Tag);
        if (_body is byte[] octets)
        {
            if (size < 0) target.WriteLength(Tag == DataTag.BitString ? (int)_bits : octets.Length);
            target.Write(octets);
        }
        else if (size > 0)
        {
            Span<byte> eight = stackalloc byte[8];
            BinaryPrimitives.WriteUInt64BigEndian(eight, _bits);
            target.Write(eight[(8 - size)..]);
        }
    }
}
