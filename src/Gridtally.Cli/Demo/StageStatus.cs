using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gridtally.Cli.Demo;

/// <summary>What one product says of itself each second, as a line of JSON on its standard output, for the demo's view.</summary>
internal sealed record StageStatus
{
    /// <summary>Civil time, UTC.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>Rows captured, collected or received; of a long demo those of the last days, see <see cref="FirstCountedDay"/>.</summary>
    public long Rows { get; init; }

    /// <summary>Rows that are due by now; 0 where the stage does not know.</summary>
    public long Expected { get; init; }

    /// <summary>Meters, or concentrators for the head end.</summary>
    public int Devices { get; init; }

    /// <summary>Of them, those that answered last time.</summary>
    public int Reachable { get; init; }

    /// <summary>Failures since start.</summary>
    public long Errors { get; init; }

    /// <summary>The last failure.</summary>
    public string? LastError { get; init; }

    /// <summary>Connected, reading, …</summary>
    /// <remarks>Set, not init: the JSON source generator gives init-only members no chance to keep their defaults.</remarks>
    public string State { get; set; } = "";

    /// <summary>Resident memory of the process, octets.</summary>
    public long ResidentBytes { get; init; }

    /// <summary>Meters whose demo day is complete at this stage; only where <c>--status-day</c> was given.</summary>
    public int CompleteMeters { get; init; }

    // Asked each second: the days that are counted are bounded, and no more than the head end's store answers for.
    private const int CountedDays = 31;

    /// <summary>The first day whose rows a status counts: the demo's first, or the last <see cref="CountedDays"/> of a long one.</summary>
    public static DateOnly FirstCountedDay(DateOnly? first, DateTimeOffset now)
    {
        var today = DateOnly.FromDateTime(now.UtcDateTime);
        var earliest = today.AddDays(1 - CountedDays);
        return first is not { } day || day > today ? today : day < earliest ? earliest : day;
    }

    public string ToJson() => JsonSerializer.Serialize(this, StageStatusJson.Default.StageStatus);

    public static StageStatus? TryParse(string line)
    {
        if (!line.StartsWith('{')) return null;
        try
        {
            return JsonSerializer.Deserialize(line, StageStatusJson.Default.StageStatus);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

[JsonSerializable(typeof(StageStatus))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
internal sealed partial class StageStatusJson : JsonSerializerContext;
