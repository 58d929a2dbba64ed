namespace Gridtally.Cosem.Framing;

/// <summary>How a client's HDLC link is set up and how patient it is.</summary>
public sealed record HdlcClientOptions
{
    /// <summary>Client SAP, 1..126; 16 is the public client.</summary>
    public int ClientSap { get; init; } = 16;

    /// <summary>Logical device (upper address), 1 for management.</summary>
    public int LogicalDevice { get; init; } = 1;

    /// <summary>Physical device (lower address) on a bus; 0 with one-octet addresses.</summary>
    public int PhysicalAddress { get; init; }

    /// <summary>Octets of the server address: 1, 2 or 4.</summary>
    public int AddressLength { get; init; } = 1;

    /// <summary>What this end offers in SNRM.</summary>
    public HdlcParameters Parameters { get; init; } = new(128, 128, 1, 1);

    /// <summary>How long an answer may take, from the last octet sent to the first received, and after each one that carries it on.</summary>
    public TimeSpan ResponseTimeout { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How often a frame is sent again, or a poll repeated, before the link is given up.</summary>
    public int Retries { get; init; } = 3;

    /// <summary>How long a device may say "nothing yet" (RR) before it is given up.</summary>
    public TimeSpan AnswerTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long to wait before a device that has said "nothing yet" is polled again.</summary>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Longest pause inside a frame. IEC 62056-46 says 25 ms, which operating systems and modems between do not keep.</summary>
    public TimeSpan InterOctetTimeout { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How long the link may be idle before it counts as over; zero: for ever. Devices commonly end it after 120 s themselves.</summary>
    public TimeSpan InactivityTimeout { get; init; }

    /// <summary>Time that one octet takes on the line, added to timeouts for what is being sent; zero where that is negligible.</summary>
    public TimeSpan OctetTime { get; init; }

    /// <summary>True to ask for lost frames with REJ instead of RR. Devices need not know REJ.</summary>
    public bool UseReject { get; init; }

    /// <summary>Longest APDU taken in, in octets.</summary>
    public int MaxApdu { get; init; } = Limits.MaxReassembly;

    /// <summary>The server's address on the wire.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The address does not fit in <see cref="AddressLength"/>.</exception>
    public HdlcAddress Server => HdlcAddress.Server(LogicalDevice, PhysicalAddress, AddressLength);

    /// <summary>The client's address on the wire.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The SAP needs more than seven bits.</exception>
    public HdlcAddress Client => HdlcAddress.Client(ClientSap);

    /// <summary>Throws where an option is out of its range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Names the option and its range.</exception>
    public void Validate()
    {
        _ = Server;
        _ = Client;
        Parameters.Validate();
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(ResponseTimeout.Ticks, nameof(ResponseTimeout));
        ArgumentOutOfRangeException.ThrowIfNegative(Retries);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(PollInterval.Ticks, nameof(PollInterval));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(InterOctetTimeout.Ticks, nameof(InterOctetTimeout));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxApdu);
    }
}
