using Gridtally.HeadEnd.Acquisition;
using Gridtally.HeadEnd.Registry;
using Gridtally.HeadEnd.Store;
using Gridtally.Sessions;
using Gridtally.WebHost.Contract;

namespace Gridtally.HeadEnd.Web;

/// <summary>Concentrators and meters at one moment, each looked up once, as the API shows them.</summary>
internal sealed class FleetViews
{
    // Yesterday and today, in the order they are asked for.
    private const int Before = 0;
    private const int Latest = 1;

    private readonly HeadEndServices _services;
    private readonly Dictionary<string, MeterCompleteness> _completeness;
    private readonly Dictionary<string, DateTime?> _lastRows;

    public FleetViews(HeadEndServices services)
    {
        _services = services;
        var now = services.Clock.GetUtcNow().UtcDateTime;
        var today = Today(services);
        Meters = Reported(services);
        _completeness = services.Store.Completeness.Read(today.AddDays(-1), today, now).ToDictionary(c => c.Meter);
        _lastRows = services.Store.Series().GroupBy(s => s.Meter).ToDictionary(g => g.Key, g => g.Max(s => s.Last));
    }

    public IReadOnlyList<ReportedMeter> Meters { get; }

    /// <summary>All meters that a concentrator reports; of two that report the same one, the one that had contact last has it.</summary>
    public static IReadOnlyList<ReportedMeter> Reported(HeadEndServices services) =>
        [.. services.Store.Archive.List().GroupBy(m => m.Entry.Meter).Select(g => g.MaxBy(m => m.Entry.LastContact ?? DateTimeOffset.MinValue)!)];

    /// <summary>The day that a row captured now belongs to.</summary>
    public static DateOnly Today(HeadEndServices services) => services.Store.Days.DayOf(services.Clock.GetUtcNow().UtcDateTime.AddTicks(1));

    public static DateTimeOffset? Utc(DateTime? time) => time is { } known ? new(known, TimeSpan.Zero) : null;

    public static Counted Count(Completeness count) => new(count.Got, count.Expected);

    public static FailureReason Reason(AssociationReason reason) => reason switch
    {
        AssociationReason.NoAnswer => FailureReason.NoAnswer,
        AssociationReason.LineError => FailureReason.LineError,
        AssociationReason.Refused => FailureReason.Refused,
        AssociationReason.Security => FailureReason.Security,
        _ => FailureReason.DeviceError,
    };

    public static MeterReach Reach(ReportedMeter meter) => meter.Entry switch
    {
        { Enabled: false } => MeterReach.Disabled,
        { LastError.Length: > 0 } => MeterReach.Unreachable,
        { LastContact: not null } => MeterReach.Reachable,
        _ => MeterReach.Unknown,
    };

    public Completeness TodayOf(IEnumerable<ReportedMeter> meters) => Sum(meters, Latest);

    public Completeness YesterdayOf(IEnumerable<ReportedMeter> meters) => Sum(meters, Before);

    public MeterRowView Row(ReportedMeter meter) => new(
        meter.Entry.Meter, meter.Concentrator, meter.Entry.Enabled, meter.Entry.Channel, meter.Entry.Task, Reach(meter), meter.Entry.LastContact,
        meter.Entry.LastError.Length == 0 ? null : meter.Entry.LastError, Utc(_lastRows.GetValueOrDefault(meter.Entry.Meter)),
        Count(Due(meter.Entry.Enabled, OfDay(meter, Latest))), Count(Due(meter.Entry.Enabled, OfDay(meter, Before))));

    public ConcentratorStateView StateOf(RegisteredConcentrator one) => (one.Enabled, _services.Acquisition.StatusOf(one.Serial).State) switch
    {
        (false, _) or (_, ConcentratorState.Refused) => ConcentratorStateView.Refused,
        (_, ConcentratorState.Online) => ConcentratorStateView.Online,
        _ => ConcentratorStateView.Offline,
    };

    public ConcentratorView Concentrator(RegisteredConcentrator one)
    {
        var status = _services.Acquisition.StatusOf(one.Serial);
        var cursor = _services.Store.Journal.Cursor(one.Serial);
        var meters = MetersOf(one.Serial);
        return new(
            one.Serial, one.Name, StateOf(one), status.Remote ?? one.Remote, Utc(status.ConnectedSince), Utc(status.LastContact ?? one.LastContact),
            (long)(cursor?.Cursor ?? 0), (long)(cursor?.End ?? 0), (long)(cursor?.Lag ?? 0), meters.Count, one.Software,
            status.LastError is { } e ? new(new(e.Time, TimeSpan.Zero), Reason(e.Reason), e.Text) : null, Count(TodayOf(meters)));
    }

    public IReadOnlyList<ReportedMeter> MetersOf(string serial) => [.. Meters.Where(m => m.Concentrator == serial)];

    /// <summary>Of a disabled meter nothing more is due than what there is: it is not read on purpose.</summary>
    public static Completeness Due(bool enabled, Completeness count) => enabled ? count : count with { Expected = Math.Min(count.Got, count.Expected) };

    private Completeness Sum(IEnumerable<ReportedMeter> meters, int day) =>
        meters.Where(m => m.Entry.Enabled).Aggregate(default(Completeness), (sum, m) => sum + OfDay(m, day));

    private Completeness OfDay(ReportedMeter meter, int day) => _completeness.TryGetValue(meter.Entry.Meter, out var days) ? days.Days[day] : default;
}
