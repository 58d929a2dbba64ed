using System.Buffers;
using System.Buffers.Binary;
using Gridtally.Cosem.Framing;

namespace Gridtally.Cosem.Explain;

/// <summary>HDLC frames in the order of the input, and the APDUs that their segments make.</summary>
internal sealed class ExplainHdlc(ExplainSession session, ReadOnlyMemory<byte> input)
{
    private readonly Dictionary<(HdlcAddress, HdlcAddress), Gathered> _gathered = [];
    private int _position;

    private ReadOnlySpan<byte> Rest => input.Span[_position..];

    public void Read(ExplainNode root)
    {
        while (_position < input.Length)
        {
            if (input.Span[_position] == HdlcFrame.Flag) _position++;
            else if (Rest[0] >> 4 == 0xA) ReadFrame(root);
            else SkipGarbage(root, "neither a flag nor a format field of type 3");
        }

        foreach (var (_, gathered) in _gathered)
        {
            if (gathered.Octets.Count > 0) gathered.Node!.Note = "The rest of this APDU is not in the input.";
        }
    }

    private void ReadFrame(ExplainNode root)
    {
        var cursor = new ExplainCursor(input[_position..], _position);
        var node = cursor.Open(root, "frame");
        var format = cursor.UInt16(node, "format", value => $"type 3, {value & HdlcFrame.MaxLength} octets{((value & 0x0800) != 0 ? ", segmented" : "")}");
        var length = format & HdlcFrame.MaxLength;
        if (!cursor.Failed && length < HdlcFrame.MinLength) cursor.Fail(node, $"a frame has at least {HdlcFrame.MinLength} octets, the length says {length}", 0);
        var cut = length > input.Length - _position;
        var destination = ReadAddress(cursor, node, "destination");
        var source = ReadAddress(cursor, node, "source");
        var control = new HdlcControl(cursor.Byte(node, "control", value => $"{value:X2} {new HdlcControl(value)}"));
        if (cursor.Failed)
        {
            LeaveBroken(node);
            return;
        }

        node.Value = $"{control}, {source} → {destination}";
        if (length > cursor.Position + 2) CheckSequence(cursor, node, "HCS");
        else if (length < cursor.Position + 2) cursor.Fail(node, $"the length says {length} octets, the header alone has {cursor.Position + 2}", 0);

        var information = Math.Min(length - 2, input.Length - _position) - cursor.Position;
        if (information > 0) ReadInformation(cursor.Slice(information), node, control, (format & 0x0800) != 0, (source, destination));
        if (!cursor.Failed) CheckSequence(cursor, node, "FCS");
        if (cut && !cursor.Failed) cursor.Fail(node, $"the length says {length} octets, {input.Length - _position} are left");
        if (cursor.Failed)
        {
            LeaveBroken(node);
            return;
        }

        node.Length = length;
        _position += length;
        if (_position < input.Length && Rest[0] != HdlcFrame.Flag) SkipGarbage(root, "closing flag 7E expected");
    }

    private static HdlcAddress ReadAddress(ExplainCursor cursor, ExplainNode node, string name)
    {
        if (cursor.Failed) return default;
        var status = HdlcAddress.TryRead(cursor.Rest, out var address);
        if (status == OperationStatus.Done)
        {
            cursor.Bytes(node, name, address.Size, _ => Describe(address));
            return address;
        }

        cursor.Fail(node, status == OperationStatus.InvalidData ? $"{name} address: 1, 2 or 4 octets expected (bit 0 set in the last)" : $"{name} address is cut short");
        return default;
    }

    private static string Describe(in HdlcAddress address) => address.Size == 1
        ? $"{address.Upper}"
        : $"logical {address.Upper}, physical {address.Lower}{(address.IsBroadcast ? " (broadcast)" : "")}";

    /// <summary>HCS and FCS count from the format field on.</summary>
    private void CheckSequence(ExplainCursor cursor, ExplainNode node, string name)
    {
        var expected = Crc16.Compute(input.Span.Slice(_position, cursor.Position));
        var got = BinaryPrimitives.ReverseEndianness(cursor.UInt16(node, name, value => $"{value:X4}{(BinaryPrimitives.ReverseEndianness(value) == expected ? ", good" : "")}"));
        if (cursor.Failed || got == expected) return;
        node.Children[^1].Problem = $"{name} expected {BinaryPrimitives.ReverseEndianness(expected):X4}, got {BinaryPrimitives.ReverseEndianness(got):X4}: the frame was damaged.";
    }

    private void ReadInformation(ExplainCursor cursor, ExplainNode node, HdlcControl control, bool segmented, (HdlcAddress, HdlcAddress) way)
    {
        switch (control.Type)
        {
            case HdlcFrameType.SNRM or HdlcFrameType.UA or HdlcFrameType.DISC or HdlcFrameType.DM when cursor.Peek() == 0x81:
                ReadParameters(cursor, node);
                break;
            case HdlcFrameType.FRMR:
                cursor.Byte(node, "rejected control", value => $"{value:X2} {new HdlcControl(value)}");
                cursor.Byte(node, "numbers", value => $"V(R)={value >> 5} V(S)={value >> 1 & 7}, rejected a {((value & 0x10) != 0 ? "response" : "command")}");
                cursor.Byte(node, "reason", Reason);
                cursor.End(node);
                break;
            case HdlcFrameType.I:
                Gather(cursor, node, control, segmented, way);
                break;
            case HdlcFrameType.UI:
                ReadApdu(cursor, node);
                break;
            default:
                cursor.Bytes(node, "information", cursor.Remaining);
                break;
        }
    }

