using Gridtally.Cosem;
using Gridtally.HeadEnd.Commands;
using Gridtally.Metering;
using Gridtally.Sessions;
using Gridtally.WebHost.Access;
using Gridtally.WebHost.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Gridtally.HeadEnd.Web;

/// <summary>Reads one register of one meter on demand, through its concentrator's gateway.</summary>
internal sealed class RegisterEndpoint(HeadEndServices services)
{
    public void Map(IEndpointRouteBuilder api) => api.MapPost("/meters/{no}/read-register", ReadAsync).Produces<RegisterReadingView>()
        .WithTags("Meters").WithSummary("Reads an attribute of the meter itself; takes as long as the meter's line does.");

    private async Task<IResult> ReadAsync(string no, RegisterRequest request, HttpContext http)
    {
        var faults = new List<(string Field, string Fault)>();
        if (request.ClassId == 0) faults.Add(("classId", "expected 1..65535, got 0."));
        if (request.Attribute < 1) faults.Add(("attribute", $"expected 1..127, got {request.Attribute}."));
        if (!ObisCode.TryParse(request.Obis, null, out var obis)) faults.Add(("obis", "expected an OBIS code such as 1-0:1.8.0.255, each group 0..255."));
        if (faults.Count > 0) return Problems.Invalid(faults);
        if (services.Store.Archive.Find(no) is null) return MeterEndpoints.Missing(no);
        var outcome = await services.Commands.ReadAsync(no, new AttributeRef(request.ClassId, obis, request.Attribute), http.Session().User, null, http.RequestAborted);
        return outcome.Reading is { } reading ? TypedResults.Ok(RegisterValue.View(reading)) : Problem(outcome.Failure!);
    }

    private static IResult Problem(CommandFailure failure)
    {
        var (status, title) = (failure.Blame, failure.Reason) switch
        {
            (CommandBlame.Request, _) => (StatusCodes.Status404NotFound, "No such meter."),
            (CommandBlame.HeadEnd, _) => (StatusCodes.Status409Conflict, "The head end can't do this now."),
            (CommandBlame.Concentrator, AssociationReason.NoAnswer) => (StatusCodes.Status409Conflict, "The concentrator is offline."),
            (CommandBlame.Concentrator, _) => (StatusCodes.Status502BadGateway, "The way to the concentrator failed."),
            (CommandBlame.Channel, AssociationReason.NoAnswer) => (StatusCodes.Status504GatewayTimeout, "The meter did not answer."),
            (CommandBlame.Channel, _) => (StatusCodes.Status502BadGateway, "The way to the meter failed."),
            (_, AssociationReason.Refused) => (StatusCodes.Status502BadGateway, "The meter refused."),
            _ => (StatusCodes.Status502BadGateway, "The meter failed."),
        };
        return Problems.Other(status, title, failure.Text, BlameOf(failure.Blame));
    }

    private static Blame BlameOf(CommandBlame blame) => blame switch
    {
        CommandBlame.Request => Blame.Request,
        CommandBlame.HeadEnd => Blame.Headend,
        CommandBlame.Concentrator => Blame.Concentrator,
        CommandBlame.Channel => Blame.Channel,
        _ => Blame.Meter,
    };
}
