using System.Buffers;
using Gridtally.Cosem.Framing;

namespace Gridtally.Cosem.Tests.Framing;

/// <summary>A client and a line of devices with a wire between them that a test may damage, under virtual time.</summary>
internal sealed class HdlcDialogue
{
    /// <summary>What the line makes of a frame: (number of the frame, from the client?, octets) to what arrives.</summary>
    public delegate IEnumerable<byte[]> Wire(int number, bool fromClient, byte[] frame);

    private int _number;

    public HdlcDialogue(HdlcClientOptions client, HdlcServerOptions server) => (Client, Server) = (new(client), new(server));

    public HdlcDialogue(HdlcParameters parameters)
        : this(ClientOptions with { Parameters = parameters }, ServerOptions with { Parameters = parameters }) { }

    public static HdlcClientOptions ClientOptions => new() { ClientSap = 16, LogicalDevice = 1, PhysicalAddress = 17, AddressLength = 4 };

    public static HdlcServerOptions ServerOptions => new() { Serves = (logical, physical) => logical == 1 && physical == 17 };

    public HdlcClientLink Client { get; }

    public HdlcServerLine Server { get; }

    public TimeSpan Now { get; private set; }

    /// <summary>Undamaged, until a test says otherwise.</summary>
    public Wire Line { get; set; } = (_, _, frame) => [frame];

    /// <summary>What the device answers to an APDU; null for nothing yet.</summary>
    public Func<byte[], byte[]?> Serve { get; set; } = request => request;

    /// <summary>APDUs that reached the device.</summary>
    public List<byte[]> Requests { get; } = [];

    /// <summary>APDUs that reached the client.</summary>
    public List<byte[]> Answers { get; } = [];

    /// <summary>What the server reported.</summary>
    public List<FramingEventKind> Events { get; } = [];

    /// <summary>Control octets in the order of the line, marked by the arrow of their sender.</summary>
    public List<string> Controls { get; } = [];

    public void Open()
    {
        Client.Open(Now);
        RunUntil(() => Client.State is LinkState.Up or LinkState.Failed);
    }

    /// <summary>Sends one request and runs until its answer, or until the link ends.</summary>
    public byte[]? Ask(byte[] apdu)
    {
        var before = Answers.Count;
        Client.Send(apdu, Now);
        RunUntil(() => Answers.Count > before || Client.State != LinkState.Up);
        return Answers.Count > before ? Answers[^1] : null;
    }

    public void Close()
    {
        Client.Close(Now);
        RunUntil(() => Client.State == LinkState.Down);
    }

    /// <summary>Moves octets and time until something holds; fails a test that waits for ever.</summary>
    public void RunUntil(Func<bool> done)
    {
        for (var step = 0; step < 10_000; step++)
        {
            Pump();
            if (done()) return;
            var next = Earliest(Client.NextDeadline, Server.NextDeadline);
            Assert.True(next.HasValue, $"Nothing more will happen. Client {Client.State} {Client.Fault}; line: {string.Join(' ', Controls.TakeLast(20))}");
            Advance(next.Value);
        }

        Assert.Fail("No end in 10,000 steps; line: " + string.Join(' ', Controls.TakeLast(40)));
    }

    /// <summary>Lets time pass, ticking both ends at their deadlines.</summary>
    public void Wait(TimeSpan time)
    {
        var end = Now + time;
        while (true)
        {
            Pump();
            if (Earliest(Client.NextDeadline, Server.NextDeadline) is not { } next || next > end) break;
            Advance(next);
        }

        Now = end;
    }

    /// <summary>Moves what both ends have to say until the line is quiet.</summary>
    public void Pump()
    {
        while (Client.Output.WrittenCount > 0 || Server.Output.WrittenCount > 0)
        {
            foreach (var octets in Carry(Client.Output, fromClient: true)) Server.Receive(octets, Now);
            TakeEvents();
            foreach (var octets in Carry(Server.Output, fromClient: false)) Client.Receive(octets, Now);
            while (Client.TryTakeApdu(out var apdu)) Answers.Add(apdu.ToArray());
        }
    }

    public void TakeEvents()
    {
        while (Server.TryTakeEvent(out var happened))
        {
            Events.Add(happened.Kind);
            if (happened.Kind != FramingEventKind.Apdu) continue;
            var request = happened.Apdu.ToArray();
            Requests.Add(request);
            if (!happened.Broadcast && Serve(request) is { } answer) Server.Send(happened.Peer, answer, Now);
        }
    }

    private List<byte[]> Carry(ArrayBufferWriter<byte> output, bool fromClient)
    {
        var arrived = new List<byte[]>();
        foreach (var frame in Split(output.WrittenSpan))
        {
            Controls.Add((fromClient ? ">" : "<") + ControlOf(frame));
            arrived.AddRange(Line(_number++, fromClient, frame));
        }

        output.ResetWrittenCount();
        return arrived;
    }

    private void Advance(TimeSpan to)
    {
        Now = to > Now ? to : Now;
        Client.Tick(Now);
        Server.Tick(Now);
        while (Client.TryTakeApdu(out var apdu)) Answers.Add(apdu.ToArray());
        TakeEvents();
    }

    private static string ControlOf(byte[] frame)
    {
        HdlcFrame.TryRead(frame.AsSpan(1), out var parsed, out _, out _);
        return parsed.Control.Value.ToString("X2");
    }

    private static List<byte[]> Split(ReadOnlySpan<byte> octets)
    {
        var frames = new List<byte[]>();
        while (!octets.IsEmpty)
        {
            Assert.Equal(OperationStatus.Done, HdlcFrame.TryRead(octets[1..], out _, out var length, out _));
            frames.Add(octets[..(length + 2)].ToArray());
            octets = octets[(length + 2)..];
        }

        return frames;
    }

    private static TimeSpan? Earliest(TimeSpan? a, TimeSpan? b) => a is null ? b : b is null ? a : a < b ? a : b;
}
