using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Data;
using Gridtally.Cosem.Quirks;
using Gridtally.Cosem.Security;

namespace Gridtally.Cosem.Client;

/// <summary>How notifications are taken in that come without an association.</summary>
public sealed record NotificationReaderOptions
{
    /// <summary>
    /// Gives the cipher of the sender with this system title, or of an APDU that carries none; null where there are no keys for it. The ciphers stay
    /// the caller's: one for each sender, for each has counters of its own. Where not given, only plain notifications are read.
    /// </summary>
    public Func<SystemTitle?, ApduCipher?>? CipherOf { get; init; }

    /// <summary>The least protection that is accepted.</summary>
    public Protection RequiredProtection { get; init; } = Protection.None;

    /// <summary>How the senders deviate from the standard; strictly by it where not given.</summary>
    public QuirkProfile Quirks { get; init; } = QuirkProfile.Strict;
}

/// <summary>Why what came was not taken for a notification. A closed set of cases.</summary>
public abstract record NotificationFailure
{
    private NotificationFailure()
    {
    }

    /// <summary>It is no valid APDU of its kind.</summary>
    /// <param name="Error">What is wrong with it, and where.</param>
    /// <param name="AcceptedBy">The quirk that would accept it; none where no known one does.</param>
    public sealed record Malformed(DecodeError Error, Quirk AcceptedBy = Quirk.None) : NotificationFailure
    {
        /// <inheritdoc/>
        public override string ToString() => $"the notification is malformed: {Error}{QuirkTable.Hint(AcceptedBy)}";
    }

    /// <summary>It is an APDU, but no notification.</summary>
    public sealed record OutOfPlace(string Got) : NotificationFailure
    {
        /// <inheritdoc/>
        public override string ToString() => $"expected a data-notification, event-notification or information-report, got {Got}";
    }

    /// <summary>It can't be trusted or read.</summary>
    public sealed record Security(SecurityFault Fault) : NotificationFailure
    {
        /// <inheritdoc/>
        public override string ToString() => SecurityFaults.Explain(Fault);
    }
}

/// <summary>Reads what meters push to a client without an association. No I/O, not thread-safe.</summary>
/// <remarks>IEC 62056-5-3: DataNotification, EventNotification, InformationReport; protected ones by the general tags, which name their sender.</remarks>
public sealed class NotificationReader(NotificationReaderOptions options)
{
    private readonly ApduBuffer _plain = new();

    /// <summary>Why the last APDU was not taken.</summary>
    public NotificationFailure? Failure { get; private set; }

    /// <summary>How the last notification was protected.</summary>
    public Wrapping Wrapping { get; private set; }

    /// <summary>Who sent the last one, where its APDU says so.</summary>
    public SystemTitle? Originator { get; private set; }

    /// <summary>Takes in one whole APDU.</summary>
    /// <param name="apdu">The APDU, put together where it came in blocks.</param>
    /// <param name="notification">What it says; stays valid until the next call.</param>
    /// <returns>False where it is not taken; <see cref="Failure"/> says why.</returns>
    public bool TryRead(ReadOnlySpan<byte> apdu, out NotificationApdu notification)
    {
        notification = default;
        (Failure, Wrapping, Originator) = (null, default, null);
        _plain.Recycle();
        if (!TryUnprotect(apdu)) return false;
        if (NotificationApdu.TryRead(_plain.Span, out notification, out var error, options.Quirks.Accepts(Quirk.TaggedNotificationTime))) return true;
        Failure = ApduTags.IsUnsolicited(_plain.Length == 0 ? ApduTag.None : (ApduTag)_plain.Span[0])
            ? new NotificationFailure.Malformed(error, QuirkFor())
            : new NotificationFailure.OutOfPlace(ApduTags.NameOf(_plain.Span));
        return false;
    }

    private bool TryUnprotect(ReadOnlySpan<byte> apdu)
    {
        var fault = SecurityFault.ProtectionTooWeak;
        if (!ApduTags.IsProtected(apdu.IsEmpty ? ApduTag.None : (ApduTag)apdu[0])) _plain.Append(apdu);
        else
        {
            Originator = OriginatorOf(apdu);
            if (options.CipherOf?.Invoke(Originator) is not { } cipher) fault = SecurityFault.NoKey;
            else if (cipher.Unprotect(apdu, _plain, out var wrapping, options.RequiredProtection) is { } wrong) fault = wrong;
            else Wrapping = wrapping;
        }

        var isTaken = _plain.Length > 0 && (Wrapping.Protection & options.RequiredProtection) == options.RequiredProtection;
        if (!isTaken && apdu.IsEmpty) Failure = new NotificationFailure.Malformed(new(DecodeFault.Truncated, "notification", 0));
        else if (!isTaken) Failure = new NotificationFailure.Security(fault);
        return isTaken;
    }

    /// <summary>The system title that the general tags carry.</summary>
    private static SystemTitle? OriginatorOf(ReadOnlySpan<byte> apdu)
    {
        ReadOnlySpan<byte> title = default;
        if ((ApduTag)apdu[0] == ApduTag.GeneralSigning)
        {
            var reader = new AxdrReader(apdu[1..]);
            title = GeneralHeader.Read(ref reader).Originator;
        }
        else if (CipheredApdu.TryRead(apdu, out var ciphered, out _)) title = ciphered.SystemTitle;

        return title.Length == SystemTitle.Size ? SystemTitle.Read(title) : null;
    }

    private Quirk QuirkFor() => NotificationApdu.TryRead(_plain.Span, out _, out _, acceptTaggedDateTime: true) ? Quirk.TaggedNotificationTime : Quirk.None;
}
