using System.Buffers;

namespace Gridtally.Cosem.Framing;

/// <summary>Why octets are not an M-Bus long frame.</summary>
public enum MBusFrameFault : byte
{
    /// <summary>Nothing is wrong.</summary>
    None,
    /// <summary>No start octet 68 at the first or the fourth place.</summary>
    NoStart,
    /// <summary>The two length octets differ.</summary>
    LengthsDiffer,
    /// <summary>The checksum does not match.</summary>
    BadChecksum,
    /// <summary>No stop octet 16 where the length says that the frame ends.</summary>
    NoStop,
}

/// <summary>One M-Bus long frame, as a view of the received octets.</summary>
/// <remarks>
/// EN 13757-2: 68, L, L, 68, C, A, CI, data, checksum, 16; L counts C to the end of the data, the checksum is their sum modulo
/// 256. At 2400 8E1 the customer ports of Austrian meters push such frames. A length below 3 can't be; meters of one make
/// (seen: 01 01 for 257 octets) let the length octet run over, which is taken as 256 more.
/// </remarks>
public readonly ref struct MBusFrame
{
    /// <summary>Start octet, twice.</summary>
    public const byte Start = 0x68;

    /// <summary>Stop octet.</summary>
    public const byte Stop = 0x16;

    /// <summary>C of what a meter sends unasked (send user data).</summary>
    public const byte SendUserData = 0x53;

    /// <summary>A for all.</summary>
    public const byte BroadcastAddress = 0xFF;

    /// <summary>Start, two lengths, start.</summary>
    public const int HeaderSize = 4;

    /// <summary>Most octets after CI that <see cref="Write"/> puts into one frame.</summary>
    public const int MaxData = 0xFF - MinLength;

    /// <summary>Longest frame read: a length octet that has run over once.</summary>
    public const int MaxSize = HeaderSize + 256 + MinLength - 1 + TrailerSize;

    private const int MinLength = 3, TrailerSize = 2;

    /// <summary>Control: function and direction.</summary>
    public byte Control { get; init; }

    /// <summary>Primary address, 0..FF.</summary>
    public byte Address { get; init; }

    /// <summary>Control information: what the data are.</summary>
    public byte ControlInformation { get; init; }

    /// <summary>What follows CI.</summary>
    public ReadOnlySpan<byte> Data { get; init; }

    /// <summary>Reads one frame from its first octet to its last.</summary>
    /// <param name="source">Octets that begin with the start octet.</param>
    /// <param name="frame">The frame; its data are a view of <paramref name="source"/>.</param>
    /// <param name="length">Octets of the whole frame, as soon as its header says so; else 0.</param>
    /// <param name="fault">What is wrong, with <see cref="OperationStatus.InvalidData"/>.</param>
    public static OperationStatus TryRead(ReadOnlySpan<byte> source, out MBusFrame frame, out int length, out MBusFrameFault fault)
    {
        frame = default;
        length = 0;
        fault = MBusFrameFault.None;
        if (source.Length > 0 && source[0] != Start) return Invalid(MBusFrameFault.NoStart, out fault);
        if (source.Length > 2 && source[1] != source[2]) return Invalid(MBusFrameFault.LengthsDiffer, out fault);
        if (source.Length > 3 && source[3] != Start) return Invalid(MBusFrameFault.NoStart, out fault);
        if (source.Length < HeaderSize) return OperationStatus.NeedMoreData;

        var counted = source[1] < MinLength ? source[1] + 256 : source[1];
        length = HeaderSize + counted + TrailerSize;
        if (source.Length < length) return OperationStatus.NeedMoreData;
        if (source[length - 1] != Stop) return Invalid(MBusFrameFault.NoStop, out fault);
        var body = source.Slice(HeaderSize, counted);
        if (Sum(body) != source[length - 2]) return Invalid(MBusFrameFault.BadChecksum, out fault);

        frame = new() { Control = body[0], Address = body[1], ControlInformation = body[2], Data = body[MinLength..] };
        return OperationStatus.Done;
    }

    /// <summary>Writes a frame.</summary>
    /// <exception cref="ArgumentException">More than <see cref="MaxData"/> octets.</exception>
    public static void Write(IBufferWriter<byte> target, byte control, byte address, byte controlInformation, ReadOnlySpan<byte> data)
    {
        if (data.Length > MaxData) throw new ArgumentException($"An M-Bus frame holds {MaxData} octets, not {data.Length}; send it in segments.", nameof(data));
        var counted = MinLength + data.Length;
        var length = HeaderSize + counted + TrailerSize;
        var span = target.GetSpan(length);
        (span[0], span[1], span[2], span[3]) = (Start, (byte)counted, (byte)counted, Start);
        (span[4], span[5], span[6]) = (control, address, controlInformation);
        data.CopyTo(span[(HeaderSize + MinLength)..]);
        span[length - 2] = Sum(span.Slice(HeaderSize, counted));
        span[length - 1] = Stop;
        target.Advance(length);
    }

    private static byte Sum(ReadOnlySpan<byte> octets)
    {
        var sum = 0;
        foreach (var octet in octets) sum += octet;
        return (byte)sum;
    }

    private static OperationStatus Invalid(MBusFrameFault what, out MBusFrameFault fault)
    {
        fault = what;
        return OperationStatus.InvalidData;
    }
}