    private static string Reason(byte value)
    {
        string[] reasons = ["undefined control", "information not permitted", "information too long", "invalid N(R)"];
        return $"{value:X2} {string.Join(", ", reasons.Where((_, bit) => (value >> bit & 1) != 0))}".TrimEnd();
    }

    private static void ReadParameters(ExplainCursor cursor, ExplainNode parent)
    {
        var node = cursor.Open(parent, "parameters");
        cursor.Byte(node, "format identifier", value => $"{value:X2}");
        cursor.Byte(node, "group identifier", value => $"{value:X2}");
        var length = cursor.Length(node, "group length");
        if (!cursor.Failed && length != cursor.Remaining) node.Note = $"The group length says {length} octets, {cursor.Remaining} follow.";
        while (cursor.Remaining > 0 && !cursor.Failed)
        {
            var start = cursor.Position;
            var item = cursor.Open(node, ParameterName(cursor.Peek()));
            cursor.Take(item, 1, "identifier");
            var value = cursor.LengthPrefixed(item, "value");
            cursor.Close(item, start);
            if (cursor.Failed) return;
            ulong number = 0;
            foreach (var octet in value.Span) number = number << 8 | octet;
            item.Value = number.ToString();
        }
    }

    private static string ParameterName(int id) => id switch
    {
        5 => "maximum information field length, transmit",
        6 => "maximum information field length, receive",
        7 => "window size, transmit",
        8 => "window size, receive",
        _ => $"parameter {id:X2}",
    };

    private void Gather(ExplainCursor cursor, ExplainNode node, HdlcControl control, bool segmented, (HdlcAddress, HdlcAddress) way)
    {
        if (!_gathered.TryGetValue(way, out var gathered)) _gathered[way] = gathered = new();
        if (gathered.LastNumber == control.SendNumber && gathered.Last.AsSpan().SequenceEqual(cursor.Rest))
        {
            cursor.Bytes(node, "information", cursor.Remaining);
            node.Note = "The same frame as before, sent again.";
            return;
        }

        gathered.LastNumber = control.SendNumber;
        gathered.Last = cursor.Rest.ToArray();
        var begins = Llc.IsPresent(cursor.Rest);
        if (gathered.Octets.Count == 0 && !begins)
        {
            cursor.Bytes(node, "information", cursor.Remaining);
            node.Note = "A segment of an APDU whose beginning is not in the input.";
            return;
        }

        if (gathered.Octets.Count == 0 && !segmented)
        {
            ReadApdu(cursor, node);
            return;
        }

        gathered.Take(cursor, node);
        cursor.Bytes(node, $"segment {gathered.Segments}", cursor.Remaining);
        if (segmented) return;
        var whole = new ExplainCursor(gathered.Octets.ToArray(), gathered.Origins.ToArray());
        var apdu = whole.Open(node, "reassembled", $"{whole.Remaining} octets from {gathered.Segments} segments");
        apdu.Length = whole.Remaining;
        ReadApdu(whole, apdu);
        gathered.Clear();
    }

    private void ReadApdu(ExplainCursor cursor, ExplainNode node)
    {
        if (!Llc.IsPresent(cursor.Rest))
        {
            cursor.Fail(node, "LLC header expected: E6 E6 00 (command) or E6 E7 00 (response)");
            return;
        }

        cursor.Bytes(node, "LLC", Llc.Size, octets => $"{Convert.ToHexString(octets.Span)} {(octets.Span[1] == 0xE6 ? "command" : "response")}");
        ExplainApdu.Read(cursor, node, session);
    }

    /// <summary>Goes on at the next flag.</summary>
    private void LeaveBroken(ExplainNode node)
    {
        var next = Rest[1..].IndexOf(HdlcFrame.Flag);
        node.Length = next < 0 ? Rest.Length : next + 1;
        _position += node.Length;
    }

    private void SkipGarbage(ExplainNode root, string problem)
    {
        var length = Rest.IndexOf(HdlcFrame.Flag);
        if (length < 0) length = Rest.Length;
        root.Add(new("garbage", ExplainCursor.Show(Rest[..length]), _position, length)).Problem = problem;
        _position += length;
    }

    /// <summary>Segments of one APDU, one way between two stations.</summary>
    private sealed class Gathered
    {
        public List<byte> Octets { get; } = [];

        public List<int> Origins { get; } = [];

        public int Segments { get; private set; }

        public int LastNumber { get; set; } = -1;

        public byte[] Last { get; set; } = [];

        public ExplainNode? Node { get; private set; }

        public void Take(ExplainCursor cursor, ExplainNode node)
        {
            Octets.AddRange(cursor.Rest);
            Origins.AddRange(cursor.Origins(cursor.Remaining));
            Segments++;
            Node = node;
        }

        public void Clear()
        {
            Octets.Clear();
            Origins.Clear();
            Segments = 0;
        }
    }
}
