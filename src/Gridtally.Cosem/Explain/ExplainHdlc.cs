using System.Buffers;
using System.Buffers.Binary;
using Gridtally.Cosem.Framing;

namespace Gridtally.Cosem.Explain;

/// <summary>HDLC frames in the order of the input, and the APDUs that their segments make.</summary>
internal sealed class ExplainHdlc(ExplainSession session)
{
    // Garbage is told in pieces of this size at most, so that a line of nothing else is told as it comes.
    private const int MaxGarbage = 64 * 1024;

    private readonly Dictionary<(HdlcAddress, HdlcAddress), Gathered> _gathered = [];

    /// <summary>Reads all that the input has; more may follow with the next call.</summary>
    public void Read(ExplainCursor input, ExplainNode root)
    {
        while (input.Remaining > 0)
        {
            if (input.Peek() == HdlcFrame.Flag) input.Skip(1);
            else if (input.Peek() >> 4 == 0xA) ReadFrame(input, root);
            else ReadOther(input, root);
            session.Deliver(root);
        }
    }

    /// <summary>Says what is left unfinished.</summary>
    public void End(ExplainNode root)
    {
        foreach (var ((source, destination), gathered) in _gathered)
        {
            if (gathered.Assembly is not { } assembly) continue;
            var whole = assembly.Whole();
            whole.Open(root, "unfinished", $"{assembly.Length} octets from {assembly.Parts} segments, {source} → {destination}").Note = "The rest of this APDU is not in the input.";
        }

        session.Deliver(root);
    }

    /// <summary>Octets up to the end of the next frame or garbage; 0 where more must come before that is known.</summary>
    public static int Cut(ReadOnlySpan<byte> octets)
    {
        var flags = octets.IndexOfAnyExcept(HdlcFrame.Flag);
        if (flags < 0) return 0;
        var rest = octets[flags..];
        if (rest[0] >> 4 != 0xA)
        {
            var garbage = rest.IndexOf(HdlcFrame.Flag);
            return garbage >= 0 ? flags + garbage : rest.Length >= MaxGarbage ? octets.Length : 0;
        }

        var length = rest.Length < 2 ? int.MaxValue : (rest[0] << 8 | rest[1]) & HdlcFrame.MaxLength;
        return rest.Length >= length ? flags + Math.Max(length, 1) : 0;
    }

    private void ReadFrame(ExplainCursor input, ExplainNode root)
    {
        var cursor = input.Fork();
        var node = cursor.Open(root, "frame");
        var format = cursor.UInt16(node, "format", value => $"type 3, {value & HdlcFrame.MaxLength} octets{((value & 0x0800) != 0 ? ", segmented" : "")}");
        var length = format & HdlcFrame.MaxLength;
        if (!cursor.Failed && length < HdlcFrame.MinLength) cursor.Fail(node, $"a frame has at least {HdlcFrame.MinLength} octets, the length says {length}", 0);
        var cut = length > input.Remaining;
        var destination = ReadAddress(cursor, node, "destination");
        var source = ReadAddress(cursor, node, "source");
        var control = new HdlcControl(cursor.Byte(node, "control", value => $"{value:X2} {new HdlcControl(value)}"));
        if (cursor.Failed)
        {
            LeaveBroken(input, node);
            return;
        }

        node.Value = $"{control}, {source} → {destination}";
        session.Dialogue.Way = (NumberOf(source), NumberOf(destination));
        if (length > cursor.Position + 2) CheckSequence(cursor, node, "HCS");
        else if (length < cursor.Position + 2) cursor.Fail(node, $"the length says {length} octets, the header alone has {cursor.Position + 2}", 0);

        var information = Math.Min(length - 2, input.Remaining) - cursor.Position;
        if (information > 0) ReadInformation(cursor.Slice(information), node, control, (format & 0x0800) != 0, (source, destination));
        if (!cursor.Failed) CheckSequence(cursor, node, "FCS");
        if (cut && !cursor.Failed) cursor.Fail(node, $"the length says {length} octets, {input.Remaining} are left");
        if (cursor.Failed)
        {
            LeaveBroken(input, node);
            return;
        }

        node.Length = length;
        input.Skip(length);
        if (input.Remaining > 0 && input.Peek() != HdlcFrame.Flag) SkipGarbage(input, root, "closing flag 7E expected");
    }

