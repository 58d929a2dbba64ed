using Gridtally.WebHost.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Gridtally.HeadEnd.Web;

/// <summary>The concentrators, their state and how far their journals are read.</summary>
internal sealed class ConcentratorEndpoints(HeadEndServices services)
{
    public void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/concentrators", List).WithTags("Concentrators").WithSummary("All concentrators and their state.");
        api.MapGet("/concentrators/{serial}", Detail).Produces<ConcentratorDetailView>().WithTags("Concentrators").WithSummary("One concentrator with its meters.");
    }

    private Ok<ConcentratorsView> List()
    {
        var fleet = new FleetViews(services);
        return TypedResults.Ok(new ConcentratorsView([.. services.Registry.Concentrators().Select(fleet.Concentrator)]));
    }

    private IResult Detail(string serial)
    {
        if (services.Registry.Find(serial) is not { } one) return Problems.NotFound($"Concentrator {serial} is not in the registry. Check the serial number, or add it to the configuration.");
        var fleet = new FleetViews(services);
        var (v, meters) = (fleet.Concentrator(one), fleet.MetersOf(serial));
        return TypedResults.Ok(new ConcentratorDetailView(
            v.Serial, v.Name, v.State, v.Remote, v.ConnectedSince, v.LastContact, v.Cursor, v.JournalEnd, v.Lag, v.Meters, v.Software, v.LastError, v.Today,
            FleetViews.Count(fleet.YesterdayOf(meters)), one.LogicalDeviceName, [.. meters.Select(fleet.Row)]));
    }
}
