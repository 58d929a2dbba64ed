using System.CommandLine;
using System.Globalization;
using Gridtally.Metering;

namespace Gridtally.Cli.Commands;

/// <summary><c>--clock</c>: civil time that runs from an anchor at a factor, the same in every process that is given it.</summary>
internal sealed class ClockOption
{
    public Option<string?> Option { get; } = new("--clock")
    {
        Description = "Civil time as 'realUtc,civilUtc,speed': shows civilUtc when the wall shows realUtc and runs 'speed' times as fast. "
            + "Default: the system's clock. Example: 2026-01-01T12:00:00Z,2007-02-01T00:00:00Z,60",
        HelpName = "anchor",
    };

    public TimeProvider Get(ParseResult result) => result.GetValue(Option) is { } text ? Parse(text) : TimeProvider.System;

    public static string Format(DateTimeOffset realAnchor, DateTimeOffset civilAnchor, double speed) =>
        string.Create(CultureInfo.InvariantCulture, $"{realAnchor.UtcDateTime:O},{civilAnchor.UtcDateTime:O},{speed}");

    public static TimeProvider Parse(string text)
    {
        var parts = text.Split(',');
        if (parts.Length == 3 && TryMoment(parts[0], out var real) && TryMoment(parts[1], out var civil)
            && double.TryParse(parts[2], CultureInfo.InvariantCulture, out var speed) && speed is > 0 and <= 100_000)
        {
            return new ScaledTimeProvider(real, civil, speed);
        }

        throw new CommandException(
            $"--clock: '{text}' is not an anchor; expected realUtc,civilUtc,speed with a speed above 0 and at most 100000, "
            + "such as 2026-01-01T12:00:00Z,2007-02-01T00:00:00Z,60.",
            ExitCodes.Usage);
    }

    private static bool TryMoment(string text, out DateTimeOffset moment) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out moment);
}
