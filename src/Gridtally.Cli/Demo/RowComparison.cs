namespace Gridtally.Cli.Demo;

/// <summary>Every row that the meters captured against every row that the head end has: the same octets, none missing, none twice.</summary>
/// <param name="Captured">Rows that the meters captured, each counted once.</param>
/// <param name="Received">Rows that the head end has.</param>
/// <param name="Equal">Received with the captured octets.</param>
/// <param name="Missing">Captured and not received.</param>
/// <param name="Different">Received with other octets than captured.</param>
/// <param name="Twice">A second row of the same meter, profile and time, on either side.</param>
/// <param name="Unknown">Received, but captured by no meter.</param>
/// <remarks>Both sides are lines <c>meterNumber;profileObis;UTC time;hex of the row</c>, as the products export them.</remarks>
internal sealed record RowComparison(int Captured, int Received, int Equal, int Missing, int Different, int Twice, int Unknown)
{
    public bool IsExact => Captured > 0 && Captured == Equal && Received == Equal && Twice == 0;

    public static RowComparison Of(IEnumerable<string> captured, IEnumerable<string> received, Func<string, bool> wanted)
    {
        var (count, equal, different, twice, unknown) = (0, 0, 0, 0, 0);
        var expected = new Dictionary<string, string>();
        foreach (var line in captured.Where(wanted))
        {
            if (!expected.TryAdd(KeyOf(line), line)) twice++;
        }

        var seen = new HashSet<string>();
        foreach (var line in received.Where(wanted))
        {
            count++;
            if (!expected.TryGetValue(KeyOf(line), out var original)) unknown++;
            else if (!seen.Add(KeyOf(line))) twice++;
            else if (original == line) equal++;
            else different++;
        }

        return new(expected.Count, count, equal, expected.Count - seen.Count, different, twice, unknown);
    }

    private static string KeyOf(string line) => line[..line.LastIndexOf(';')];
}
