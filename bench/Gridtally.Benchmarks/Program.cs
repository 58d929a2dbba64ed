using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Gridtally.Benchmarks;

// In this process: BenchmarkDotNet's own projects don't find a repository that builds into artifacts/.
var configuration = DefaultConfig.Instance
    .AddJob(Job.Default.WithToolchain(InProcessEmitToolchain.Instance))
    .AddDiagnoser(MemoryDiagnoser.Default);
BenchmarkSwitcher.FromTypes([typeof(CosemBenchmarks)]).Run(args.Length == 0 ? ["--filter", "*"] : args, configuration);
