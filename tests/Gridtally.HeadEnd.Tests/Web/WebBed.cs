using Gridtally.Companion;
using Gridtally.HeadEnd.Web;
using Gridtally.Testing;
using Gridtally.WebHost;
using Microsoft.Extensions.Logging.Abstractions;
using static Gridtally.HeadEnd.Tests.Journals;

namespace Gridtally.HeadEnd.Tests.Web;

/// <summary>A head end and its web interface over HTTPS on loopback; concentrator C1 with meters 17 (keys held), 18 and 19, not connected.</summary>
internal sealed class WebBed : IAsyncDisposable
{
    public const string AdminPassword = "correct horse battery";

    private readonly TemporaryFolder _folder = new();
    private readonly HeadEndHost _host;

    private WebBed()
    {
        var config = new HeadEndConfig
        {
            Listen = new() { Port = 0 },
            Web = new() { Port = 0, InitialAdminPassword = AdminPassword },
            Concentrators = [TestRegistry.Concentrator("C1"), TestRegistry.Concentrator("C2")],
            Meters = [new() { Number = "17", EncryptionKey = TestRegistry.EncryptionKey, AuthenticationKey = TestRegistry.AuthenticationKey }],
        };
        _host = HeadEndHost.Create(config, _folder.Path, Clock, Clock, NullLoggerFactory.Instance);
        Services.Store.Journal.Begin("C1", new(Guid.NewGuid(), 1, 1000));
        Services.Store.Archive.Replace("C1",
            [new("17", true, "tcp", "load", new(Noon), ""), new("18", true, "485_1", "load", null, "No answer within 3 s."), new("19", false, "tcp", "load", null, "")], Midnight);
    }

    public static DateTime Noon => Midnight.AddHours(12);

    public ManualTimeProvider Clock { get; } = new(new(Midnight.AddHours(12)));

    public HeadEndServices Services => _host.Services;

    public WebServer Web { get; private set; } = null!;

    public static async Task<WebBed> Start()
    {
        var bed = new WebBed();
        bed.Web = await HeadEndWeb.StartAsync(bed.Services, default);
        return bed;
    }

    /// <summary>Half-hourly rows of meter 17 from 00:30 on.</summary>
    public void Ingest(int rows)
    {
        Services.Store.Journal.Ingest("C1", Answer(1, LayoutRecord("17"), RowsRecord("17", Rows(rows)), EventRecord("18", EventCodes.MeterUnreachable, "No answer within 3 s.")), Noon);
    }

    public WebClient Client() => new(Web.Address, Web.CertificateFingerprint);

    public async Task<WebClient> Admin()
    {
        var client = Client();
        Assert.Equal(200, (int)(await client.Login("admin", AdminPassword)).Status);
        return client;
    }

    public async ValueTask DisposeAsync()
    {
        await Web.DisposeAsync();
        await _host.DisposeAsync();
        _folder.Dispose();
    }
}
