using Gridtally.Cosem.Acse;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Security;
using Gridtally.Testing;

namespace Gridtally.Cosem.Tests;

/// <summary>Tries the decoder that belongs to an APDU's first octet.</summary>
internal static class Decoding
{
    public static bool TryDecode(ReadOnlySpan<byte> apdu, byte tag, out DecodeError error) => (ApduTag)tag switch
    {
        ApduTag.Aarq => Aarq.TryRead(apdu, out _, out error),
        ApduTag.Aare => Aare.TryRead(apdu, out _, out error),
        ApduTag.Rlrq or ApduTag.Rlre => Release.TryRead(apdu, out _, out error),
        ApduTag.InitiateRequest => InitiateRequest.TryRead(apdu, out _, out error),
        ApduTag.InitiateResponse => InitiateResponse.TryRead(apdu, out _, out error),
        ApduTag.ConfirmedServiceError => ConfirmedServiceError.TryRead(apdu, out _, out error),
        ApduTag.ExceptionResponse => ExceptionResponse.TryRead(apdu, out _, out error),
        ApduTag.GetRequest => GetRequest.TryRead(apdu, out _, out error),
        ApduTag.GetResponse => GetResponse.TryRead(apdu, out _, out error),
        ApduTag.SetRequest => SetRequest.TryRead(apdu, out _, out error),
        ApduTag.SetResponse => SetResponse.TryRead(apdu, out _, out error),
        ApduTag.ActionRequest => ActionRequest.TryRead(apdu, out _, out error),
        ApduTag.ActionResponse => ActionResponse.TryRead(apdu, out _, out error),
        ApduTag.AccessRequest => AccessRequest.TryRead(apdu, out _, out error),
        ApduTag.AccessResponse => AccessResponse.TryRead(apdu, out _, out error),
        ApduTag.DataNotification => DataNotification.TryRead(apdu, out _, out error),
        ApduTag.DataNotificationConfirm => DataNotificationConfirm.TryRead(apdu, out _, out error),
        ApduTag.EventNotificationRequest => EventNotification.TryRead(apdu, out _, out error),
        ApduTag.InformationReportRequest => InformationReport.TryRead(apdu, out _, out error),
        _ => CipheredApdu.TryRead(apdu, out _, out error),
    };

    /// <summary>The golden APDUs of the services that this library carries out, ACSE included.</summary>
    public static IEnumerable<Vector> Vectors =>
        Gridtally.Testing.Vectors.OfKind("apdu", "block-transfer", "aarq", "aare", "gcm", "gmac", "general-glo")
            .Where(v => (ApduTag)v.Octets[0] != ApduTag.GeneralBlockTransfer && v.Id != "gcm-ricgeek-enc"); // GBT is left out; the latter is a bare ciphertext

    public static Vector Find(string id) => Gridtally.Testing.Vectors.ById(id);
}
