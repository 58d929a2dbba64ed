using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gridtally.Meter.Fleet;

/// <summary>A fleet of virtual meters: what <c>gridtally meter run</c> reads. JSON, camel case, comments allowed.</summary>
public sealed class FleetConfig
{
    /// <summary>Folder of the meters' memory.</summary>
    public required string DataFolder { get; set; }

    /// <summary>CSV of measured load.</summary>
    public required string LoadFile { get; set; }

    /// <summary>When new meters went into service; their history reaches back to here. The moment of the first start where not given.</summary>
    public DateTimeOffset? StartUtc { get; set; }

    /// <summary>Civil time; the wall clock where not given.</summary>
    public CivilClockConfig? Clock { get; set; }

    /// <summary>IP address that TCP ports are opened on.</summary>
    public string Bind { get; set; } = "127.0.0.1";

    /// <summary>The meters.</summary>
    public required List<MeterConfig> Meters { get; set; }

    /// <summary>The lines that meters share.</summary>
    public List<BusConfig> Buses { get; set; } = [];

    /// <summary>Reads and checks a file. Relative paths in it are relative to its folder.</summary>
    /// <exception cref="FleetConfigException">The message names file, line or property, what was expected and what was found.</exception>
    /// <exception cref="IOException">It can't be read.</exception>
    public static FleetConfig Load(string path)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        var config = Parse(File.ReadAllText(path), path);
        config.DataFolder = Path.Combine(folder, config.DataFolder);
        config.LoadFile = Path.Combine(folder, config.LoadFile);
        foreach (var bus in config.Buses) bus.Path = Path.Combine(folder, bus.Path);
        return config;
    }

    /// <summary>Reads and checks a text.</summary>
    /// <param name="json">The text.</param>
    /// <param name="name">What messages call it.</param>
    /// <exception cref="FleetConfigException">The message names file, line or property, what was expected and what was found.</exception>
    public static FleetConfig Parse(string json, string name)
    {
        FleetConfig? config;
        try
        {
            config = JsonSerializer.Deserialize(json, FleetConfigJson.Default.FleetConfig);
        }
        catch (JsonException e)
        {
            // The message may quote what it could not convert, which may be a key.
            var place = e.LineNumber is { } line ? $", line {line + 1}" : "";
            var property = e.Path is { Length: > 2 } path ? $", {path[2..]}" : "";
            throw new FleetConfigException($"{name}{place}{property}: {(property.EndsWith("ey", StringComparison.Ordinal) ? "expected a text of 32 hexadecimal digits." : e.Message.Split(" Path:")[0])}", e);
        }

        if (config is null) throw new FleetConfigException($"{name}: expected an object with dataFolder, loadFile and meters, got null.");
        FleetConfigRules.Check(config, name);
        return config;
    }

    /// <summary>Writes the configuration; it holds keys, so only its owner may read it.</summary>
    public void Save(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var file = new FileStream(path, options);
        JsonSerializer.Serialize(file, this, FleetConfigJson.Default.FleetConfig);
    }
}

/// <summary>Civil time of a fleet: processes with the same three values agree on it.</summary>
public sealed class CivilClockConfig
{
    /// <summary>Civil seconds per real second.</summary>
    public double Speed { get; set; } = 1;

    /// <summary>Moment of the wall clock.</summary>
    public required DateTimeOffset RealAnchorUtc { get; set; }

    /// <summary>What the civil clock showed then.</summary>
    public required DateTimeOffset CivilAnchorUtc { get; set; }

    /// <summary>The clock.</summary>
    public TimeProvider ToTimeProvider() => new Metering.ScaledTimeProvider(RealAnchorUtc, CivilAnchorUtc, Speed);
}

/// <summary>One meter of a fleet.</summary>
public sealed class MeterConfig
{
    /// <summary>The number on its front plate, 1 to 12 digits.</summary>
    public required string Number { get; set; }

    /// <summary>TCP port of the wrapper; none for a meter that is on a bus only. 0 takes any free port.</summary>
    public ushort? TcpPort { get; set; }

    /// <summary>Name of the bus its RS-485 port is on; none for a meter that is on TCP only.</summary>
    public string? Bus { get; set; }

    /// <summary>HDLC lower address on the bus, 16..16381.</summary>
    public ushort? PhysicalAddress { get; set; }

    /// <summary>Makes its load its own; the number where not given.</summary>
    public ulong? Seed { get; set; }

    /// <summary>Master key (KEK), 32 hexadecimal digits.</summary>
    public required string MasterKey { get; set; }

    /// <summary>Keys of client 1.</summary>
    public required ClientKeysConfig Management { get; set; }

    /// <summary>Keys of client 2.</summary>
    public required ClientKeysConfig Read { get; set; }
}

/// <summary>Keys of one client. A class and not a record: a record shows its properties.</summary>
public sealed class ClientKeysConfig
{
    /// <summary>Global unicast encryption key (EK), 32 hexadecimal digits.</summary>
    public required string EncryptionKey { get; set; }

    /// <summary>Authentication key (AK), 32 hexadecimal digits.</summary>
    public required string AuthenticationKey { get; set; }
}

/// <summary>A line that several meters share.</summary>
public sealed class BusConfig
{
    /// <summary>What meters call it.</summary>
    public required string Name { get; set; }

    /// <summary>With <see cref="Device"/> false, where the pseudo-terminal for the other side appears (a link); else a serial device.</summary>
    public required string Path { get; set; }

    /// <summary>True for a serial device such as /dev/ttyUSB0; false makes a pseudo-terminal.</summary>
    public bool Device { get; set; }

    /// <summary>Bits per second of a serial device; a pseudo-terminal is paced by <see cref="Conditions"/>.</summary>
    public int Baud { get; set; } = 9600;

    /// <summary>How bad the line is, such as <c>baud=9600,turnaround=20ms,loss=10%,seed=7</c>.</summary>
    public string? Conditions { get; set; }
}

/// <summary>A fleet's configuration is not what it should be.</summary>
public sealed class FleetConfigException : FormatException
{
    /// <inheritdoc/>
    public FleetConfigException() { }

    /// <inheritdoc/>
    public FleetConfigException(string message) : base(message) { }

    /// <inheritdoc/>
    public FleetConfigException(string message, Exception inner) : base(message, inner) { }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, AllowTrailingCommas = true, ReadCommentHandling = JsonCommentHandling.Skip,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(FleetConfig))]
internal sealed partial class FleetConfigJson : JsonSerializerContext;
