using System.Buffers;

namespace Gridtally.Cosem.Framing;

/// <summary>Why a frame is rejected: low half of the third octet of FRMR.</summary>
[Flags]
public enum HdlcRejectReasons : byte
{
    /// <summary>None given.</summary>
    None = 0,
    /// <summary>W: a control octet that this link does not know.</summary>
    UndefinedControl = 0x01,
    /// <summary>X: information in a frame that may have none; always together with W.</summary>
    InformationNotPermitted = 0x02,
    /// <summary>Y: more information than was agreed on.</summary>
    InformationTooLong = 0x04,
    /// <summary>Z: N(R) acknowledges what was never sent.</summary>
    InvalidReceiveNumber = 0x08,
}

/// <summary>What FRMR says.</summary>
/// <param name="Control">Control octet of the rejected frame.</param>
/// <param name="SendNumber">V(S) of the end that rejects.</param>
/// <param name="ReceiveNumber">V(R) of the end that rejects.</param>
/// <param name="OfResponse">C: true where the rejected frame was a response.</param>
/// <param name="Reasons">Why.</param>
/// <remarks>ISO/IEC 13239, clause 5.5.3; IEC 62056-46, clause 6.4.3.10.</remarks>
public readonly record struct HdlcReject(HdlcControl Control, int SendNumber, int ReceiveNumber, bool OfResponse, HdlcRejectReasons Reasons)
{
    /// <summary>Octets of the information field.</summary>
    public const int Size = 3;

    private const byte ResponseBit = 0x10;

    /// <summary>Reads the information field; false where it is too short. Octets behind it are not looked at.</summary>
    public static bool TryRead(ReadOnlySpan<byte> information, out HdlcReject value)
    {
        value = default;
        if (information.Length < Size) return false;
        var numbers = information[1];
        value = new(new(information[0]), numbers >> 1 & 7, numbers >> 5, (numbers & ResponseBit) != 0, (HdlcRejectReasons)(information[2] & 0x0F));
        return true;
    }

    /// <summary>Writes the information field.</summary>
    public void WriteTo(IBufferWriter<byte> target)
    {
        var span = target.GetSpan(Size);
        (span[0], span[1], span[2]) = (Control.Value, (byte)(ReceiveNumber << 5 | (OfResponse ? ResponseBit : 0) | SendNumber << 1), (byte)Reasons);
        target.Advance(Size);
    }

    /// <summary><c>I N(S)=2 N(R)=3 P/F rejected: InformationTooLong</c>.</summary>
    public override string ToString() => $"{Control} rejected: {Reasons}";
}
