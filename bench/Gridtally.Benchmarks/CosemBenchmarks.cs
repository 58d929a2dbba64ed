using BenchmarkDotNet.Attributes;
using Gridtally.Workloads;

namespace Gridtally.Benchmarks;

/// <summary>One operation of each workload of bench/README.md. Figures are per operation: 96 rows, eight frames.</summary>
public class CosemBenchmarks
{
    private IDisposable? _workload;
    private Action _run = static () => { };

    /// <summary>Which workload.</summary>
    [ParamsSource(nameof(Names))]
    public string Workload { get; set; } = "";

    /// <summary>All of them.</summary>
    public static IEnumerable<string> Names => CosemBench.Names;

    /// <summary>Makes the workload and checks it against its golden octets.</summary>
    [GlobalSetup]
    public void Create() => (_workload, _run) = CosemBench.Create(Workload);

    /// <summary>Clears its keys.</summary>
    [GlobalCleanup]
    public void Clear() => _workload?.Dispose();

    /// <summary>One operation.</summary>
    [Benchmark]
    public void Run() => _run();
}
