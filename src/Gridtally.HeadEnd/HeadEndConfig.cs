using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gridtally.HeadEnd;

/// <summary>What the head end is told in its configuration file.</summary>
/// <remarks>Properties can be set, because source-generated JSON gives init-only ones their type's default where the file is silent.</remarks>
public sealed record HeadEndConfig
{
    /// <summary>The standard name of the file within a data folder.</summary>
    public const string FileName = "headend.json";

    /// <summary>Name for people.</summary>
    public string Name { get; set; } = "Head end";

    /// <summary>The head end's system title, 16 hexadecimal digits. Two head ends that use the same keys must differ in it.</summary>
    public string SystemTitle { get; set; } = "4754480000000001";

    /// <summary>Where concentrators dial in.</summary>
    public ListenConfig Listen { get; set; } = new();

    /// <summary>How journals are read.</summary>
    public AcquisitionConfig Acquisition { get; set; } = new();

    /// <summary>IANA name of the time zone in which days begin.</summary>
    public string TimeZone { get; set; } = "UTC";

    /// <summary>The web interface.</summary>
    public HeadEndWebConfig Web { get; set; } = new();

    /// <summary>The concentrators that are accepted.</summary>
    public IReadOnlyList<ConcentratorConfig> Concentrators { get; set; } = [];

    /// <summary>Meters of which the head end holds keys of its own, to reach them through a gateway.</summary>
    public IReadOnlyList<MeterConfig> Meters { get; set; } = [];

    /// <summary>Reads and checks a configuration file.</summary>
    /// <exception cref="HeadEndConfigException">It can't be read, is no JSON, or says something that can't be; the message lists what and where.</exception>
    public static HeadEndConfig Load(string path)
    {
        try
        {
            return Parse(File.ReadAllText(path), path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new HeadEndConfigException($"Configuration {path} can't be read: {e.Message}", e);
        }
    }

    /// <summary>Reads and checks a configuration.</summary>
    /// <param name="json">The text.</param>
    /// <param name="source">What to call it in messages.</param>
    /// <exception cref="HeadEndConfigException">It is no JSON, or says something that can't be; the message lists what and where.</exception>
    public static HeadEndConfig Parse(string json, string source)
    {
        HeadEndConfig? config;
        try
        {
            config = JsonSerializer.Deserialize(json, HeadEndConfigJson.Default.HeadEndConfig);
        }
        catch (JsonException e)
        {
            throw new HeadEndConfigException(
                $"Configuration {source}, line {e.LineNumber + 1}, column {e.BytePositionInLine + 1}, at {e.Path ?? "$"}: {FirstSentence(e.Message)}", e);
        }

        if (config is null) throw new HeadEndConfigException($"Configuration {source} is empty; expected a JSON object.");
        var problems = HeadEndConfigRules.Check(config);
        return problems.Count == 0
            ? config
            : throw new HeadEndConfigException($"Configuration {source}: {string.Join(" ", problems)}");
    }

    /// <summary>The configuration as JSON, keys included: for files of mode 0600 only.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, HeadEndConfigJson.Default.HeadEndConfig);

    private static string FirstSentence(string message)
    {
        var end = message.IndexOf(" Path:", StringComparison.Ordinal);
        return end < 0 ? message : message[..end];
    }
}

/// <summary>Where concentrators dial in.</summary>
public sealed record ListenConfig
{
    /// <summary>IP address to listen on.</summary>
    public string Address { get; set; } = "127.0.0.1";

    /// <summary>TCP port; 0 takes a free one.</summary>
    public int Port { get; set; } = 5034;
}

/// <summary>How journals are read. All times are real time.</summary>
public sealed record AcquisitionConfig
{
    /// <summary>Between two questions for new journal entries, when there were none.</summary>
    public double PollSeconds { get; set; } = 10;

    /// <summary>Between two readings of a concentrator's archive and device information.</summary>
    public double ArchiveSeconds { get; set; } = 60;

    /// <summary>How long a concentrator may take to answer.</summary>
    public double ResponseTimeoutSeconds { get; set; } = 15;

    /// <summary>How long a meter behind a concentrator may take to answer: its bus may be busy.</summary>
    public double MeterTimeoutSeconds { get; set; } = 60;
}

/// <summary>The head end's web interface.</summary>
public sealed record HeadEndWebConfig
{
    /// <summary>False for no web interface.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>IP address to listen on.</summary>
    public string Address { get; set; } = "127.0.0.1";

    /// <summary>TCP port (HTTPS); 0 takes a free one.</summary>
    public int Port { get; set; } = 8444;

    /// <summary>Password of the first user <c>admin</c>, used only while there are no users; null: one is made and written to a file.</summary>
    public string? InitialAdminPassword { get; set; }

    private bool PrintMembers(System.Text.StringBuilder text)
    {
        text.Append(CultureInfo.InvariantCulture, $"Enabled = {Enabled}, Address = {Address}, Port = {Port}");
        return true;
    }
}

/// <summary>A concentrator that is accepted.</summary>
public sealed class ConcentratorConfig
{
    /// <summary>Serial number.</summary>
    public string Serial { get; set; } = "";

    /// <summary>Name for people; the serial number when empty.</summary>
    public string Name { get; set; } = "";

    /// <summary>Logical device name by which it is recognised, up to 16 characters.</summary>
    public string LogicalDeviceName { get; set; } = "";

    /// <summary>False to refuse it for the time being.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>EK of client 1, 32 hexadecimal digits; null keeps the one that was imported before.</summary>
    public string? EncryptionKey { get; set; }

    /// <summary>AK of client 1, 32 hexadecimal digits; null keeps the one that was imported before.</summary>
    public string? AuthenticationKey { get; set; }

    /// <summary>Serial number only.</summary>
    public override string ToString() => Serial;
}

/// <summary>A meter of which the head end holds management keys.</summary>
public sealed class MeterConfig
{
    /// <summary>Meter number.</summary>
    public string Number { get; set; } = "";

    /// <summary>The meter's logical device.</summary>
    public int LogicalDevice { get; set; } = 1;

    /// <summary>From when on its rows are expected; null: from when the head end comes to know it.</summary>
    public DateTimeOffset? Since { get; set; }

    /// <summary>EK of the management client, 32 hexadecimal digits; null keeps the one that was imported before.</summary>
    public string? EncryptionKey { get; set; }

    /// <summary>AK of the management client, 32 hexadecimal digits; null keeps the one that was imported before.</summary>
    public string? AuthenticationKey { get; set; }

    /// <summary>Meter number only.</summary>
    public override string ToString() => Number;
}

/// <summary>A configuration can't be used; the message says where and what was expected.</summary>
public sealed class HeadEndConfigException : Exception
{
    /// <summary>Says what is wrong.</summary>
    public HeadEndConfigException(string message, Exception inner) : base(message, inner) { }

    /// <inheritdoc cref="HeadEndConfigException(string, Exception)"/>
    public HeadEndConfigException(string message) : base(message) { }

    /// <inheritdoc cref="HeadEndConfigException(string, Exception)"/>
    public HeadEndConfigException() : this("The configuration can't be used.") { }
}

/// <summary>JSON of the configuration: strict, so that a misspelt name is noticed.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web, WriteIndented = true, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    ReadCommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true)]
[JsonSerializable(typeof(HeadEndConfig))]
internal sealed partial class HeadEndConfigJson : JsonSerializerContext;
