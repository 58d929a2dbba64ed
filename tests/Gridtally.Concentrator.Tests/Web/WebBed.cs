using System.Buffers;
using Gridtally.Concentrator.Archive;
using Gridtally.Concentrator.Channels;
using Gridtally.Concentrator.Events;
using Gridtally.Concentrator.History;
using Gridtally.Concentrator.Scheduling;
using Gridtally.Concentrator.Settings;
using Gridtally.Concentrator.Store;
using Gridtally.Concentrator.Web;
using Gridtally.Cosem;
using Gridtally.Cosem.Data;
using Gridtally.Cosem.Profiles;
using Gridtally.Metering;
using Gridtally.Storage;
using Gridtally.Testing;
using Gridtally.WebHost;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gridtally.Concentrator.Tests.Web;

/// <summary>A concentrator's stores and its web interface over HTTPS on loopback; nothing reads meters.</summary>
internal sealed class WebBed : IAsyncDisposable
{
    public const string AdminPassword = "correct horse battery";
    public const string KeyHex = "000102030405060708090A0B0C0D0E0F";
    public static readonly ObisCode EnergyProfile = ObisCode.Parse("1-0:99.1.0.255");

    private readonly TemporaryFolder _folder = new();

    private WebBed()
    {
        var database = Database.Open(_folder.File(ConcentratorSchema.FileName), ConcentratorSchema.Migrations);
        var secrets = SecretBox.Open(_folder.File("device.key"));
        var settings = new SettingsStore(database, secrets);
        var events = new EventLog(database, Clock, NullLogger.Instance);
        var archive = new MeterArchive(database, secrets, settings, events, Clock);
        var store = new ReadingStore(database);
        var config = new ConcentratorConfig { SerialNumber = "5500000527", DataFolder = _folder.Path, HttpsPort = 0, InitialAdminPassword = AdminPassword };
        Services = new(config, database, secrets, settings, archive, store, new(database, store), new(database, store, archive, settings, Clock), events,
            new(database), Scheduler, new NoGate(), Clock, Clock, NullLoggerFactory.Instance);
    }

    public ManualTimeProvider Clock { get; } = new(new(2026, 1, 15, 12, 0, 0, TimeSpan.Zero));

    public RecordingScheduler Scheduler { get; } = new();

    public ConcentratorServices Services { get; }

    public UplinkView Uplink { get; set; } = UplinkView.None(0);

    public WebServer Web { get; private set; } = null!;

    public static async Task<WebBed> Start()
    {
        var bed = new WebBed();
        bed.Web = await ConcentratorWeb.StartAsync(bed.Services, () => bed.Uplink, default);
        return bed;
    }

    public WebClient Client() => new(Web.Address, Web.CertificateFingerprint);

    public async Task<WebClient> Admin()
    {
        var client = Client();
        Assert.Equal(200, (int)(await client.Login("admin", AdminPassword)).Status);
        return client;
    }

    /// <summary>A meter on TCP that is read by task three_phase.</summary>
    public MeterRecord AddMeter(string number) =>
        Services.Archive.Add(new MeterRecord(number) { Channel = "meter_tcp", Task = "three_phase", Phase = 3, Address = "10.0.0.7:4059" },
            new() { EncryptionKey = Convert.FromHexString(KeyHex), AuthenticationKey = Convert.FromHexString(KeyHex) }, "test");

    /// <summary>Rows of the manual's energy profile, half-hourly, the last one at <paramref name="last"/>; +P is 100 W, 200 W …</summary>
    public void AddRows(MeterRecord meter, DateTime last, int count)
    {
        var layout = Services.Store.StoreLayout(meter.Id, EnergyLayout(), last);
        var rows = Enumerable.Range(0, count).Select(i => (Utc: last.AddMinutes(-30 * (count - 1 - i)), Octets: Row(last.AddMinutes(-30 * (count - 1 - i)), (uint)(1000 * (i + 1))))).ToList();
        Services.Database.Write(session => Services.Store.StoreRows(session, meter.Id, layout, rows, new(rows[0].Utc.AddMinutes(-30), last), last));
    }

    public async ValueTask DisposeAsync()
    {
        await Web.DisposeAsync();
        Services.Database.Dispose();
        Services.Secrets.Dispose();
        _folder.Dispose();
    }

    // DTSD545 5.2.5, cut to the columns that show each kind: clock, profile status, +P in tenths of a watt, internal status.
    private static ProfileLayout EnergyLayout() => new(EnergyProfile, 1800,
    [
        new(new(8, ObisCode.Parse("0-0:1.0.0.255"), 2), ScalerUnit.None),
        new(new(1, ObisCode.Parse("0-0:96.10.1.255"), 2), ScalerUnit.None),
        new(new(5, ObisCode.Parse("1-0:1.4.0.255"), 3), new(-1, Unit.Watt)),
        new(new(1, ObisCode.Parse("0-0:96.10.3.255"), 2), ScalerUnit.None),
    ]);

    private static ReadOnlyMemory<byte> Row(DateTime utc, uint demand)
    {
        var buffer = new ArrayBufferWriter<byte>();
        buffer.WriteStructure(4);
        buffer.WriteDateTime(CosemDateTime.From(new DateTimeOffset(utc)));
        buffer.WriteUnsigned(0x80);
        buffer.WriteDoubleLongUnsigned(demand);
        buffer.WriteDoubleLongUnsigned(5);
        return buffer.WrittenMemory;
    }

    internal sealed class RecordingScheduler : IScheduler
    {
        public List<string> Read { get; } = [];

        public List<NextRun> Runs { get; } = [];

        public int PendingJobs => 0;

        public IReadOnlyList<string> ReadNow(MeterRecord meter)
        {
            Read.Add(meter.Number);
            return ["energy profile"];
        }

        public Task<IReadOnlyList<ReadAnswer>> ReadAttributesAsync(MeterRecord meter, IReadOnlyList<AttributeRef> targets, CancellationToken cancellationToken) =>
            throw new MeterGateException(FailureReason.NoAnswer, "No meter is here.");

        public IReadOnlyList<NextRun> NextRuns(MeterRecord? meter = null) => Runs;
    }

    private sealed class NoGate : IMeterGate
    {
        public Task<byte[]> ExchangeAsync(string meterNumber, ushort clientSap, ushort logicalDevice, ReadOnlyMemory<byte> apdu, CancellationToken cancellationToken) =>
            throw new MeterGateException(FailureReason.NoAnswer, "No meter is here.");
    }
}
