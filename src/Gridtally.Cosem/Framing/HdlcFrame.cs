using System.Buffers;
using System.Buffers.Binary;

namespace Gridtally.Cosem.Framing;

/// <summary>Why octets are not an HDLC frame.</summary>
public enum HdlcFrameFault : byte
{
    /// <summary>Nothing is wrong.</summary>
    None,
    /// <summary>The format field does not say type 3.</summary>
    NotType3,
    /// <summary>The length is too short for what a frame must have.</summary>
    BadLength,
    /// <summary>An address of 3 octets, or of more than 4.</summary>
    BadAddress,
    /// <summary>The header check sequence does not match.</summary>
    BadHcs,
    /// <summary>The frame check sequence does not match.</summary>
    BadFcs,
    /// <summary>No flag where the length says that the frame ends.</summary>
    NoClosingFlag,
}

/// <summary>One HDLC frame of format type 3, as a view of the received octets.</summary>
/// <remarks>
/// IEC 62056-46, clause 6.4: flag, format (2), destination, source, control, HCS (2), information, FCS (2), flag. HCS and
/// information are absent together. No octet stuffing: the length field delimits, so flags occur inside.
/// </remarks>
public readonly ref struct HdlcFrame
{
    /// <summary>Opens and closes a frame.</summary>
    public const byte Flag = 0x7E;

    /// <summary>Longest frame without its flags: 11 bits of length.</summary>
    public const int MaxLength = 0x7FF;

    /// <summary>Shortest frame without its flags: format, two one-octet addresses, control, FCS.</summary>
    public const int MinLength = 7;

    /// <summary>Longest information field that a frame may be negotiated to carry.</summary>
    public const int MaxInformation = 2030;

    /// <summary>True where another segment of the same APDU follows.</summary>
    public bool Segmented { get; init; }

    /// <summary>To whom.</summary>
    public HdlcAddress Destination { get; init; }

    /// <summary>From whom.</summary>
    public HdlcAddress Source { get; init; }

    /// <summary>What kind of frame, and its numbers.</summary>
    public HdlcControl Control { get; init; }

    /// <summary>What it carries; often empty.</summary>
    public ReadOnlySpan<byte> Information { get; init; }

    /// <summary>Reads one frame, from its format field up to and including the closing flag.</summary>
    /// <param name="source">Octets that follow an opening flag.</param>
    /// <param name="frame">The frame; its information is a view of <paramref name="source"/>.</param>
    /// <param name="length">Octets of the frame without its flags, as soon as the format field says so; else 0.</param>
    /// <param name="fault">What is wrong, with <see cref="OperationStatus.InvalidData"/>.</param>
    /// <remarks>A bad header is told as soon as its HCS is there, so that a false start never holds up the line.</remarks>
    public static OperationStatus TryRead(ReadOnlySpan<byte> source, out HdlcFrame frame, out int length, out HdlcFrameFault fault)
    {
        frame = default;
        length = 0;
        fault = HdlcFrameFault.None;
        if (source.Length > 0 && source[0] >> 4 != 0xA) return Invalid(HdlcFrameFault.NotType3, out fault);
        if (source.Length < 2) return OperationStatus.NeedMoreData;
        length = BinaryPrimitives.ReadUInt16BigEndian(source) & MaxLength;
        if (length < MinLength) return Invalid(HdlcFrameFault.BadLength, out fault);

        var position = 2;
        var status = HdlcAddress.TryRead(source[position..], out var destination);
        if (status == OperationStatus.InvalidData) return Invalid(HdlcFrameFault.BadAddress, out fault);
        if (status != OperationStatus.Done) return status;
        position += destination.Size;

        status = HdlcAddress.TryRead(source[position..], out var from);
        if (status == OperationStatus.InvalidData) return Invalid(HdlcFrameFault.BadAddress, out fault);
        if (status != OperationStatus.Done) return status;
        position += from.Size;

        // control, then either the FCS alone or HCS, information and FCS.
        var headerEnd = position + 1 + 2;
        if (length < headerEnd || length == headerEnd + 1) return Invalid(HdlcFrameFault.BadLength, out fault);
        if (source.Length < headerEnd) return OperationStatus.NeedMoreData;
        var bare = length == headerEnd;
        var sum = Crc16.Update(Crc16.Start, source[..headerEnd]);
        if (sum != Crc16.Residue) return Invalid(bare ? HdlcFrameFault.BadFcs : HdlcFrameFault.BadHcs, out fault);
        if (source.Length <= length) return OperationStatus.NeedMoreData;
        if (!bare && Crc16.Update(sum, source[headerEnd..length]) != Crc16.Residue) return Invalid(HdlcFrameFault.BadFcs, out fault);
        if (source[length] != Flag) return Invalid(HdlcFrameFault.NoClosingFlag, out fault);

        frame = new()
        {
            Segmented = (source[0] & 0x08) != 0,
            Destination = destination,
            Source = from,
            Control = new(source[position]),
            Information = bare ? default : source[headerEnd..(length - 2)],
        };
        return OperationStatus.Done;
    }

    /// <summary>Writes the frame, both flags included.</summary>
    /// <exception cref="InvalidOperationException">The information does not fit in a frame.</exception>
    public void WriteTo(IBufferWriter<byte> target) => Write(target, Destination, Source, Control, Segmented, Information);

    /// <summary>Writes a frame, both flags included.</summary>
    /// <exception cref="InvalidOperationException">The information does not fit in a frame.</exception>
    public static void Write(
        IBufferWriter<byte> target, in HdlcAddress destination, in HdlcAddress source, HdlcControl control, bool segmented = false,
        ReadOnlySpan<byte> information = default)
    {
        var header = 2 + destination.Size + source.Size + 1;
        var length = header + 2 + (information.IsEmpty ? 0 : information.Length + 2);
        if (length > MaxLength) throw new InvalidOperationException($"A frame holds {MaxLength} octets; {length} were asked for.");

        var span = target.GetSpan(length + 2)[..(length + 2)];
        span[0] = Flag;
        var body = span[1..];
        BinaryPrimitives.WriteUInt16BigEndian(body, (ushort)(0xA000 | (segmented ? 0x0800 : 0) | length));
        destination.Write(body[2..]);
        source.Write(body[(2 + destination.Size)..]);
        body[header - 1] = control.Value;
        var sum = Crc16.Update(Crc16.Start, body[..header]);
        if (!information.IsEmpty)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(body[header..], (ushort)~sum);
            information.CopyTo(body[(header + 2)..]);
            sum = Crc16.Update(sum, body[header..(length - 2)]);
        }

        BinaryPrimitives.WriteUInt16LittleEndian(body[(length - 2)..], (ushort)~sum);
        body[length] = Flag;
        target.Advance(length + 2);
    }

    private static OperationStatus Invalid(HdlcFrameFault what, out HdlcFrameFault fault)
    {
        fault = what;
        return OperationStatus.InvalidData;
    }
}
