using Gridtally.Cosem.Profiles;
using Gridtally.HeadEnd.Store;
using Gridtally.Metering;
using Gridtally.WebHost.Contract;
using Gridtally.WebHost.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Gridtally.HeadEnd.Web;

/// <summary>The meters that the concentrators report, and their curves.</summary>
internal sealed class MeterEndpoints(HeadEndServices services)
{
    /// <summary>Rows of one answer: a hundred days at 15 minutes, more than a screen can show.</summary>
    private const int MaxRows = 10_000;

    public void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/meters", List).WithTags("Meters").WithSummary("All meters.");
        api.MapGet("/meters/{no}", Detail).Produces<MeterDetailView>().WithTags("Meters").WithSummary("One meter and what is held of it.");
        api.MapGet("/meters/{no}/profiles/{profile}/rows", Rows).Produces<ProfileRows>().WithTags("Meters").WithSummary("Rows with from < time stamp <= to, as scaled columns.");
    }

    public static IResult Missing(string no) =>
        Problems.NotFound($"No concentrator reports a meter {no}. Check the number; a new meter appears when its concentrator's archive was read.");

    private Ok<MetersView> List()
    {
        var fleet = new FleetViews(services);
        return TypedResults.Ok(new MetersView([.. fleet.Meters.Select(fleet.Row)]));
    }

    private IResult Detail(string no)
    {
        if (services.Store.Archive.Find(no) is not { } meter) return Missing(no);
        var fleet = new FleetViews(services);
        var v = fleet.Row(meter);
        var state = services.Registry.Find(meter.Concentrator) is { } one ? fleet.StateOf(one) : ConcentratorStateView.Offline;
        return TypedResults.Ok(new MeterDetailView(
            v.MeterNo, v.Concentrator, v.Enabled, v.Channel, v.Task, v.State, v.LastContact, v.LastError, v.LastRow, v.Today, v.Yesterday,
            state, [.. services.Store.Series(no).Select(Summary)], services.Registry.HasMeterKeys(no)));
    }

    private IResult Rows(string no, string profile, HttpContext http)
    {
        var query = new QueryValues(http.Request.Query);
        if (!ObisCode.TryParse(profile, null, out var code)) query.Wrong("profile", "an OBIS code such as 1-0:99.1.0.255", profile);
        var (from, to) = (query.Time("from"), query.Time("to"));
        if (query.Problem is { } problem) return problem;
        // Rows outlive the archive entry: a meter that was taken out keeps its curve.
        if (services.Store.Curves.Read(no, code, from, to, MaxRows) is { } curve) return TypedResults.Ok(View(curve));
        return services.Store.Archive.Find(no) is null ? Missing(no) : Problems.NotFound($"Nothing is held of profile {code} of meter {no}: no row of it has come yet.");
    }

    private static ProfileSummary Summary(SeriesSummary one) =>
        new(one.Profile.ToString(), QuantityNames.Of(one.Profile), one.CapturePeriod, one.Rows, FleetViews.Utc(one.First), FleetViews.Utc(one.Last));

    private static ProfileRows View(Curve curve)
    {
        var shown = Enumerable.Range(0, curve.Columns.Length).Where(i => !IsStatus(curve.Columns[i])).ToArray();
        var status = Enumerable.Range(0, curve.Columns.Length).Where(i => IsStatus(curve.Columns[i])).Select(i => curve.Values[i]).FirstOrDefault();
        return new(
            curve.Meter, curve.Profile.ToString(), curve.CapturePeriod, [.. shown.Select(i => View(curve.Columns[i]))], curve.Times, [.. shown.Select(i => curve.Values[i])],
            status ?? new double?[curve.Times.Length], curve.Truncated);
    }

    private static bool IsStatus(ProfileColumn column) => QuantityNames.IsProfileStatus(column.Object.Instance);

    private static CurveColumn View(ProfileColumn column) => CurveColumn.Of(column.Object.Instance, column.Object.AttributeIndex, column.Scale);
}
