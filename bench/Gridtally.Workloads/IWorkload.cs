namespace Gridtally.Workloads;

/// <summary>One workload of bench/README.md, checked against its golden octets and ready to be repeated. One thread, no I/O, no clock.</summary>
internal interface IWorkload : IDisposable
{
    /// <summary>What one <see cref="Run"/> counts for in the unit of the figure: 1 operation, 96 rows, 8 frames.</summary>
    int Units => 1;

    /// <summary>What one <see cref="Run"/> counts for in octets, where the figure is a throughput.</summary>
    int Octets => 0;

    /// <summary>One operation.</summary>
    void Run();
}
