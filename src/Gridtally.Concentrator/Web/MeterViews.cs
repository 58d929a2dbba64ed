using Gridtally.Concentrator.Archive;
using Gridtally.Concentrator.Scheduling;
using Gridtally.Concentrator.Store;
using Gridtally.Metering;
using Gridtally.WebHost.Contract;
using Microsoft.AspNetCore.Http;

namespace Gridtally.Concentrator.Web;

/// <summary>Meters as the API shows them. Keys and passwords are never among it, only whether there are any.</summary>
internal sealed class MeterViews(ConcentratorServices services)
{
    public MeterView Of(MeterRecord m, DateOnly today)
    {
        var status = services.Archive.StatusOf(m.Id);
        return new(
            m.Id, m.Number, m.Enabled, m.Mac, m.Channel, m.MeterType, m.Phase, m.Credit, m.Task, m.Prepaid, m.Wiring, m.Address,
            m.HasKeys, Reach(m, status), Utc(status.LastContact), LastError(status), Due(m, today));
    }

    public MeterDetailView DetailOf(MeterRecord m)
    {
        var today = Today(services.Clock.GetUtcNow());
        var v = Of(m, today);
        return new(
            v.Id, v.MeterNo, v.Enabled, v.Mac, v.Channel, v.MeterType, v.Phase, v.Credit, v.Task, v.Prepaid, v.Wiring, v.Address,
            v.HasKeys, v.State, v.LastContact, v.LastError, v.Today,
            Due(m, today.AddDays(-1)), services.Archive.StatusOf(m.Id).LogicalDeviceName,
            [.. services.Store.Summaries(m.Id).Select(Summary)], [.. services.Scheduler.NextRuns(m).Select(Run)]);
    }

    /// <summary>404 that names the meter.</summary>
    public static IResult Missing(string number) =>
        WebHost.Http.Problems.NotFound($"Meter {number} is not in the archive. Check the number, or add the meter.");

    /// <summary>The day that a row captured now belongs to.</summary>
    public static DateOnly Today(DateTimeOffset now) => DateOnly.FromDateTime(now.UtcDateTime);

    public static Counted Count(RowCount count) => new(count.Got, count.Expected);

    public static NextRunView Run(NextRun run) => new(run.Item.Task, run.Item.Name, run.Time, run.Item.Priority);

    public static DateTimeOffset Utc(DateTime time) => new(time, TimeSpan.Zero);

    public static DateTimeOffset? Utc(DateTime? time) => time is { } known ? Utc(known) : null;

    public static FailureReason? Reason(History.FailureReason? reason) => reason switch
    {
        null => null,
        History.FailureReason.NoAnswer => FailureReason.NoAnswer,
        History.FailureReason.LineError => FailureReason.LineError,
        History.FailureReason.Refused => FailureReason.Refused,
        History.FailureReason.Security => FailureReason.Security,
        History.FailureReason.Cancelled => FailureReason.Cancelled,
        _ => FailureReason.DeviceError,
    };

    // Of a disabled meter nothing more is due than what there is: it is not read on purpose.
    private Counted Due(MeterRecord meter, DateOnly day)
    {
        var count = services.Completeness.Of(meter, day);
        return Count(meter.Enabled ? count : count with { Expected = Math.Min(count.Got, count.Expected) });
    }

    private static MeterReach Reach(MeterRecord meter, MeterStatus status) => (meter.Enabled, status.Reachable) switch
    {
        (false, _) => MeterReach.Disabled,
        (_, true) => MeterReach.Reachable,
        (_, false) => MeterReach.Unreachable,
        _ => MeterReach.Unknown,
    };

    private static Failure? LastError(MeterStatus status) =>
        status.FailedAt is { } failed && Reason(status.Reason) is { } reason ? new(Utc(failed), reason, status.Text) : null;

    private static WebHost.Contract.ProfileSummary Summary(Store.ProfileSummary one) => new(
        one.Profile.ToString(), QuantityNames.Of(one.Profile), (int)Math.Min(one.Layout.Layout.CapturePeriodSeconds, int.MaxValue), one.Rows, Utc(one.First), Utc(one.Last));
}
