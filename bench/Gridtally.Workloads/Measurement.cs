using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Gridtally.Workloads;

/// <summary>Times and counts one workload.</summary>
internal static class Measurement
{
    // Long enough for the runtime to compile the hot path in its final form, in the background, on a busy machine.
    private static readonly TimeSpan WarmUp = TimeSpan.FromMilliseconds(1200);

    private static readonly TimeSpan OneRun = TimeSpan.FromMilliseconds(200);

    private const int Runs = 7;

    /// <summary>Counts the processor time of the measuring thread instead of the time that passes: for machines that have other work.</summary>
    public static bool CountsProcessorTime { get; set; }

    /// <summary>Seconds per operation, the median of several runs; the workloads take turns, so that what else the machine does hits all.</summary>
    public static double[] Seconds(params ReadOnlySpan<IWorkload> workloads)
    {
        var counts = new int[workloads.Length];
        for (var i = 0; i < workloads.Length; i++) counts[i] = Warm(workloads[i]);
        var samples = new double[workloads.Length][];
        for (var i = 0; i < workloads.Length; i++) samples[i] = new double[Runs];
        for (var run = 0; run < Runs; run++)
        {
            for (var i = 0; i < workloads.Length; i++)
            {
                GC.Collect();
                samples[i][run] = Time(workloads[i], counts[i]) / counts[i];
            }
        }

        return [.. samples.Select(Median)];
    }

    /// <summary>Octets allocated per operation by this thread, the workload being warm. Exact but for what happens once in many operations.</summary>
    public static double Allocated(IWorkload workload)
    {
        const int Operations = 256;
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < Operations; i++) workload.Run();
        return (GC.GetAllocatedBytesForCurrentThread() - before) / (double)Operations;
    }

    private static double Median(double[] samples)
    {
        Array.Sort(samples);
        return samples[samples.Length / 2];
    }

    /// <summary>Runs until everything is compiled; returns how many operations make up one run.</summary>
    private static int Warm(IWorkload workload)
    {
        var start = Stopwatch.GetTimestamp();
        var operations = 0;
        while (Stopwatch.GetElapsedTime(start) < WarmUp)
        {
            for (var i = 0; i < 16; i++) workload.Run();
            operations += 16;
        }

        const int Trial = 64;
        return Math.Max(1, (int)(OneRun.TotalSeconds / (Time(workload, Trial) / Trial)));
    }

    private static double Time(IWorkload workload, int operations)
    {
        var start = Now();
        for (var i = 0; i < operations; i++) workload.Run();
        return Now() - start;
    }

    private static double Now()
    {
        if (!CountsProcessorTime) return Stopwatch.GetTimestamp() / (double)Stopwatch.Frequency;
        return clock_gettime(ThreadProcessorTime, out var time) == 0 ? time.Seconds + time.Nanoseconds / 1e9 : throw new NotSupportedException("This system does not count the processor time of threads.");
    }

    // CLOCK_THREAD_CPUTIME_ID of Linux.
    private const int ThreadProcessorTime = 3;

    [DllImport("libc", ExactSpelling = true), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int clock_gettime(int clock, out TimeSpec time);

    private struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
