using System.Net;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Serialization;
using Gridtally.WebHost.Access;
using Gridtally.WebHost.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Gridtally.WebHost;

/// <summary>HTTPS with login, the product's API below <c>/api</c>, and its pages.</summary>
public sealed partial class WebServer : IAsyncDisposable
{
    /// <summary>Largest request body: an archive of several thousand meters as CSV.</summary>
    public const int MaxRequestBytes = 1024 * 1024;

    // Browsers open six connections per page over HTTP/1.1; the rest is for tools.
    private const int MaxConnections = 128;

    private readonly WebApplication _app;
    private readonly X509Certificate2 _certificate;
    private readonly IDisposable[] _parts;

    private WebServer(WebApplication app, X509Certificate2 certificate, IDisposable[] parts, string? initialPasswordFile)
    {
        (_app, _certificate, _parts, InitialPasswordFile) = (app, certificate, parts, initialPasswordFile);
        CertificateFingerprint = ServerCertificate.Fingerprint(certificate);
    }

    /// <summary>Where the server listens, with the port taken; <c>localhost</c> when it listens on all addresses or on loopback.</summary>
    public Uri Address { get; private set; } = new("https://localhost/");

    /// <summary>SHA-256 fingerprint of the certificate in use, to compare with what the browser shows.</summary>
    public string CertificateFingerprint { get; }

    /// <summary>File with the made-up first password of <c>admin</c>; null once it is gone (it goes when admin changes the password).</summary>
    public string? InitialPasswordFile { get; }

    /// <summary>Opens the port and serves until disposed.</summary>
    /// <param name="options">What to serve and where.</param>
    /// <param name="mapApi">Adds the product's endpoints; paths are below <c>/api</c>. Reads need a login, writes the role administrator; see <see cref="Access.Access"/>.</param>
    /// <param name="ct">Gives the start up.</param>
    /// <exception cref="WebServerException">The port can't be opened, or users or certificate can't be read.</exception>
    public static async Task<WebServer> StartAsync(WebServerOptions options, Action<IEndpointRouteBuilder> mapApi, CancellationToken ct)
    {
        var certificate = ServerCertificate.LoadOrCreate(options.DataFolder, options.LineTime);
        var users = UserStore.Open(options.DataFolder, options.InitialAdminPassword);
        var sessions = new SessionStore(options.LineTime, options.SessionIdle, options.SessionLifetime);
        var endpoints = new SessionEndpoints(options, users, sessions, new LoginThrottle(options.LineTime));
        var app = Build(options, certificate);
        Use(app, options, new AccessCheck(sessions, endpoints.Token), trusted: !ServerCertificate.IsSelfMade(certificate));
        var stream = new LiveStream(options, sessions);
        var description = new ApiDescription($"Gridtally {options.Product}", services => AddJson(services, options), routes => MapApi(routes, options, endpoints, stream, mapApi));
        Map(app, options, endpoints, stream, description, mapApi);
        var server = new WebServer(app, certificate, [endpoints, description], File.Exists(users.InitialPasswordFile) ? users.InitialPasswordFile : null);
        await server.ListenAsync(options, ct);
        return server;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        // Open streams would keep a polite stop waiting; they see the abort and end.
        using (var patience = new CancellationTokenSource(TimeSpan.FromSeconds(1))) await _app.StopAsync(patience.Token);
        await _app.DisposeAsync();
        foreach (var part in _parts) part.Dispose();
        _certificate.Dispose();
    }

