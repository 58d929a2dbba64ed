using System.Globalization;
using Gridtally.Concentrator.History;

namespace Gridtally.Concentrator.Archive;

/// <summary>One meter of the archive: the columns of the manual's figure 8, and where the meter is found.</summary>
/// <param name="Number">The meter's number.</param>
public sealed record MeterRecord(string Number)
{
    /// <summary>Its row; 0 before it is stored.</summary>
    public long Id { get; init; }

    /// <summary>A disabled meter is not read.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>Number of the meter on the PLC network; -1 without one.</summary>
    public int Mac { get; init; } = -1;

    /// <summary>Name of its channel.</summary>
    public string Channel { get; init; } = "meter_tcp";

    /// <summary>1 is a DLMS electricity meter.</summary>
    public int MeterType { get; init; } = 1;

    /// <summary>Phases, 1 or 3.</summary>
    public int Phase { get; init; } = 1;

    /// <summary>Credit mode.</summary>
    public int Credit { get; init; } = 1;

    /// <summary>Name of the task that reads it.</summary>
    public string Task { get; init; } = "single_phase";

    /// <summary>255: not a prepayment meter.</summary>
    public int Prepaid { get; init; } = 255;

    /// <summary>Wiring scheme.</summary>
    public int Wiring { get; init; }

    /// <summary>On a bus the HDLC physical address (<c>17</c>), on TCP <c>host:port</c>.</summary>
    public string Address { get; init; } = "";

    /// <summary>Server SAP of its management logical device.</summary>
    public ushort LogicalDevice { get; init; } = 1;

    /// <summary>Keys of the read client are stored.</summary>
    public bool HasKeys { get; init; }

    /// <summary>A password is stored.</summary>
    public bool HasPassword { get; init; }

    /// <summary>When it came into the archive, UTC.</summary>
    public DateTime Archived { get; init; }

    internal Dictionary<string, string> ToCells() => new()
    {
        ["meterNo"] = Number,
        ["status"] = Enabled ? "Enable" : "Disable",
        ["mac"] = Text(Mac),
        ["channel"] = Channel,
        ["meterType"] = Text(MeterType),
        ["phase"] = Text(Phase),
        ["credit"] = Text(Credit),
        ["task"] = Task,
        ["prepaid"] = Text(Prepaid),
        ["wiring"] = Text(Wiring),
        ["address"] = Address,
        ["logicalDevice"] = Text(LogicalDevice),
    };

    internal static MeterRecord FromCells(IReadOnlyDictionary<string, string> cells) => new(cells["meterNo"])
    {
        Enabled = cells["status"] == "Enable",
        Mac = Number32(cells["mac"]),
        Channel = cells["channel"],
        MeterType = Number32(cells["meterType"]),
        Phase = Number32(cells["phase"]),
        Credit = Number32(cells["credit"]),
        Task = cells["task"],
        Prepaid = Number32(cells["prepaid"]),
        Wiring = Number32(cells["wiring"]),
        Address = cells["address"],
        LogicalDevice = (ushort)Number32(cells["logicalDevice"]),
    };

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);

    private static int Number32(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}

/// <summary>Secrets of a meter to store. Null keeps what is stored, an empty array removes it.</summary>
public sealed record MeterSecrets
{
    /// <summary>Encryption key of the read client, 16 octets.</summary>
    public byte[]? EncryptionKey { get; init; }

    /// <summary>Authentication key of the read client, 16 octets.</summary>
    public byte[]? AuthenticationKey { get; init; }

    /// <summary>LLS password.</summary>
    public byte[]? Password { get; init; }

    /// <summary>Says nothing.</summary>
    public override string ToString() => "(hidden)";
}

/// <summary>How a meter was found last.</summary>
/// <param name="Reachable">True or false by the last exchange; null before the first.</param>
/// <param name="LastContact">When it last answered, civil time UTC.</param>
/// <param name="FailedAt">When the last exchange failed; null where it did not.</param>
/// <param name="Reason">Why.</param>
/// <param name="Text">For people; empty where it did not fail.</param>
/// <param name="LogicalDeviceName">COSEM logical device name; null until read.</param>
public sealed record MeterStatus(bool? Reachable, DateTime? LastContact, DateTime? FailedAt, FailureReason? Reason, string Text, string? LogicalDeviceName)
{
    /// <summary>Before the first exchange.</summary>
    public static readonly MeterStatus Unknown = new(null, null, null, null, "", null);
}
