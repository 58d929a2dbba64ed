using System.Globalization;
using System.Security.Cryptography;
using Gridtally.Companion;
using Gridtally.HeadEnd;
using Gridtally.Meter.Fleet;

namespace Gridtally.Cli.Demo;

/// <summary>The files that the demo makes for its three products, once: configurations, keys, the password.</summary>
internal sealed class DemoFiles
{
    public const string UserName = "admin";
    public const string MetersName = "meters";
    public const string ConcentratorName = "concentrator";
    public const string HeadEndName = "head end";

    private const string SerialNumber = "5500000001";
    private const string ServiceBus = "service";

    private const string FleetFile = "meters.json";
    private const string ConcentratorFile = "concentrator.json";
    private const string HeadEndFile = "headend.json";
    private const string PasswordFile = "password.txt";

    private readonly string _folder;

    private DemoFiles(string folder) => _folder = folder;

    public string Password => File.ReadAllText(PathOf(PasswordFile)).Trim();

    /// <summary>The command line of each product.</summary>
    public IReadOnlyList<(string Name, string[] Arguments)> Commands =>
    [
        (MetersName, ["meter", "run", "--config", PathOf(FleetFile)]),
        (ConcentratorName, ["concentrator", "run", "--config", PathOf(ConcentratorFile), "--data", PathOf("concentrator")]),
        (HeadEndName, ["headend", "run", "--config", PathOf(HeadEndFile), "--data", PathOf("headend")]),
    ];

    /// <summary>The files of an earlier start.</summary>
    public static DemoFiles Open(string folder) => new(folder);

    /// <summary>Makes them all.</summary>
    public static DemoFiles Create(DemoOptions options, DemoState state)
    {
        var files = new DemoFiles(options.DataFolder);
        var meters = Enumerable.Range(0, state.Meters).Select(i => DemoMeter.Create(i, state)).ToArray();
        WriteSecret(files.PathOf(PasswordFile), RandomNumberGenerator.GetString("abcdefghijkmnpqrstuvwxyz23456789", 12));
        files.WriteFleet(options, state, meters);
        files.WriteKeys(meters);
        var uplinkKeys = DemoKeys.Create();
        files.WriteConcentrator(state, meters, uplinkKeys);
        files.WriteHeadEnd(state, meters, uplinkKeys);
        return files;
    }

    /// <summary>What the meters captured on <paramref name="day"/> against what the head end has.</summary>
    public RowComparison Compare(DateOnly day)
    {
        var (begin, end) = (Stamp(day, addSeconds: 1), Stamp(day.AddDays(1), addSeconds: 0));
        bool IsOfDay(string line)
        {
            // meterNumber;profileObis;UTC time;hex. A row stamped 00:00 belongs to the day that ends then.
            var time = line.Split(';')[2];
            return string.CompareOrdinal(time, begin) >= 0 && string.CompareOrdinal(time, end) <= 0;
        }

        return RowComparison.Of(
            Lines(output => MeterExport.WriteRows(PathOf("meters"), output)), Lines(output => HeadEndExport.WriteRows(PathOf("headend"), output)), IsOfDay);
    }

    private static string Stamp(DateOnly day, int addSeconds) =>
        day.ToDateTime(TimeOnly.MinValue).AddSeconds(addSeconds).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static string[] Lines(Action<TextWriter> export)
    {
        using var text = new StringWriter();
        export(text);
        return text.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }

    private void WriteFleet(DemoOptions options, DemoState state, DemoMeter[] meters)
    {
        const string Paced = "baud=9600,turnaround=10ms";
        var first = options.BusConditions is { Length: > 0 } more ? $"{Paced},{more}" : Paced;
        new FleetConfig
        {
            DataFolder = "meters",
            LoadFile = Path.Combine(AppContext.BaseDirectory, "samples", "household-week.csv"),
            StartUtc = state.CivilStart,
            Buses =
            [
                new() { Name = DemoMeter.BusNames[0], Path = "bus1", Conditions = first },
                new() { Name = DemoMeter.BusNames[1], Path = "bus2", Conditions = Paced },
                new() { Name = ServiceBus, Path = "service-port", Conditions = Paced },
            ],
            Meters = [.. meters.Select((m, i) => m.ForFleet(serviceBus: IsOnServicePort(meters, i) ? ServiceBus : null))],
        }.Save(PathOf(FleetFile));
    }

    // One meter on TCP has its RS-485 port on a line of its own, for `gridtally read` and people with a probe.
    private static bool IsOnServicePort(DemoMeter[] meters, int index) => index == Array.FindIndex(meters, m => m.Bus is null);

    private void WriteKeys(DemoMeter[] meters)
    {
        var folder = Directory.CreateDirectory(PathOf("keys")).FullName;
        foreach (var meter in meters)
        {
            WriteSecret(Path.Combine(folder, $"{meter.Number}.read.json"), meter.Read.ToKeyFile());
            WriteSecret(Path.Combine(folder, $"{meter.Number}.management.json"), meter.Management.ToKeyFile());
        }
    }

    private void WriteConcentrator(DemoState state, DemoMeter[] meters, DemoKeys uplinkKeys)
    {
        using var resource = typeof(DemoFiles).Assembly.GetManifestResourceStream("demo-settings.json")!;
        using var reader = new StreamReader(resource);
        var settings = reader.ReadToEnd()
            .Replace("{bus1}", PathOf("bus1")).Replace("{bus2}", PathOf("bus2")).Replace("{uplinkPort}", state.UplinkPort.ToString(CultureInfo.InvariantCulture));
        File.WriteAllText(PathOf("settings.json"), settings);
        var config = new Concentrator.ConcentratorConfig
        {
            SerialNumber = SerialNumber,
            HttpsPort = state.ConcentratorPort,
            InitialAdminPassword = Password,
            Settings = "settings.json",
            HeadEnd = uplinkKeys.ToImport(),
            Meters = [.. meters.Select(m => m.ForConcentrator())],
        };
        WriteSecret(PathOf(ConcentratorFile), config.ToJson());
    }

    private void WriteHeadEnd(DemoState state, DemoMeter[] meters, DemoKeys uplinkKeys)
    {
        var config = new HeadEndConfig
        {
            Listen = new() { Port = state.UplinkPort },
            Web = new() { Port = state.HeadEndPort, InitialAdminPassword = Password },
            Acquisition = new() { PollSeconds = 1, ArchiveSeconds = 5 },
            Concentrators =
            [
                new()
                {
                    Serial = SerialNumber, Name = "Demo district", LogicalDeviceName = ConcentratorIdentity.LogicalDeviceName(SerialNumber),
                    EncryptionKey = uplinkKeys.Encryption, AuthenticationKey = uplinkKeys.Authentication,
                },
            ],
            Meters = [.. meters.Select(m => m.ForHeadEnd(state.CivilStart))],
        };
        WriteSecret(PathOf(HeadEndFile), config.ToJson());
    }

    private string PathOf(string name) => Path.Combine(_folder, name);

    private static void WriteSecret(string path, string text)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite };
        using var writer = new StreamWriter(path, options);
        writer.Write(text);
    }
}
