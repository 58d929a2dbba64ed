using Gridtally.Workloads;

namespace Gridtally.Cosem.Tests;

/// <summary>The workloads of bench/README.md: their golden octets, and what they allocate. Times are for <c>gridtally bench</c>.</summary>
public sealed class WorkloadTests
{
    public static TheoryData<string> Workloads => new(CosemBench.Names);

    [Theory, MemberData(nameof(Workloads))]
    public void A_workload_sends_its_golden_octets_and_allocates_no_more_than_its_goal(string name)
    {
        var (workload, run) = CosemBench.Create(name);
        using var clearing = workload;
        for (var i = 0; i < 50; i++) run();

        // The least of several: a collection that other tests cause may take back what is kept for reuse.
        var allocated = Enumerable.Range(0, 5).Min(_ =>
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 100; i++) run();
            return (GC.GetAllocatedBytesForCurrentThread() - before) / 100;
        });

        Assert.InRange(allocated, 0, CosemBench.MostAllocated(name) ?? long.MaxValue);
    }
}
