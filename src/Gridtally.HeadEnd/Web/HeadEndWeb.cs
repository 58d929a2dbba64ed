using System.Net;
using System.Text.Json;
using Gridtally.Companion;
using Gridtally.Storage;
using Gridtally.WebHost;
using Gridtally.WebHost.Access;
using Gridtally.WebHost.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace Gridtally.HeadEnd.Web;

/// <summary>The head end's web interface: its REST API and its pages, over HTTPS with login.</summary>
public static class HeadEndWeb
{
    /// <summary>Opens the port of the configuration and serves until disposed.</summary>
    /// <param name="services">The running head end.</param>
    /// <param name="ct">Gives the start up.</param>
    /// <exception cref="WebServerException">The port can't be opened, or users or certificate can't be read.</exception>
    public static Task<WebServer> StartAsync(HeadEndServices services, CancellationToken ct)
    {
        var overview = new OverviewPage(services);
        return WebServer.StartAsync(
            new()
            {
                Product = "headend",
                DataFolder = services.DataFolder,
                ListenAddress = IPAddress.Parse(services.Config.Web.Address),
                Port = services.Config.Web.Port,
                InitialAdminPassword = services.Config.Web.InitialAdminPassword,
                Pages = typeof(HeadEndWeb).Assembly,
                Json = HeadEndApiJson.Default,
                LineTime = services.LineTime,
                Audit = entry => Log(services, entry),
                Explain = Explain,
                Health = () => Health(services),
                StreamEvent = "overview",
                StreamSnapshot = () => JsonSerializer.SerializeToUtf8Bytes(overview.Take(), HeadEndApiJson.Default.OverviewView),
                Logging = services.Logging,
            },
            api => Map(api, services, overview),
            ct);
    }

    private static void Map(IEndpointRouteBuilder api, HeadEndServices services, OverviewPage overview)
    {
        overview.Map(api);
        new ConcentratorEndpoints(services).Map(api);
        new MeterEndpoints(services).Map(api);
        new RegisterEndpoint(services).Map(api);
        new CompletenessEndpoint(services).Map(api);
        new EventEndpoints(services.Store.Events).Map(api);
    }

    private static void Log(HeadEndServices services, AuditEvent entry)
    {
        var code = entry.Kind switch
        {
            AuditKind.LoginSucceeded or AuditKind.LoggedOut => EventCodes.Login,
            AuditKind.LoginFailed => EventCodes.LoginFailed,
            AuditKind.LoginLockedOut => EventCodes.LoginBlocked,
            _ => EventCodes.ParameterChange,
        };
        try
        {
            services.Store.Events.Add(new(
                services.Clock.GetUtcNow().UtcDateTime, code, HeadEndEvents.Find(code).Severity, null, "", $"{entry.Detail} From {entry.RemoteAddress}.", entry.User));
        }
        catch (StorageException e)
        {
            // With a full disk one must still be able to log in and see that it is full.
            services.Logging.CreateLogger(nameof(HeadEndWeb)).LogError(e, "An event could not be stored: {Event}", entry.Detail);
        }
    }

    private static Problem? Explain(Exception e) => e switch
    {
        StorageException { Fault: StorageFault.DiskFull } full => new("The disk is full.", 507, full.Message),
        StorageException storage => new("The store failed.", 500, storage.Message),
        _ => null,
    };

    private static string? Health(HeadEndServices services)
    {
        try
        {
            services.Store.Figures();
            return null;
        }
        catch (StorageException)
        {
            return "The store can't be read.";
        }
    }
}
