using System.Buffers;

namespace Gridtally.Cosem.Framing;

/// <summary>Server side of an HDLC line: any number of devices, each with any number of clients.</summary>
/// <remarks>
/// IEC 62056-46, normal response mode: a device speaks when polled. A frame is taken apart once and given to its device by
/// address, so a bus of a thousand meters costs what one costs. Frames for devices that are not on this line are not answered.
/// What is sent to all devices (broadcast address, UI frames only) is reported once, with <see cref="HdlcAddress.All14"/> for
/// "all"; it is for the driver to give it to each.
/// </remarks>
public sealed class HdlcServerLine : IServerFraming
{
    private readonly HdlcServerOptions _options;
    private readonly HdlcDeframer _deframer = new();
    private readonly Dictionary<PeerAddress, HdlcServerStation> _stations = [];
    private readonly ApduQueue<(FramingEventKind Kind, PeerAddress Peer, bool Broadcast)> _events = new();
    private readonly List<PeerAddress> _over = [];
    private TimeSpan _silenceDeadline;
    private TimeSpan _nextInactivity;

    /// <summary>A line on which nothing has happened.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public HdlcServerLine(HdlcServerOptions options)
    {
        options.Validate();
        _options = options;
    }

    /// <inheritdoc/>
    public ArrayBufferWriter<byte> Output { get; } = new();

    /// <summary>While true, clients are told to hold back (RNR), and I frames are not taken in.</summary>
    public bool Busy { get; set; }

    /// <summary>Links that are set up.</summary>
    public int Links => _stations.Count;

    /// <summary>Frames for devices of this line.</summary>
    public long FramesReceived { get; private set; }

    /// <summary>Frames sent again because a client had not got them.</summary>
    public long Retransmissions { get; private set; }

    /// <summary>Frames whose checks failed.</summary>
    public long BadFrames => _deframer.BadFrames;

    /// <summary>Octets outside of any frame.</summary>
    public long GarbageOctets => _deframer.GarbageOctets;

    /// <inheritdoc/>
    /// <remarks>Never: whatever a line carries, frames can be found in it again.</remarks>
    public bool MustClose => false;

    /// <inheritdoc/>
    public TimeSpan? NextDeadline
    {
        get
        {
            TimeSpan? next = _deframer.HasPending ? _silenceDeadline : null;
            if (_stations.Count == 0 || _options.InactivityTimeout == TimeSpan.Zero) return next;
            return next < _nextInactivity ? next : _nextInactivity;
        }
    }

    /// <summary>True while another event fits. Without, I frames are answered with RNR, and other frames dropped as if the line had lost them.</summary>
    internal bool HasRoom => _events.HasRoom;

    /// <inheritdoc/>
    public void Receive(ReadOnlySpan<byte> bytes, TimeSpan now)
    {
        _silenceDeadline = now + _options.InterOctetTimeout;
        while (_deframer.TryRead(ref bytes, out var frame)) Dispatch(frame, now);
    }

    /// <inheritdoc/>
    public bool TryTakeEvent(out FramingEvent framingEvent)
    {
        var any = _events.TryTake(out var tag, out var apdu);
        framingEvent = any ? new(tag.Kind, tag.Peer, apdu, tag.Broadcast) : default;
        return any;
    }

    /// <inheritdoc/>
    /// <remarks>What is sent to a peer whose link is over is dropped.</remarks>
    public void Send(in PeerAddress to, ReadOnlySpan<byte> apdu, TimeSpan now)
    {
        if (!_stations.TryGetValue(to, out var station)) return;
        var before = station.Retransmissions;
        station.Send(apdu);
        Retransmissions += station.Retransmissions - before;
    }

