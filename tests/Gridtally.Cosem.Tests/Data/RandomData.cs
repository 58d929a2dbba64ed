using System.Buffers;
using Gridtally.Cosem.Data;

namespace Gridtally.Cosem.Tests.Data;

/// <summary>Values of every type, the same for the same seed. Printed by the test that fails: the seed is all that is needed to see it again.</summary>
internal sealed class RandomData(int seed)
{
    private static readonly DataTag[] Simple = [.. Enum.GetValues<DataTag>().Where(t => t is not (DataTag.Array or DataTag.Structure or DataTag.CompactArray))];

    private readonly Random _random = new(seed);

    public Random Random => _random;

    /// <summary>Any value, arrays and structures with up to four elements.</summary>
    public CosemValue Value(int depth = 4) => _random.Next(depth > 0 ? 4 : 1) switch
    {
        0 => OfType(Simple[_random.Next(Simple.Length)]),
        1 => CompactArray(),
        var kind => CosemValue.Of(kind == 2 ? DataTag.Array : DataTag.Structure, [.. Enumerable.Range(0, _random.Next(5)).Select(_ => Value(depth - 1))]),
    };

    /// <summary>A value of a simple type, with a liking for the ends of its range.</summary>
    public CosemValue OfType(DataTag tag)
    {
        var octets = new ArrayBufferWriter<byte>();
        octets.WriteByte((byte)tag);
        var size = AxdrReader.FixedSize(tag);
        if (size < 0)
        {
            var length = _random.Next(4) == 0 ? _random.Next(300) : _random.Next(20);
            octets.WriteLength(length);
            size = tag == DataTag.BitString ? (length + 7) / 8 : length;
        }

        var bytes = new byte[size];
        if (_random.Next(8) == 0) bytes.AsSpan().Fill(0xFF);
        else if (_random.Next(8) != 0) _random.NextBytes(bytes);
        if (tag is DataTag.VisibleString or DataTag.Utf8String && _random.Next(2) == 0) bytes.AsSpan().Replace(bytes, (byte)'a', (byte)'b');
        if (tag is DataTag.VisibleString or DataTag.Utf8String && _random.Next(2) == 0)
        {
            for (var i = 0; i < bytes.Length; i++) bytes[i] = (byte)(0x20 + bytes[i] % 0x5F);
        }

        octets.Write(bytes);
        Assert.True(CosemValue.TryRead(octets.WrittenSpan, out var value, out var error), error.ToString());
        return value;
    }

    /// <summary>A compact-array of random type; the rows take octets.</summary>
    public CosemValue CompactArray()
    {
        var type = new ArrayBufferWriter<byte>();
        type.WriteStructure(2);
        type.WriteByte((byte)DataTag.Unsigned);
        WriteType(type, 2);
        return CosemValue.CompactArray(type.WrittenSpan, [.. Enumerable.Range(0, _random.Next(5)).Select(_ => Row(type.WrittenSpan.ToArray()))]);
    }

    private void WriteType(ArrayBufferWriter<byte> type, int depth)
    {
        switch (_random.Next(depth > 0 ? 4 : 2))
        {
            case 2:
                type.Write((ReadOnlySpan<byte>)[(byte)DataTag.Array, 0, (byte)_random.Next(4)]);
                WriteType(type, depth - 1);
                break;
            case 3:
                var count = _random.Next(4);
                type.WriteStructure(count);
                for (var i = 0; i < count; i++) WriteType(type, depth - 1);
                break;
            default:
                type.WriteByte((byte)Simple[_random.Next(Simple.Length)]);
                break;
        }
    }

    private CosemValue Row(byte[] type)
    {
        var at = 0;
        return Row(type, ref at);
    }

    private CosemValue Row(byte[] type, ref int at)
    {
        var tag = (DataTag)type[at++];
        if (tag == DataTag.Structure)
        {
            var fields = new CosemValue[type[at++]];
            for (var i = 0; i < fields.Length; i++) fields[i] = Row(type, ref at);
            return CosemValue.Of(tag, fields);
        }

        if (tag != DataTag.Array) return OfType(tag);
        var elements = new CosemValue[type[at + 1]];
        at += 2;
        var element = at;
        Row(type, ref at); // to step over the type, also where there is no element
        var end = at;
        for (var i = 0; i < elements.Length; i++)
        {
            at = element;
            elements[i] = Row(type, ref at);
        }

        at = end;
        return CosemValue.Of(tag, elements);
    }
}
