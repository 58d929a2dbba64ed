using System.Buffers;

namespace Gridtally.Cosem.Framing;

/// <summary>One address of an HDLC frame, and how many octets it takes.</summary>
/// <param name="Upper">Client SAP, or logical device.</param>
/// <param name="Lower">Physical device; 0 in one-octet addresses, which have none.</param>
/// <param name="Size">Octets: 1 (7 bits, upper only), 2 (7 + 7 bits) or 4 (14 + 14 bits).</param>
/// <remarks>IEC 62056-46, clause 6.4.2: seven bits per octet, bit 0 set in the last one only.</remarks>
public readonly record struct HdlcAddress(ushort Upper, ushort Lower, byte Size)
{
    /// <summary>Longest form in octets.</summary>
    public const int MaxSize = 4;

    /// <summary>"All" in one half of a one-octet or two-octet address.</summary>
    public const ushort All7 = 0x7F;

    /// <summary>"All" in one half of a four-octet address, and in <see cref="PeerAddress"/> whatever the form was.</summary>
    public const ushort All14 = 0x3FFF;

    /// <summary>Lower half of the device that has called (an event report), in one-octet and two-octet addresses.</summary>
    public const ushort Calling7 = 0x7E;

    /// <summary>Lower half of the device that has called, in four-octet addresses.</summary>
    public const ushort Calling14 = 0x3FFE;

    /// <summary>A client's address: always one octet.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The SAP needs more than seven bits.</exception>
    public static HdlcAddress Client(int sap)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sap);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(sap, All7);
        return new((ushort)sap, 0, 1);
    }

    /// <summary>A server's address.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A half that does not fit in this form, or a form other than 1, 2 or 4 octets.</exception>
    public static HdlcAddress Server(int logicalDevice, int physical, int size)
    {
        var max = size switch { 1 or 2 => All7, 4 => All14, _ => throw new ArgumentOutOfRangeException(nameof(size), size, "HDLC addresses take 1, 2 or 4 octets.") };
        ArgumentOutOfRangeException.ThrowIfNegative(logicalDevice);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(logicalDevice, max);
        ArgumentOutOfRangeException.ThrowIfNegative(physical);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(physical, size == 1 ? 0 : max, nameof(physical));
        return new((ushort)logicalDevice, (ushort)physical, (byte)size);
    }

    /// <summary>True where either half says "all".</summary>
    public bool IsBroadcast => IsAll(Upper) || IsAll(Lower);

    /// <summary>The address with "all" written as <see cref="All14"/>, whatever the form.</summary>
    public (ushort LogicalDevice, ushort Physical) Normalised => (IsAll(Upper) ? All14 : Upper, IsAll(Lower) ? All14 : Lower);

    /// <summary>True where both name the same station, in whatever form; a one-octet address says nothing of the physical device.</summary>
    public bool Names(in HdlcAddress other) => Upper == other.Upper && (Lower == other.Lower || Size == 1 || other.Size == 1);

    /// <summary>A server's address in the shortest form that holds both halves; <see cref="All14"/> says "all" whatever the form.</summary>
    public static HdlcAddress ShortestServer(int logicalDevice, int physical)
    {
        var size = physical == 0 && Fits(logicalDevice) ? 1 : Fits(logicalDevice) && Fits(physical) ? 2 : 4;
        return Server(Narrow(logicalDevice), Narrow(physical), size);

        static bool Fits(int half) => half is < All7 or All14;
        int Narrow(int half) => size < 4 && half == All14 ? All7 : half;
    }

    /// <summary>Reads an address from the start of <paramref name="source"/>.</summary>
    /// <returns><see cref="OperationStatus.InvalidData"/> for forms of 3 or of more than 4 octets.</returns>
    public static OperationStatus TryRead(ReadOnlySpan<byte> source, out HdlcAddress value)
    {
        if (source.Length > 0 && (source[0] & 1) != 0)
        {
            value = new((ushort)(source[0] >> 1), 0, 1);
            return OperationStatus.Done;
        }

        value = default;
        var last = 0;
        while (last < source.Length && (source[last] & 1) == 0)
        {
            if (++last == MaxSize) return OperationStatus.InvalidData;
        }

        if (last == source.Length) return OperationStatus.NeedMoreData;
        switch (last)
        {
            case 1: value = new((ushort)(source[0] >> 1), (ushort)(source[1] >> 1), 2); return OperationStatus.Done;
            case 3: value = new(Join(source[0], source[1]), Join(source[2], source[3]), 4); return OperationStatus.Done;
            default: return OperationStatus.InvalidData;
        }

        static ushort Join(byte high, byte low) => (ushort)(high >> 1 << 7 | low >> 1);
    }

    /// <summary>Writes <see cref="Size"/> octets to the start of <paramref name="target"/>.</summary>
    public void Write(Span<byte> target)
    {
        switch (Size)
        {
            case 1: target[0] = (byte)(Upper << 1 | 1); break;
            case 2: (target[0], target[1]) = ((byte)(Upper << 1), (byte)(Lower << 1 | 1)); break;
            default:
                (target[0], target[1]) = ((byte)(Upper >> 7 << 1), (byte)(Upper << 1 & 0xFE));
                (target[2], target[3]) = ((byte)(Lower >> 7 << 1), (byte)(Lower << 1 & 0xFE | 1));
                break;
        }
    }

    /// <summary><c>1</c>, or <c>1/17</c> with the physical device.</summary>
    public override string ToString() => Size == 1 ? $"{Upper}" : $"{Upper}/{Lower}";

    private bool IsAll(ushort half) => half == (Size == 4 ? All14 : All7);
}
