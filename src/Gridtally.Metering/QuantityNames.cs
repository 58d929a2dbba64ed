namespace Gridtally.Metering;

/// <summary>What the numbers of an object mean over time.</summary>
public enum QuantityKind
{
    /// <summary>A value at a moment, or nothing known of it.</summary>
    Instant,

    /// <summary>A register that only grows: energy.</summary>
    Cumulative,

    /// <summary>A quantity of an interval: an average, a demand.</summary>
    Interval,

    /// <summary>A bit field, such as a profile status: not a number to plot or add.</summary>
    Status,
}

/// <summary>What objects are called on pages and in messages, by the value groups of their OBIS codes.</summary>
/// <remarks>IEC 62056-61, electricity: group C is the quantity, D its processing, E the tariff. The names are those of the DTSD545 manual.</remarks>
public static class QuantityNames
{
    private static readonly Dictionary<ObisCode, string> Fixed = new()
    {
        [new(0, 0, 1, 0, 0, 255)] = "Clock",
        [new(0, 0, 42, 0, 0, 255)] = "Logical device name",
        [new(0, 0, 96, 1, 0, 255)] = "Serial number",
        [new(0, 0, 96, 3, 10, 255)] = "Disconnect control",
        [new(0, 0, 96, 5, 0, 255)] = "Meter internal status",
        [new(0, 0, 96, 10, 1, 255)] = "Energy profile status",
        [new(0, 0, 96, 10, 2, 255)] = "Power quality profile status",
        [new(0, 0, 96, 10, 3, 255)] = "Meter internal status",
        [new(0, 0, 98, 1, 0, 255)] = "Monthly billing",
        [new(0, 0, 99, 98, 0, 255)] = "Standard event log",
        [new(0, 0, 99, 98, 1, 255)] = "Fraud event log",
        [new(0, 0, 99, 98, 2, 255)] = "Relay event log",
        [new(0, 0, 99, 98, 4, 255)] = "Power quality event log",
        [new(0, 0, 99, 98, 5, 255)] = "Phase interruption event log",
        [new(1, 0, 99, 1, 0, 255)] = "Energy load profile",
        [new(1, 0, 99, 2, 0, 255)] = "Demand load profile",
        [new(1, 0, 99, 97, 0, 255)] = "Power failure event log",
    };

    /// <summary>The name, such as <c>Active energy import (+A)</c>; the code itself where none is known.</summary>
    public static string Of(ObisCode code) => Find(code) ?? code.ToString();

    /// <summary>The name; null where none is known. <see cref="ObisMeanings"/> knows more, in the words of the standard.</summary>
    public static string? Find(ObisCode code)
    {
        if (Fixed.TryGetValue(code, out var name)) return name;
        if (code.A != 1 || Phase(code.C, out var phase) is not { } quantity) return null;
        var what = quantity <= 10 ? Power(quantity, code.D) : Other(quantity, code.D);
        return what is null ? null : what + phase + Tariff(code);
    }

    /// <summary>What its numbers mean over time.</summary>
    public static QuantityKind KindOf(ObisCode code) => (code.A, code.C, code.D) switch
    {
        (0, 96, 5 or 10) => QuantityKind.Status,
        (1, _, 8 or 9) => QuantityKind.Cumulative,
        (1, _, 3 or 4 or 5 or 6 or 24 or 27) => QuantityKind.Interval,
        _ => QuantityKind.Instant,
    };

    /// <summary>True for the status word that a load profile captures beside its values (AMR profile status).</summary>
    public static bool IsProfileStatus(ObisCode code) => code is { A: 0, C: 96, D: 10, E: 1 or 2 };

    // 1..20 is the sum of the phases, 21..40 is L1, 41..60 is L2, 61..80 is L3; the quantity repeats in each twenty.
    private static int? Phase(byte c, out string phase)
    {
        phase = c switch { >= 21 and <= 80 => $" L{(c - 1) / 20}", 91 => " neutral", _ => "" };
        return c switch { >= 1 and <= 80 => (c - 1) % 20 + 1, 91 => 11, _ => null };
    }

    private static string? Power(int quantity, byte d)
    {
        var (name, direction, symbol) = quantity switch
        {
            1 => ("Active", "import", '+'),
            2 => ("Active", "export", '-'),
            3 => ("Reactive", "import", '+'),
            4 => ("Reactive", "export", '-'),
            9 => ("Apparent", "import", '+'),
            10 => ("Apparent", "export", '-'),
            _ => ("Reactive", $"quadrant {quantity - 4}", ' '),
        };
        var letter = name switch { "Active" => 'P', "Reactive" => 'Q', _ => 'S' };
        return d switch
        {
            4 or 5 or 24 or 27 => $"{name} demand {direction}{Sign(symbol, letter)}",
            6 => $"Maximum {name.ToLowerInvariant()} demand {direction}{Sign(symbol, letter)}",
            7 => $"{name} power {direction}{Sign(symbol, letter)}",
            8 or 9 => $"{name} energy {direction}{Sign(symbol, name[0])}",
            _ => null,
        };
    }

    private static string Sign(char symbol, char letter) => symbol == ' ' ? "" : $" ({symbol}{letter})";

    private static string? Other(int quantity, byte d)
    {
        var name = quantity switch { 11 => "current", 12 => "voltage", 13 => "power factor", 14 => "frequency", _ => null };
        if (name is null) return null;
        return d switch
        {
            3 => "Minimum " + name,
            6 => "Maximum " + name,
            4 or 5 or 24 or 27 => "Average " + name,
            7 => char.ToUpperInvariant(name[0]) + name[1..],
            _ => null,
        };
    }

    private static string Tariff(ObisCode code) => code.E is > 0 and < 64 ? $", tariff {code.E}" : "";
}
