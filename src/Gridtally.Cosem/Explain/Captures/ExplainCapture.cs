using System.Net;
using Gridtally.Cosem.Framing;

namespace Gridtally.Cosem.Explain.Captures;

/// <summary>A pcap or pcapng file: what each connection carried, in the order of time.</summary>
/// <remarks>
/// Connections that do not begin like DLMS are counted and left out, unless the port was asked for. Each connection is a dialogue of its
/// own: titles, keys and scalers of one do not serve another.
/// </remarks>
internal sealed class ExplainCapture(ExplainOptions options, Action<ExplainNode>? listener, ExplainNode root)
{
    // Each costs a few hundred octets and what it holds back; a longer capture is better cut by address first.
    private const int MaxConversations = 4096;

    private const ushort DlmsPort = 4059;

    private readonly Dictionary<(IPEndPoint, IPEndPoint, bool), Conversation> _conversations = [];
    private int _packets, _others, _tooMany;

    /// <summary>Explains the whole file.</summary>
    public void Read(ReadOnlyMemory<byte> file)
    {
        var reader = new CaptureReader(file);
        try
        {
            while (reader.TryRead(out var packet)) Take(packet);
            foreach (var conversation in _conversations.Values) conversation.End();
        }
        finally
        {
            foreach (var conversation in _conversations.Values) conversation.Dispose();
        }

        if (reader.Problem is { } problem) Deliver(new("capture file", reader.Name, reader.Position, file.Length - reader.Position) { Problem = problem });
        Deliver(new("summary", Summary(), file.Length, 0));
    }

    private string Summary()
    {
        var dlms = _conversations.Values.Count(c => c.IsDlms);
        var text = $"{_packets} packets, {dlms} connections with DLMS, {_conversations.Count - dlms} without, {_others} packets neither TCP nor UDP";
        return _tooMany > 0 ? $"{text}, {_tooMany} packets of more than {MaxConversations} connections left out" : text;
    }

    private void Take(in CapturedPacket packet)
    {
        _packets++;
        if (!TransportPacket.TryRead(packet, out var transport))
        {
            _others++;
            return;
        }

        if (options.Port is { } port && transport.Source.Port != port && transport.Destination.Port != port) return;
        var key = Compare(transport.Source, transport.Destination) < 0
            ? (transport.Source, transport.Destination, transport.IsTcp)
            : (transport.Destination, transport.Source, transport.IsTcp);
        if (!_conversations.TryGetValue(key, out var conversation))
        {
            if (_conversations.Count >= MaxConversations)
            {
                _tooMany++;
                return;
            }

            var expected = options.Port is not null || transport.Source.Port == DlmsPort || transport.Destination.Port == DlmsPort;
            _conversations[key] = conversation = new(options, Deliver, expected);
        }

        conversation.Take(transport, packet.Time, packet.IsCut);
    }

    private void Deliver(ExplainNode node)
    {
        if (listener is null) root.Add(node);
        else listener(node);
    }

    private static int Compare(IPEndPoint a, IPEndPoint b)
    {
        var addresses = a.Address.GetAddressBytes().AsSpan().SequenceCompareTo(b.Address.GetAddressBytes());
        return addresses != 0 ? addresses : a.Port.CompareTo(b.Port);
    }

    /// <summary>Both directions between two ends.</summary>
    private sealed class Conversation(ExplainOptions options, Action<ExplainNode> deliver, bool expected) : IDisposable
    {
        private readonly ExplainSession _session = new(options);
        private readonly Dictionary<IPEndPoint, Direction> _directions = [];
        private ExplainFormat? _format = options.Format == ExplainFormat.Auto ? null : options.Format;
        private ExplainFrames? _frames;
        private bool _isOther;

        public bool IsDlms => _frames is not null;

