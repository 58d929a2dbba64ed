namespace Gridtally.Workloads;

/// <summary>One measured figure.</summary>
/// <param name="Name">Workload and what of it was measured, such as <c>a.time</c>.</param>
/// <param name="What">The same in words.</param>
/// <param name="Value">The median of several runs; allocation is exact.</param>
/// <param name="Unit">Unit of <paramref name="Value"/>.</param>
/// <param name="Goal">What it should be; null where there is no goal.</param>
public sealed record Figure(string Name, string What, double Value, string Unit, Goal? Goal)
{
    /// <summary>Whether the goal is met; null where there is none.</summary>
    public bool? Met => Goal?.IsMetBy(Value);
}

/// <summary>A goal for a figure.</summary>
/// <param name="AtLeast">True where more is better.</param>
/// <param name="Limit">The value that is still good enough.</param>
public sealed record Goal(bool AtLeast, double Limit)
{
    /// <summary>True where <paramref name="value"/> is good enough.</summary>
    public bool IsMetBy(double value) => AtLeast ? value >= Limit : value <= Limit;

    internal static Goal Most(double limit) => new(false, limit);

    internal static Goal Least(double limit) => new(true, limit);
}
