using System.Buffers;
using Gridtally.Cosem.Framing;

namespace Gridtally.Fuzz;

/// <summary>A dialogue of frames with one end of a link. A protected message is control octet and information, framed rightly.</summary>
internal abstract class HdlcStationTarget : Target
{
    private readonly ArrayBufferWriter<byte> _frame = new();

    public override bool IsDialogue => true;

    public override int MaxInput => 4096;

    protected abstract HdlcAddress Destination(byte setUp);

    protected abstract HdlcAddress Source(byte setUp);

    protected static HdlcAddress ServerAddress(byte setUp) => (setUp & 3) switch
    {
        0 => HdlcAddress.Server(1, 0, 1),
        1 => HdlcAddress.Server(1, 17, 2),
        _ => HdlcAddress.Server(1, 17, 4),
    };

    protected static HdlcParameters Parameters(byte setUp) => (setUp >> 2 & 3) switch
    {
        0 => HdlcParameters.Default,
        1 => new(128, 128, 7, 7),
        2 => new(32, 32, 3, 3),
        _ => new(2030, 2030, 1, 1),
    };

    /// <summary>The octets that go over the line for a message.</summary>
    protected ReadOnlySpan<byte> Wire(byte setUp, MessageKind kind, ReadOnlySpan<byte> message)
    {
        if (kind is not (MessageKind.Protected or MessageKind.Late) || message.IsEmpty) return message;
        _frame.ResetWrittenCount();
        var information = message[1..Math.Min(message.Length, HdlcFrame.MaxInformation - 16)];
        HdlcFrame.Write(_frame, Destination(setUp), Source(setUp), new(message[0]), (message[0] & 0x11) == 0x10 && information.Length > 20 && information[^1] < 0x40, information);
        return _frame.WrittenSpan;
    }
}

internal sealed class HdlcClientTarget : HdlcStationTarget
{
    private const int MaxOutput = 64 * 1024;

    public override string Name => "hdlc-client";

    public override string What => "HDLC client link: whatever the device sends and however long it is silent, the link stays in a state and sends bounded octets";

    public override Bound Allocation => new(96 * 1024, 64);

    public override IEnumerable<(string Name, byte[] Octets)> OwnSeeds
    {
        get
        {
            byte[] apdu = Convert.FromHexString("E6E700C401C1000600BC614E");
            for (byte setUp = 0; setUp < 16; setUp += 5)
            {
                yield return ($"set up {setUp:X2}, two answers", Messages.Of(setUp, (MessageKind.Protected, [0x73]), (MessageKind.Protected, [0x30, .. apdu]), (MessageKind.Protected, [0x52, .. apdu]), (MessageKind.Late, [0x51])));
            }

            yield return ("segments", Messages.Of(0, (MessageKind.Protected, [0x73, 0x81, 0x80, 0x14, 0x05, 0x02, 0x00, 0x80, 0x06, 0x02, 0x00, 0x80, 0x07, 0x04, 0, 0, 0, 1, 0x08, 0x04, 0, 0, 0, 1]),
                (MessageKind.Protected, [0x30, .. apdu, .. new byte[30]]), (MessageKind.Protected, [0x32, .. apdu])));
            yield return ("busy, rejected, gone", Messages.Of(4, (MessageKind.Protected, [0x73]), (MessageKind.Protected, [0x35]), (MessageKind.Late, [0x39]), (MessageKind.Protected, [0x97, 1, 2, 3]), (MessageKind.Protected, [0x1F])));
        }
    }

    public override bool Try(ReadOnlySpan<byte> input)
    {
        if (input.IsEmpty) return false;
        var (setUp, now) = (input[0], TimeSpan.Zero);
        var server = ServerAddress(setUp);
        var link = new HdlcClientLink(new()
        {
            ClientSap = Peers.ClientSap,
            LogicalDevice = server.Upper,
            PhysicalAddress = server.Lower,
            AddressLength = server.Size,
            Parameters = Parameters(setUp),
            InactivityTimeout = (setUp & 0x10) == 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(30),
        });
        link.Open(now);
        var apdus = 0;
        var rest = input[1..];
        while (Messages.TryTake(ref rest, out var kind, out var message))
        {
            Drain(link);
            if (kind == MessageKind.Late) now = Pass(link, now, message);
            Feed(link, Wire(setUp, kind, message), kind, now);
            while (link.TryTakeApdu(out _)) apdus++;
            if (link.State == LinkState.Up && message.Length % 3 != 0) link.Send(message, now);
            else if (link.State == LinkState.Failed) link.Open(now);
            else if (link.State == LinkState.Up && message.Length % 7 == 0) link.Close(now);
        }

        // A device that stays silent is given up, in bounded time.
        for (var ticks = 0; link.State is LinkState.Connecting or LinkState.Disconnecting && ticks < 64; ticks++) now = Pass(link, now, [255]);
        Require(link.State is LinkState.Up or LinkState.Down or LinkState.Failed, "a silent device is given up");
        return apdus > 0;
    }

