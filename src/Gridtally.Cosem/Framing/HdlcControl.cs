namespace Gridtally.Cosem.Framing;

/// <summary>The frames that IEC 62056-46 knows.</summary>
public enum HdlcFrameType : byte
{
#pragma warning disable CS1591 // each name is the standard's own
    Unknown, I, RR, RNR, REJ, SNRM, DISC, UA, DM, FRMR, UI,
#pragma warning restore CS1591
}

/// <summary>The control octet.</summary>
/// <param name="Value">As on the wire.</param>
/// <remarks>IEC 62056-46, clause 6.4.3; ISO/IEC 13239, modulo 8. The same octet may be a command or a response.</remarks>
public readonly record struct HdlcControl(byte Value)
{
    /// <summary>The poll bit of a command, the final bit of a response.</summary>
    public const byte PollFinalBit = 0x10;

    /// <summary>Set normal response mode, polling.</summary>
    public static readonly HdlcControl Snrm = new(0x93);

    /// <summary>Disconnect, polling.</summary>
    public static readonly HdlcControl Disc = new(0x53);

    /// <summary>Unnumbered acknowledge, final.</summary>
    public static readonly HdlcControl Ua = new(0x73);

    /// <summary>Disconnected mode, final.</summary>
    public static readonly HdlcControl Dm = new(0x1F);

    /// <summary>Frame reject, final.</summary>
    public static readonly HdlcControl Frmr = new(0x97);

    /// <summary>Unnumbered information, not polling.</summary>
    public static readonly HdlcControl Ui = new(0x03);

    /// <summary>Unnumbered information with the final bit, as devices push it.</summary>
    public static readonly HdlcControl UiFinal = new(0x13);

    /// <summary>Information frame <paramref name="sendNumber"/>.</summary>
    public static HdlcControl I(int sendNumber, int receiveNumber, bool pollFinal) =>
        new((byte)(receiveNumber << 5 | (pollFinal ? PollFinalBit : 0) | sendNumber << 1));

    /// <summary>Receive ready, expecting <paramref name="receiveNumber"/>.</summary>
    public static HdlcControl Rr(int receiveNumber, bool pollFinal) => new((byte)(receiveNumber << 5 | (pollFinal ? PollFinalBit : 0) | 0x01));

    /// <summary>Receive not ready, expecting <paramref name="receiveNumber"/>.</summary>
    public static HdlcControl Rnr(int receiveNumber, bool pollFinal) => new((byte)(receiveNumber << 5 | (pollFinal ? PollFinalBit : 0) | 0x05));

    /// <summary>Reject: send again from <paramref name="receiveNumber"/> on.</summary>
    /// <remarks>IEC 62056-46 leaves it out, ISO/IEC 13239 has it as an option: understood always, sent only where asked for.</remarks>
    public static HdlcControl Rej(int receiveNumber, bool pollFinal) => new((byte)(receiveNumber << 5 | (pollFinal ? PollFinalBit : 0) | 0x09));

    /// <summary>Which frame this is.</summary>
    public HdlcFrameType Type => (Value & 0x01) == 0 ? HdlcFrameType.I : (Value & 0x0F) switch
    {
        0x01 => HdlcFrameType.RR,
        0x05 => HdlcFrameType.RNR,
        0x09 => HdlcFrameType.REJ,
        _ => (Value & ~PollFinalBit) switch
        {
            0x83 => HdlcFrameType.SNRM,
            0x43 => HdlcFrameType.DISC,
            0x63 => HdlcFrameType.UA,
            0x0F => HdlcFrameType.DM,
            0x87 => HdlcFrameType.FRMR,
            0x03 => HdlcFrameType.UI,
            _ => HdlcFrameType.Unknown,
        },
    };

    /// <summary>The poll or final bit.</summary>
    public bool PollFinal => (Value & PollFinalBit) != 0;

    /// <summary>N(S), 0..7; of I frames only.</summary>
    public int SendNumber => Value >> 1 & 7;

    /// <summary>N(R), 0..7: the next frame expected; of I, RR, RNR and REJ only.</summary>
    public int ReceiveNumber => Value >> 5;

    /// <summary><c>I N(S)=2 N(R)=3 P/F</c>.</summary>
    public override string ToString()
    {
        var numbers = Type switch
        {
            HdlcFrameType.I => $" N(S)={SendNumber} N(R)={ReceiveNumber}",
            HdlcFrameType.RR or HdlcFrameType.RNR or HdlcFrameType.REJ => $" N(R)={ReceiveNumber}",
            HdlcFrameType.Unknown => $" 0x{Value:X2}",
            _ => "",
        };
        return $"{Type}{numbers}{(PollFinal ? " P/F" : "")}";
    }
}
