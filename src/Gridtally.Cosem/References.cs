using System.Buffers;
using System.Buffers.Binary;
using Gridtally.Metering;

namespace Gridtally.Cosem;

/// <summary>Points at one attribute of one COSEM object.</summary>
/// <param name="ClassId">Interface class, such as 3 for Register.</param>
/// <param name="Instance">The object's logical name.</param>
/// <param name="AttributeId">1 is always logical_name; 0 means all attributes where that is negotiated.</param>
/// <remarks>Cosem-Attribute-Descriptor, IEC 62056-5-3: class id, instance id, attribute id.</remarks>
public readonly record struct AttributeRef(ushort ClassId, ObisCode Instance, sbyte AttributeId)
{
    /// <summary>Octets on the wire.</summary>
    public const int Size = 2 + ObisCode.Size + 1;

    /// <summary>Reads a descriptor from the start of <paramref name="source"/>; nothing is consumed unless it is all there.</summary>
    public static OperationStatus TryRead(ReadOnlySpan<byte> source, out AttributeRef value, out int consumed)
    {
        (value, consumed) = (default, 0);
        if (source.Length < Size) return OperationStatus.NeedMoreData;
        value = new(BinaryPrimitives.ReadUInt16BigEndian(source), ObisCode.Read(source[2..]), (sbyte)source[8]);
        consumed = Size;
        return OperationStatus.Done;
    }

    /// <summary>Writes the descriptor.</summary>
    public void WriteTo(IBufferWriter<byte> target)
    {
        var span = target.GetSpan(Size);
        BinaryPrimitives.WriteUInt16BigEndian(span, ClassId);
        Instance.Write(span[2..]);
        span[8] = (byte)AttributeId;
        target.Advance(Size);
    }

    /// <summary><c>3/1-0:1.8.0.255:2</c>: class, logical name, attribute.</summary>
    public override string ToString() => $"{ClassId}/{Instance}:{AttributeId}";
}

/// <summary>Points at one method of one COSEM object.</summary>
/// <param name="ClassId">Interface class, such as 70 for Disconnect control.</param>
/// <param name="Instance">The object's logical name.</param>
/// <param name="MethodId">1 is the first method.</param>
/// <remarks>Cosem-Method-Descriptor, IEC 62056-5-3. The same octets as <see cref="AttributeRef"/>, another meaning.</remarks>
public readonly record struct MethodRef(ushort ClassId, ObisCode Instance, sbyte MethodId)
{
    /// <summary>Reads a descriptor from the start of <paramref name="source"/>; nothing is consumed unless it is all there.</summary>
    public static OperationStatus TryRead(ReadOnlySpan<byte> source, out MethodRef value, out int consumed)
    {
        var status = AttributeRef.TryRead(source, out var same, out consumed);
        value = new(same.ClassId, same.Instance, same.AttributeId);
        return status;
    }

    /// <summary>Writes the descriptor.</summary>
    public void WriteTo(IBufferWriter<byte> target) => new AttributeRef(ClassId, Instance, MethodId).WriteTo(target);

    /// <summary><c>70/0-0:96.3.10.255!1</c>: class, logical name, method.</summary>
    public override string ToString() => $"{ClassId}/{Instance}!{MethodId}";
}

/// <summary>One column of a profile: an attribute, or one element of it.</summary>
/// <param name="ClassId">Interface class of the captured object.</param>
/// <param name="Instance">Its logical name.</param>
/// <param name="AttributeIndex">The captured attribute; 0 for all attributes.</param>
/// <param name="DataIndex">0 for the whole attribute, n for the nth element of a structure.</param>
/// <remarks>capture_object_definition, Blue Book, class 7 Profile generic.</remarks>
public readonly record struct CaptureObject(ushort ClassId, ObisCode Instance, sbyte AttributeIndex, ushort DataIndex = 0)
{
    /// <summary>The captured attribute.</summary>
    public AttributeRef Attribute => new(ClassId, Instance, AttributeIndex);

    /// <summary>As <see cref="AttributeRef"/>, with the element where one is chosen.</summary>
    public override string ToString() => DataIndex == 0 ? Attribute.ToString() : $"{Attribute}[{DataIndex}]";
}
