using System.Buffers;
using Gridtally.Cosem.Client;
using Gridtally.Cosem.Quirks;
using Gridtally.Cosem.Security;
using Gridtally.Cosem.Server;

namespace Gridtally.Fuzz;

internal sealed class ClientTarget : AssociationTarget
{
    private const int MaxRequest = 64 * 1024;

    private readonly ArrayBufferWriter<byte> _request = new(1024);

    public override string Name => "client";

    public override string What => "client association: whatever a server answers, while opening and afterwards, each call comes to a step, and a request is answered once";

    // Two associations with their ciphers; answers put together from blocks; failures are objects with texts.
    public override Bound Allocation => new(256 * 1024, 512);

    public override IEnumerable<(string Name, byte[] Octets)> OwnSeeds
    {
        get
        {
            foreach (var setUp in SetUps)
            {
                yield return ($"set up {setUp:X2}, values", Messages.Of(setUp, Each(MessageKind.Protected, "C401C1000600BC614E", "C501C200", "C701C30000", "C401C40109", "C403C502000600BC614E0103")));
                yield return ($"set up {setUp:X2}, blocks", Messages.Of(setUp, Each(MessageKind.Protected, "C402C100000000010006" + "0102060000", "C402C101000000020004" + "00010500", "C502C200000001", "C503C20000000002")));
                yield return ($"set up {setUp:X2}, refusals", Messages.Of(setUp, Each(MessageKind.Plain, "D80101", "D8020600000005", "0E010600", "C401C101" + "03")));
                yield return ($"set up {setUp:X2}, general blocks", Messages.Of(setUp, Each(MessageKind.Plain, "E0010001000004C401C100", "E0810002000105" + "0600BC614E", "E08100010001" + "00", "E04100010001" + "0109", "E0810000000000")));
                yield return ($"set up {setUp:X2}, an AARE", Messages.Of((byte)(setUp | 0x40), Each(MessageKind.Plain,
                    "6129A109060760857405080101A203020100A305A103020100BE10040E0800065F1F040000501F01F40007", "C401C1000600BC614E")));
                yield return ($"set up {setUp:X2}, a notification between", Messages.Of(setUp, Each(MessageKind.Protected, "0F0000000100" + "0201" + "1105", "C401C1000600BC614E")));
            }
        }
    }

    public override bool Try(ReadOnlySpan<byte> input)
    {
        if (input.IsEmpty) return false;
        var setUp = input[0];
        var options = Options(setUp) with { Quirks = new("fuzz", (setUp & 0x80) != 0 ? (Quirk)uint.MaxValue : Quirk.None) };
        using var client = new ClientAssociation(options, new InMemoryInvocationCounters());
        using var partner = Partner(setUp, Peers.Server, Peers.Client);
        if ((setUp & 0x40) == 0) OpenWith(client, setUp);
        var (turn, answered) = (0, false);
        var rest = input[1..];
        while (Messages.TryTake(ref rest, out var kind, out var message))
        {
            Ask(client, turn++, message.Length);
            _request.ResetWrittenCount();
            var before = client.State;
            var step = client.Receive(kind == MessageKind.Protected ? Protect(partner, setUp, message) : message, _request);
            answered |= Check(client, before, step);
        }

        return answered;
    }

    private static void OpenWith(ClientAssociation client, byte setUp)
    {
        using var server = new ServerAssociation(Spec(setUp), Peers.ClientSap, FuzzDevice.Create(), new InMemoryInvocationCounters());
        Open(client, server);
    }

    /// <summary>Brings the client where it waits for an answer.</summary>
    private void Ask(ClientAssociation client, int turn, int length)
    {
        _request.ResetWrittenCount();
        if (client.State == ClientState.Idle) client.Open(_request);
        else if (client.State == ClientState.Ready)
        {
            switch (turn % 6)
            {
                case 0: client.Get(FuzzDevice.Profile, null, _request); break;
                case 1: client.Set(FuzzDevice.Setting, new byte[] { 0x09, 0x03, 1, 2, 3 }, _request); break;
                case 2: client.Invoke(FuzzDevice.Reset, [0x0F, 0], _request); break;
                case 3: client.GetList([FuzzDevice.Register, FuzzDevice.Setting], _request); break;
                case 4: client.Set(FuzzDevice.Setting, (byte[])[0x09, 0x81, 200, .. new byte[200]], _request); break;
                default: client.Release(_request); break;
            }
        }
        else if (length % 16 == 5) client.Abandon();
    }

    private bool Check(ClientAssociation client, ClientState before, ClientStep step)
    {
        Require(Enum.IsDefined(step) && Enum.IsDefined(client.State), "each call comes to a step");
        Require(_request.WrittenCount <= MaxRequest, "a request is bounded");
        Require(step != ClientStep.Send || _request.WrittenCount > 0, "a step that says send has written something");
        Require(step is ClientStep.Send or ClientStep.Notified || _request.WrittenCount == 0, $"a step that does not say send has written nothing ({step})");
        Require(step != ClientStep.Failed || client.Failure is not null, "a failure says why");
        Require(step != ClientStep.Answered || before == ClientState.Busy, "only a request that is under way is answered");
        if (step == ClientStep.Failed) _ = client.Failure!.ToString();
        if (step != ClientStep.Answered) return false;
        _ = client.Result.ToString();
        return client.Result.Succeeded;
    }

    private static (MessageKind, byte[])[] Each(MessageKind kind, params string[] messages) => [.. messages.Select(message => (kind, Convert.FromHexString(message)))];
}