        public void Take(in TransportPacket packet, DateTime time, bool isCut)
        {
            if (_isOther) return;
            if (!_directions.TryGetValue(packet.Source, out var direction)) _directions[packet.Source] = direction = new(packet.Source, packet.Destination);
            (direction.Time, direction.Transport) = (time, packet.IsTcp ? "tcp" : "udp");
            if (!packet.IsTcp)
            {
                if (packet.Payload.IsEmpty || !Knows(packet.Payload.Span)) return;
                Explain(direction, new(packet.Payload, packet.Offset), isCut);
                return;
            }

            direction.Tcp.Add(packet);
            if (direction.Tcp.HasGap) SkipGap(direction);
            Advance(direction, isLast: false);
        }

        public void End()
        {
            foreach (var direction in _directions.Values)
            {
                while (!_isOther && direction.Tcp.IsWaiting) SkipGap(direction);
                if (!_isOther) Advance(direction, isLast: true);
            }

            if (_frames is null) return;
            var end = new ExplainNode("end", null, 0, 0);
            _frames.End(end);
            foreach (var child in end.Children) deliver(child);
        }

        public void Dispose() => _session.Dispose();

        private void SkipGap(Direction direction)
        {
            Advance(direction, isLast: true);
            var missing = direction.Tcp.SkipGap();
            if (missing > 0 && _frames is not null) deliver(new("gap", $"{direction}", 0, 0) { Problem = $"{missing} octets are missing: their packets are not in the capture." });
            Advance(direction, isLast: false);
        }

        private void Advance(Direction direction, bool isLast)
        {
            while (!_isOther && direction.Tcp.Ready.Length > 0)
            {
                if (!Knows(direction.Tcp.Ready)) return;
                var count = _frames!.Cut(direction.Tcp.Ready);
                if (count == 0 && !isLast) return;
                Explain(direction, direction.Tcp.Take(count == 0 ? direction.Tcp.Ready.Length : count), isCut: false);
            }
        }

        private void Explain(Direction direction, ExplainCursor octets, bool isCut)
        {
            var node = new ExplainNode(direction.Transport, $"{direction.Time:yyyy-MM-dd HH:mm:ss.ffffff} {direction}", octets.Offset, octets.Remaining) { Time = direction.Time };
            _frames!.Read(octets, node);
            if (node.Children.Count == 0) return;
            if (isCut) node.Problem = "The packet was longer than what was captured of it.";
            deliver(node);
        }

        /// <summary>True when what the connection carries is known, or can be told by its first octets.</summary>
        private bool Knows(ReadOnlySpan<byte> octets)
        {
            if (_frames is not null) return true;
            if (_format is null)
            {
                var looks = Explainer.Detect(octets);
                if (!expected && !LooksSure(octets, looks))
                {
                    _isOther = octets.Length >= HdlcFrame.MinLength;
                    return false;
                }

                _format = looks;
            }

            _frames = new(_format.Value, _session);
            return true;
        }

        private static bool LooksSure(ReadOnlySpan<byte> octets, ExplainFormat looks) => looks switch
        {
            ExplainFormat.Wrapper => octets.Length >= 9 && octets[6] == 0 && (octets[2] | octets[4]) == 0 && Enum.IsDefined((Apdus.ApduTag)octets[8]),
            ExplainFormat.Hdlc => octets.Length > 2 && (octets[0] >> 4 == 0xA || octets[1] >> 4 == 0xA),
            ExplainFormat.MBus => true,
            ExplainFormat.Apdu => octets.Length > 12 && octets[0] == (byte)Apdus.ApduTag.GeneralGloCiphering && octets[1] == 8,
            _ => false,
        };
    }

    /// <summary>One direction: who sends, what is not explained yet.</summary>
    private sealed class Direction(IPEndPoint source, IPEndPoint destination)
    {
        public TcpDirection Tcp { get; } = new();

        public DateTime Time { get; set; }

        public string Transport { get; set; } = "";

        public override string ToString() => $"{source} → {destination}";
    }
}
