using System.Globalization;
using Gridtally.HeadEnd.Store;
using Gridtally.WebHost.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Gridtally.HeadEnd.Web;

/// <summary>Completeness per meter and day, for the heat map.</summary>
internal sealed class CompletenessEndpoint(HeadEndServices services)
{
    public void Map(IEndpointRouteBuilder api) =>
        api.MapGet("/completeness", Read).Produces<CompletenessMatrix>().WithTags("Meters").WithSummary("Rows got and expected per meter and day; parameters from and to, both days included.");

    private IResult Read(HttpContext http)
    {
        var query = new QueryValues(http.Request.Query);
        var (from, to) = (query.Day("from"), query.Day("to"));
        var count = to.DayNumber - from.DayNumber + 1;
        if (query.Problem is null && count is < 1 or > CompletenessQueries.MaxDays)
            query.Wrong("to", $"1..{CompletenessQueries.MaxDays} days from {from:yyyy-MM-dd} on", $"{to:yyyy-MM-dd}");
        if (query.Problem is { } problem) return problem;
        var meters = FleetViews.Reported(services).ToDictionary(m => m.Entry.Meter);
        var rows = services.Store.Completeness.Read(from, to, services.Clock.GetUtcNow().UtcDateTime);
        return TypedResults.Ok(new CompletenessMatrix(
            [.. Enumerable.Range(0, count).Select(i => from.AddDays(i).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture))],
            [.. rows.Where(r => meters.ContainsKey(r.Meter)).Select(r => Row(meters[r.Meter], r))]));
    }

    private static CompletenessRow Row(ReportedMeter meter, MeterCompleteness count) => new(
        meter.Entry.Meter, meter.Concentrator, [.. count.Days.Select(day => FleetViews.Count(FleetViews.Due(meter.Entry.Enabled, day)))]);
}
