using Gridtally.Metering;
using Gridtally.WebHost.Contract;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Gridtally.Concentrator.Web;

/// <summary>The home page's figures: the counts of the SX5D1's figure 6, each with what was due beside it.</summary>
internal sealed class HomePage
{
    private const int MaxNextRuns = 8;
    private const int MaxErrors = 10;

    private static readonly string Version = SystemFacts.VersionOf(typeof(HomePage).Assembly);

    private readonly ConcentratorServices _services;
    private readonly Func<UplinkView> _uplink;
    private readonly DateTimeOffset _startedAt;

    public HomePage(ConcentratorServices services, Func<UplinkView> uplink) =>
        (_services, _uplink, _startedAt) = (services, uplink, services.Clock.GetUtcNow());

    public void Map(IEndpointRouteBuilder api) =>
        api.MapGet("/home", () => TypedResults.Ok(Take())).WithTags("Home").WithSummary("State of the concentrator, and what it has collected against what was due.");

    public HomeView Take()
    {
        var now = _services.Clock.GetUtcNow();
        var today = MeterViews.Today(now);
        return new(
            Device(now), _uplink(), Totals(), [.. _services.Completeness.Home().Select(Count)],
            new(MeterViews.Count(_services.Completeness.OfAll(today)), MeterViews.Count(_services.Completeness.OfAll(today.AddDays(-1)))),
            [.. _services.Scheduler.NextRuns().Take(MaxNextRuns).Select(MeterViews.Run)],
            SystemFacts.Storage(_services.Database.SizeOnDisk(), _services.Config.DataFolder), SystemFacts.Memory(), Errors());
    }

    private static HomeCountView Count(Store.HomeCount one) => new(
        one.Kind.Key, one.Kind.HomeLabel ?? one.Kind.Name, one.Kind.ByMonth ? CountPeriod.Month : CountPeriod.Day, one.Count.Got, one.Count.Expected);

    private DeviceView Device(DateTimeOffset now) => new(
        _services.Config.SerialNumber, Version, _startedAt, now, _services.Clock is ScaledTimeProvider scaled ? scaled.Speed : 1,
        // The store's days begin at 00:00 UTC whatever zone cron times are in.
        "UTC");

    private MeterTotals Totals()
    {
        var meters = _services.Archive.Meters.Values.ToArray();
        var enabled = meters.Where(m => m.Enabled).ToArray();
        return new(meters.Length, enabled.Length, enabled.Count(m => _services.Archive.StatusOf(m.Id).Reachable == true));
    }

    private HomeErrorView[] Errors()
    {
        var failures = _services.History.LatestFailures(MaxErrors);
        if (failures.Count == 0) return [];
        var numbers = _services.Archive.Meters.Values.ToDictionary(m => m.Id, m => m.Number);
        return [.. failures.Select(f => new HomeErrorView(
            MeterViews.Utc(f.Time), MeterViews.Reason(f.Reason) ?? FailureReason.DeviceError, f.Text, numbers.GetValueOrDefault(f.MeterId), f.Channel))];
    }
}
