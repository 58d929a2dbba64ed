using System.Text;
using Gridtally.Concentrator.Archive;
using Gridtally.Concentrator.Settings;
using Gridtally.Cosem.Security;
using Gridtally.WebHost.Access;
using Gridtally.WebHost.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Gridtally.Concentrator.Web;

/// <summary>The meter archive: list, add, change, remove. Keys go in and never come out.</summary>
internal sealed class ArchiveEndpoints(ConcentratorServices services, MeterViews views)
{
    /// <summary>LLS secrets of real meters have 8 to 16 octets.</summary>
    private const int MaxPassword = 64;

    public void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/meters", List).WithTags("Archive").WithSummary("All meters, with the channels and tasks a meter may have.");
        api.MapPost("/meters", Add).Produces<MeterView>(201).WithTags("Archive").WithSummary("Adds a meter.");
        api.MapPut("/meters/{no}", Change).Produces<MeterView>().WithTags("Archive").WithSummary("Changes a meter; keys that are left out stay.");
        api.MapDelete("/meters/{no}", Remove).Produces(204).WithTags("Archive").WithSummary("Removes a meter and its keys; what was collected stays stored.");
    }

    private Ok<ArchiveView> List()
    {
        var today = MeterViews.Today(services.Clock.GetUtcNow());
        var settings = services.Settings.Current;
        return TypedResults.Ok(new ArchiveView(
            [.. services.Archive.Meters.Values.Select(m => views.Of(m, today))],
            [.. settings.Channels.Values.Where(c => c.Type.IsToMeters).Select(c => new ChannelChoice(c.Name, c.Enabled, c.Addressing))],
            [.. settings.Tasks.Select(t => new TaskChoice(t.Key, t.Value))]));
    }

    private IResult Add(MeterInput input, HttpContext http)
    {
        if (services.Archive.Find(input.MeterNo) is not null)
            return Problems.Conflict($"Meter {input.MeterNo} is in the archive already. Change it there, or check the number.");
        return Store(input, new MeterRecord(input.MeterNo), http, (meter, secrets, user) =>
        {
            var added = services.Archive.Add(meter, secrets, user);
            return TypedResults.Created($"/api/meters/{Uri.EscapeDataString(added.Number)}", View(added));
        });
    }

    private IResult Change(string no, MeterInput input, HttpContext http)
    {
        if (services.Archive.Find(no) is not { } known) return MeterViews.Missing(no);
        if (input.MeterNo != no) return Problems.Invalid(("meterNo", $"expected {no}, got '{input.MeterNo}': a number never changes. Add a meter with the new number and remove this one."));
        return Store(input, known, http, (meter, secrets, user) => TypedResults.Ok(View(services.Archive.Change(meter, secrets, user))));
    }

    private IResult Remove(string no, HttpContext http) =>
        services.Archive.Remove(no, http.Session().User) ? TypedResults.NoContent() : MeterViews.Missing(no);

    private MeterView View(MeterRecord meter) => views.Of(meter, MeterViews.Today(services.Clock.GetUtcNow()));

    private static IResult Store(MeterInput input, MeterRecord start, HttpContext http, Func<MeterRecord, MeterSecrets?, string, IResult> store)
    {
        var faults = KeyFaults(input.Keys).ToArray();
        if (faults.Length > 0) return Problems.Invalid(faults);
        var meter = start with
        {
            Enabled = input.Enabled,
            Mac = input.Mac,
            Channel = input.Channel,
            MeterType = input.MeterType,
            Phase = input.Phase,
            Credit = input.Credit,
            Task = input.Task,
            Prepaid = input.Prepaid,
            Wiring = input.Wiring,
            Address = input.Address,
        };
        try
        {
            return store(meter, Secrets(input.Keys), http.Session().User);
        }
        catch (SettingsException e) when (e.Errors.Count > 0)
        {
            return Problems.Invalid(e.Errors.Select(error => (error.Column == "status" ? "enabled" : error.Column, $"expected {error.Expected}, got '{error.Value}'.")));
        }
    }

    // What was typed is never repeated, only how long it is.
    private static IEnumerable<(string Field, string Fault)> KeyFaults(MeterKeysInput? keys)
    {
        if (keys?.EncryptionKey is { } ek && !SecurityKeys.IsKey(ek)) yield return ("keys.encryptionKey", KeyFault(ek));
        if (keys?.AuthenticationKey is { } ak && !SecurityKeys.IsKey(ak)) yield return ("keys.authenticationKey", KeyFault(ak));
        if (keys?.Password is { Length: 0 or > MaxPassword } password) yield return ("keys.password", $"expected 1..{MaxPassword} characters, got {password.Length}.");
    }

    private static string KeyFault(string text) => text.Length == SecurityKeys.KeyDigits
        ? $"expected {SecurityKeys.KeyDigits} hexadecimal digits, got other signs among them."
        : $"expected {SecurityKeys.KeyDigits} hexadecimal digits, got {SecurityKeys.Describe(text)}.";

    private static MeterSecrets? Secrets(MeterKeysInput? keys) => keys is null ? null : new()
    {
        EncryptionKey = keys.EncryptionKey is { } ek ? Convert.FromHexString(ek) : null,
        AuthenticationKey = keys.AuthenticationKey is { } ak ? Convert.FromHexString(ak) : null,
        Password = keys.Password is { } password ? Encoding.UTF8.GetBytes(password) : null,
    };
}
