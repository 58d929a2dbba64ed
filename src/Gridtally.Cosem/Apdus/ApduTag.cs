namespace Gridtally.Cosem.Apdus;

/// <summary>First octet of an APDU.</summary>
/// <remarks>xDLMS-APDU and ACSE-APDU, IEC 62056-5-3. The glo-* and ded-* tags are <see cref="ApduTags.Global"/> and <see cref="ApduTags.Dedicated"/> of the plain one.</remarks>
public enum ApduTag : byte
{
#pragma warning disable CS1591 // each name is the standard's own
    None = 0x00, InitiateRequest = 0x01, ReadRequest = 0x05, WriteRequest = 0x06, InitiateResponse = 0x08, ReadResponse = 0x0C, WriteResponse = 0x0D,
    ConfirmedServiceError = 0x0E, DataNotification = 0x0F, DataNotificationConfirm = 0x10, UnconfirmedWriteRequest = 0x16,
    InformationReportRequest = 0x18,
    GloInitiateRequest = 0x21, GloReadRequest = 0x25, GloWriteRequest = 0x26, GloInitiateResponse = 0x28, GloReadResponse = 0x2C,
    GloWriteResponse = 0x2D, GloConfirmedServiceError = 0x2E, GloUnconfirmedWriteRequest = 0x36, GloInformationReportRequest = 0x38,
    DedInitiateRequest = 0x41, DedReadRequest = 0x45, DedWriteRequest = 0x46, DedInitiateResponse = 0x48, DedReadResponse = 0x4C,
    DedWriteResponse = 0x4D, DedConfirmedServiceError = 0x4E, DedUnconfirmedWriteRequest = 0x56, DedInformationReportRequest = 0x58,
    Aarq = 0x60, Aare = 0x61, Rlrq = 0x62, Rlre = 0x63,
    GetRequest = 0xC0, SetRequest = 0xC1, EventNotificationRequest = 0xC2, ActionRequest = 0xC3, GetResponse = 0xC4, SetResponse = 0xC5,
    ActionResponse = 0xC7,
    GloGetRequest = 0xC8, GloSetRequest = 0xC9, GloEventNotificationRequest = 0xCA, GloActionRequest = 0xCB, GloGetResponse = 0xCC,
    GloSetResponse = 0xCD, GloActionResponse = 0xCF,
    DedGetRequest = 0xD0, DedSetRequest = 0xD1, DedEventNotificationRequest = 0xD2, DedActionRequest = 0xD3, DedGetResponse = 0xD4,
    DedSetResponse = 0xD5, DedActionResponse = 0xD7,
    ExceptionResponse = 0xD8, AccessRequest = 0xD9, AccessResponse = 0xDA, GeneralGloCiphering = 0xDB, GeneralDedCiphering = 0xDC,
    GeneralCiphering = 0xDD, GeneralSigning = 0xDF, GeneralBlockTransfer = 0xE0, GatewayRequest = 0xE6, GatewayResponse = 0xE7,
#pragma warning restore CS1591
}

/// <summary>How the tags of plain and ciphered APDUs belong together, and what they are called.</summary>
public static class ApduTags
{
    private static readonly string[] Names = BuildNames();

    /// <summary>The glo-* tag of a plain one; <see cref="ApduTag.None"/> where the standard has none (then general-glo-ciphering is used).</summary>
    public static ApduTag Global(ApduTag plain) => (byte)plain switch
    {
        0x01 or 0x05 or 0x06 or 0x08 or 0x0C or 0x0D or 0x0E or 0x16 or 0x18 => (ApduTag)((byte)plain + 0x20),
        0xC0 or 0xC1 or 0xC2 or 0xC3 or 0xC4 or 0xC5 or 0xC7 => (ApduTag)((byte)plain + 0x08),
        _ => ApduTag.None,
    };

    /// <summary>The ded-* tag of a plain one; <see cref="ApduTag.None"/> where the standard has none (then general-ded-ciphering is used).</summary>
    public static ApduTag Dedicated(ApduTag plain) => (byte)plain switch
    {
        0x01 or 0x05 or 0x06 or 0x08 or 0x0C or 0x0D or 0x0E or 0x16 or 0x18 => (ApduTag)((byte)plain + 0x40),
        0xC0 or 0xC1 or 0xC2 or 0xC3 or 0xC4 or 0xC5 or 0xC7 => (ApduTag)((byte)plain + 0x10),
        _ => ApduTag.None,
    };

    /// <summary>The plain tag under a glo-* or ded-* one; <see cref="ApduTag.None"/> for every other tag, general ciphering included.</summary>
    public static ApduTag Plain(ApduTag ciphered) => (byte)ciphered switch
    {
        0x21 or 0x25 or 0x26 or 0x28 or 0x2C or 0x2D or 0x2E or 0x36 or 0x38 => (ApduTag)((byte)ciphered - 0x20),
        0x41 or 0x45 or 0x46 or 0x48 or 0x4C or 0x4D or 0x4E or 0x56 or 0x58 => (ApduTag)((byte)ciphered - 0x40),
        >= 0xC8 and <= 0xCF and not 0xCE => (ApduTag)((byte)ciphered - 0x08),
        >= 0xD0 and <= 0xD7 and not 0xD6 => (ApduTag)((byte)ciphered - 0x10),
        _ => ApduTag.None,
    };

    /// <summary>True for ded-* tags and general-ded-ciphering.</summary>
    public static bool IsDedicated(ApduTag tag) =>
        tag == ApduTag.GeneralDedCiphering || (Plain(tag) is var plain and not ApduTag.None && Dedicated(plain) == tag);

    /// <summary>True for an APDU that is authenticated or encrypted: glo-*, ded-*, general-glo-, general-ded- and general-ciphering.</summary>
    public static bool IsCiphered(ApduTag tag) =>
        tag is ApduTag.GeneralGloCiphering or ApduTag.GeneralDedCiphering or ApduTag.GeneralCiphering || Plain(tag) != ApduTag.None;

    /// <summary>True for an APDU that is ciphered or signed.</summary>
    public static bool IsProtected(ApduTag tag) => tag == ApduTag.GeneralSigning || IsCiphered(tag);

    /// <summary>True for what a server sends without being asked.</summary>
    public static bool IsUnsolicited(ApduTag plain) => plain is ApduTag.DataNotification or ApduTag.EventNotificationRequest or ApduTag.InformationReportRequest;

    /// <summary>The standard's name, such as <c>glo-get-request</c>; <c>unknown tag 7F</c> where there is none.</summary>
    public static string NameOf(ApduTag tag) => Names[(byte)tag];

    /// <summary>The standard's name of the APDU that starts so; <c>nothing</c> for no octets at all.</summary>
    public static string NameOf(ReadOnlySpan<byte> apdu) => apdu.IsEmpty ? "nothing" : NameOf((ApduTag)apdu[0]);

    private static string[] BuildNames()
    {
        var names = new string[256];
        for (var i = 0; i < names.Length; i++) names[i] = $"unknown tag {i:X2}";
        foreach (var tag in Enum.GetValues<ApduTag>())
        {
            names[(byte)tag] = tag is ApduTag.Aarq or ApduTag.Aare or ApduTag.Rlrq or ApduTag.Rlre
                ? tag.ToString().ToUpperInvariant()
                : Hyphenated(tag.ToString());
        }

        names[0] = "unknown tag 00";
        return names;
    }

    private static string Hyphenated(string name) =>
        string.Concat(name.Select((c, i) => char.IsUpper(c) && i > 0 ? $"-{char.ToLowerInvariant(c)}" : $"{char.ToLowerInvariant(c)}"));
}
