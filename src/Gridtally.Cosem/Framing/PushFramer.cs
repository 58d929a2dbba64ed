using System.Buffers;

namespace Gridtally.Cosem.Framing;

/// <summary>Writes pushed APDUs as a household port sends them: what <see cref="PushDeframer"/> reads.</summary>
public static class PushFramer
{
    /// <summary>Information octets of each HDLC frame where nothing else is asked for; longer APDUs go in several.</summary>
    public const int DefaultHdlcInformation = HdlcFrame.MaxInformation;

    /// <summary>Writes one APDU.</summary>
    /// <param name="target">Where to.</param>
    /// <param name="framing">How; not <see cref="PushFraming.Auto"/>.</param>
    /// <param name="peer">From which device to which client. The SAPs of M-Bus have one octet; bare APDUs say nothing of either.</param>
    /// <param name="apdu">The APDU, protected already where it is to be.</param>
    /// <param name="segmentSize">Octets in each HDLC information field or M-Bus frame; 0 for what captured meters use.</param>
    /// <exception cref="ArgumentOutOfRangeException">No framing that can be written, or an address or size that it does not have.</exception>
    public static void Write(IBufferWriter<byte> target, PushFraming framing, in PeerAddress peer, ReadOnlySpan<byte> apdu, int segmentSize = 0)
    {
        switch (framing)
        {
            case PushFraming.Hdlc:
                var size = segmentSize == 0 ? DefaultHdlcInformation : segmentSize;
                ArgumentOutOfRangeException.ThrowIfLessThan(size, HdlcParameters.MinInfo, nameof(segmentSize));
                ArgumentOutOfRangeException.ThrowIfGreaterThan(size, HdlcFrame.MaxInformation, nameof(segmentSize));
                WriteHdlc(target, HdlcAddress.ShortestServer(peer.LogicalDevice, peer.Physical), peer.Client, apdu, size);
                break;
            case PushFraming.MBus:
                ArgumentOutOfRangeException.ThrowIfGreaterThan(peer.LogicalDevice, byte.MaxValue, nameof(peer));
                ArgumentOutOfRangeException.ThrowIfGreaterThan(peer.Client, byte.MaxValue, nameof(peer));
                MBusTransport.WriteApdu(target, apdu, (byte)peer.LogicalDevice, (byte)peer.Client, segmentSize == 0 ? MBusTransport.DefaultSegment : segmentSize);
                break;
            case PushFraming.Wrapper: WrapperHeader.WriteApdu(target, peer.LogicalDevice, peer.Client, apdu); break;
            case PushFraming.Raw: target.Write(apdu); break;
            default: throw new ArgumentOutOfRangeException(nameof(framing), framing, "expected HDLC, M-Bus, wrapper or raw");
        }
    }

    /// <summary>Writes an APDU in UI frames of one server.</summary>
    internal static void WriteHdlc(IBufferWriter<byte> target, in HdlcAddress server, ushort client, ReadOnlySpan<byte> apdu, int maxInformation)
    {
        var to = HdlcAddress.Client(client == HdlcAddress.All14 ? HdlcAddress.All7 : client);
        Span<byte> first = stackalloc byte[HdlcFrame.MaxInformation];
        Llc.Response.CopyTo(first);
        var count = Math.Min(apdu.Length, maxInformation - Llc.Size);
        apdu[..count].CopyTo(first[Llc.Size..]);
        ReadOnlySpan<byte> part = first[..(Llc.Size + count)];
        while (true)
        {
            apdu = apdu[count..];
            HdlcFrame.Write(target, to, server, apdu.IsEmpty ? HdlcControl.UiFinal : HdlcControl.Ui, !apdu.IsEmpty, part);
            if (apdu.IsEmpty) return;
            count = Math.Min(apdu.Length, maxInformation);
            part = apdu[..count];
        }
    }
}
