using System.Buffers;
using System.Buffers.Binary;

namespace Gridtally.Cosem.Framing;

/// <summary>The eight octets before an APDU on TCP and UDP.</summary>
/// <param name="Source">wPort of the sender: a client SAP in requests.</param>
/// <param name="Destination">wPort of the receiver: a logical device in requests.</param>
/// <param name="Length">Octets of the APDU that follows.</param>
/// <remarks>IEC 62056-47, clause 6.3: version 0x0001, source wPort, destination wPort, length. Registered port 4059.</remarks>
public readonly record struct WrapperHeader(ushort Source, ushort Destination, ushort Length)
{
    /// <summary>Octets on the wire.</summary>
    public const int Size = 8;

    /// <summary>The only version there is.</summary>
    public const ushort Version = 0x0001;

    /// <summary>The registered port, TCP and UDP.</summary>
    public const int Port = 4059;

    /// <summary>wPort of all logical devices.</summary>
    public const ushort AllDevices = 0x007F;

    /// <summary>Reads a header from the start of <paramref name="source"/>.</summary>
    /// <returns><see cref="OperationStatus.InvalidData"/> as soon as the version is known to be wrong.</returns>
    public static OperationStatus TryRead(ReadOnlySpan<byte> source, out WrapperHeader value)
    {
        value = default;
        if (source.Length > 0 && source[0] != Version >> 8) return OperationStatus.InvalidData;
        if (source.Length > 1 && source[1] != (Version & 0xFF)) return OperationStatus.InvalidData;
        if (source.Length < Size) return OperationStatus.NeedMoreData;
        value = new(BinaryPrimitives.ReadUInt16BigEndian(source[2..]), BinaryPrimitives.ReadUInt16BigEndian(source[4..]), BinaryPrimitives.ReadUInt16BigEndian(source[6..]));
        return OperationStatus.Done;
    }

    /// <summary>Writes the header.</summary>
    public void WriteTo(IBufferWriter<byte> target)
    {
        var span = target.GetSpan(Size);
        BinaryPrimitives.WriteUInt16BigEndian(span, Version);
        BinaryPrimitives.WriteUInt16BigEndian(span[2..], Source);
        BinaryPrimitives.WriteUInt16BigEndian(span[4..], Destination);
        BinaryPrimitives.WriteUInt16BigEndian(span[6..], Length);
        target.Advance(Size);
    }

    /// <summary>Writes header and APDU.</summary>
    /// <exception cref="InvalidOperationException">The APDU does not fit; block transfer is for that.</exception>
    public static void WriteApdu(IBufferWriter<byte> target, ushort source, ushort destination, ReadOnlySpan<byte> apdu)
    {
        if (apdu.Length > ushort.MaxValue)
            throw new InvalidOperationException($"A wrapper holds {ushort.MaxValue} octets, not {apdu.Length}; negotiate a maximum PDU size and use block transfer.");
        new WrapperHeader(source, destination, (ushort)apdu.Length).WriteTo(target);
        target.Write(apdu);
    }
}
