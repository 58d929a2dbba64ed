namespace Gridtally.Cli.Demo;

/// <summary>Every row that the meters captured against every row that the head end has: the same octets, none missing, none twice.</summary>
/// <remarks>Both sides are lines <c>meterNumber;profileObis;UTC time;hex of the row</c>, as the products export them.</remarks>
internal sealed record RowComparison(int Captured, int Received, int Equal, int Missing, int Different, int Unknown)
{
    public bool IsExact => Captured == Equal && Received == Equal && Captured > 0;

    public static RowComparison Of(IEnumerable<string> captured, IEnumerable<string> received, Func<string, bool> wanted)
    {
        var expected = new Dictionary<string, string>();
        foreach (var line in captured.Where(wanted)) expected.Add(KeyOf(line), line);
        var (count, equal, different, unknown) = (0, 0, 0, 0);
        var seen = new HashSet<string>();
        foreach (var line in received.Where(wanted))
        {
            count++;
            if (!expected.TryGetValue(KeyOf(line), out var original) || !seen.Add(KeyOf(line))) unknown++;
            else if (original == line) equal++;
            else different++;
        }

        return new(expected.Count, count, equal, expected.Count - seen.Count, different, unknown);
    }

    private static string KeyOf(string line) => line[..line.LastIndexOf(';')];
}
