using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Gridtally.Cosem.Data;

namespace Gridtally.Cosem.Objects;

/// <summary>Reads one element of Data as a value; false where it has another type, after which the reader has failed.</summary>
public delegate bool DataReader<T>(ref AxdrReader reader, [MaybeNullWhen(false)] out T value);

/// <summary>Writes one value as Data.</summary>
public delegate void DataWriter<in T>(IBufferWriter<byte> target, T value);

/// <summary>Reads and writes one type of Data as values of <typeparamref name="T"/>: what is read is written again octet by octet.</summary>
/// <remarks>
/// Except lengths that were not in their shortest form, and tagged dates, which are written as the octet-strings that attributes use.
/// Each attribute and method of <see cref="Classes.InterfaceClasses"/> has its codec, such as <c>ClockCodecs.Time</c>.
/// </remarks>
public sealed class DataCodec<T>(DataReader<T> read, DataWriter<T> write)
{
    /// <summary>Reads one element.</summary>
    public bool TryRead(ref AxdrReader reader, [MaybeNullWhen(false)] out T value) => read(ref reader, out value);

    /// <summary>Writes one element.</summary>
    public void Write(IBufferWriter<byte> target, T value) => write(target, value);

    /// <summary>Reads encoded Data that is exactly one element.</summary>
    public bool TryDecode(ReadOnlySpan<byte> data, [MaybeNullWhen(false)] out T value, out DecodeError error)
    {
        var reader = new AxdrReader(data);
        var done = read(ref reader, out value) && reader.TryEnd();
        error = reader.Error;
        if (!done) value = default;
        return done;
    }

    /// <summary>Encodes a value.</summary>
    public byte[] Encode(T value)
    {
        var buffer = new ArrayBufferWriter<byte>();
        write(buffer, value);
        return buffer.WrittenSpan.ToArray();
    }
}