    private static WebApplication Build(WebServerOptions options, X509Certificate2 certificate)
    {
        // Empty: nothing is taken from environment variables or an appsettings.json in the current folder.
        var builder = WebApplication.CreateEmptyBuilder(new() { ApplicationName = "Gridtally" });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => Configure(kestrel, options, certificate));
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton(options.Logging);
        builder.Services.AddLogging();
        // The product decides when to stop, not a signal handler of its web server.
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.Services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);
        AddJson(builder.Services, options);
        return builder.Build();
    }

    private static void AddJson(IServiceCollection services, WebServerOptions options) =>
        services.ConfigureHttpJsonOptions(json =>
        {
            // A context's own options don't count once it is one of several; these are the wire rules of both APIs.
            json.SerializerOptions.Converters.Add(new UtcTimestamp());
            json.SerializerOptions.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
            json.SerializerOptions.RespectRequiredConstructorParameters = true;
            json.SerializerOptions.RespectNullableAnnotations = true;
            json.SerializerOptions.AllowDuplicateProperties = false;
            json.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
            json.SerializerOptions.TypeInfoResolverChain.Clear();
            json.SerializerOptions.TypeInfoResolverChain.Add(options.Json);
            json.SerializerOptions.TypeInfoResolverChain.Add(WebJson.Default);
        });

    private static void Configure(KestrelServerOptions kestrel, WebServerOptions options, X509Certificate2 certificate)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = MaxRequestBytes;
        kestrel.Limits.MaxConcurrentConnections = MaxConnections;
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
        kestrel.Listen(options.ListenAddress, options.Port, listen =>
        {
            listen.Protocols = HttpProtocols.Http1AndHttp2;
            listen.UseHttps(new HttpsConnectionAdapterOptions { ServerCertificate = certificate, SslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13 });
        });
    }

    private static void Use(WebApplication app, WebServerOptions options, AccessCheck access, bool trusted)
    {
        var pages = new EmbeddedPages(options.Pages);
        var log = options.Logging.CreateLogger<WebServer>();
        app.Use(async (http, next) =>
        {
            SecurityHeaders.Add(http.Response.Headers, trusted);
            try
            {
                await next(http);
            }
            catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
            {
                // The client went away; nobody is left to tell.
            }
            catch (Exception e) when (!http.Response.HasStarted)
            {
                await Problems.WriteAsync(http, Describe(e, http, options, log));
            }
        });
        app.UseRouting();
        app.Use(async (http, next) =>
        {
            if (http.Request.Path.StartsWithSegments("/api"))
            {
                http.Response.Headers.CacheControl = "no-store";
                if (access.Check(http) is { } refusal) await Problems.WriteAsync(http, refusal);
                else await next(http);
            }
            else if (http.GetEndpoint() is null && (HttpMethods.IsGet(http.Request.Method) || HttpMethods.IsHead(http.Request.Method)))
            {
                await pages.ServeAsync(http);
            }
            else
            {
                await next(http);
            }

            if (!http.Response.HasStarted && Unanswered(http) is { } problem) await Problems.WriteAsync(http, problem);
        });
    }

    /// <summary>What the framework answers with a bare status gets its sentence here.</summary>
    private static Problem? Unanswered(HttpContext http) => http.Response.StatusCode switch
    {
        StatusCodes.Status400BadRequest => RequestFaults.Unreadable(StatusCodes.Status400BadRequest),
        StatusCodes.Status413PayloadTooLarge => RequestFaults.Unreadable(StatusCodes.Status413PayloadTooLarge),
        StatusCodes.Status404NotFound => new("Not found.", 404, $"There is nothing at {http.Request.Method} {http.Request.Path}. /openapi.json lists what there is."),
        StatusCodes.Status405MethodNotAllowed => new("Not allowed here.", 405, $"{http.Request.Path} does not take {http.Request.Method}; it takes {http.Response.Headers.Allow}."),
        StatusCodes.Status415UnsupportedMediaType => new("Can't read this kind of content.", 415, "Expected Content-Type application/json."),
        _ => null,
    };

    private static Problem Describe(Exception e, HttpContext http, WebServerOptions options, ILogger log)
    {
        if (e is Microsoft.AspNetCore.Http.BadHttpRequestException bad) return RequestFaults.Describe(bad, http);
        var reference = http.TraceIdentifier;
        LogFailed(log, http.Request.Method, http.Request.Path, reference, e);
        if (options.Explain?.Invoke(e) is { } explained) return explained;
        // The exception may quote anything; only the log gets it.
        return new("This went wrong inside.", StatusCodes.Status500InternalServerError, $"The request could not be served. The log has the cause under {reference}.");
    }

    private static void Map(
        WebApplication app, WebServerOptions options, SessionEndpoints sessions, LiveStream stream, ApiDescription description, Action<IEndpointRouteBuilder> mapApi)
    {
        app.MapGet("/healthz", (HttpContext http) => Health(options)).ExcludeFromDescription();
        app.MapGet("/openapi.json", (RequestDelegate)description.ServeAsync).ExcludeFromDescription();
        MapApi(app, options, sessions, stream, mapApi);
    }

    private static void MapApi(IEndpointRouteBuilder app, WebServerOptions options, SessionEndpoints sessions, LiveStream stream, Action<IEndpointRouteBuilder> mapApi)
    {
        var api = app.MapGroup("/api");
        sessions.Map(api);
        if (options.StreamSnapshot is not null)
            api.MapGet("/stream", (HttpContext http) => stream.ServeAsync(http, sessions.Token(http))).WithTags("Live").WithSummary("Server-sent events: the newest state whenever it changed, at least one per 15 s.");
        mapApi(api);
    }

    private static JsonHttpResult<HealthAnswer> Health(WebServerOptions options)
    {
        var fault = options.Health?.Invoke();
        return TypedResults.Json(new HealthAnswer(fault is null ? "ok" : "degraded", fault), WebJson.Default.HealthAnswer, statusCode: fault is null ? 200 : 503);
    }

    private async Task ListenAsync(WebServerOptions options, CancellationToken ct)
    {
        try
        {
            await _app.StartAsync(ct);
        }
        catch (IOException e) when (e.InnerException is AddressInUseException)
        {
            await _app.DisposeAsync();
            throw new WebServerException($"Can't open https://{new IPEndPoint(options.ListenAddress, options.Port)}: another program uses port {options.Port}. Stop it, or choose another port.", e);
        }
        catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException)
        {
            await _app.DisposeAsync();
            throw new WebServerException($"Can't open https://{new IPEndPoint(options.ListenAddress, options.Port)}: {e.Message} Check the address, and that this user may open the port.", e);
        }

        var port = new Uri(_app.Urls.First()).Port;
        var isLocal = IPAddress.IsLoopback(options.ListenAddress) || options.ListenAddress.Equals(IPAddress.Any) || options.ListenAddress.Equals(IPAddress.IPv6Any);
        Address = new UriBuilder("https", isLocal ? "localhost" : options.ListenAddress.ToString(), port).Uri;
        LogListening(options.Logging.CreateLogger<WebServer>(), Address, CertificateFingerprint);
        if (InitialPasswordFile is { } file) LogInitialPassword(options.Logging.CreateLogger<WebServer>(), file);
    }

    [LoggerMessage(7001, LogLevel.Information, "Web interface at {Address}, certificate SHA-256 {Fingerprint}")]
    private static partial void LogListening(ILogger log, Uri address, string fingerprint);

    [LoggerMessage(7002, LogLevel.Warning, "The first password of user admin is in {File}; change it in the web interface")]
    private static partial void LogInitialPassword(ILogger log, string file);

    [LoggerMessage(7003, LogLevel.Error, "{Method} {Path} failed (reference {Reference})")]
    private static partial void LogFailed(ILogger log, string method, string path, string reference, Exception e);

    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
