using System.Buffers;
using Gridtally.Cosem.Acse;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Data;

namespace Gridtally.Cosem.Quirks;

/// <summary>
/// Turns a plain APDU that deviates in a known way into the one that the standard asks for. The codecs stay strict: what they refuse is
/// mended before them where the profile says so, and where it does not, the error can name the switch.
/// </summary>
/// <param name="proposed">What the client proposed: a short AARE grants it.</param>
/// <param name="maxPdu">The client's own PDU size, which then holds both ways.</param>
internal readonly struct QuirkRepair(Conformance proposed, ushort maxPdu)
{
    private const Quirk OfApdus = Quirk.ShortAare | Quirk.MissingDataChoice | Quirk.MissingTypeByte;

    /// <summary>Octets of tag, kind and invoke id of a get-response.</summary>
    private const int GetResponseHead = 3;

    /// <summary>Mends an APDU by one of the accepted quirks.</summary>
    /// <param name="apdu">The plain APDU as it came.</param>
    /// <param name="accepted">The switches that are on.</param>
    /// <param name="mended">Receives the whole APDU as it should have been.</param>
    /// <returns>The quirk that helped; none where the APDU is valid as it is, or where nothing helps.</returns>
    public Quirk Mend(ReadOnlySpan<byte> apdu, Quirk accepted, ApduBuffer mended)
    {
        if ((accepted & OfApdus) == 0 || IsValid(apdu)) return Quirk.None;
        foreach (var row in QuirkTable.Rows)
        {
            if ((row.Flag & accepted & OfApdus) == 0) continue;
            mended.Clear();
            if (TryMend(row.Flag, apdu, mended) && IsValid(mended.Span)) return row.Flag;
        }

        mended.Clear();
        return Quirk.None;
    }

    /// <summary>The quirk that would make an invalid APDU valid; none where nothing known does.</summary>
    public Quirk WouldAccept(ReadOnlySpan<byte> apdu) => Mend(apdu, OfApdus, new ApduBuffer());

    private bool TryMend(Quirk quirk, ReadOnlySpan<byte> apdu, ApduBuffer mended) => quirk switch
    {
        Quirk.ShortAare => TryAddInitiateResponse(apdu, mended),
        Quirk.MissingDataChoice => TryInsert(apdu, GetResponseHead, 0, mended),
        Quirk.MissingTypeByte => apdu.Length == GetResponseHead + 2 + CosemDateTime.Size && apdu[GetResponseHead + 1] == CosemDateTime.Size
            && TryInsert(apdu, GetResponseHead + 1, (byte)DataTag.OctetString, mended),
        _ => false,
    };

    private bool TryAddInitiateResponse(ReadOnlySpan<byte> apdu, ApduBuffer mended)
    {
        if (!Aare.TryRead(apdu, out var aare, out _) || aare.Result != AssociationResult.Accepted || !aare.UserInformation.IsEmpty) return false;
        var initiate = new ArrayBufferWriter<byte>(32);
        new InitiateResponse
        {
            Version = InitiateRequest.DlmsVersion,
            Conformance = proposed,
            MaxReceivePdu = maxPdu,
            VaaName = InitiateResponse.LogicalNameVaa,
        }.WriteTo(initiate);
        new Aare
        {
            Context = aare.Context,
            Result = aare.Result,
            Diagnostic = aare.Diagnostic,
            RespondingApTitle = aare.RespondingApTitle,
            RespondingAeQualifier = aare.RespondingAeQualifier,
            Mechanism = aare.Mechanism,
            AuthenticationValue = aare.AuthenticationValue,
            UserInformation = initiate.WrittenSpan,
        }.WriteTo(mended);
        return true;
    }

    private static bool TryInsert(ReadOnlySpan<byte> apdu, int at, byte octet, ApduBuffer mended)
    {
        if (apdu.Length < at || (ApduTag)apdu[0] != ApduTag.GetResponse || apdu[1] != (byte)GetResponseKind.Normal) return false;
        mended.Append(apdu[..at]);
        mended.WriteByte(octet);
        mended.Append(apdu[at..]);
        return true;
    }

    private static bool IsValid(ReadOnlySpan<byte> apdu) => (apdu.IsEmpty ? ApduTag.None : (ApduTag)apdu[0]) switch
    {
        ApduTag.Aare => Aare.TryRead(apdu, out var aare, out _) && (aare.Result != AssociationResult.Accepted || !aare.UserInformation.IsEmpty),
        ApduTag.GetResponse => GetResponse.TryRead(apdu, out _, out _),
        _ => true, // no quirk is about it
    };
}
