using Gridtally.Companion;
using Gridtally.HeadEnd.Store;
using Gridtally.WebHost.Contract;
using Gridtally.WebHost.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Gridtally.HeadEnd.Web;

/// <summary>The event log, newest first.</summary>
internal sealed class EventEndpoints(EventStore events)
{
    private const int DefaultLimit = 100;
    private const int MaxLimit = 500;

    public void Map(IEndpointRouteBuilder api) =>
        api.MapGet("/events", List).Produces<EventPage>().WithTags("Events").WithSummary("Events, newest first; parameters limit, before, meter, severity.");

    private IResult List(HttpContext http)
    {
        var query = new QueryValues(http.Request.Query);
        var limit = query.Number("limit", 1, MaxLimit, DefaultLimit);
        var (before, meter, severity) = (query.Number("before", 1, long.MaxValue), query.Text("meter"), query.Choice<SeverityView>("severity"));
        if (query.Problem is { } problem) return problem;
        // One more than asked for tells whether there is a next page.
        var entries = events.List(new() { Before = before, Meter = meter, Severity = Wanted(severity), Limit = limit + 1 });
        var page = entries.Take(limit).ToArray();
        return TypedResults.Ok(new EventPage([.. page.Select(View)], entries.Count > limit ? page[^1].Id : null));
    }

    private static EventSeverity? Wanted(SeverityView? severity) => severity switch
    {
        SeverityView.Info => EventSeverity.Info,
        SeverityView.Warning => EventSeverity.Warning,
        SeverityView.Error => EventSeverity.Error,
        _ => null,
    };

    private static EventItem View(LoggedEvent entry)
    {
        var e = entry.Event;
        return new(
            entry.Id, new(e.Time, TimeSpan.Zero),
            e.Severity switch { EventSeverity.Error => SeverityView.Error, EventSeverity.Warning => SeverityView.Warning, _ => SeverityView.Info },
            e.Code, HeadEndEvents.Find(e.Code).Name, e.Meter.Length == 0 ? null : e.Meter, e.Concentrator, e.Text, e.User);
    }
}
