using System.Buffers;

namespace Gridtally.Cosem.Framing;

/// <summary>Server side of the TCP or UDP wrapper: one connection, or one sender of datagrams.</summary>
/// <remarks>
/// IEC 62056-47. Associations are told apart by (client wPort, device wPort) within the connection; there is nothing to set up
/// or to take down, so only APDUs are reported. An answer goes out at once, wPorts swapped.
/// </remarks>
/// <param name="datagrams">True on UDP: each <see cref="Receive"/> is one datagram, and each APDU sent should become one.</param>
public sealed class WrapperServer(bool datagrams = false) : IServerFraming
{
    private readonly WrapperReassembler _reassembler = new(datagrams);
    private readonly ApduQueue<PeerAddress> _received = new();
    private long _ignored;

    /// <inheritdoc/>
    public ArrayBufferWriter<byte> Output { get; } = new();

    /// <inheritdoc/>
    /// <remarks>Never: nothing here waits.</remarks>
    public TimeSpan? NextDeadline => null;

    /// <inheritdoc/>
    public bool MustClose => _reassembler.Broken;

    /// <summary>Datagrams that hold no APDU, and APDUs beyond what the driver has taken.</summary>
    public long Ignored => _ignored + _reassembler.BadDatagrams;

    /// <inheritdoc/>
    public void Receive(ReadOnlySpan<byte> bytes, TimeSpan now)
    {
        while (_reassembler.TryRead(ref bytes, out var header, out var apdu))
        {
            if (_received.HasRoom) _received.Add(new(header.Source, header.Destination), apdu);
            else _ignored++;
        }
    }

    /// <inheritdoc/>
    public bool TryTakeEvent(out FramingEvent framingEvent)
    {
        var any = _received.TryTake(out var peer, out var apdu);
        framingEvent = any ? new(FramingEventKind.Apdu, peer, apdu, peer.LogicalDevice == WrapperHeader.AllDevices) : default;
        return any;
    }

    /// <inheritdoc/>
    public void Send(in PeerAddress to, ReadOnlySpan<byte> apdu, TimeSpan now)
    {
        if (!apdu.IsEmpty) WrapperHeader.WriteApdu(Output, to.LogicalDevice, to.Client, apdu);
    }

    /// <inheritdoc/>
    public void SendUnconfirmed(in PeerAddress to, ReadOnlySpan<byte> apdu, TimeSpan now) => Send(to, apdu, now);

    /// <inheritdoc/>
    public void Tick(TimeSpan now)
    {
    }
}
