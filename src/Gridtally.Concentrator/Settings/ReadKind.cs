using Gridtally.Metering;

namespace Gridtally.Concentrator.Settings;

/// <summary>A kind of data that a task item collects; the manual's column "Type".</summary>
/// <param name="Name">As in the manual, figure 20.</param>
/// <param name="Key">Short name in the REST API and in setting keys.</param>
/// <param name="HomeLabel">The line of the home page that counts it, figure 6; null where none does.</param>
/// <param name="DefaultProfile">The profile that holds it, unless protocol attribute <see cref="AttributeKey"/> says otherwise; null where it is no profile.</param>
/// <param name="ByMonth">True where the home page counts by month instead of by day.</param>
public sealed record ReadKind(string Name, string Key, string? HomeLabel, ObisCode? DefaultProfile, bool ByMonth = false)
{
    /// <summary>All kinds, in the order of the home page.</summary>
    public static readonly IReadOnlyList<ReadKind> All =
    [
        new("Monthly Billing", "monthlyBilling", "Monthly Billing Quantity", ObisCode.Parse("0-0:98.1.0.255"), ByMonth: true),
        new("Demand profile", "demandProfile", "Demand Profile Quantity", ObisCode.Parse("1-0:99.2.0.255")),
        new("Energy profile", "energyProfile", "Energy Profile Quantity", ObisCode.Parse("1-0:99.1.0.255")),
        new("Fraud Event", "fraudEvent", "Meter Fraud Event", ObisCode.Parse("0-0:99.98.1.255")),
        new("Relay Event", "relayEvent", "Meter Relay Event", ObisCode.Parse("0-0:99.98.2.255")),
        new("Standard Event", "standardEvent", "Meter Standard Event", ObisCode.Parse("0-0:99.98.0.255")),
        new("Power Failure Event", "powerFailureEvent", "Meter Power Failure", ObisCode.Parse("1-0:99.97.0.255")),
        new("Phase Interruption Event", "phaseInterruptionEvent", "Meter Phase Interruption", ObisCode.Parse("0-0:99.98.5.255")),
        new("Power Quality Event", "powerQualityEvent", "Meter Power Quality", ObisCode.Parse("0-0:99.98.4.255")),
        new("Meter Clock", "meterClock", null, null),
        new("G3 Path Discovery", "pathDiscovery", null, null),
    ];

    /// <summary>Protocol attribute that moves the profile to another OBIS code.</summary>
    public string AttributeKey => $"profile.{Key}";

    /// <summary>False for what this version does not do: its items exist, disabled.</summary>
    public bool IsServed => DefaultProfile is not null;

    /// <summary>The kind with that name.</summary>
    public static ReadKind? Find(string name) => All.FirstOrDefault(k => string.Equals(k.Name, name, StringComparison.OrdinalIgnoreCase));
}

/// <summary>How a channel moves bytes; the manual's column "CommType".</summary>
/// <param name="Number">The number in the table.</param>
/// <param name="Name">For people.</param>
/// <param name="IsServed">False for what this version does not do: its channels exist, disabled.</param>
public sealed record CommType(int Number, string Name, bool IsServed)
{
    /// <summary>TCP to meters: a pool of connections. Not in the manual, whose meters hang on PLC and RS-485 only.</summary>
    public const int TcpToMeters = 20;

    /// <summary>TCP client towards the head end.</summary>
    public const int TcpClient = 5;

    /// <summary>TCP server that waits for the head end.</summary>
    public const int TcpServer = 9;

    /// <summary>All types; the numbers of figure 10.</summary>
    public static readonly IReadOnlyList<CommType> All =
    [
        new(2, "PLC reading module", false),
        new(4, "RS-485 port 1", true),
        new(TcpClient, "TCP client to the head end", true),
        new(7, "RS-485 port 2", true),
        new(8, "RS-485 port 3", true),
        new(TcpServer, "TCP server for the head end", true),
        new(10, "TCP server for the web GUI", false),
        new(11, "TCP server for the balance meter", false),
        new(TcpToMeters, "TCP to meters", true),
    ];

    /// <summary>True for a serial bus: one exchange at a time.</summary>
    public bool IsBus => Number is 4 or 7 or 8;

    /// <summary>True where meters can be reached.</summary>
    public bool IsToMeters => IsBus || Number is 2 or TcpToMeters;

    /// <summary>The type with that number.</summary>
    public static CommType? Find(int number) => All.FirstOrDefault(t => t.Number == number);
}
