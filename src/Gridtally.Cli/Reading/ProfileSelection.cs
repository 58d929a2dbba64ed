using Gridtally.Cli.Commands;
using Gridtally.Cosem;
using Gridtally.Cosem.Profiles;
using Gridtally.Metering;

namespace Gridtally.Cli.Reading;

/// <summary>Which rows and columns of a profile the user wants.</summary>
internal sealed record ProfileSelection
{
    /// <summary>First moment; the beginning where only an end is given.</summary>
    public DateTimeOffset From { get; init; } = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Last moment.</summary>
    public DateTimeOffset To { get; init; } = new(2099, 12, 31, 0, 0, 0, TimeSpan.Zero);

    /// <summary>True where rows are chosen by time.</summary>
    public bool IsRange { get; init; }

    /// <summary>Entries, the oldest being 1; last 0 for the newest.</summary>
    public (uint First, uint Last)? Entries { get; init; }

    /// <summary>Without times and entries: so many of the newest rows.</summary>
    public uint LastRows { get; init; } = 10;

    /// <summary>Columns by their OBIS codes; empty for all.</summary>
    public IReadOnlyList<ObisCode> Columns { get; init; } = [];

    /// <summary>The chosen columns in the order of the profile, the clock among them; null for all.</summary>
    /// <exception cref="CommandException">The profile has no such column.</exception>
    public IReadOnlyList<CaptureObject>? ColumnsOf(ProfileLayout layout)
    {
        if (Columns.Count == 0) return null;
        foreach (var code in Columns)
        {
            if (layout.Columns.All(c => c.Object.Instance != code))
                throw new CommandException($"--columns: {layout.Profile} does not capture {code}; it has {string.Join(", ", layout.Columns.Select(c => c.Object.Instance))}.", ExitCodes.Usage);
        }

        return [.. layout.Columns.Where(c => c.IsClock || Columns.Contains(c.Object.Instance)).Select(c => c.Object)];
    }

    /// <summary>Reads <c>1-96</c>, <c>5</c> or <c>100-</c>.</summary>
    public static (uint, uint) ParseEntries(string text)
    {
        var dash = text.IndexOf('-');
        var (first, last) = dash < 0 ? (text, text) : (text[..dash], text[(dash + 1)..]);
        uint end = 0;
        return uint.TryParse(first, out var start) && start > 0 && (last.Length == 0 || (uint.TryParse(last, out end) && end >= start))
            ? (start, end)
            : throw new CommandException($"--entries: '{text}': expected first-last such as 1-96, the oldest row being 1; 100- for all from 100 on.", ExitCodes.Usage);
    }
}
