namespace Gridtally.Workloads;

/// <summary>Measures all workloads of bench/README.md, in about a minute.</summary>
public static class CosemBench
{
    private const int IdleInstances = 200;

    // Each group is measured together, its workloads taking turns: a ratio between them is then one of the same moments.
    private static readonly Entry[][] Groups =
    [
        [
            new("a", "GET of one register, client to server to client", "us", () => new RegisterWorkload(Link.Wrapper, Cover.Plain), Goal.Most(0.8)),
            new("a.server", "the server's share of a", "us", () => new ServerWorkload(), Goal.Most(0.4)),
            new("a2", "a with 100 registers more in the object list", "us", () => new RegisterWorkload(Link.Wrapper, Cover.Plain, more: 100), Goal.Most(0.8)),
        ],
        [
            new("b", "a ciphered: glo-get, suite 0, authenticated and encrypted", "us", () => new RegisterWorkload(Link.Wrapper, Cover.Global), Goal.Most(4)),
            new("b2", "a ciphered: general-glo", "us", () => new RegisterWorkload(Link.Wrapper, Cover.GeneralGlobal), Goal.Most(4)),
        ],
        [
            new("c", "a over HDLC", "us", () => new RegisterWorkload(Link.Hdlc, Cover.Plain), Goal.Most(1.2)),
            new("c2", "b2 over HDLC", "us", () => new RegisterWorkload(Link.Hdlc, Cover.GeneralGlobal), null),
        ],
        [
            new("d1", "96 profile rows by range, data blocks, into columns", "rows/s", () => new ProfileWorkload(Link.Wrapper, Cover.Plain), Goal.Least(4e6)),
            new("d3", "d1 out of 11,520 rows held", "rows/s", () => new ProfileWorkload(Link.Wrapper, Cover.Plain, held: 11_520), null),
        ],
        [new("d2", "d1 ciphered: glo-get", "rows/s", () => new ProfileWorkload(Link.Wrapper, Cover.Global), Goal.Least(2e6))],
        [new("d4", "d1 over HDLC, 128 octets a frame", "rows/s", () => new ProfileWorkload(Link.Hdlc, Cover.Plain), null)],
        [
            new("d5", "d1 by general block transfer, window 1", "rows/s", () => new ProfileWorkload(Link.Wrapper, Cover.Plain, generalBlocks: true), null),
            new("d6", "general-glo within general block transfer", "rows/s", () => new ProfileWorkload(Link.Wrapper, Cover.GeneralGlobal, generalBlocks: true), null),
        ],
        [new("e", "association with HLS-5 GMAC", "us", () => new HandshakeWorkload(Link.Wrapper), Goal.Most(30), AllocationGoal: 4096)],
        [new("e2", "e over HDLC, link set up and taken down", "us", () => new HandshakeWorkload(Link.Hdlc), null, AllocationGoal: null)],
        [
            new("g", "HDLC frames of 128 octets, one by one", "MB/s", () => new FrameWorkload(together: false), Goal.Least(1000)),
            new("g2", "HDLC frames of 128 octets, eight in one buffer", "MB/s", () => new FrameWorkload(together: true), null),
        ],
        [
            new("h", "data-notification of 20 values, into columns", "us", () => new PushWorkload(ciphered: false), Goal.Most(0.25)),
            new("h3", "h ciphered: general-glo", "us", () => new PushWorkload(ciphered: true), null),
        ],
    ];

    /// <summary>The workloads that take time; those of f are memory alone.</summary>
    public static IEnumerable<string> Names => Groups.SelectMany(entries => entries).Select(entry => entry.Name);

    /// <summary>One workload, checked against its golden octets.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <returns>What clears it, and what carries out one operation.</returns>
    /// <exception cref="WorkloadException">It does not give the octets that bench/README.md says.</exception>
    public static (IDisposable Workload, Action Run) Create(string name)
    {
        var workload = Find(name).Create();
        return (workload, workload.Run);
    }

    /// <summary>Octets that one operation may allocate; null where there is no goal.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    public static long? MostAllocated(string name) => (long?)Find(name).AllocationGoal;

    /// <summary>Measures everything.</summary>
    /// <param name="progress">Told of each workload before it is measured.</param>
    /// <param name="processorTime">True to count the processor time of the measuring thread, false to count the time that passes.</param>
    /// <param name="cancellation">Ends the measurement between two groups of workloads.</param>
    /// <exception cref="WorkloadException">A workload does not give the octets that bench/README.md says.</exception>
    public static IReadOnlyList<Figure> Run(Action<string> progress, bool processorTime, CancellationToken cancellation)
    {
        Measurement.CountsProcessorTime = processorTime;
        var figures = new List<Figure>();
        foreach (var group in Groups)
        {
            cancellation.ThrowIfCancellationRequested();
            progress(string.Join(", ", group.Select(entry => entry.Name)));
            Measure(group, figures);
        }

        cancellation.ThrowIfCancellationRequested();
        progress("f, f2, f3");
        figures.Add(new("f.memory", "an idle server of 100 objects, besides shared tables", IdleServers.Measure(IdleInstances, 0), "B", Goal.Most(6 * 1024)));
        figures.Add(new("f2.memory", "the same with 11,520 rows of 10 columns", IdleServers.Measure(2, IdleServers.ProfileEntries), "B", null));
        figures.Add(new("f3.memory", "f, what one association and one object list add", IdleServers.MeasureAfterUse(IdleInstances), "B", null));
        return [.. figures.OrderBy(figure => figure.Name, StringComparer.Ordinal)];
    }

    private static void Measure(Entry[] group, List<Figure> figures)
    {
        var workloads = group.Select(entry => entry.Create()).ToArray();
        var seconds = Measurement.Seconds(workloads);
        for (var i = 0; i < group.Length; i++)
        {
            var (entry, workload) = (group[i], workloads[i]);
            figures.Add(new($"{entry.Name}.{(entry.Unit == "us" ? "time" : "rate")}", entry.What, Scaled(entry.Unit, workload, seconds[i]), entry.Unit, entry.Goal));
            figures.Add(new($"{entry.Name}.allocated", $"{entry.Name}, allocated", Measurement.Allocated(workload) / workload.Units, PerUnit(entry.Unit),
                entry.AllocationGoal is { } most ? Goal.Most(most) : null));
            workload.Dispose();
        }

        if (group is [{ Name: "d1" }, { Name: "d3" }])
            figures.Add(new("d3.ratio", "speed of d3 as a part of that of d1", seconds[0] / seconds[1], "", Goal.Least(0.95)));
    }

    private static Entry Find(string name) => Groups.SelectMany(entries => entries).First(entry => entry.Name == name);

    private static double Scaled(string unit, IWorkload workload, double seconds) => unit switch
    {
        "us" => seconds * 1e6,
        "rows/s" => workload.Units / seconds,
        _ => workload.Octets / seconds / 1e6,
    };

    private static string PerUnit(string unit) => unit switch { "us" => "B", "rows/s" => "B/row", _ => "B/frame" };

    /// <summary>One workload: its name, its figure, its goals.</summary>
    private sealed record Entry(string Name, string What, string Unit, Func<IWorkload> Create, Goal? Goal, double? AllocationGoal = 0);
}
