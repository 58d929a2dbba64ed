using System.Buffers;
using System.Text;
using Gridtally.Cosem.Framing;

namespace Gridtally.Sessions;

/// <summary>A device behind a gateway: network and physical device address.</summary>
internal sealed class GatewayAddress(byte network, byte[] address) : IEquatable<GatewayAddress>
{
    /// <summary>Reads the header of an answer.</summary>
    public static bool TryRead(ReadOnlySpan<byte> apdu, out GatewayAddress? gateway, out int offset)
    {
        (gateway, offset) = (null, 0);
        if (!GatewayHeader.IsPresent(apdu) || !GatewayHeader.TryRead(apdu, out var header, out _, out _) || !header.IsResponse) return false;
        (gateway, offset) = (new(header.Network, header.Address.ToArray()), header.Size);
        return true;
    }

    public void WriteRequest(IBufferWriter<byte> output) => new GatewayHeader { Network = network, Address = address }.WriteTo(output);

    public bool Equals(GatewayAddress? other) => other is not null && other.Network == network && other.Address.SequenceEqual(address);

    public override bool Equals(object? obj) => Equals(obj as GatewayAddress);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.Add(network);
        hash.AddBytes(address);
        return hash.ToHashCode();
    }

    public override string ToString() => address.All(b => b is > 0x20 and < 0x7F)
        ? $"gateway network {network} address {Encoding.ASCII.GetString(address)}"
        : $"gateway network {network} address {Convert.ToHexString(address)} (hex)";

    private byte Network => network;

    private ReadOnlySpan<byte> Address => address;
}

/// <summary>Whose APDUs: the two wPorts, and the device behind a gateway where there is one.</summary>
internal readonly record struct WrapperPeer(ushort Client, ushort LogicalDevice, GatewayAddress? Gateway)
{
    public void WriteRequest(ArrayBufferWriter<byte> output, ReadOnlySpan<byte> apdu)
    {
        if (Gateway is null)
        {
            WrapperHeader.WriteApdu(output, Client, LogicalDevice, apdu);
            return;
        }

        var whole = new ArrayBufferWriter<byte>(apdu.Length + GatewayHeader.FixedSize + 16);
        Gateway.WriteRequest(whole);
        whole.Write(apdu);
        WrapperHeader.WriteApdu(output, Client, LogicalDevice, whole.WrittenSpan);
    }

    public override string ToString() => $"{new PeerAddress(Client, LogicalDevice)}{(Gateway is null ? "" : $" behind {Gateway}")}";
}