    protected override HdlcAddress Destination(byte setUp) => HdlcAddress.Client(Peers.ClientSap);

    protected override HdlcAddress Source(byte setUp) => ServerAddress(setUp);

    private static TimeSpan Pass(HdlcClientLink link, TimeSpan now, ReadOnlySpan<byte> message)
    {
        now += TimeSpan.FromMilliseconds(100 * (message.IsEmpty ? 1 : 1 + message[0]));
        link.Tick(now);
        Drain(link);
        return now;
    }

    private static void Feed(HdlcClientLink link, ReadOnlySpan<byte> octets, MessageKind kind, TimeSpan now)
    {
        if (kind == MessageKind.Split)
        {
            link.Receive(octets[..(octets.Length / 2)], now);
            octets = octets[(octets.Length / 2)..];
        }

        link.Receive(octets, now);
        Drain(link);
    }

    private static void Drain(HdlcClientLink link)
    {
        Require(Enum.IsDefined(link.State) && Enum.IsDefined(link.Fault), "the link is in a state");
        Require(link.Output.WrittenCount <= MaxOutput, "one message does not make a link send without end");
        link.Output.ResetWrittenCount();
    }
}

internal sealed class HdlcServerTarget : HdlcStationTarget
{
    private const int MaxOutput = 256 * 1024;

    public override string Name => "hdlc-server";

    public override string What => "HDLC server line: whatever clients send, every answer is a good frame, and there are never more of them than a window";

    public override Bound Allocation => new(96 * 1024, 96);

    public override IEnumerable<(string Name, byte[] Octets)> OwnSeeds
    {
        get
        {
            byte[] apdu = Convert.FromHexString("E6E600C001C100030100080800FF0200");
            for (byte setUp = 0; setUp < 16; setUp += 5)
            {
                yield return ($"set up {setUp:X2}, two requests", Messages.Of(setUp, (MessageKind.Protected, [0x93]), (MessageKind.Protected, [0x10, .. apdu]), (MessageKind.Protected, [0x32, .. apdu]), (MessageKind.Late, [0x51]), (MessageKind.Protected, [0x53])));
            }

            yield return ("parameters, segments, supervision", Messages.Of(0, (MessageKind.Protected, [0x93, 0x81, 0x80, 0x14, 0x05, 0x02, 0x00, 0x80, 0x06, 0x02, 0x00, 0x80, 0x07, 0x04, 0, 0, 0, 1, 0x08, 0x04, 0, 0, 0, 1]),
                (MessageKind.Protected, [0x10, .. apdu, .. new byte[30]]), (MessageKind.Protected, [0x12, .. apdu]), (MessageKind.Protected, [0x15]), (MessageKind.Protected, [0x19])));
            yield return ("unnumbered", Messages.Of(0, (MessageKind.Protected, [0x13, .. apdu]), (MessageKind.Split, Convert.FromHexString("7EA0190321326FD8E6E600C001C100030100080800FF0200414D7E"))));
        }
    }

    public override bool Try(ReadOnlySpan<byte> input)
    {
        if (input.IsEmpty) return false;
        var (setUp, now) = (input[0], TimeSpan.Zero);
        var line = new HdlcServerLine(new() { Serves = static (device, _) => device == 1, Parameters = Parameters(setUp), MaxLinks = 4 });
        var apdus = 0;
        var rest = input[1..];
        while (Messages.TryTake(ref rest, out var kind, out var message))
        {
            if (kind == MessageKind.Late)
            {
                now += TimeSpan.FromSeconds(message.IsEmpty ? 1 : message[0]);
                line.Tick(now);
            }

            var octets = Wire(setUp, kind, message);
            var first = kind == MessageKind.Split ? octets.Length / 2 : octets.Length;
            line.Receive(octets[..first], now);
            line.Receive(octets[first..], now);
            while (line.TryTakeEvent(out var happened))
            {
                Require(Enum.IsDefined(happened.Kind), "an event is one of the events");
                if (happened.Kind != FramingEventKind.Apdu || happened.Broadcast) continue;
                apdus++;
                line.Send(happened.Peer, happened.Apdu.Span, now);
            }

            Check(line);
        }

        Require(line.Links <= 4, "no more links than the line holds");
        return apdus > 0;
    }

    protected override HdlcAddress Destination(byte setUp) => ServerAddress(setUp);

    protected override HdlcAddress Source(byte setUp) => HdlcAddress.Client(Peers.ClientSap);

    private static void Check(HdlcServerLine line)
    {
        Require(line.Output.WrittenCount <= MaxOutput, "one message does not make a line send without end");
        var rest = line.Output.WrittenSpan;
        while (!rest.IsEmpty)
        {
            var status = HdlcFrame.TryRead(rest[1..], out _, out var length, out var fault);
            Require(rest[0] == HdlcFrame.Flag && status == OperationStatus.Done, $"every answer is a good frame, not {fault}");
            rest = rest[(length + 2)..];
        }

        line.Output.ResetWrittenCount();
    }
}
