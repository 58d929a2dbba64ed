using System.Buffers;

namespace Gridtally.Cosem.Framing;

/// <summary>Where a client-side link stands.</summary>
public enum LinkState : byte
{
    /// <summary>Not set up, or taken down again.</summary>
    Down,
    /// <summary>Being set up (SNRM sent).</summary>
    Connecting,
    /// <summary>APDUs can be sent.</summary>
    Up,
    /// <summary>Being taken down (DISC sent).</summary>
    Disconnecting,
    /// <summary>Given up; <see cref="IClientFraming.Fault"/> says why. <see cref="IClientFraming.Open"/> starts anew.</summary>
    Failed,
}

/// <summary>Why a link does not work, though bytes can be moved.</summary>
public enum LinkFault : byte
{
    /// <summary>Nothing is wrong.</summary>
    None,
    /// <summary>No answer within the response timeout, after all retries.</summary>
    NoAnswer,
    /// <summary>The peer refused the link (DM), or does not serve this address.</summary>
    Refused,
    /// <summary>The peer ended the link.</summary>
    Disconnected,
    /// <summary>The peer rejected a frame (FRMR).</summary>
    FrameRejected,
    /// <summary>Octets arrived that are not a frame, and nothing else.</summary>
    Garbage,
    /// <summary>A frame that this state does not allow.</summary>
    Unexpected,
    /// <summary>More octets than <see cref="Limits.MaxReassembly"/> in one APDU.</summary>
    TooLong,
}

/// <summary>The layer below APDUs, client side: HDLC or the TCP/UDP wrapper. Holds no socket and reads no clock.</summary>
/// <remarks>
/// The driver feeds bytes and time, sends what <see cref="Output"/> holds (then clears it), and takes APDUs. Times are
/// durations since any fixed start and never go back.
/// </remarks>
public interface IClientFraming
{
    /// <summary>Where the link stands.</summary>
    LinkState State { get; }

    /// <summary>Why the link failed; <see cref="LinkFault.None"/> otherwise.</summary>
    LinkFault Fault { get; }

    /// <summary>Bytes to send; the driver sends and clears them after each call.</summary>
    ArrayBufferWriter<byte> Output { get; }

    /// <summary>When <see cref="Tick"/> wants to be called next; null for not at all.</summary>
    TimeSpan? NextDeadline { get; }

    /// <summary>Sets the link up. The wrapper is up at once.</summary>
    void Open(TimeSpan now);

    /// <summary>Sends one APDU. The link must be <see cref="LinkState.Up"/>.</summary>
    /// <exception cref="InvalidOperationException">The link is not up.</exception>
    void Send(ReadOnlySpan<byte> apdu, TimeSpan now);

    /// <summary>Sends one APDU that nobody will answer: a UI frame on HDLC, like any other in the wrapper. Needs no link.</summary>
    /// <exception cref="InvalidOperationException">The APDU does not fit in one frame.</exception>
    void SendUnconfirmed(ReadOnlySpan<byte> apdu, TimeSpan now);

    /// <summary>Takes in bytes from the line, in any pieces.</summary>
    void Receive(ReadOnlySpan<byte> bytes, TimeSpan now);

    /// <summary>Lets time pass: timeouts, retransmissions.</summary>
    void Tick(TimeSpan now);

    /// <summary>Takes the next received APDU; valid until the next call of any other member.</summary>
    bool TryTakeApdu(out ReadOnlyMemory<byte> apdu);

    /// <summary>Takes the link down (DISC).</summary>
    void Close(TimeSpan now);
}

/// <summary>Who talks to whom.</summary>
/// <param name="Client">Client SAP, 16 for the public client.</param>
/// <param name="LogicalDevice">Server SAP, 1 for the management logical device.</param>
/// <param name="Physical">HDLC lower address; 0 where there is none (wrapper, one-octet addresses).</param>
public readonly record struct PeerAddress(ushort Client, ushort LogicalDevice, ushort Physical = 0)
{
    /// <summary><c>client 16 → device 1</c>, with the physical address where there is one.</summary>
    public override string ToString() => Physical == 0 ? $"client {Client} → device {LogicalDevice}" : $"client {Client} → device {LogicalDevice} at {Physical}";
}

/// <summary>What a server-side link reports.</summary>
public enum FramingEventKind : byte
{
    /// <summary>A client has set its link up. Associations of an earlier link of the same peer are over.</summary>
    Connected,
    /// <summary>An APDU has arrived.</summary>
    Apdu,
    /// <summary>The link is over (DISC, inactivity); so are its associations.</summary>
    Disconnected,
}

/// <summary>One report of a server-side link.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Peer">To whom.</param>
/// <param name="Apdu">The APDU, for <see cref="FramingEventKind.Apdu"/>; valid until the next call of any other member.</param>
/// <param name="Broadcast">True where no answer may be sent (UI frame, broadcast address).</param>
public readonly record struct FramingEvent(FramingEventKind Kind, PeerAddress Peer, ReadOnlyMemory<byte> Apdu, bool Broadcast = false);

/// <summary>The layer below APDUs, server side: one line or connection, any number of clients and, on a bus, of devices.</summary>
public interface IServerFraming
{
    /// <summary>Bytes to send; the driver sends and clears them after each call.</summary>
    ArrayBufferWriter<byte> Output { get; }

    /// <summary>When <see cref="Tick"/> wants to be called next; null for not at all.</summary>
    TimeSpan? NextDeadline { get; }

    /// <summary>True once the connection can't go on (wrapper version wrong): the driver closes it.</summary>
    bool MustClose { get; }

    /// <summary>Takes in bytes from the line, in any pieces.</summary>
    void Receive(ReadOnlySpan<byte> bytes, TimeSpan now);

    /// <summary>Takes the next report, in order.</summary>
    bool TryTakeEvent(out FramingEvent framingEvent);

    /// <summary>Sends one APDU to a peer that has asked something; an empty one says that there is no answer, and gives the turn back.</summary>
    void Send(in PeerAddress to, ReadOnlySpan<byte> apdu, TimeSpan now);

    /// <summary>Sends one APDU that the peer has not asked for: a push. UI frames on HDLC, like any other in the wrapper.</summary>
    void SendUnconfirmed(in PeerAddress to, ReadOnlySpan<byte> apdu, TimeSpan now);

    /// <summary>Lets time pass: inactivity, retransmissions.</summary>
    void Tick(TimeSpan now);
}
