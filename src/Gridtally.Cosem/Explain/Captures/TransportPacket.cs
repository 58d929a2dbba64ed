using System.Buffers.Binary;
using System.Net;

namespace Gridtally.Cosem.Explain.Captures;

/// <summary>One TCP segment or UDP datagram out of a captured packet.</summary>
/// <param name="IsTcp">True for TCP, false for UDP.</param>
/// <param name="Source">Who sent it.</param>
/// <param name="Destination">To whom.</param>
/// <param name="Sequence">TCP sequence number of the first octet of the payload.</param>
/// <param name="Flags">TCP flags.</param>
/// <param name="Payload">What it carries, as far as it was captured.</param>
/// <param name="Offset">Octets from the start of the file to the payload.</param>
internal readonly record struct TransportPacket(bool IsTcp, IPEndPoint Source, IPEndPoint Destination, uint Sequence, byte Flags, ReadOnlyMemory<byte> Payload, int Offset)
{
    public const byte Fin = 0x01, Syn = 0x02, Reset = 0x04;

    private const int Ethernet = 1, LoopbackHost = 0, LoopbackNetwork = 108, LinuxCooked = 113, LinuxCooked2 = 276;
    private const ushort Ipv4 = 0x0800, Ipv6 = 0x86DD, Vlan = 0x8100, ServiceVlan = 0x88A8, PppoeSession = 0x8864;
    private const byte TcpProtocol = 6, UdpProtocol = 17;

    /// <summary>Takes the headers off; false for what is no TCP or UDP, is a later fragment, or is cut within its headers.</summary>
    public static bool TryRead(in CapturedPacket packet, out TransportPacket transport)
    {
        transport = default;
        var octets = packet.Octets.Span;
        return TryFindNetwork(packet.LinkType, octets, out var at)
            && TryReadNetwork(octets, at, out var source, out var destination, out var protocol, out at, out var end)
            && TryReadTransport(packet, at, end, source, destination, protocol, out transport);
    }

    // Where the IP header begins.
    private static bool TryFindNetwork(int linkType, ReadOnlySpan<byte> octets, out int at)
    {
        (at, var type) = linkType switch
        {
            Ethernet => (14, octets.Length >= 14 ? BinaryPrimitives.ReadUInt16BigEndian(octets[12..]) : (ushort)0),
            LinuxCooked => (16, octets.Length >= 16 ? BinaryPrimitives.ReadUInt16BigEndian(octets[14..]) : (ushort)0),
            LinuxCooked2 => (20, octets.Length >= 20 ? BinaryPrimitives.ReadUInt16BigEndian(octets) : (ushort)0),
            LoopbackHost or LoopbackNetwork => (4, Ipv4),
            12 or 14 or 101 or 228 or 229 => (0, Ipv4),
            _ => (-1, (ushort)0),
        };
        while (type is Vlan or ServiceVlan && octets.Length >= at + 4) (type, at) = (BinaryPrimitives.ReadUInt16BigEndian(octets[(at + 2)..]), at + 4);
        if (type == PppoeSession && octets.Length >= at + 8) (type, at) = (BinaryPrimitives.ReadUInt16BigEndian(octets[(at + 6)..]) switch { 0x0021 => Ipv4, 0x0057 => Ipv6, _ => (ushort)0 }, at + 8);
        return type is Ipv4 or Ipv6 && at < octets.Length;
    }

    // The version is told by the header itself: link types of raw IP and loopback do not say it reliably.
    private static bool TryReadNetwork(
        ReadOnlySpan<byte> octets, int start, out IPAddress source, out IPAddress destination, out byte protocol, out int at, out int end)
    {
        (source, destination, protocol, at, end) = (IPAddress.None, IPAddress.None, 0, 0, octets.Length);
        var ip = octets[start..];
        switch (ip[0] >> 4)
        {
            case 4 when ip.Length >= 20:
                var header = (ip[0] & 0x0F) * 4;
                var fragment = BinaryPrimitives.ReadUInt16BigEndian(ip[6..]) & 0x1FFF;
                if (header < 20 || header > ip.Length || fragment != 0) return false;
                (source, destination, protocol, at) = (new(ip.Slice(12, 4)), new(ip.Slice(16, 4)), ip[9], start + header);
                var total = BinaryPrimitives.ReadUInt16BigEndian(ip[2..]);
                if (total >= header) end = Math.Min(end, start + total);
                return true;
            case 6 when ip.Length >= 40:
                (source, destination, protocol, at) = (new(ip.Slice(8, 16)), new(ip.Slice(24, 16)), ip[6], start + 40);
                if (BinaryPrimitives.ReadUInt16BigEndian(ip[4..]) is > 0 and var payload) end = Math.Min(end, start + 40 + payload);
                return TrySkipExtensions(octets, ref protocol, ref at);
            default:
                return false;
        }
    }

    private static bool TrySkipExtensions(ReadOnlySpan<byte> octets, ref byte protocol, ref int at)
    {
        while (protocol is 0 or 43 or 44 or 60)
        {
            if (octets.Length < at + 8 || (protocol == 44 && (BinaryPrimitives.ReadUInt16BigEndian(octets[(at + 2)..]) & 0xFFF8) != 0)) return false;
            (protocol, at) = (octets[at], at + (protocol == 44 ? 8 : 8 * (octets[at + 1] + 1)));
        }

        return at <= octets.Length;
    }

    private static bool TryReadTransport(
        in CapturedPacket packet, int at, int end, IPAddress source, IPAddress destination, byte protocol, out TransportPacket transport)
    {
        transport = default;
        var octets = packet.Octets.Span;
        var least = protocol switch { TcpProtocol => 20, UdpProtocol => 8, _ => int.MaxValue };
        if (least > end - at) return false;
        var header = protocol == TcpProtocol ? (octets[at + 12] >> 4) * 4 : least;
        if (header < least || header > end - at) return false;
        var (from, to) = (BinaryPrimitives.ReadUInt16BigEndian(octets[at..]), BinaryPrimitives.ReadUInt16BigEndian(octets[(at + 2)..]));
        if (protocol == UdpProtocol && BinaryPrimitives.ReadUInt16BigEndian(octets[(at + 4)..]) is >= 8 and var length) end = Math.Min(end, at + length);
        var (sequence, flags) = protocol == TcpProtocol ? (BinaryPrimitives.ReadUInt32BigEndian(octets[(at + 4)..]), octets[at + 13]) : (0u, (byte)0);
        transport = new(
            protocol == TcpProtocol, new(source, from), new(destination, to), sequence, flags, packet.Octets[(at + header)..end], packet.Offset + at + header);
        return true;
    }
}
