using System.Buffers;

namespace Gridtally.Cosem.Framing;

/// <summary>How an M-Bus frame carries (a segment of) a DLMS APDU.</summary>
/// <param name="Kind">Which of the forms.</param>
/// <param name="Number">Number of the segment, counted modulo 16 from 0; 0 where there are no segments.</param>
/// <param name="IsLast">True for the last segment, and where there are none.</param>
/// <param name="Source">STSAP: SAP of the sender; 0 where the form has none.</param>
/// <param name="Destination">DTSAP: SAP of the receiver; 0 where the form has none.</param>
/// <param name="HeaderSize">Octets between CI and the (segment of the) APDU.</param>
/// <remarks>
/// IEC 62056-7-3 and EN 13757-3. CI 00..1F: transport layer of DLMS, bit 4 says "last", bits 3..0 number the segment, two octets of SAPs
/// follow. CI 60 and 7C: a whole APDU behind the long M-Bus header (identification, maker, version, medium, access number,
/// status, configuration); 61 and 7D: behind the short one (the last three).
/// </remarks>
public readonly record struct MBusTransport(MBusTransportKind Kind, int Number, bool IsLast, byte Source, byte Destination, int HeaderSize)
{
    /// <summary>Bit of CI that marks the last segment.</summary>
    public const byte LastBit = 0x10;

    /// <summary>SAP octets of CI 00..1F.</summary>
    public const int SapSize = 2;

    /// <summary>Most octets of an APDU in one frame that <see cref="WriteApdu"/> writes.</summary>
    public const int MaxSegment = MBusFrame.MaxData - SapSize;

    /// <summary>STSAP and DTSAP of the pushes of Austrian customer ports: management logical device, and client 103.</summary>
    public const byte PushSource = 0x01, PushDestination = 0x67;

    private const int NumberMask = 0x0F, LongHeader = 12, ShortHeader = 4;

    /// <summary>What the frame carries.</summary>
    /// <returns>False where it is no DLMS: an M-Bus application of another kind, or too short for its header.</returns>
    public static bool TryRead(scoped in MBusFrame frame, out MBusTransport transport)
    {
        transport = frame.ControlInformation switch
        {
            <= 0x1F when frame.Data.Length >= SapSize => new(
                MBusTransportKind.Segmented, frame.ControlInformation & NumberMask, (frame.ControlInformation & LastBit) != 0, frame.Data[0], frame.Data[1], SapSize),
            0x60 or 0x7C when frame.Data.Length >= LongHeader => new(MBusTransportKind.LongHeader, 0, true, 0, 0, LongHeader),
            0x61 or 0x7D when frame.Data.Length >= ShortHeader => new(MBusTransportKind.ShortHeader, 0, true, 0, 0, ShortHeader),
            _ => default,
        };
        return transport.HeaderSize > 0;
    }

    /// <summary>Writes one APDU in as many frames as it takes, as a meter pushes it.</summary>
    /// <param name="target">Where to.</param>
    /// <param name="apdu">The APDU, protected already where it is to be.</param>
    /// <param name="source">STSAP.</param>
    /// <param name="destination">DTSAP.</param>
    /// <param name="segmentSize">Octets of the APDU in each frame, 1..<see cref="MaxSegment"/>.</param>
    public static void WriteApdu(
        IBufferWriter<byte> target, ReadOnlySpan<byte> apdu, byte source = PushSource, byte destination = PushDestination, int segmentSize = DefaultSegment)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(segmentSize, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(segmentSize, MaxSegment);
        Span<byte> data = stackalloc byte[SapSize + segmentSize];
        (data[0], data[1]) = (source, destination);
        for (var number = 0; ; number++)
        {
            var part = apdu[..Math.Min(segmentSize, apdu.Length)];
            apdu = apdu[part.Length..];
            part.CopyTo(data[SapSize..]);
            var information = (byte)(number & NumberMask | (apdu.IsEmpty ? LastBit : 0));
            MBusFrame.Write(target, MBusFrame.SendUserData, MBusFrame.BroadcastAddress, information, data[..(SapSize + part.Length)]);
            if (apdu.IsEmpty) return;
        }
    }

    /// <summary>Octets of an APDU in each frame of captured pushes: a length octet of FA.</summary>
    public const int DefaultSegment = 0xFA - 3 - SapSize;
}

/// <summary>The forms of <see cref="MBusTransport"/>.</summary>
public enum MBusTransportKind : byte
{
    /// <summary>CI 00..1F: segments, with SAPs.</summary>
    Segmented,
    /// <summary>CI 60 or 7C: a whole APDU behind 12 octets.</summary>
    LongHeader,
    /// <summary>CI 61 or 7D: a whole APDU behind 4 octets.</summary>
    ShortHeader,
}
