using System.Net;
using System.Text.Json;
using Gridtally.Concentrator.Events;
using Gridtally.Concentrator.Settings;
using Gridtally.Storage;
using Gridtally.WebHost;
using Gridtally.WebHost.Access;
using Gridtally.WebHost.Http;
using Microsoft.AspNetCore.Routing;

namespace Gridtally.Concentrator.Web;

/// <summary>The concentrator's web interface: its REST API and its pages, over HTTPS with login.</summary>
public static class ConcentratorWeb
{
    /// <summary>Opens the port of the configuration and serves until disposed.</summary>
    /// <param name="services">The running concentrator.</param>
    /// <param name="uplink">Tells of the connection to the head end.</param>
    /// <param name="ct">Gives the start up.</param>
    /// <exception cref="WebServerException">The port can't be opened, or users or certificate can't be read.</exception>
    public static Task<WebServer> StartAsync(ConcentratorServices services, Func<UplinkView> uplink, CancellationToken ct)
    {
        if (!IPAddress.TryParse(services.Config.HttpsAddress, out var address))
            throw new WebServerException($"httpsAddress is '{services.Config.HttpsAddress}'; expected an IP address such as 127.0.0.1, or 0.0.0.0 for all.");
        var home = new HomePage(services, uplink);
        return WebServer.StartAsync(
            new()
            {
                Product = "concentrator",
                DataFolder = services.Config.DataFolder,
                ListenAddress = address,
                Port = services.Config.HttpsPort,
                InitialAdminPassword = services.Config.InitialAdminPassword,
                Pages = typeof(ConcentratorWeb).Assembly,
                Json = ConcentratorApiJson.Default,
                LineTime = services.LineTime,
                Audit = entry => Log(services.Events, entry),
                Explain = Explain,
                Health = () => Health(services),
                StreamEvent = "home",
                StreamSnapshot = () => JsonSerializer.SerializeToUtf8Bytes(home.Take(), ConcentratorApiJson.Default.HomeView),
                Logging = services.Loggers,
            },
            api => Map(api, services, home),
            ct);
    }

    private static void Map(IEndpointRouteBuilder api, ConcentratorServices services, HomePage home)
    {
        home.Map(api);
        var meters = new MeterViews(services);
        new ArchiveEndpoints(services, meters).Map(api);
        new MeterEndpoints(services, meters).Map(api);
        new EventEndpoints(services.Events).Map(api);
        new SettingsEndpoints(services.Settings).Map(api);
    }

    private static void Log(EventLog events, AuditEvent entry)
    {
        var code = entry.Kind switch
        {
            AuditKind.LoginSucceeded or AuditKind.LoggedOut => EventCode.Login,
            AuditKind.LoginFailed => EventCode.LoginFailed,
            AuditKind.LoginLockedOut => EventCode.LoginBlocked,
            _ => EventCode.ParameterChange,
        };
        events.Add(code, $"{entry.Detail} From {entry.RemoteAddress}.", user: entry.User ?? "");
    }

    private static Problem? Explain(Exception e) => e switch
    {
        StorageException { Fault: StorageFault.DiskFull } full => new("The disk is full.", 507, full.Message),
        StorageException storage => new("The store failed.", 500, storage.Message),
        SettingsException settings => SettingsEndpoints.Refusal(settings),
        _ => null,
    };

    private static string? Health(ConcentratorServices services)
    {
        try
        {
            services.Database.Read(session => session.Number("SELECT 1"));
            return null;
        }
        catch (StorageException)
        {
            return "The store can't be read.";
        }
    }
}
