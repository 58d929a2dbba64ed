using System.Globalization;

namespace Gridtally.Links;

public sealed partial record LineConditions
{
    private const string Keys =
        "baud, bits, turnaround, latency, jitter, loss, noise, duplicate, collisions, outage, outages, seed";

    /// <summary>
    /// Reads the compact form, <c>baud=9600,turnaround=20ms,latency=50ms,jitter=10ms,loss=10%,noise=1e-4,duplicate=0.01,collisions=on,</c>
    /// <c>outage=60s+20s,outages=10m/5s,seed=7</c>: <c>outage</c> (may be repeated) is one at a known time, after its start and length;
    /// <c>outages</c> are random ones, mean time between and mean length. Left out means perfect.
    /// </summary>
    /// <exception cref="FormatException">The message names the bad part and what is allowed.</exception>
    public static LineConditions Parse(string text) => TryParse(text, out var conditions, out var error) ? conditions! : throw new FormatException(error);

    /// <summary>As <see cref="Parse"/>.</summary>
    /// <param name="text">What to read.</param>
    /// <param name="conditions">The conditions; null where the text can't be read.</param>
    /// <param name="error">What is wrong with it and what is allowed; null if nothing is.</param>
    public static bool TryParse(string text, out LineConditions? conditions, out string? error)
    {
        var read = new LineConditions();
        (conditions, error) = (null, null);
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = part.IndexOf('=');
            var (key, value) = equals < 0 ? (part, "") : (part[..equals].TrimEnd().ToLowerInvariant(), part[(equals + 1)..].TrimStart());
            var (next, wrong) = With(read, key, value);
            if (next is null)
            {
                error = $"'{part}': {wrong}";
                return false;
            }

            read = next;
        }

        conditions = read;
        return true;
    }

    /// <summary>The compact form that <see cref="Parse"/> reads; empty for a perfect line.</summary>
    public override string ToString()
    {
        var parts = new List<string>();
        if (Baud != 0) parts.Add($"baud={Baud}");
        if (BitsPerOctet != 10) parts.Add($"bits={BitsPerOctet}");
        if (Turnaround != default) parts.Add($"turnaround={Text(Turnaround)}");
        if (Latency != default) parts.Add($"latency={Text(Latency)}");
        if (Jitter != default) parts.Add($"jitter={Text(Jitter)}");
        if (Loss != 0) parts.Add($"loss={Loss}");
        if (Noise != 0) parts.Add($"noise={Noise}");
        if (Duplicate != 0) parts.Add($"duplicate={Duplicate}");
        if (Collisions) parts.Add("collisions=on");
        parts.AddRange(Outages.Select(o => $"outage={Text(o.From)}+{Text(o.Length)}"));
        if (OutageEvery != default) parts.Add($"outages={Text(OutageEvery)}/{Text(OutageLength)}");
        if (Seed != 1) parts.Add($"seed={Seed}");
        return string.Join(',', parts);
    }

    private static (LineConditions?, string?) With(LineConditions c, string key, string value) => key switch
    {
        "baud" => Whole(value, 0, 10_000_000) is { } n ? (c with { Baud = (int)n }, null) : (null, "expected bits per second, such as 9600, or 0 for no pacing."),
        "bits" => Whole(value, 8, 13) is { } n ? (c with { BitsPerOctet = (int)n }, null) : (null, "expected bits per octet, 8 to 13; 10 for 8N1."),
        "turnaround" => Time(value) is { } t ? (c with { Turnaround = t }, null) : BadTime,
        "latency" => Time(value) is { } t ? (c with { Latency = t }, null) : BadTime,
        "jitter" => Time(value) is { } t ? (c with { Jitter = t }, null) : BadTime,
        "loss" => Probability(value) is { } p ? (c with { Loss = p }, null) : BadProbability,
        "noise" => Probability(value) is { } p ? (c with { Noise = p }, null) : BadProbability,
        "duplicate" => Probability(value) is { } p ? (c with { Duplicate = p }, null) : BadProbability,
        "collisions" => value is "on" or "off" ? (c with { Collisions = value == "on" }, null) : (null, "expected on or off."),
        "outage" => Times(value, '+') is { } o ? (c with { Outages = [.. c.Outages, new(o.First, o.Second)] }, null) : (null, "expected start and length, such as 60s+20s."),
        "outages" => Times(value, '/') is { } o ? (c with { OutageEvery = o.First, OutageLength = o.Second }, null) : (null, "expected mean time between and mean length, such as 10m/5s."),
        "seed" => Whole(value, long.MinValue, long.MaxValue) is { } n ? (c with { Seed = n }, null) : (null, "expected a whole number."),
        _ => (null, $"'{key}' is not a property of a line: expected {Keys}."),
    };

    private static (LineConditions?, string?) BadTime => (null, "expected a time with its unit, such as 20ms, 1.5s or 2m.");

    private static (LineConditions?, string?) BadProbability => (null, "expected a probability, such as 0.1, 10% or 1e-4.");

    private static long? Whole(string value, long min, long max) =>
        long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var n) && n >= min && n <= max ? n : null;

    private static double? Probability(string value)
    {
        var percent = value.EndsWith('%');
        if (!double.TryParse(percent ? value[..^1] : value, NumberStyles.Float, CultureInfo.InvariantCulture, out var p)) return null;
        p = percent ? p / 100 : p;
        return p is >= 0 and <= 1 ? p : null;
    }

    private static TimeSpan? Time(string value)
    {
        var digits = value.AsSpan().TrimEnd("abcdefghijklmnopqrstuvwxyz");
        double? ms = value[digits.Length..] switch { "ms" => 1, "s" => 1_000, "m" => 60_000, "h" => 3_600_000, _ => null };
        return ms is { } unit && double.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var n) && n * unit < 1e10
            ? TimeSpan.FromMilliseconds(n * unit)
            : null;
    }

    private static (TimeSpan First, TimeSpan Second)? Times(string value, char separator)
    {
        var at = value.IndexOf(separator);
        return at > 0 && Time(value[..at]) is { } first && Time(value[(at + 1)..]) is { } second ? (first, second) : null;
    }

    private static string Text(TimeSpan time) =>
        time.Ticks % TimeSpan.TicksPerSecond == 0 ? $"{time.TotalSeconds}s" : $"{time.TotalMilliseconds}ms";
}
