using System.Buffers;
using Gridtally.Cosem.Client;
using Gridtally.Cosem.Data;
using Gridtally.Testing;
using static Gridtally.Testing.Bytes;

namespace Gridtally.Cosem.Tests.Associations;

/// <summary>One fault at each step of each transfer in blocks: the answer is right or the request fails with a reason, and the association goes on.</summary>
[Shows("get.next.client", "get.next.server", "set.blocks.client", "set.blocks.server", "set.with-list-blocks.client", "set.with-list-blocks.server",
    "action.blocks.client", "action.blocks.server", "action.response-blocks.client", "action.response-blocks.server",
    "action.with-list-blocks.client", "action.with-list-blocks.server")]
public sealed class BlockFaultTests
{
    private const ushort MaxPdu = 64;

    private static readonly byte[] Long = Written(w => w.WriteOctetString([.. Enumerable.Range(0, 150).Select(i => (byte)i)]));

    public enum Fault
    {
        /// <summary>The request comes twice, and both answers arrive.</summary>
        RequestRepeated,
        /// <summary>The request does not arrive, and is sent again.</summary>
        RequestLost,
        /// <summary>The answer does not arrive, and the request is sent again.</summary>
        AnswerLost,
        /// <summary>The answer before comes instead.</summary>
        AnswerBefore,
        /// <summary>One octet of the answer's head is wrong.</summary>
        AnswerDamaged,
        /// <summary>The answer is cut short.</summary>
        AnswerCut,
    }

    public static TheoryData<string, Fault> Cases
    {
        get
        {
            var cases = new TheoryData<string, Fault>();
            foreach (var transfer in new[] { "get", "get list", "set", "set list", "action", "action list" })
            {
                foreach (var fault in Enum.GetValues<Fault>()) cases.Add(transfer, fault);
            }

            return cases;
        }
    }

    [Theory, MemberData(nameof(Cases))]
    public void A_fault_at_any_step_ends_in_the_right_answer_or_in_a_failure(string transfer, Fault fault)
    {
        var steps = Run(transfer, fault, at: -1, out _).Steps;
        Assert.InRange(steps, 3, 50);
        for (var at = 0; at < steps; at++)
        {
            var (_, result) = Run(transfer, fault, at, out var asked);
            var mayFail = fault switch
            {
                Fault.RequestRepeated or Fault.RequestLost => false,
                Fault.AnswerLost => at == steps - 1, // the server has forgotten what it finished
                _ => true,
            };
            Assert.True(result.Succeeded || mayFail, $"step {at} of {steps}: {result}");

            // Nothing is carried out twice but what came whole, twice.
            var cameWhole = at == 0 && fault is Fault.RequestRepeated or Fault.AnswerLost;
            Assert.InRange(asked, 0, cameWhole ? 4 : 2);
        }
    }

    private static (int Steps, RequestResult Result) Run(string transfer, Fault fault, int at, out int asked)
    {
        using var talk = Dialogue.Plain(maxPdu: MaxPdu).Associated();
        talk.Device.Rows = 30;
        var wire = new FaultyWire(talk, fault, at);
        var step = wire.Exchange(Start(transfer, talk.Client, wire.Output));
        var result = step == ClientStep.Answered ? ResultOf(transfer, talk) : RequestResult.Failed(new RequestFailure.OutOfPlace("an answer", "none in time"));
        asked = talk.Device.Asked.Count;

        // Whatever happened, the next request is served.
        Assert.Equal("GTY0000000000001"u8.ToArray(), talk.Get(TestDevice.Name).Data[2..].ToArray());
        return (wire.Steps, result);
    }

    private static ClientStep Start(string transfer, ClientAssociation client, IBufferWriter<byte> output) => transfer switch
    {
        "get" => client.Get(TestDevice.Profile, null, output),
        "get list" => client.GetList([TestDevice.Profile, TestDevice.Name], output),
        "set" => client.Set(TestDevice.Setting, Long, output),
        "set list" => client.SetList([new(TestDevice.Setting, Hex("1105")), new(TestDevice.Setting, Long)], output),
        "action" => client.Invoke(TestDevice.Echo, Long, output),
        _ => client.InvokeList([new(TestDevice.Echo, Long), new(TestDevice.Echo, Hex("1105"))], output),
    };

    /// <summary>Success only where everything is as it should be.</summary>
    private static RequestResult ResultOf(string transfer, Dialogue talk)
    {
        var isList = transfer.EndsWith("list", StringComparison.Ordinal);
        var results = isList ? talk.Client.Results : [talk.Client.Result];
        var failed = results.FirstOrDefault(r => !r.Succeeded);
        if (failed.Failure is not null) return failed;
        switch (transfer)
        {
            case "get" or "get list": Assert.Equal(2 + 30 * 5, results[0].Data.Length); break;
            case "set" or "set list": Assert.Equal(Long, talk.Device.SettingData); break;
            default: Assert.Equal(Long, results[0].Data.ToArray()); break;
        }

        return results[0].Keep();
    }

    /// <summary>Carries one request and its answer at a time; does what it should not at one of them.</summary>
    private sealed class FaultyWire(Dialogue talk, Fault fault, int at)
    {
        private byte[] _answerBefore = Hex("C401C0 00 00"); // to the request before this one

        public ArrayBufferWriter<byte> Output { get; } = new();

        public int Steps { get; private set; }

        public ClientStep Exchange(ClientStep step)
        {
            while (step == ClientStep.Send)
            {
                var request = Output.WrittenSpan.ToArray();
                Output.ResetWrittenCount();
                step = ClientStep.Ignored;
                foreach (var answer in Answers(request))
                {
                    // What comes once the client has gone on must change neither its mind nor its next request.
                    var written = Output.WrittenCount;
                    var came = talk.Client.Receive(answer, Output);
                    if (step == ClientStep.Ignored) step = came;
                    else Assert.Equal((ClientStep.Ignored, written), (came, Output.WrittenCount));
                }

                if (step == ClientStep.Ignored) // nothing that the client takes: time is out
                {
                    talk.Client.Abandon();
                    return ClientStep.Ignored;
                }
            }

            return step;
        }

        /// <summary>What is damaged in the data of a plain APDU nobody can tell; this is in its block number, or its last octet.</summary>
        private static byte[] Damaged(byte[] answer)
        {
            var damaged = (byte[])answer.Clone();
            damaged[Math.Min(6, answer.Length - 1)] ^= 0x40;
            return damaged;
        }

        private IEnumerable<byte[]> Answers(byte[] request)
        {
            var isFaulty = Steps++ == at;
            var answer = talk.Ask(request);
            var before = _answerBefore;
            _answerBefore = answer;
            if (!isFaulty) return [answer];
            return fault switch
            {
                Fault.RequestRepeated => [answer, talk.Ask(request)],
                Fault.RequestLost => [answer],
                Fault.AnswerLost => [talk.Ask(request)],
                Fault.AnswerBefore => [before],
                Fault.AnswerDamaged => [Damaged(answer)],
                _ => [answer[..^1]],
            };
        }
    }
}
