using System.Text.Json;
using System.Text.Json.Serialization;
using Gridtally.Concentrator.Archive;
using Gridtally.Concentrator.Settings;
using Gridtally.Cosem.Security;

namespace Gridtally.Concentrator;

/// <summary>How a concentrator is started: what is not a setting, and what is imported at the first start.</summary>
/// <remarks>Set, not init: the JSON source generator gives init-only members no chance to keep their defaults.</remarks>
public sealed record ConcentratorConfig
{
    /// <summary>Serial number, 1..16 letters and digits; also the end of its logical device name.</summary>
    public string SerialNumber { get; set; } = "5500000001";

    /// <summary>Data folder; everything it stores is here. Given by <c>--data</c>.</summary>
    public string DataFolder { get; set; } = "concentrator-data";

    /// <summary>Address that the web pages listen on.</summary>
    public string HttpsAddress { get; set; } = "127.0.0.1";

    /// <summary>Port of the web pages; 0 for any free one.</summary>
    public int HttpsPort { get; set; } = 8443;

    /// <summary>Password of the web interface's first user <c>admin</c>, used only while there are no users. Null: one is made and written to a file.</summary>
    public string? InitialAdminPassword { get; set; }

    /// <summary>Settings template to import at the first start; path relative to the config file.</summary>
    public string? Settings { get; set; }

    /// <summary>The same, inside this file.</summary>
    public JsonElement? SettingsTemplate { get; set; }

    /// <summary>Meters to take into the archive at each start unless they are there already.</summary>
    public IReadOnlyList<MeterImport> Meters { get; set; } = [];

    /// <summary>Keys of the head end's client (HLS-5 GMAC) towards this concentrator, to import at the first start.</summary>
    public KeyImport? HeadEnd { get; set; }

    /// <summary>Says which concentrator it is; never keys or passwords.</summary>
    public override string ToString() => $"Concentrator {SerialNumber}, data in {DataFolder}";

    /// <summary>Reads a config file.</summary>
    /// <exception cref="SettingsException">It can't be read, or is not a config file; the message names place and reason.</exception>
    public static ConcentratorConfig Load(string path)
    {
        try
        {
            var config = JsonSerializer.Deserialize(File.ReadAllText(path), ConfigJson.Default.ConcentratorConfig)
                ?? throw new SettingsException($"{path}: expected an object such as {{\"serialNumber\": \"5500000001\"}}.");
            if (config.Settings is { } template) config = config with { Settings = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, template) };
            return config.Validated(path);
        }
        catch (JsonException e)
        {
            // The reader ends its message with path, line and octet once more, counted from 0.
            throw new SettingsException($"{path}: line {e.LineNumber + 1}, column {e.BytePositionInLine + 1}, {e.Path}: {e.Message.Split(" Path:")[0]}", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SettingsException($"{path}: can't be read: {e.Message}", e);
        }
    }

    /// <summary>The configuration as JSON, keys included: for files of mode 0600 only.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, ConfigJson.Default.ConcentratorConfig);

    /// <summary>Checks the values.</summary>
    /// <exception cref="SettingsException">One is not allowed.</exception>
    public ConcentratorConfig Validated(string source = "Configuration")
    {
        if (SerialNumber.Length is 0 or > 16 || !SerialNumber.All(char.IsAsciiLetterOrDigit))
            throw new SettingsException($"{source}: serialNumber is '{SerialNumber}'; expected 1..16 letters and digits.");
        if (HttpsPort is < 0 or > 65_535) throw new SettingsException($"{source}: httpsPort is {HttpsPort}; expected 0..65535.");
        for (var i = 0; i < Meters.Count; i++) Meters[i].Validate($"{source}, meters, entry {i + 1}");
        HeadEnd?.Validate($"{source}, headEnd");
        return this;
    }
}

/// <summary>Two keys of suite 0, as 32 hexadecimal digits each. Never shown.</summary>
public sealed record KeyImport
{
    /// <summary>Encryption key.</summary>
    public string EncryptionKey { get; set; } = "";

    /// <summary>Authentication key.</summary>
    public string AuthenticationKey { get; set; } = "";

    /// <summary>Says nothing.</summary>
    public override string ToString() => "(hidden)";

    internal void Validate(string place)
    {
        foreach (var (name, key) in ((string, string)[])[("encryptionKey", EncryptionKey), ("authenticationKey", AuthenticationKey)])
        {
            if (!SecurityKeys.IsKey(key)) throw new SettingsException($"{place}: {name} has {SecurityKeys.Describe(key)}; expected {SecurityKeys.KeyDigits} hexadecimal digits.");
        }
    }
}

/// <summary>A meter to take into the archive.</summary>
public sealed record MeterImport
{
    /// <summary>The meter's number.</summary>
    public string MeterNo { get; set; } = "";

    /// <summary>Name of its channel.</summary>
    public string Channel { get; set; } = "meter_tcp";

    /// <summary>HDLC physical address or <c>host:port</c>.</summary>
    public string Address { get; set; } = "";

    /// <summary>Name of the task that reads it.</summary>
    public string Task { get; set; } = "three_phase";

    /// <summary>Phases.</summary>
    public int Phase { get; set; } = 3;

    /// <summary>Server SAP of the management logical device.</summary>
    public ushort LogicalDevice { get; set; } = 1;

    /// <summary>Keys of the read client; null for a meter without ciphering.</summary>
    public KeyImport? Keys { get; set; }

    /// <summary>LLS password; null for none.</summary>
    public string? Password { get; set; }

    /// <summary>Says number and address only.</summary>
    public override string ToString() => $"{MeterNo} at {Channel} {Address}";

    internal MeterRecord ToRecord() => new(MeterNo) { Channel = Channel, Address = Address, Task = Task, Phase = Phase, LogicalDevice = LogicalDevice };

    internal MeterSecrets ToSecrets() => new()
    {
        EncryptionKey = Keys is null ? null : Convert.FromHexString(Keys.EncryptionKey),
        AuthenticationKey = Keys is null ? null : Convert.FromHexString(Keys.AuthenticationKey),
        Password = Password is null ? null : System.Text.Encoding.UTF8.GetBytes(Password),
    };

    internal void Validate(string place)
    {
        if (SettingTables.Meter.Column("meterNo")!.Problem(MeterNo) is { } expected) throw new SettingsException($"{place}: meterNo is '{MeterNo}'; expected {expected}.");
        Keys?.Validate($"{place} ({MeterNo})");
    }
}

/// <summary>Reads config files without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, ReadCommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, WriteIndented = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ConcentratorConfig))]
public sealed partial class ConfigJson : JsonSerializerContext;
