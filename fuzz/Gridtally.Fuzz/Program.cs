using System.Diagnostics;
using System.Globalization;
using Gridtally.Fuzz;

return args switch
{
    ["list"] => List(),
    ["corpus"] => WriteCorpus(),
    ["run", "all", .. var rest] => RunAll(rest),
    ["run", var name, .. var rest] => Run(Targets.Find(name), rest),
    ["replay", var name, .. var words] => Replay(Targets.Find(name), string.Join(' ', words)),
    _ => Usage(),
};

static int List()
{
    foreach (var target in Targets.All) Console.WriteLine($"{target.Name,-12} {target.Allocation.Fixed,8} + {target.Allocation.PerOctet,4} an octet  {target.What}");
    return 0;
}

static int WriteCorpus()
{
    foreach (var target in Targets.All) Console.WriteLine($"{target.Name,-12} {Corpus.Write(target)} inputs");
    return 0;
}

static int Run(Target target, string[] options)
{
    var plan = PlanOf(options);
    Console.WriteLine($"{target.Name}: seed {plan.Seed}");
    var result = new Runner(target, plan, Console.Out).Run();
    Console.WriteLine(Table.Row(target.Name, result));
    return result.Findings == 0 ? 0 : 1;
}

// Each target in a process of its own: one that breaks its process does not end the others.
static int RunAll(string[] options)
{
    var plan = PlanOf(options);
    var jobs = int.Parse(Option(options, "--jobs") ?? "2", CultureInfo.InvariantCulture);
    Console.WriteLine($"seed {plan.Seed}");
    Console.WriteLine(Table.Head);
    var failed = 0;
    Parallel.ForEach(Targets.All, new ParallelOptions { MaxDegreeOfParallelism = jobs }, target =>
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, ["run", target.Name, "--seed", $"{plan.Seed}", "--inputs", $"{plan.Inputs}", "--seconds", $"{plan.Time.TotalSeconds}"])
        {
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        var lines = process.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        process.WaitForExit();
        if (process.ExitCode != 0) Interlocked.Increment(ref failed);
        var told = process.ExitCode is 0 or 1 ? lines[1..] : [.. lines[1..], $"FOUND {target.Name}: its process ended with {process.ExitCode}"];
        lock (Table.Head) Console.WriteLine(string.Join('\n', told));
    });
    Console.WriteLine($"{Targets.All.Count - failed} passed, {failed} failed");
    return failed == 0 ? 0 : 1;
}

static int Replay(Target target, string input)
{
    var fine = new Runner(target, PlanOf([]), Console.Out).Replay(Corpus.Parse(target, input));
    Console.WriteLine(fine ? "nothing breaks" : "it breaks");
    return fine ? 0 : 1;
}

static RunPlan PlanOf(string[] options)
{
    var seed = Option(options, "--seed") is { } text ? ulong.Parse(text, CultureInfo.InvariantCulture) : (ulong)Random.Shared.NextInt64(1, 1_000_000);
    var inputs = ulong.Parse(Option(options, "--inputs") ?? "0", CultureInfo.InvariantCulture);
    var seconds = double.Parse(Option(options, "--seconds") ?? (inputs == 0 ? "30" : "0"), CultureInfo.InvariantCulture);
    return new(seed, ulong.Parse(Option(options, "--from") ?? "0", CultureInfo.InvariantCulture), inputs, TimeSpan.FromSeconds(seconds));
}

static string? Option(string[] options, string name)
{
    var at = Array.IndexOf(options, name);
    return at >= 0 && at + 1 < options.Length ? options[at + 1] : null;
}

static int Usage()
{
    Console.Error.WriteLine(
        """
        gridtally-fuzz list                                       the targets, and what one input may allocate
        gridtally-fuzz run NAME|all [--inputs N] [--seconds S]    tries mutations of the corpus (30 seconds where nothing is said)
                       [--seed X] [--from N] [--jobs J]           the same seed gives the same inputs; --from goes on at input N; all runs J targets at a time (2)
        gridtally-fuzz replay NAME INPUT                          tries one input, as a finding or a corpus file shows it
        gridtally-fuzz corpus                                     makes fuzz/corpus/*.txt anew from the golden vectors and the encoders
        """);
    return 2;
}
