using Gridtally.Cosem.Framing;

namespace Gridtally.Cosem.Explain;

/// <summary>M-Bus frames in the order of the input, and the APDUs that their segments make.</summary>
/// <remarks>EN 13757-2 long frames; IEC 62056-7-3: CI 00..1F carries DLMS in segments, bit 4 marks the last, bits 3..0 count.</remarks>
internal sealed class ExplainMBus(ExplainSession session)
{
    private const byte Start = MBusFrame.Start, Stop = MBusFrame.Stop, LastSegment = MBusTransport.LastBit, Acknowledge = 0xE5, ShortStart = 0x10;
    private const int Head = MBusFrame.HeaderSize, Overhead = MBusFrame.HeaderSize + 2, ShortFrame = 5, LongHeader = 12, ShortHeader = 4;

    private readonly Dictionary<(byte Address, byte Source, byte Destination), ExplainAssembly> _segments = [];

    /// <summary>True for octets that begin with the head of a long frame.</summary>
    public static bool LooksLike(ReadOnlySpan<byte> octets) => octets.Length > Head && octets[0] == Start && octets[3] == Start && octets[1] == octets[2];

    /// <summary>Octets up to the end of the next frame or garbage; 0 where more must come before that is known.</summary>
    public static int Cut(ReadOnlySpan<byte> octets)
    {
        if (octets[0] == Acknowledge) return 1;
        if (octets[0] == ShortStart) return octets.Length >= ShortFrame ? ShortFrame : 0;
        if (octets[0] == Start)
        {
            if (octets.Length < Head) return 0;
            var whole = WholeLength(octets);
            return octets.Length >= whole ? whole : 0;
        }

        var next = octets.IndexOfAny(Start, Acknowledge, ShortStart);
        return next < 0 ? octets.Length : next;
    }

    /// <summary>Reads all that the input has; more may follow with the next call.</summary>
    public void Read(ExplainCursor input, ExplainNode root)
    {
        while (input.Remaining > 0)
        {
            switch (input.Peek())
            {
                case Start:
                    ReadFrame(input, root);
                    break;
                case Acknowledge:
                    root.Add(new("frame", "E5 acknowledgement", input.Offset, 1));
                    input.Skip(1);
                    break;
                case ShortStart when input.Peek(ShortFrame - 1) == Stop:
                    root.Add(new("frame", $"short, control {input.Peek(1):X2}, address {input.Peek(2)}", input.Offset, ShortFrame));
                    input.Skip(ShortFrame);
                    break;
                default:
                    SkipGarbage(input, root);
                    break;
            }

            session.Deliver(root);
        }
    }

    /// <summary>Says what is left unfinished.</summary>
    public void End(ExplainNode root)
    {
        foreach (var (key, assembly) in _segments)
        {
            assembly.Whole().Open(root, "unfinished", $"{assembly.Length} octets from {assembly.Parts} segments, {key.Source} → {key.Destination}").Note =
                "The segments after these are not in the input.";
        }

        session.Deliver(root);
    }

    // A length below 3 can't be: meters of one make let the octet run over, which is 256 more.
    private static int WholeLength(ReadOnlySpan<byte> octets) => (octets[1] < 3 ? octets[1] + 256 : octets[1]) + Overhead;

    private void ReadFrame(ExplainCursor input, ExplainNode root)
    {
        var whole = input.Remaining >= Head ? WholeLength(input.Rest) : Head;
        var cursor = input.Fork();
        var node = cursor.Open(root, "frame");
        cursor.Byte(node, "start", value => $"{value:X2}");
        var length = cursor.Byte(node, "length");
        var again = cursor.Byte(node, "length again");
        if (!cursor.Failed && length != again) cursor.Fail(node, $"the two lengths must be the same, got {length} and {again}", 1);
        if (!cursor.Failed && cursor.Peek() != Start) cursor.Fail(node, $"second start octet 68 expected, got {(cursor.Peek() < 0 ? "nothing" : $"{cursor.Peek():X2}")}");
        cursor.Take(node, 1, "start");
        if (!cursor.Failed && input.Remaining < whole) cursor.Fail(node, $"the length says {whole} octets in all, {input.Remaining} are there", 1);
        if (!cursor.Failed && length < 3) node.Note = "Deviation: the length octet has run over; taken as 256 more.";
        if (cursor.Failed)
        {
            Leave(input, node);
            return;
        }

        var expected = Sum(input.Rest[Head..(whole - 2)]);
        ReadBody(cursor.Slice(whole - Overhead), node);
        var got = cursor.Byte(node, "checksum", value => $"{value:X2}{(value == expected ? ", good" : "")}");
        if (got != expected) node.Children[^1].Problem = $"checksum expected {expected:X2}, got {got:X2}: the frame was damaged.";
        var stop = cursor.Byte(node, "stop", value => $"{value:X2}");
        if (stop != Stop) node.Children[^1].Problem = $"stop octet 16 expected, got {stop:X2}.";
        node.Length = whole;
        input.Skip(whole);
    }

