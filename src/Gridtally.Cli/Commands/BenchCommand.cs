using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Gridtally.Workloads;

namespace Gridtally.Cli.Commands;

/// <summary><c>gridtally bench</c></summary>
internal static class BenchCommand
{
    private const string TieredCompilationSwitch = "System.Runtime.TieredCompilation";

    private static readonly Option<bool> Json = new("--json") { Description = "Print one JSON array instead of a table." };

    private static readonly Option<bool> AsCompiled = new("--as-compiled")
    {
        Description = "Measure the code as this executable has it, compiled ahead, instead of letting the runtime compile it for this processor as it does for users of the library.",
    };

    private static readonly Option<bool> ProcessorTime = new("--processor-time")
    {
        Description = "Count the processor time of the measuring thread instead of the time that passes: for a machine that has other work to do meanwhile.",
    };

    public static Command Create()
    {
        const string Examples =
            "bench/README.md describes the workloads octet for octet; docs/performance.md holds figures of earlier runs. Takes about a minute;\n"
            + "progress goes to standard error. Other programs on the machine make times longer, allocation figures are exact.\n\n"
            + "  gridtally bench cosem\n"
            + "  gridtally bench cosem --json";
        var cosem = new ExampledCommand("cosem", "Measures the DLMS/COSEM library: speed and allocation of its workloads against their goals.", Examples) { Json, ProcessorTime, AsCompiled };
        cosem.SetAction(RunAsync);
        return new Command("bench", "Measures parts of Gridtally on this machine.") { cosem };
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        if (IsCompiledAheadOnly && !parsed.GetValue(AsCompiled)) return await RunCompiledHereAsync(parsed, cancellation).ConfigureAwait(false);
        var (output, errors) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
        var figures = CosemBench.Run(workloads => errors.WriteLine($"measuring {workloads} ..."), parsed.GetValue(ProcessorTime), cancellation);
        if (parsed.GetValue(Json)) WriteJson(output, figures);
        else WriteTable(output, figures);
        return ExitCodes.Done;
    }

    /// <summary>True where the runtime is told to keep what was compiled ahead, as in the published executable.</summary>
    private static bool IsCompiledAheadOnly => AppContext.TryGetSwitch(TieredCompilationSwitch, out var tiered) && !tiered;

    /// <summary>Runs this command in a process of its own whose runtime compiles what is used often for this processor.</summary>
    private static async Task<int> RunCompiledHereAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, ["bench", "cosem", "--as-compiled"]);
        if (parsed.GetValue(Json)) start.ArgumentList.Add("--json");
        if (parsed.GetValue(ProcessorTime)) start.ArgumentList.Add("--processor-time");
        start.Environment["DOTNET_TieredCompilation"] = "1";
        start.Environment["DOTNET_TieredPGO"] = "1";
        start.Environment["DOTNET_ReadyToRun"] = "0"; // as a program gets it that uses the library: nothing of it is compiled ahead
        using var process = Process.Start(start)!;
        try
        {
            await process.WaitForExitAsync(cancellation).ConfigureAwait(false);
        }
        finally
        {
            if (!process.HasExited) process.Kill();
        }

        return process.ExitCode;
    }

    private static void WriteTable(TextWriter output, IReadOnlyList<Figure> figures)
    {
        foreach (var figure in figures)
        {
            var goal = figure.Goal is { } set ? $"{(set.AtLeast ? "at least" : "at most")} {Number(set.Limit)}" : "";
            var met = figure.Met switch { true => "met", false => "NOT MET", null => "" };
            output.WriteLine($"{figure.Name,-14} {Number(figure.Value),12} {figure.Unit,-8} {goal,-20} {met,-8} {figure.What}");
        }
    }

    private static void WriteJson(TextWriter output, IReadOnlyList<Figure> figures)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartArray();
            foreach (var figure in figures) WriteJson(json, figure);
            json.WriteEndArray();
        }

        output.WriteLine(System.Text.Encoding.UTF8.GetString(buffer.ToArray()));
    }

    private static void WriteJson(Utf8JsonWriter json, Figure figure)
    {
        json.WriteStartObject();
        json.WriteString("name", figure.Name);
        json.WriteString("what", figure.What);
        json.WriteNumber("value", Math.Round(figure.Value, 4));
        json.WriteString("unit", figure.Unit);
        if (figure.Goal is { } goal)
        {
            json.WriteNumber("goal", goal.Limit);
            json.WriteString("better", goal.AtLeast ? "higher" : "lower");
            json.WriteBoolean("met", goal.IsMetBy(figure.Value));
        }
        else json.WriteNull("goal");

        json.WriteEndObject();
    }

    private static string Number(double value) => Math.Abs(value) switch
    {
        0 => "0",
        < 100 => value.ToString("0.###", CultureInfo.InvariantCulture),
        _ => value.ToString("#,0", CultureInfo.InvariantCulture),
    };
}