    private static ulong NumberOf(in HdlcAddress address) => (ulong)address.Upper << 16 | address.Lower;

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
    private static void CheckSequence(ExplainCursor cursor, ExplainNode node, string name)
    {
        var expected = Crc16.Compute(cursor.Between(0, cursor.Position));
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
            case HdlcFrameType.I or HdlcFrameType.UI:
                Gather(cursor, node, control, segmented, way);
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
        if (control.Type == HdlcFrameType.UI)
        {
            GatherUnnumbered(cursor, node, segmented, gathered);
            return;
        }

        if (gathered.LastNumber == control.SendNumber && gathered.Last.AsSpan().SequenceEqual(cursor.Rest))
        {
            cursor.Bytes(node, "information", cursor.Remaining);
            node.Note = "The same frame as before, sent again.";
            return;
        }

        gathered.LastNumber = control.SendNumber;
        gathered.Last = cursor.Rest.ToArray();
        var begins = Llc.IsPresent(cursor.Rest);
        if (gathered.Assembly is null && !begins)
        {
            cursor.Bytes(node, "information", cursor.Remaining);
            node.Note = "A segment of an APDU whose beginning is not in the input.";
            return;
        }

        if (gathered.Assembly is null && !segmented)
        {
            ReadApdu(cursor, node);
            return;
        }

        Take(cursor, node, segmented, gathered);
    }

    // UI frames have no numbers: the header of the LLC begins an APDU, and where blocks follow each other some devices send it once only.
    private void GatherUnnumbered(ExplainCursor cursor, ExplainNode node, bool segmented, Gathered gathered)
    {
        var begins = Llc.IsPresent(cursor.Rest);
        if (begins && gathered.Assembly is not null)
        {
            node.Note = "The last segment of the APDU before this one is missing.";
            gathered.Assembly = null;
        }

        if (segmented || gathered.Assembly is not null)
        {
            Take(cursor, node, segmented, gathered);
        }
        else if (begins)
        {
            ReadApdu(cursor, node);
        }
        else
        {
            node.Note = "Deviation: no LLC header.";
            ExplainApdu.Read(cursor, node, session);
        }
    }

    private void Take(ExplainCursor cursor, ExplainNode node, bool segmented, Gathered gathered)
    {
        gathered.Assembly ??= new();
        if (!gathered.Assembly.Take(cursor))
        {
            node.Problem = $"More than {Limits.MaxReassembly} octets in segments: not put together.";
            gathered.Assembly = null;
            return;
        }

        cursor.Bytes(node, $"segment {gathered.Assembly.Parts}", cursor.Remaining);
        if (segmented) return;
        var whole = gathered.Assembly.Whole();
        var apdu = whole.Open(node, "reassembled", $"{whole.Remaining} octets from {gathered.Assembly.Parts} segments");
        apdu.Length = whole.Remaining;
        gathered.Assembly = null;
        ReadApdu(whole, apdu);
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
    private static void LeaveBroken(ExplainCursor input, ExplainNode node)
    {
        var next = input.Rest[1..].IndexOf(HdlcFrame.Flag);
        node.Length = next < 0 ? input.Remaining : next + 1;
        input.Skip(node.Length);
    }

    /// <summary>What is no frame: the opening of IEC 62056-21 before HDLC, or garbage.</summary>
    private static void ReadOther(ExplainCursor input, ExplainNode root)
    {
        if (!ExplainOpening.TryRead(input, root)) SkipGarbage(input, root, "neither a flag nor a format field of type 3");
    }

    private static void SkipGarbage(ExplainCursor input, ExplainNode root, string problem)
    {
        var length = input.Rest.IndexOf(HdlcFrame.Flag);
        if (length < 0) length = input.Remaining;
        root.Add(new("garbage", ExplainCursor.Show(input.Rest[..length]), input.Offset, length)).Problem = problem;
        input.Skip(length);
    }

    /// <summary>Segments of one APDU, one way between two stations.</summary>
    private sealed class Gathered
    {
        public ExplainAssembly? Assembly { get; set; }

        public int LastNumber { get; set; } = -1;

        public byte[] Last { get; set; } = [];
    }
}
