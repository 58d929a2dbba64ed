using System.Buffers;
using Gridtally.Cosem;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Client;
using Gridtally.Cosem.Security;
using Gridtally.Cosem.Server;

namespace Gridtally.Fuzz;

internal sealed class ServerTarget : AssociationTarget
{
    // Above all that the partner can have used: an input holds fewer messages than this.
    private const uint LaterCounter = 100_000;

    private readonly ArrayBufferWriter<byte> _response = new(1024);

    public override string Name => "server";

    public override string What => "server association: whatever a client sends, open or not, there is one answer that fits its PDU, or silence; true clients get in afterwards";

    // Two associations with their ciphers; answers that are gathered before they are cut into blocks.
    public override Bound Allocation => new(256 * 1024, 256);

    public override IEnumerable<(string Name, byte[] Octets)> OwnSeeds
    {
        get
        {
            foreach (var setUp in SetUps)
            {
                yield return ($"set up {setUp:X2}, reads", Messages.Of(setUp, Each(MessageKind.Protected,
                    Get(FuzzDevice.Register), Get(FuzzDevice.Profile), "C002C100000001", "C002C100000002", GetByRange(), "C003C10200030100010800FF020000010000800000FF0200")));
                yield return ($"set up {setUp:X2}, writes", Messages.Of(setUp, Each(MessageKind.Protected,
                    Set(FuzzDevice.Setting, "1105"), "C102C100010000800000FF02000000000001030904AA", "C103C1010000000203BBCCDD", "C104C10100010000800000FF0200010600000007")));
                yield return ($"set up {setUp:X2}, invokes", Messages.Of(setUp, Each(MessageKind.Protected, "C301C100030100010800FF01010F00", "C301C100030100010800FF0100", "C303C10100030100010800FF01010F00")));
                yield return ($"set up {setUp:X2}, ACCESS, odd ones and release", Messages.Of(setUp, Each(MessageKind.Protected,
                    "D9400000010001010003" + "0100010800FF02" + "0100", "0E010600", "C4010000", "6200", "6203800100")));
                yield return ($"set up {setUp:X2}, general blocks", Messages.Of(setUp, Each(MessageKind.Protected,
                    Get(FuzzDevice.Profile), "E0810001000100", "E0810002000200", "E08100030003" + "00", "E001000100000AC001C10001000080", "E081000200000300FF" + "020000", "E08100010002" + "00")));
                yield return ($"set up {setUp:X2}, an AARQ in the clear", Messages.Of(setUp, Each(MessageKind.Plain, "601DA109060760857405080101BE10040E01000000065F1F0400007E1F04B0", Get(FuzzDevice.Register))));
            }
        }
    }

    public override bool Try(ReadOnlySpan<byte> input)
    {
        if (input.IsEmpty) return false;
        var setUp = input[0];
        using var server = new ServerAssociation(Spec(setUp), Peers.ClientSap, FuzzDevice.Create(), new InMemoryInvocationCounters());
        using var partner = Partner(setUp, Peers.Client, Peers.Server);
        if ((setUp & 0x40) == 0) OpenBy(setUp, server, 1);
        var served = false;
        var rest = input[1..];
        while (Messages.TryTake(ref rest, out var kind, out var message))
        {
            _response.ResetWrittenCount();
            server.Handle(kind == MessageKind.Protected ? Protect(partner, setUp, message) : message, _response);
            Check(server, setUp);
            served |= _response.WrittenCount > 0 && _response.WrittenSpan[0] != (byte)ApduTag.ExceptionResponse;
        }

        server.Reset();
        Require(server.State == ServerAssociationState.Idle, "a reset ends everything");
        OpenBy(setUp, server, LaterCounter);
        return served;
    }

    private static void OpenBy(byte setUp, ServerAssociation server, uint counter)
    {
        using var client = new ClientAssociation(Options(setUp), new InMemoryInvocationCounters(counter));
        Open(client, server);
    }

    private void Check(ServerAssociation server, byte setUp)
    {
        Require(Enum.IsDefined(server.State), "the association is in a state");
        Require(_response.WrittenCount <= Math.Max(MaxPdu(setUp), (ushort)256), $"an answer of {_response.WrittenCount} octets fits the client's PDU of {MaxPdu(setUp)}");
        if (_response.WrittenCount > 0) Require(Enum.IsDefined((ApduTag)_response.WrittenSpan[0]), $"an answer begins with a tag, not {_response.WrittenSpan[0]:X2}");
    }

    private static (MessageKind, byte[])[] Each(MessageKind kind, params string[] messages) => [.. messages.Select(message => (kind, Convert.FromHexString(message)))];

    private static string Get(AttributeRef target) => Convert.ToHexString(DataTarget.Encoded(output => GetRequest.WriteNormal(output, InvokeIdAndPriority.Usual(1), target, 0, default)));

    private static string GetByRange()
    {
        var range = SelectiveAccess.ByClock(new(2026, 1, 15, 0xFF, 0, 0, 0, 0xFF, 0, 0), new(2026, 1, 15, 0xFF, 3, 0, 0, 0xFF, 0, 0));
        return Convert.ToHexString(DataTarget.Encoded(output => GetRequest.WriteNormal(output, InvokeIdAndPriority.Usual(1), FuzzDevice.Profile, range.Selector, range.Parameters.Span)));
    }

    private static string Set(AttributeRef target, string data) =>
        Convert.ToHexString(DataTarget.Encoded(output => SetRequest.WriteNormal(output, InvokeIdAndPriority.Usual(1), target, Convert.FromHexString(data))));
}
