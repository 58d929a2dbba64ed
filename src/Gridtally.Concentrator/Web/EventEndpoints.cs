using Gridtally.Concentrator.Events;
using Gridtally.WebHost.Contract;
using Gridtally.WebHost.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Gridtally.Concentrator.Web;

/// <summary>The event log, newest first.</summary>
internal sealed class EventEndpoints(EventLog events)
{
    private const int DefaultLimit = 100;

    public void Map(IEndpointRouteBuilder api) =>
        api.MapGet("/events", List).Produces<EventPage>().WithTags("Events").WithSummary("Events, newest first; parameters limit, before, meter, severity.");

    private IResult List(HttpContext http)
    {
        var query = new QueryValues(http.Request.Query);
        var limit = query.Number("limit", 1, EventLog.MaxEntries, DefaultLimit);
        var before = query.Number("before", 1, long.MaxValue);
        var (meter, severity) = (query.Text("meter"), query.Choice<SeverityView>("severity"));
        if (query.Problem is { } problem) return problem;
        var wanted = severity switch
        {
            SeverityView.Info => EventSeverity.Info,
            SeverityView.Warning => EventSeverity.Warning,
            SeverityView.Error => EventSeverity.Error,
            _ => (EventSeverity?)null,
        };
        var entries = events.Latest(limit, before, meter, wanted);
        // Whether there is more is asked for, so that the last page says that it is the last.
        var more = entries.Count == limit && events.Latest(1, entries[^1].Id, meter, wanted).Count > 0;
        return TypedResults.Ok(new EventPage([.. entries.Select(View)], more ? entries[^1].Id : null));
    }

    private static EventItem View(EventEntry entry) => new(
        entry.Id, MeterViews.Utc(entry.Time),
        entry.Code.Severity switch { EventSeverity.Error => SeverityView.Error, EventSeverity.Warning => SeverityView.Warning, _ => SeverityView.Info },
        entry.Code.Number, entry.Code.Name, NullWhenEmpty(entry.Meter), null, entry.Text, NullWhenEmpty(entry.User));

    private static string? NullWhenEmpty(string text) => text.Length == 0 ? null : text;
}
