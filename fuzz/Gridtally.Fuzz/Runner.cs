using System.Diagnostics;

namespace Gridtally.Fuzz;

/// <summary>How long and from where a run goes.</summary>
/// <param name="Seed">Begins the numbers; the same seed gives the same inputs.</param>
/// <param name="From">Number of the first input.</param>
/// <param name="Inputs">How many inputs; 0 for as many as the time allows.</param>
/// <param name="Time">How long; zero for as long as the inputs take.</param>
internal sealed record RunPlan(ulong Seed, ulong From, ulong Inputs, TimeSpan Time);

/// <summary>What a run came to.</summary>
internal sealed record RunResult(ulong Inputs, ulong Accepted, TimeSpan Time, TimeSpan Slowest, long MostAllocated, int Findings);

/// <summary>Tries inputs on one target until the plan is done, and tells what broke.</summary>
internal sealed class Runner(Target target, RunPlan plan, TextWriter output)
{
    /// <summary>An input that takes longer than this, three times in a row, is a finding: real inputs take microseconds.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>An input that takes longer than this will not end: the process is stopped.</summary>
    private static readonly TimeSpan Hang = TimeSpan.FromSeconds(60);

    // After these the rest is most likely more of the same.
    private const int MaxFindings = 20;

    private readonly HashSet<string> _known = [];
    private byte[] _current = [];
    private long _started;
    private ulong _accepted;
    private TimeSpan _slowest;
    private long _mostAllocated;

    public RunResult Run()
    {
        var corpus = Corpus.Load(target);
        using var stop = new CancellationTokenSource();
        var watch = new Thread(() => Watch(stop.Token)) { IsBackground = true };
        watch.Start();

        // The first inputs pay for what is made once: tables, compiled code.
        foreach (var input in corpus) Try(input, count: false);
        var start = Stopwatch.GetTimestamp();
        foreach (var input in corpus) Try(input, count: true);
        var tried = RunMutations(new Mutator(target, corpus), start);
        stop.Cancel();
        return new(tried, _accepted, Stopwatch.GetElapsedTime(start), _slowest, _mostAllocated, _known.Count);
    }

    /// <summary>Tries one given input; for looking into a finding.</summary>
    public bool Replay(byte[] input) => Try(input, count: true);

    private ulong RunMutations(Mutator mutator, long start)
    {
        ulong tried = 0;
        while ((plan.Inputs == 0 || tried < plan.Inputs) && _known.Count < MaxFindings)
        {
            if (plan.Time > TimeSpan.Zero && tried % 64 == 0 && Stopwatch.GetElapsedTime(start) >= plan.Time) break;
            if (!Try(mutator.Make(plan.Seed, plan.From + tried), count: true)) output.WriteLine($"  input {plan.From + tried} of seed {plan.Seed}");
            tried++;
        }

        return tried;
    }

    /// <summary>Tries one input; what breaks is told once for each way of breaking.</summary>
    private bool Try(ReadOnlySpan<byte> input, bool count)
    {
        var why = Attempt(input, count);

        // Tables that are made when first needed, and a thread that was not let run, are no findings; what happens every time is one.
        for (var again = 0; why is not null && why.MayPass && again < 3; again++) why = Attempt(input, count: false);
        if (why is null || !_known.Add(why.Key)) return true;
        var small = Shorter.Of(input.ToArray(), candidate => Attempt(candidate, count: false)?.Key == why.Key);
        output.WriteLine($"FOUND {target.Name}: {why.Text}");
        output.WriteLine($"  {Corpus.ToText(target, small)}");
        return false;
    }

    private Breach? Attempt(ReadOnlySpan<byte> input, bool count)
    {
        if (_current.Length < input.Length) _current = new byte[target.MaxInput];
        input.CopyTo(_current);
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        var start = Stopwatch.GetTimestamp();
        Volatile.Write(ref _started, start);
        try
        {
            if (target.Try(input) && count) _accepted++;
        }
        catch (Exception e)
        {
            return Breach.Of(e);
        }
        finally
        {
            Volatile.Write(ref _started, 0);
        }

        var time = Stopwatch.GetElapsedTime(start);
        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        if (count && time > _slowest) _slowest = time;
        if (count && allocated > _mostAllocated) _mostAllocated = allocated;
        if (time > Patience) return new("slow", $"{time.TotalSeconds:0.0} s for {input.Length} octets", MayPass: true);
        var bound = target.Allocation.For(input.Length);
        return allocated > bound ? new("allocation", $"{allocated} octets allocated for an input of {input.Length}, at most {bound} are allowed", MayPass: true) : null;
    }

    private void Watch(CancellationToken stop)
    {
        while (!stop.WaitHandle.WaitOne(TimeSpan.FromSeconds(1)))
        {
            var started = Volatile.Read(ref _started);
            if (started == 0 || Stopwatch.GetElapsedTime(started) < Hang) continue;
            output.WriteLine($"FOUND {target.Name}: no end after {Hang.TotalSeconds} s");
            output.WriteLine($"  {Convert.ToHexString(_current)} (followed by zeros or by what earlier inputs have left)");
            output.Flush();
            Environment.Exit(3);
        }
    }

    /// <summary>What broke.</summary>
    /// <param name="Key">The same for the same cause.</param>
    /// <param name="Text">For people.</param>
    /// <param name="MayPass">True where it must happen again to count.</param>
    private sealed record Breach(string Key, string Text, bool MayPass)
    {
        public static Breach Of(Exception e)
        {
            // The frame that threw, and the first of our own: that tells causes apart.
            var frames = (e.StackTrace ?? "").Split('\n').Select(line => line.Trim()).ToArray();
            var own = frames.FirstOrDefault(line => line.Contains("Gridtally.Cosem", StringComparison.Ordinal)) ?? "";
            var key = e is InvariantException ? e.Message : $"{e.GetType().Name} {frames.FirstOrDefault()} {own}";
            return new(key, e is InvariantException ? e.Message : $"{e.GetType().Name}: {e.Message}\n  {string.Join("\n  ", frames.Take(8))}", MayPass: false);
        }
    }
}
