using Gridtally.Metering;

namespace Gridtally.Companion;

/// <summary>The objects of the concentrator's logical device, as references a client can send.</summary>
/// <remarks>Standard objects keep their standard codes. What is Gridtally's own has 128 in group D, a group that OBIS leaves to makers.</remarks>
public static class ConcentratorObjects
{
    /// <summary>Server SAP of the concentrator's logical device.</summary>
    public const ushort LogicalDevice = 1;

    /// <summary>Client SAP of the head end: HLS-5 GMAC, authenticated and encrypted.</summary>
    public const ushort HeadEndClient = 1;

    /// <summary>Client SAP without security; sees name, serial, clock and the invocation counter only.</summary>
    public const ushort PublicClient = 16;

    /// <summary>Association LN, the asking client's own.</summary>
    public static readonly ObisCode Association = new(0, 0, 40, 0, 0, 255);

    /// <summary>COSEM logical device name, class 1: octet-string, three letters of the maker, then the serial number.</summary>
    public static readonly ObisCode LogicalDeviceName = new(0, 0, 42, 0, 0, 255);

    /// <summary>Security setup of <see cref="HeadEndClient"/>, class 64.</summary>
    public static readonly ObisCode SecuritySetup = new(0, 0, 43, 0, (byte)HeadEndClient, 255);

    /// <summary>The lowest invocation counter that the concentrator takes from <see cref="HeadEndClient"/> is this value plus 1, class 1.</summary>
    public static readonly ObisCode InvocationCounter = new(0, 0, 43, 1, (byte)HeadEndClient, 255);

    /// <summary>Serial number, class 1: octet-string, ASCII.</summary>
    public static readonly ObisCode SerialNumber = new(0, 0, 96, 1, 0, 255);

    /// <summary>Version of the running software, class 1: octet-string, ASCII.</summary>
    public static readonly ObisCode SoftwareVersion = new(1, 0, 0, 2, 0, 255);

    /// <summary>Clock, class 8.</summary>
    public static readonly ObisCode Clock = new(0, 0, 1, 0, 0, 255);

    /// <summary>Event log, class 7; columns in <see cref="EventLogProfile"/>.</summary>
    public static readonly ObisCode EventLog = new(0, 0, 99, 98, 0, 255);

    /// <summary>The journal, class 7; columns in <see cref="JournalProfile"/>.</summary>
    public static readonly ObisCode Journal = new(0, 0, 99, 128, 0, 255);

    /// <summary>Column 1 of the journal: sequence, class 1 attribute 2.</summary>
    public static readonly ObisCode JournalSequence = new(0, 0, 96, 128, 0, 255);

    /// <summary>Column 2 of the journal: record, class 1 attribute 2.</summary>
    public static readonly ObisCode JournalRecordColumn = new(0, 0, 96, 128, 1, 255);

    /// <summary>The meter archive, class 1: an array of <see cref="ArchiveEntry"/>.</summary>
    public static readonly ObisCode MeterArchive = new(0, 0, 96, 128, 2, 255);

    /// <summary>Which journal this is and what it still holds, class 1: <see cref="JournalState"/>.</summary>
    public static readonly ObisCode JournalStateObject = new(0, 0, 96, 128, 3, 255);

    /// <summary>Column 2 of the event log: event code, class 1 attribute 2.</summary>
    public static readonly ObisCode EventCode = new(0, 0, 96, 11, 0, 255);

    /// <summary>Column 3 of the event log: number of the meter concerned, class 1 attribute 2.</summary>
    public static readonly ObisCode EventMeter = new(0, 0, 96, 128, 4, 255);

    /// <summary>Column 4 of the event log: text for people, class 1 attribute 2.</summary>
    public static readonly ObisCode EventText = new(0, 0, 96, 128, 5, 255);
}

/// <summary>The gateway inside the concentrator: which network reaches what.</summary>
/// <remarks>Gateway header E6/E7, IEC 62056-5-3 (Green Book, DLMS gateway). The physical device address is the meter number in ASCII.</remarks>
public static class GatewayNetworks
{
    /// <summary>The concentrator answers for the meter from its store; its own association's security applies.</summary>
    public const byte Store = 0;

    /// <summary>The APDU is forwarded to the meter itself, unchanged; the meter's keys apply end to end.</summary>
    public const byte Meters = 1;

    /// <summary>Octets of the longest meter number. Twelve digits are usual; the address must also fit its length octet.</summary>
    public const int MaxMeterNumber = 32;
}