    /// <inheritdoc/>
    /// <remarks>
    /// In the form of address that the peer's link uses, else in the shortest; <see cref="HdlcAddress.All14"/> as client is all clients.
    /// What is longer than a frame goes in several with the segmentation bit, as meters in the field do: the standard knows no segments
    /// of UI. A push longer than a client takes is a matter for general block transfer.
    /// </remarks>
    public void SendUnconfirmed(in PeerAddress to, ReadOnlySpan<byte> apdu, TimeSpan now)
    {
        var server = _stations.TryGetValue(to, out var station) ? station.Address : HdlcAddress.ShortestServer(to.LogicalDevice, to.Physical);
        PushFramer.WriteHdlc(Output, server, to.Client, apdu, _options.Parameters.MaxInfoTransmit);
    }

    /// <inheritdoc/>
    public void Tick(TimeSpan now)
    {
        if (_deframer.HasPending && now >= _silenceDeadline)
        {
            while (_deframer.TryReadAfterSilence(out var frame)) Dispatch(frame, now);
        }

        if (_options.InactivityTimeout > TimeSpan.Zero && _stations.Count > 0 && now >= _nextInactivity) EndIdleLinks(now);
    }

    /// <summary>Queues an event for the driver.</summary>
    internal void Report(FramingEventKind kind, in PeerAddress peer, ReadOnlySpan<byte> apdu = default, bool broadcast = false) =>
        _events.Add((kind, peer, broadcast), apdu);

    private void Dispatch(in HdlcFrame frame, TimeSpan now)
    {
        // Clients have one octet; anything else is an answer on its way to a client, or its echo.
        if (frame.Source.Size != 1 || (!HasRoom && !IsNumbered(frame.Control.Type))) return;
        var (logicalDevice, physical) = frame.Destination.Normalised;
        var peer = new PeerAddress(frame.Source.Upper, logicalDevice, physical);
        if (frame.Destination.IsBroadcast)
        {
            TakeBroadcast(frame, peer);
            return;
        }

        if (!_options.Serves(logicalDevice, physical)) return;
        FramesReceived++;
        if (!_stations.TryGetValue(peer, out var station))
        {
            station = new(this, peer, _options, refuses: _stations.Count >= _options.MaxLinks);
        }

        var before = station.Retransmissions;
        station.Handle(frame, now);
        Retransmissions += station.Retransmissions - before;
        Keep(peer, station, now);
    }

    private static bool IsNumbered(HdlcFrameType type) => type is HdlcFrameType.I or HdlcFrameType.RR or HdlcFrameType.RNR or HdlcFrameType.REJ;

    /// <summary>Stations exist while their link does: what is not set up costs nothing.</summary>
    private void Keep(in PeerAddress peer, HdlcServerStation station, TimeSpan now)
    {
        if (!station.IsUp) _stations.Remove(peer);
        else if (_stations.TryAdd(peer, station) && _stations.Count == 1) _nextInactivity = now + _options.InactivityTimeout;
    }

    private void TakeBroadcast(in HdlcFrame frame, in PeerAddress peer)
    {
        if (frame.Control.Type != HdlcFrameType.UI || !Llc.IsPresent(frame.Information)) return;
        FramesReceived++;
        Report(FramingEventKind.Apdu, peer, frame.Information[Llc.Size..], broadcast: true);
    }

    /// <summary>Ends what has been idle too long, and finds out when to look again. Links only get younger in between.</summary>
    private void EndIdleLinks(TimeSpan now)
    {
        _over.Clear();
        var oldest = now;
        foreach (var (peer, station) in _stations)
        {
            if (now - station.LastHeard >= _options.InactivityTimeout) _over.Add(peer);
            else if (station.LastHeard < oldest) oldest = station.LastHeard;
        }

        var ended = 0;
        foreach (var peer in _over)
        {
            if (!HasRoom) break;
            ended++;
            _stations[peer].Drop();
            _stations.Remove(peer);
            Report(FramingEventKind.Disconnected, peer);
        }

        // Those for whose report there was no room are ended once the driver has taken the others.
        _nextInactivity = ended < _over.Count ? now : oldest + _options.InactivityTimeout;
    }
}
