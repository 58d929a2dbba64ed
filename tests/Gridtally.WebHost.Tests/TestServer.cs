using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Serialization;
using Gridtally.Testing;
using Gridtally.WebHost.Access;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gridtally.WebHost.Tests;

/// <summary>A real server over HTTPS on loopback, with a small API of its own, in a folder of its own.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    public const string Password = "correct horse battery";

    private readonly TemporaryFolder? _own;

    private TestServer(string? folder)
    {
        _own = folder is null ? new() : null;
        Folder = folder ?? _own!.Path;
    }

    public string Folder { get; }

    public ManualTimeProvider Clock { get; } = new();

    public ConcurrentQueue<AuditEvent> Audit { get; } = new();

    public string? Fault { get; set; }

    public string State { get; set; } = """{"n":1}""";

    public WebServer Web { get; private set; } = null!;

    public static async Task<TestServer> Start(string? folder = null, string? password = Password, int port = 0, TimeSpan? streamInterval = null, TimeProvider? clock = null)
    {
        var server = new TestServer(folder);
        server.Web = await WebServer.StartAsync(
            new()
            {
                Product = "test",
                DataFolder = server.Folder,
                Port = port,
                InitialAdminPassword = password,
                Pages = typeof(TestServer).Assembly,
                Json = TestJson.Default,
                LineTime = clock ?? server.Clock,
                Audit = server.Audit.Enqueue,
                Health = () => server.Fault,
                StreamSnapshot = () => System.Text.Encoding.UTF8.GetBytes(server.State),
                StreamInterval = streamInterval ?? TimeSpan.FromSeconds(1),
                Logging = NullLoggerFactory.Instance,
            },
            MapThings,
            default);
        return server;
    }

    public WebClient Client() => new(Web.Address, Web.CertificateFingerprint);

    public async Task<WebClient> LoggedIn(string user = "admin", string password = Password)
    {
        var client = Client();
        Assert.Equal(200, (int)(await client.Login(user, password)).Status);
        return client;
    }

    public async Task<WebClient> Viewer()
    {
        using var admin = await LoggedIn();
        Assert.Equal(201, (int)(await admin.Post("/api/users", """{"name":"guest","role":"viewer","password":"only looking around"}""")).Status);
        return await LoggedIn("guest", "only looking around");
    }

    public async ValueTask DisposeAsync()
    {
        await Web.DisposeAsync();
        _own?.Dispose();
    }

    private static void MapThings(IEndpointRouteBuilder api)
    {
        api.MapGet("/things", (int? limit) => TypedResults.Ok(new Thing("a", limit ?? 1, DateTimeOffset.UnixEpoch)));
        api.MapPost("/things", (Thing thing) => TypedResults.Ok(thing));
        api.MapGet("/broken", string () => throw new InvalidOperationException("the key is 000102030405"));
    }
}

internal sealed record Thing(string Name, int Count, DateTimeOffset At);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(Thing))]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(int?))]
internal sealed partial class TestJson : JsonSerializerContext;
