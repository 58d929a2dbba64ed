using Gridtally.Cosem.Apdus;

namespace Gridtally.Cosem.Security;

/// <summary>Tells whole valid APDUs from what a wrong key deciphers to.</summary>
/// <remarks>
/// Without a tag, being a whole valid APDU is all the evidence there is that the key was right; only on it may a counter move, or one
/// forged APDU with counter FFFFFFFF would lock the partner out.
/// </remarks>
internal static class WholeApdu
{
    public static bool IsValid(ReadOnlySpan<byte> plain) => (ApduTag)plain[0] switch
    {
        ApduTag.InitiateRequest => InitiateRequest.TryRead(plain, out _, out _),
        ApduTag.InitiateResponse => InitiateResponse.TryRead(plain, out _, out _),
        ApduTag.GetRequest => GetRequest.TryRead(plain, out _, out _),
        ApduTag.SetRequest => SetRequest.TryRead(plain, out _, out _),
        ApduTag.ActionRequest => ActionRequest.TryRead(plain, out _, out _),
        ApduTag.GetResponse => GetResponse.TryRead(plain, out _, out _),
        ApduTag.SetResponse => SetResponse.TryRead(plain, out _, out _),
        ApduTag.ActionResponse => ActionResponse.TryRead(plain, out _, out _),
        ApduTag.ConfirmedServiceError => ConfirmedServiceError.TryRead(plain, out _, out _),
        ApduTag.ExceptionResponse => ExceptionResponse.TryRead(plain, out _, out _),
        ApduTag.AccessRequest => AccessRequest.TryRead(plain, out _, out _),
        ApduTag.AccessResponse => AccessResponse.TryRead(plain, out _, out _),
        ApduTag.DataNotification => DataNotification.TryRead(plain, out _, out _),
        ApduTag.DataNotificationConfirm => DataNotificationConfirm.TryRead(plain, out _, out _),
        ApduTag.EventNotificationRequest => EventNotification.TryRead(plain, out _, out _),
        ApduTag.ReadRequest => ReadRequest.TryRead(plain, out _, out _),
        ApduTag.ReadResponse => ReadResponse.TryRead(plain, out _, out _),
        ApduTag.WriteRequest or ApduTag.UnconfirmedWriteRequest => WriteRequest.TryRead(plain, out _, out _),
        ApduTag.WriteResponse => WriteResponse.TryRead(plain, out _, out _),
        ApduTag.InformationReportRequest => InformationReport.TryRead(plain, out _, out _),
        _ => false,
    };
}
