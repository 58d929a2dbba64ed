using System.Buffers;
using System.Text;
using Gridtally.Cosem.LocalPort;

namespace Gridtally.Fuzz;

internal sealed class LocalPortTarget : Target
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(1);

    public override string Name => "local-port";

    public override string What => "IEC 62056-21: openings of both ends, readout, programming: the same, however the characters are cut";

    // Text of the values, and buffers that grow with what comes.
    public override Bound Allocation => new(256 * 1024, 256);

    public override IEnumerable<(string Name, byte[] Octets)> OwnSeeds =>
    [
        ("an opening for HDLC, both ends", "/?12345678!\r\n/LGZ5\\2ZMD4054407.B21\r\n\u0006252\r\n\u0006252\r\n"u8.ToArray()),
        ("a readout", DataTarget.Encoded(static o => BlockMessage.WriteData(o, "0.0.0(12345)\r\n1.8.0(000123.4*kWh)(000120.0*kWh)\r\n!\r\n"u8))),
        ("programming", DataTarget.Encoded(static o =>
        {
            BlockMessage.WriteCommand(o, "P0", "(1234)");
            o.Write([BlockMessage.Ack]);
            BlockMessage.WriteData(o, "P.01(1)(2)"u8, more: true);
            BlockMessage.WriteData(o, "(3)(ER01)"u8);
            BlockMessage.WriteCommand(o, "B0", null);
        })),
    ];

    public override bool Try(ReadOnlySpan<byte> input)
    {
        Require(Read(input, input.Length) == Read(input, 1 + (input.IsEmpty ? 0 : input[^1] & 7)), "the same, however the characters are cut");
        var any = false;
        for (var start = 0; start < input.Length; start += 16) any |= BlockMessage.TryRead(input[start..], out _, out _) == OperationStatus.Done;
        return any | DataSet.TryReadBlock(input, out _, out _);
    }

    public override void Repair(Octets input, ref FuzzRandom random)
    {
        // Makes the check character of the first message right.
        var start = input.Span.IndexOfAny(BlockMessage.Stx, BlockMessage.Soh);
        if (start < 0 || random.OneIn(3)) return;
        var end = input.Span[start..].IndexOfAny(BlockMessage.Etx, BlockMessage.Eot);
        if (end > 0 && start + end + 1 < input.Length) input.Span[start + end + 1] = BlockMessage.CheckOf(input.Span.Slice(start + 1, end));
    }

    private static string Read(ReadOnlySpan<byte> input, int piece)
    {
        var (client, server) = (new OpeningClient(new()), new OpeningServer(new() { Identification = new("GRT", '5', "\\2X") }));
        var (readout, programming) = (new ReadoutClient(default, Timeout), new ProgrammingClient(default, Timeout));
        client.Open(default);
        for (var rest = input; !rest.IsEmpty; rest = rest[Math.Min(piece, rest.Length)..])
        {
            var octets = rest[..Math.Min(piece, rest.Length)];
            client.Receive(octets, default);
            server.Receive(octets, default);
            readout.Receive(octets, default);
            programming.Receive(octets, default);
        }

        var text = new StringBuilder();
        text.Append(client.Identification).Append(client.State).Append(client.Fault).Append(server.State);
        text.AppendJoin('|', readout.Values.Take(64)).Append(readout.Fault == LocalFault.None && readout.IsOver).Append(programming.Text);
        client.Tick(TimeSpan.FromSeconds(10));
        server.Tick(TimeSpan.FromSeconds(10));
        readout.Tick(TimeSpan.FromSeconds(10));
        programming.Tick(TimeSpan.FromSeconds(10));
        return text.ToString();
    }
}
