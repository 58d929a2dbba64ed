using Gridtally.Concentrator.History;
using Gridtally.Metering;
using Gridtally.WebHost.Contract;
using Gridtally.WebHost.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Gridtally.Concentrator.Web;

/// <summary>One meter: its state, its rows, its communication history, and reading it now.</summary>
internal sealed class MeterEndpoints(ConcentratorServices services, MeterViews views)
{
    private const int DefaultHistory = 50;

    public void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/meters/{no}", Detail).Produces<MeterDetailView>().WithTags("Meter").WithSummary("One meter and what is held of it.");
        api.MapPost("/meters/{no}/read", ReadNow).Produces<ReadAcceptedView>(202).WithTags("Meter").WithSummary("Queues the items of the meter's task before all scheduled ones.");
        api.MapGet("/meters/{no}/profiles/{profile}/rows", Rows).Produces<ProfileRows>().WithTags("Meter").WithSummary("Rows with from < time stamp <= to, as scaled columns.");
        api.MapGet("/meters/{no}/communications", Communications).Produces<CommunicationsView>().WithTags("Meter").WithSummary("The last exchanges with the meter, newest first.");
    }

    private IResult Detail(string no) => services.Archive.Find(no) is { } meter ? TypedResults.Ok(views.DetailOf(meter)) : MeterViews.Missing(no);

    private IResult ReadNow(string no)
    {
        if (services.Archive.Find(no) is not { } meter) return MeterViews.Missing(no);
        if (!meter.Enabled) return Problems.Conflict($"Meter {no} is disabled. Enable it in the archive to read it.");
        return TypedResults.Accepted((string?)null, new ReadAcceptedView([.. services.Scheduler.ReadNow(meter)]));
    }

    private IResult Rows(string no, string profile, HttpContext http)
    {
        if (services.Archive.Find(no) is not { } meter) return MeterViews.Missing(no);
        var query = new QueryValues(http.Request.Query);
        if (!ObisCode.TryParse(profile, null, out var code)) query.Wrong("profile", "an OBIS code such as 1-0:99.1.0.255", profile);
        var (from, to) = (query.Time("from"), query.Time("to"));
        if (query.Problem is { } problem) return problem;
        return CurveView.Read(services.Store, meter, code, from, to) is { } rows
            ? TypedResults.Ok(rows)
            : Problems.NotFound($"Nothing is held of profile {code} of meter {no}: it was not read yet, or no task item reads it.");
    }

    private IResult Communications(string no, HttpContext http)
    {
        if (services.Archive.Find(no) is not { } meter) return MeterViews.Missing(no);
        var query = new QueryValues(http.Request.Query);
        var limit = query.Number("limit", 1, CommunicationHistory.MaxEntries, DefaultHistory);
        return query.Problem ?? TypedResults.Ok(new CommunicationsView([.. services.History.Latest(meter.Id, limit).Select(View)]));
    }

    private static CommunicationView View(Communication c) => new(
        c.Id, MeterViews.Utc(c.Time), (long)c.Duration.TotalMilliseconds, c.Channel, c.Item, Outcome(c.Outcome), MeterViews.Reason(c.Reason), c.Text,
        c.Rows, c.BytesSent, c.BytesReceived, c.Retries);

    private static CommunicationOutcomeView Outcome(CommunicationOutcome outcome) => outcome switch
    {
        CommunicationOutcome.Done => CommunicationOutcomeView.Done,
        CommunicationOutcome.Partial => CommunicationOutcomeView.Partial,
        _ => CommunicationOutcomeView.Failed,
    };
}
