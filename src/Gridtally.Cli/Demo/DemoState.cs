using System.Text.Json;
using System.Text.Json.Serialization;
using Gridtally.Cli.Commands;

namespace Gridtally.Cli.Demo;

/// <summary>What a second start has to know of the first: kept as <c>demo.json</c> in the data folder.</summary>
internal sealed record DemoState
{
    public required int Meters { get; init; }

    public required double Speed { get; init; }

    /// <summary>Midnight UTC at which the meters' history begins.</summary>
    public required DateTimeOffset CivilStart { get; init; }

    /// <summary>Civil time when the demo last ran.</summary>
    public required DateTimeOffset CivilNow { get; init; }

    /// <summary>False when the demo was killed: then <see cref="CivilNow"/> may be older than what the meters have seen.</summary>
    public required bool StoppedCleanly { get; init; }

    /// <summary>HTTPS port of the concentrator; the head end's is the next, then its DLMS port, then one for each meter on TCP.</summary>
    public required int FirstPort { get; init; }

    public int ConcentratorPort => FirstPort;

    public int HeadEndPort => FirstPort + 1;

    public int UplinkPort => FirstPort + 2;

    public int MeterPort(int index) => FirstPort + 3 + index;

    /// <summary>How many ports in a row a demo takes.</summary>
    public static int PortsFor(int meters) => 3 + meters;

    public static string PathIn(string folder) => Path.Combine(folder, "demo.json");

    public static DemoState? Load(string folder)
    {
        var path = PathIn(folder);
        if (!File.Exists(path)) return null;
        try
        {
            var state = JsonSerializer.Deserialize(File.ReadAllText(path), DemoStateJson.Default.DemoState);
            return state is { IsPossible: true } ? state : throw Damaged(path, "it does not describe a demo");
        }
        catch (JsonException e)
        {
            throw Damaged(path, e.Message);
        }
    }

    private bool IsPossible =>
        Meters is > 0 and <= DemoOptions.MaxMeters && Speed > 0 && CivilNow >= CivilStart && FirstPort > 0 && FirstPort + PortsFor(Meters) <= ushort.MaxValue;

    private static CommandException Damaged(string path, string why) =>
        new($"{path} is damaged ({why}). Remove the folder to begin a new demo, or choose another with --data.");

    /// <summary>Writes the file in one step, so that a kill leaves the old or the new one.</summary>
    public void Save(string folder)
    {
        var path = PathIn(folder);
        File.WriteAllText(path + ".new", JsonSerializer.Serialize(this, DemoStateJson.Default.DemoState));
        File.Move(path + ".new", path, overwrite: true);
    }
}

[JsonSerializable(typeof(DemoState))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, IgnoreReadOnlyProperties = true)]
internal sealed partial class DemoStateJson : JsonSerializerContext;
