using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gridtally.Cli.Demo;

/// <summary>The view as one line of JSON, for scripts and tests.</summary>
internal sealed record DemoJson
{
    public required DateTimeOffset CivilTime { get; init; }

    public required double ElapsedSeconds { get; init; }

    public required IReadOnlyDictionary<string, DemoStageJson> Stages { get; init; }

    public static string Line(DemoSnapshot snapshot) => JsonSerializer.Serialize(
        new DemoJson
        {
            CivilTime = snapshot.CivilTime,
            ElapsedSeconds = snapshot.Elapsed.TotalSeconds,
            Stages = snapshot.Stages.ToDictionary(s => s.Process.Name, s => new DemoStageJson(s.Process.ProcessId, s.Process.Restarts, s.Status)),
        },
        DemoJsonContext.Default.DemoJson);
}

internal sealed record DemoStageJson(int? ProcessId, int Restarts, StageStatus? Status);

[JsonSerializable(typeof(DemoJson))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
internal sealed partial class DemoJsonContext : JsonSerializerContext;
