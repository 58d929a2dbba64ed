using Gridtally.Cosem.Data;

namespace Gridtally.Cosem.Apdus;

/// <summary>A notification of any kind, read in place: data-notification, event-notification or information-report.</summary>
/// <remarks>IEC 62056-5-3. Which members count depends on <see cref="Kind"/>.</remarks>
public readonly ref struct NotificationApdu
{
    /// <summary>Which of the three it is.</summary>
    public ApduTag Kind { get; private init; }

    /// <summary>data-notification: counts the notifications; says whether a confirmation is wanted.</summary>
    public LongInvokeIdAndPriority InvokeId { get; private init; }

    /// <summary>When it was made, or when it happened; null where it does not say, or says so in another form than a date-time.</summary>
    public CosemDateTime? Time { get; private init; }

    /// <summary>event-notification: whose value it is.</summary>
    public AttributeRef Target { get; private init; }

    /// <summary>data-notification and event-notification: encoded Data.</summary>
    public ReadOnlySpan<byte> Data { get; private init; }

    /// <summary>information-report: the names and their values.</summary>
    public InformationReport Report { get; private init; }

    /// <summary>Reads a whole plain APDU, tag included.</summary>
    /// <param name="apdu">The plain APDU.</param>
    /// <param name="value">What it says.</param>
    /// <param name="error">What is wrong, and where.</param>
    /// <param name="acceptTaggedDateTime">True to take a time with a type octet before it as well, as some meters send it.</param>
    public static bool TryRead(ReadOnlySpan<byte> apdu, out NotificationApdu value, out DecodeError error, bool acceptTaggedDateTime = false)
    {
        value = default;
        switch (apdu.IsEmpty ? ApduTag.None : (ApduTag)apdu[0])
        {
            case ApduTag.DataNotification:
                if (!DataNotification.TryRead(apdu, out var data, out error, acceptTaggedDateTime)) return false;
                value = new() { Kind = ApduTag.DataNotification, InvokeId = data.InvokeId, Time = data.DateTime, Data = data.Data };
                return true;
            case ApduTag.EventNotificationRequest:
                if (!EventNotification.TryRead(apdu, out var @event, out error, acceptTaggedDateTime)) return false;
                value = new() { Kind = ApduTag.EventNotificationRequest, Time = @event.Time, Target = @event.Target, Data = @event.Data };
                return true;
            case ApduTag.InformationReportRequest:
                if (!InformationReport.TryRead(apdu, out var report, out error)) return false;
                value = new()
                {
                    Kind = ApduTag.InformationReportRequest,
                    Time = report.Time.Length == CosemDateTime.Size ? CosemDateTime.Read(report.Time) : null,
                    Report = report,
                };
                return true;
            default:
                error = new(apdu.IsEmpty ? DecodeFault.Truncated : DecodeFault.UnknownTag, "notification", 0);
                return false;
        }
    }
}
