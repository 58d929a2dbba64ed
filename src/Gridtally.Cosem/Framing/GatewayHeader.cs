using System.Buffers;

namespace Gridtally.Cosem.Framing;

/// <summary>What goes before an APDU that a gateway passes on to a device behind it.</summary>
/// <remarks>
/// IEC 62056-5-3 (Green Book: gateway protocol): tag, network id, length of the physical device address, the address; the
/// APDU follows. The tag says the direction: 0xE6 to the device, 0xE7 from it.
/// </remarks>
public readonly ref struct GatewayHeader
{
    /// <summary>Tag of what goes to a device.</summary>
    public const byte RequestTag = 0xE6;

    /// <summary>Tag of what comes from a device.</summary>
    public const byte ResponseTag = 0xE7;

    /// <summary>Octets before the address.</summary>
    public const int FixedSize = 3;

    /// <summary>Longest address: its length is one octet.</summary>
    public const int MaxAddress = 255;

    /// <summary>True from the device, false to it.</summary>
    public bool IsResponse { get; init; }

    /// <summary>Which network behind the gateway.</summary>
    public byte Network { get; init; }

    /// <summary>Which device there; often its number in ASCII.</summary>
    public ReadOnlySpan<byte> Address { get; init; }

    /// <summary>Octets of this header.</summary>
    public int Size => FixedSize + Address.Length;

    /// <summary>True where <paramref name="apdu"/> begins with a gateway tag.</summary>
    public static bool IsPresent(ReadOnlySpan<byte> apdu) => apdu.Length > 0 && apdu[0] is RequestTag or ResponseTag;

    /// <summary>Reads a header from the start of a whole APDU.</summary>
    /// <param name="apdu">Header and user APDU.</param>
    /// <param name="header">The header; its address is a view of <paramref name="apdu"/>.</param>
    /// <param name="userApdu">What follows it.</param>
    /// <param name="error">What is wrong, where the answer is false.</param>
    public static bool TryRead(ReadOnlySpan<byte> apdu, out GatewayHeader header, out ReadOnlySpan<byte> userApdu, out DecodeError error)
    {
        header = default;
        userApdu = default;
        error = default;
        const string Production = "gateway header";
        if (!IsPresent(apdu)) return Fail(DecodeFault.UnknownTag, 0, out error);
        if (apdu.Length < FixedSize) return Fail(DecodeFault.Truncated, apdu.Length, out error);
        var size = FixedSize + apdu[2];
        if (apdu.Length < size) return Fail(DecodeFault.BadLength, 2, out error);
        header = new() { IsResponse = apdu[0] == ResponseTag, Network = apdu[1], Address = apdu[FixedSize..size] };
        userApdu = apdu[size..];
        return true;

        static bool Fail(DecodeFault fault, int offset, out DecodeError error)
        {
            error = new(fault, Production, offset);
            return false;
        }
    }

    /// <summary>Writes the header; the user APDU is to follow.</summary>
    /// <exception cref="ArgumentException">An address longer than <see cref="MaxAddress"/>.</exception>
    public void WriteTo(IBufferWriter<byte> target)
    {
        if (Address.Length > MaxAddress) throw new ArgumentException($"A gateway address has at most {MaxAddress} octets, not {Address.Length}.", nameof(target));
        var span = target.GetSpan(Size);
        (span[0], span[1], span[2]) = (IsResponse ? ResponseTag : RequestTag, Network, (byte)Address.Length);
        Address.CopyTo(span[FixedSize..]);
        target.Advance(Size);
    }
}
