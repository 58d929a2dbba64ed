namespace Gridtally.Cli.Demo;

/// <summary>What the user chose.</summary>
internal sealed record DemoOptions
{
    /// <summary>Default number of meters; two in five of them on the buses.</summary>
    public const int DefaultMeters = 20;

    /// <summary>The store of the demo holds a day of 1,000 meters; beyond that one laptop is no district any more.</summary>
    public const int MaxMeters = 1000;

    public const double DefaultSpeed = 60;

    public required int Meters { get; init; }

    public required double Speed { get; init; }

    /// <summary>Everything the demo makes: keys, certificates, passwords, stores, logs.</summary>
    public required string DataFolder { get; init; }

    /// <summary>Stop when the first day of every meter has arrived.</summary>
    public bool Once { get; init; }

    /// <summary>Print status lines instead of the live view.</summary>
    public bool Json { get; init; }

    /// <summary>Conditions added to the first bus, such as <c>loss=0.1</c>.</summary>
    public string? BusConditions { get; init; }
}
