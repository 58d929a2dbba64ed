namespace Gridtally.Fuzz;

/// <summary>The table that a run prints.</summary>
internal static class Table
{
    public static readonly string Head = $"{"target",-12} {"inputs",12} {"accepted",9} {"time",9} {"inputs/s",10} {"slowest",10} {"most memory",12} {"findings",9}";

    public static string Row(string name, RunResult result)
    {
        var share = result.Inputs == 0 ? 0 : 100.0 * result.Accepted / result.Inputs;
        return $"{name,-12} {result.Inputs,12:#,0} {share,7:0.0} % {result.Time.TotalSeconds,7:0.0} s {result.Inputs / Math.Max(0.001, result.Time.TotalSeconds),10:#,0} "
            + $"{result.Slowest.TotalMilliseconds,7:0.0} ms {result.MostAllocated,10:#,0} B {result.Findings,9}";
    }
}
