using Gridtally.Cosem.Client;
using Gridtally.Cosem.Framing;
using Gridtally.Cosem.LocalPort;

namespace Gridtally.Sessions;

/// <summary>The layer between APDUs and octets.</summary>
public enum FramingKind : byte
{
    /// <summary>TCP or UDP wrapper, IEC 62056-47.</summary>
    Wrapper,
    /// <summary>HDLC, IEC 62056-46.</summary>
    Hdlc,
}

/// <summary>With whom and how a client associates. Secrets are in <see cref="Association"/> and never shown.</summary>
public sealed record DlmsClientOptions
{
    /// <summary>Who talks to whom.</summary>
    public required PeerAddress Peer { get; init; }

    /// <summary>The layer between APDUs and octets, where the client is given a channel.</summary>
    public FramingKind Framing { get; init; }

    /// <summary>For HDLC: address length, what is offered in SNRM, time per octet. Addresses, timeout and retries are taken from here, not from it.</summary>
    public HdlcClientOptions Hdlc { get; init; } = new();

    /// <summary>
    /// For HDLC at a meter's local port, over a channel: the opening of IEC 62056-21 mode E that goes before, from 300 baud on. Null where the port
    /// speaks HDLC at once.
    /// </summary>
    public OpeningOptions? Opening { get; init; }

    /// <summary>Authentication and protection. An empty challenge is filled with fresh random octets where HLS needs one.</summary>
    public AssociationOptions Association { get; init; } = new();

    /// <summary>True for a fresh dedicated key for each association, whatever <see cref="Association"/> says.</summary>
    public bool UseDedicatedKey { get; init; }

    /// <summary>How long an answer may take; on HDLC, that of each frame.</summary>
    public TimeSpan ResponseTimeout { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How often a request (on HDLC: a frame) is sent again when no answer comes.</summary>
    public int SendRetry { get; init; } = 3;

    /// <summary>
    /// True to read the meter's invocation counter (0-0:43.1.e.255, e the client) as public client first, and to go on above it. Only done
    /// where the association uses keys.
    /// </summary>
    public bool ReadInvocationCounter { get; init; } = true;

    /// <summary>
    /// How far a counter read so may lie above the own one. Nobody authenticates the public client's answer: a forged one near FFFFFFFF would
    /// use the key up. A sixteenth of all values is decades of reading.
    /// </summary>
    public uint MaxCounterRise { get; init; } = 0x1000_0000;

    /// <summary>The response timeout, or the longer one that the meter's quirk profile asks for.</summary>
    internal TimeSpan PatientTimeout =>
        Association.Quirks.ResponseTimeout is { } patience && patience > ResponseTimeout ? patience : ResponseTimeout;

    /// <summary>Shown everything that goes over the channel, where the client is given one.</summary>
    public Action<FrameTrace>? Trace { get; init; }

    /// <summary>Peer, framing and security level, no secrets.</summary>
    public override string ToString() => $"{Peer}, {Framing}, {Association}";
}
