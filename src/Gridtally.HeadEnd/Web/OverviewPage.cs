using Gridtally.Metering;
using Gridtally.WebHost.Contract;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Gridtally.HeadEnd.Web;

/// <summary>The start page's figures.</summary>
internal sealed class OverviewPage(HeadEndServices services)
{
    private const int MaxErrors = 10;

    private static readonly string Version = SystemFacts.VersionOf(typeof(OverviewPage).Assembly);

    public void Map(IEndpointRouteBuilder api) =>
        api.MapGet("/overview", () => TypedResults.Ok(Take())).WithTags("Overview").WithSummary("State of the head end, its concentrators and meters, and what has come in.");

    public OverviewView Take()
    {
        var fleet = new FleetViews(services);
        var concentrators = services.Registry.Concentrators();
        var figures = services.Store.Figures();
        return new(
            System(), new(concentrators.Count, concentrators.Count(c => fleet.StateOf(c) == ConcentratorStateView.Online)), Totals(fleet),
            new(FleetViews.Count(fleet.TodayOf(fleet.Meters)), FleetViews.Count(fleet.YesterdayOf(fleet.Meters))),
            new(figures.Rows, concentrators.Sum(c => (long)(services.Store.Journal.Cursor(c.Serial)?.Lag ?? 0)), FleetViews.Utc(services.Acquisition.LastStored)),
            SystemFacts.Storage(figures.DatabaseBytes, services.DataFolder), SystemFacts.Memory(), Errors());
    }

    private static MeterTotals Totals(FleetViews fleet) => new(
        fleet.Meters.Count, fleet.Meters.Count(m => m.Entry.Enabled), fleet.Meters.Count(m => FleetViews.Reach(m) == MeterReach.Reachable));

    private SystemView System() => new(
        Version, services.StartedAt, [services.Listening], services.Clock.GetUtcNow(), services.Clock is ScaledTimeProvider scaled ? scaled.Speed : 1, services.Config.TimeZone);

    private OverviewErrorView[] Errors()
    {
        var known = services.Acquisition.Statuses.Where(s => s.LastError is not null).Select(s => new OverviewErrorView(
            new(s.LastError!.Time, TimeSpan.Zero), FleetViews.Reason(s.LastError.Reason), s.LastError.Text, s.Serial, null));
        var unknown = services.Acquisition.Unknown.Select(u => new OverviewErrorView(
            new(u.Time, TimeSpan.Zero), FailureReason.Refused, $"Unknown concentrator '{u.LogicalDeviceName}' from {u.Remote}: {u.Reason}", null, null));
        return [.. known.Concat(unknown).OrderByDescending(e => e.Time).Take(MaxErrors)];
    }
}