    private void ReadBody(ExplainCursor cursor, ExplainNode node)
    {
        var control = cursor.Byte(node, "control", value => $"{value:X2}{(value is 0x53 or 0x73 ? " send user data" : "")}");
        var address = cursor.Byte(node, "address", value => value == 0xFF ? "255 (all)" : $"{value}");
        var information = cursor.Byte(node, "control information", Information);
        node.Value = $"M-Bus, control {control:X2}, address {address}, CI {information:X2}";
        switch (information)
        {
            case <= 0x1F:
                var source = cursor.Byte(node, "source SAP");
                var destination = cursor.Byte(node, "destination SAP");
                session.Dialogue.Way = (source, destination);
                if (!cursor.Failed) Gather(cursor, node, (information & LastSegment) != 0, information & 0x0F, (address, source, destination));
                break;
            case 0x60 or 0x7C:
                cursor.Bytes(node, "long header", LongHeader);
                if (!cursor.Failed) ExplainApdu.Read(cursor, node, session);
                break;
            case 0x61 or 0x7D:
                cursor.Bytes(node, "short header", ShortHeader);
                if (!cursor.Failed) ExplainApdu.Read(cursor, node, session);
                break;
            default:
                cursor.Bytes(node, "data", cursor.Remaining);
                node.Note = "Not DLMS: an M-Bus application of another kind.";
                break;
        }
    }

    private void Gather(ExplainCursor cursor, ExplainNode node, bool last, int number, (byte, byte, byte) key)
    {
        if (number == 0 && last && !_segments.ContainsKey(key))
        {
            ExplainApdu.Read(cursor, node, session);
            return;
        }

        // After sixteen segments the count begins anew; a segment 0 that comes out of turn begins another APDU.
        if (!_segments.TryGetValue(key, out var assembly) || (number == 0 && assembly.Parts % 16 != 0))
        {
            if (number != 0)
            {
                cursor.Bytes(node, "segment", cursor.Remaining);
                node.Note = "A segment of an APDU whose beginning is not in the input.";
                return;
            }

            _segments[key] = assembly = new();
        }

        if (number != assembly.Parts % 16)
        {
            node.Problem = $"segment {assembly.Parts % 16} expected, got {number}: one is missing.";
            _segments.Remove(key);
            cursor.Bytes(node, "segment", cursor.Remaining);
            return;
        }

        if (!assembly.Take(cursor))
        {
            node.Problem = $"More than {Limits.MaxReassembly} octets in segments: not put together.";
            _segments.Remove(key);
            return;
        }

        cursor.Bytes(node, $"segment {number}", cursor.Remaining);
        if (!last) return;
        _segments.Remove(key);
        var whole = assembly.Whole();
        var apdu = whole.Open(node, "reassembled", $"{whole.Remaining} octets from {assembly.Parts} segments");
        apdu.Length = whole.Remaining;
        ExplainApdu.Read(whole, apdu, session);
    }

    private static string Information(byte value) => value switch
    {
        <= 0x1F => $"{value:X2} DLMS, segment {value & 0x0F}{((value & LastSegment) != 0 ? ", the last" : "")}",
        0x60 or 0x7C => $"{value:X2} DLMS behind a long header",
        0x61 or 0x7D => $"{value:X2} DLMS behind a short header",
        _ => $"{value:X2}",
    };

    /// <summary>Goes on at the next start octet.</summary>
    private static void Leave(ExplainCursor input, ExplainNode node)
    {
        var next = input.Rest[1..].IndexOf(Start);
        node.Length = next < 0 ? input.Remaining : next + 1;
        input.Skip(node.Length);
    }

    private static void SkipGarbage(ExplainCursor input, ExplainNode root)
    {
        var next = input.Rest[1..].IndexOf(Start);
        var length = next < 0 ? input.Remaining : next + 1;
        root.Add(new("garbage", ExplainCursor.Show(input.Rest[..length]), input.Offset, length)).Problem = "start octet 68 expected";
        input.Skip(length);
    }

    private static byte Sum(ReadOnlySpan<byte> octets)
    {
        var sum = 0;
        foreach (var octet in octets) sum += octet;
        return (byte)sum;
    }
}
