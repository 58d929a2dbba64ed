using System.Buffers;
using System.Buffers.Binary;
using Gridtally.Cosem.Framing;

namespace Gridtally.Fuzz;

internal sealed class WrapperTarget : Target
{
    private readonly ArrayBufferWriter<byte> _atOnce = new(), _inPieces = new();

    public override string Name => "wrapper";

    public override string What => "TCP and UDP wrapper, both ends: the same APDUs, however the stream is cut";

    // Buffers grow to the longest APDU that is announced.
    public override Bound Allocation => new(512 * 1024, 64);

    public override string[] VectorKinds => ["wrapper"];

    public override IEnumerable<(string Name, byte[] Octets)> OwnSeeds =>
    [
        ("three APDUs, one of them empty", DataTarget.Encoded(static output =>
        {
            WrapperHeader.WriteApdu(output, 1, 16, Convert.FromHexString("C401C1000600BC614E"));
            WrapperHeader.WriteApdu(output, 1, 16, []);
            WrapperHeader.WriteApdu(output, 1, 1, new byte[300]);
        })),
    ];

    public override bool Try(ReadOnlySpan<byte> input)
    {
        Read(input, _atOnce, input.Length);
        Read(input, _inPieces, 1 + (input.IsEmpty ? 0 : input[^1] & 7));
        Require(_atOnce.WrittenSpan.SequenceEqual(_inPieces.WrittenSpan), "the same APDUs, however the stream is cut");
        var client = new WrapperClient(16, 1);
        client.Open(default);
        client.Receive(input, default);
        var any = false;
        while (client.TryTakeApdu(out _)) any = true;
        var datagrams = new WrapperServer(datagrams: true);
        datagrams.Receive(input, default);
        datagrams.Receive(input, default);
        Require(!datagrams.MustClose, "a bad datagram ends nothing");
        return any;
    }

    public override void Repair(Octets input, ref FuzzRandom random)
    {
        // Lets the first APDU end somewhere in the input.
        if (input.Length < WrapperHeader.Size || random.OneIn(3)) return;
        BinaryPrimitives.WriteUInt16BigEndian(input.Span, WrapperHeader.Version);
        BinaryPrimitives.WriteUInt16BigEndian(input.Span[6..], (ushort)random.Below(input.Length - WrapperHeader.Size + 1));
    }

    private static void Read(ReadOnlySpan<byte> input, ArrayBufferWriter<byte> apdus, int piece)
    {
        apdus.ResetWrittenCount();
        var server = new WrapperServer();
        while (!input.IsEmpty && !server.MustClose)
        {
            var size = Math.Min(piece, input.Length);
            server.Receive(input[..size], default);
            input = input[size..];
            while (server.TryTakeEvent(out var happened)) WrapperHeader.WriteApdu(apdus, happened.Peer.Client, happened.Peer.LogicalDevice, happened.Apdu.Span);
        }
    }
}

internal sealed class PushTarget : Target
{
    private static readonly PushFraming[] Framings = [PushFraming.Hdlc, PushFraming.MBus, PushFraming.Wrapper, PushFraming.Raw];

    private readonly PushDeframer[] _deframers = [.. Framings.Select(framing => new PushDeframer(framing))];
    private readonly PushDeframer _auto = new();
    private readonly ArrayBufferWriter<byte> _atOnce = new(), _inPieces = new();

    public override string Name => "push";

    public override string What => "pushed streams: HDLC, M-Bus, wrapper, raw: the same APDUs, however the stream is cut; whatever comes, silence ends it";

    // Reassembled APDUs, up to twice the longest, and notes of them.
    public override Bound Allocation => new(1024 * 1024, 16);

    public override int MaxInput => 4096;

    public override string[] VectorKinds => ["push", "hdlc-frame", "wrapper", "general-glo"];

    public override IEnumerable<(string Name, byte[] Octets)> OwnSeeds
    {
        get
        {
            var apdu = Convert.FromHexString("0F000000010C07EA010F040A0F00008000000204090F" + "4B464D3130303031303030303030" + "3031" + "06000F4240" + "0600000001"[..10] + "1101");
            yield return ("M-Bus, one frame", DataTarget.Encoded(output => MBusTransport.WriteApdu(output, apdu)));
            yield return ("M-Bus, several frames", DataTarget.Encoded(output => MBusTransport.WriteApdu(output, [.. apdu, .. new byte[600]])));
            yield return ("raw, twice", [.. apdu, .. apdu]);
            yield return ("general blocks", Convert.FromHexString("E000000100000" + "003C40100" + "E0800002000000020500"));
        }
    }

    public override bool Try(ReadOnlySpan<byte> input)
    {
        var any = false;
        var piece = 1 + (input.IsEmpty ? 0 : input[^1] & 15);
        foreach (var deframer in _deframers)
        {
            Read(deframer, input, input.Length, _atOnce);
            Read(deframer, input, piece, _inPieces);
            Require(_atOnce.WrittenSpan.SequenceEqual(_inPieces.WrittenSpan), $"the same APDUs in {deframer.Framing}, however the stream is cut");
            any |= _atOnce.WrittenCount > 0;
        }

        Read(_auto, input, piece, _atOnce);
        return any;
    }

    public override void Repair(Octets input, ref FuzzRandom random)
    {
        if (random.OneIn(3)) return;
        HdlcRepair.Mend(input.Span);
        MendMBus(input.Span);
    }

    private static void Read(PushDeframer deframer, ReadOnlySpan<byte> input, int piece, ArrayBufferWriter<byte> apdus)
    {
        deframer.Reset();
        apdus.ResetWrittenCount();
        while (!input.IsEmpty)
        {
            var part = input[..Math.Min(piece, input.Length)];
            input = input[part.Length..];
            while (deframer.TryRead(ref part, out var pushed)) Note(pushed, apdus);
        }

        while (deframer.TryReadAfterSilence(out var pushed)) Note(pushed, apdus);
    }

    private static void Note(in PushedApdu pushed, ArrayBufferWriter<byte> apdus)
    {
        apdus.Write([(byte)(pushed.Apdu.Length >> 8), (byte)pushed.Apdu.Length]);
        apdus.Write(pushed.Apdu);
    }

    private static void MendMBus(Span<byte> stream)
    {
        for (var at = 0; at + 6 < stream.Length; at++)
        {
            if (stream[at] != MBusFrame.Start || stream[at + 3] != MBusFrame.Start || stream[at + 1] != stream[at + 2]) continue;
            var end = at + MBusFrame.HeaderSize + stream[at + 1];
            if (end + 2 > stream.Length) continue;
            byte sum = 0;
            foreach (var octet in stream[(at + MBusFrame.HeaderSize)..end]) sum += octet;
            (stream[end], stream[end + 1]) = (sum, MBusFrame.Stop);
            at = end + 1;
        }
    }
}
