using System.Globalization;
using System.Numerics;

namespace Gridtally.Concentrator.Tasks;

/// <summary>One field of a cron text: the set of values that it lets through.</summary>
/// <param name="Name">As the manual calls it.</param>
/// <param name="Min">Smallest value.</param>
/// <param name="Max">Largest value.</param>
internal sealed record CronField(string Name, int Min, int Max)
{
    public static readonly CronField[] All =
        [new("minute", 0, 59), new("hour", 0, 23), new("day of month", 1, 31), new("month", 1, 12), new("day of week", 0, 6)];

    /// <summary>A mask with every allowed value.</summary>
    public ulong Full => Enumerable.Range(Min, Max - Min + 1).Aggregate(0UL, (mask, value) => mask | 1UL << value);

    /// <summary>Reads a list of parts; null with a reason where one is wrong.</summary>
    public ulong? Parse(string text, out string problem)
    {
        ulong mask = 0;
        problem = "";
        foreach (var part in text.Split(','))
        {
            if (ParsePart(part) is not { } values)
            {
                problem = $"field '{Name}' has '{part}'; allowed are * or numbers {Min}-{Max}, ranges such as {Max - 1}-{Min + 1}, steps such as */2 or {Min + 1}/5, and lists of these with commas";
                return null;
            }

            mask |= values;
        }

        return mask;
    }

    private ulong? ParsePart(string part)
    {
        var slash = part.IndexOf('/', StringComparison.Ordinal);
        var (range, step) = slash < 0 ? (part, 1) : (part[..slash], Number(part[(slash + 1)..], 1, Max));
        if (step is null || ParseRange(range, slash >= 0) is not var (first, last)) return null;

        // A wrapped range goes on past the end: 23-7 is 23, 0, 1 … 7.
        var count = last >= first ? last - first : last - first + (Max - Min + 1);
        ulong mask = 0;
        for (var i = 0; i <= count; i += step.Value) mask |= 1UL << (Min + (first - Min + i) % (Max - Min + 1));
        return mask;
    }

    private (int First, int Last)? ParseRange(string range, bool stepped)
    {
        if (range == "*") return (Min, Max);
        var dash = range.IndexOf('-', StringComparison.Ordinal);
        if (dash >= 0) return Number(range[..dash], Min, Max) is { } from && Number(range[(dash + 1)..], Min, Max) is { } to ? (from, to) : null;
        return Number(range, Min, Max) is { } value ? (value, stepped ? Max : value) : null;
    }

    private static int? Number(string text, int min, int max) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= min && value <= max ? value : null;

    /// <summary>The smallest value of <paramref name="mask"/> not below <paramref name="from"/>; -1 for none.</summary>
    public static int NextIn(ulong mask, int from)
    {
        var rest = from > 63 ? 0 : mask >> from << from;
        return rest == 0 ? -1 : BitOperations.TrailingZeroCount(rest);
    }
}
