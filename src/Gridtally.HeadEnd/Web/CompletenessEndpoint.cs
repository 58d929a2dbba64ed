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
        var concentrators = services.Store.Archive.List().GroupBy(m => m.Entry.Meter).ToDictionary(g => g.Key, g => g.MaxBy(m => m.Entry.LastContact ?? DateTimeOffset.MinValue)!.Concentrator);
        var rows = services.Store.Completeness.Read(from, to, services.Clock.GetUtcNow().UtcDateTime);
        return TypedResults.Ok(new CompletenessMatrix(
            [.. Enumerable.Range(0, count).Select(i => from.AddDays(i).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture))],
            [.. rows.Select(r => new CompletenessRow(r.Meter, concentrators.GetValueOrDefault(r.Meter, ""), [.. r.Days.Select(FleetViews.Count)]))]));
    }
}
