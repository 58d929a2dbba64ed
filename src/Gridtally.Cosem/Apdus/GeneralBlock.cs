using System.Buffers;
using System.Buffers.Binary;
using Gridtally.Cosem.Acse;
using Gridtally.Cosem.Data;

namespace Gridtally.Cosem.Apdus;

/// <summary>One block of an APDU that is carried in general blocks, read in place.</summary>
/// <remarks>General-Block-Transfer, IEC 62056-5-3: block-control, block-number, block-number-ack, block-data. The blocks of a ciphered APDU carry slices of its ciphertext.</remarks>
public readonly ref struct GeneralBlock
{
    /// <summary>Octets before the length of the data: tag, control, number, number acknowledged.</summary>
    public const int HeadSize = 6;

    /// <summary>Blocks of a window at most: six bits.</summary>
    public const int MaxWindow = 63;

    private const string Production = "General-Block-Transfer";
    private const byte LastBit = 0x80, StreamingBit = 0x40, WindowBits = 0x3F;

    /// <summary>True where the sender has no more blocks.</summary>
    public bool Last { get; init; }

    /// <summary>True where the sender goes on without waiting; false where it is the receiver's turn.</summary>
    public bool Streaming { get; init; }

    /// <summary>Blocks that the sender takes in one stream, 0..<see cref="MaxWindow"/>.</summary>
    public byte Window { get; init; }

    /// <summary>block-number: 1 for the first block of either direction.</summary>
    public ushort Number { get; init; }

    /// <summary>block-number-ack: the highest number that the sender has received in order, 0 for none.</summary>
    public ushort Acknowledged { get; init; }

    /// <summary>A slice of the APDU; empty in a mere acknowledgement.</summary>
    public ReadOnlySpan<byte> Data { get; init; }

    /// <summary>True where the sender gives the transfer up: no block has the number 0.</summary>
    public bool IsAbort => Number == 0;

    /// <summary>Octets of an APDU that fit into one block of <paramref name="maxPdu"/> octets.</summary>
    public static int DataRoom(int maxPdu) => maxPdu - HeadSize - Ber.LengthSize(maxPdu);

    /// <summary>Reads a whole block, tag included.</summary>
    public static bool TryRead(ReadOnlySpan<byte> apdu, out GeneralBlock value, out DecodeError error)
    {
        var reader = new AxdrReader(apdu, Production);
        value = Read(ref reader);
        error = reader.Error;
        return !reader.Failed;
    }

    /// <summary>Writes the whole block.</summary>
    public void WriteTo(IBufferWriter<byte> target)
    {
        var head = target.GetSpan(HeadSize);
        head[0] = (byte)ApduTag.GeneralBlockTransfer;
        head[1] = (byte)((Last ? LastBit : 0) | (Streaming ? StreamingBit : 0) | (Window & WindowBits));
        BinaryPrimitives.WriteUInt16BigEndian(head[2..], Number);
        BinaryPrimitives.WriteUInt16BigEndian(head[4..], Acknowledged);
        target.Advance(HeadSize);
        target.WriteLength(Data.Length);
        target.Write(Data);
    }

    /// <summary>Gives a transfer up: both numbers 0, no data.</summary>
    public static void WriteAbort(IBufferWriter<byte> target) => new GeneralBlock { Last = true }.WriteTo(target);

    private static GeneralBlock Read(scoped ref AxdrReader reader)
    {
        reader.TryReadTag(ApduTag.GeneralBlockTransfer);
        reader.TryReadByte(out var control);
        reader.TryReadUInt16(out var number);
        reader.TryReadUInt16(out var acknowledged);
        reader.TryReadLengthPrefixed(out var data);
        reader.TryEnd();
        return new()
        {
            Last = (control & LastBit) != 0,
            Streaming = (control & StreamingBit) != 0,
            Window = (byte)(control & WindowBits),
            Number = number,
            Acknowledged = acknowledged,
            Data = data,
        };
    }
}
