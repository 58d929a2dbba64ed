using Gridtally.Cosem;
using Gridtally.Cosem.Client;
using Gridtally.Cosem.Data;

namespace Gridtally.Workloads;

/// <summary>Workloads a, b and c: GET of one register, from the client's call to the number.</summary>
internal sealed class RegisterWorkload : IWorkload
{
    private const string Question = "C001C100030100080800FF0200", Reply = "C401C1000600BC614E";

    private const string CipheredQuestion = "1E3000000004E0C2005E47412EE7E7A2205EF1D90410E0C3D75154202AC0E3";
    private const string CipheredReply = "1A300000000365253A7EA0B3E58BA7FEDEBFCEA1D51AD3C546CE24";

    private static readonly AttributeRef Target = new(3, MeterModel.Register(MeterModel.Registers), 2);

    private readonly Conversation _talk;

    public RegisterWorkload(Link link, Cover cover, int more = 0)
    {
        // One counter goes to the initiate-request and one to its response: those of the first GET are 4 and 3.
        _talk = new(link, Peers.Options(cover), Peers.Spec(cover), MeterModel.Create(more: more), clientCounter: 3, serverCounter: 2);
        _talk.Open();
        Check(link, cover);
    }

    /// <summary>The octets of a wrapped request in the clear, for the server's share of workload a.</summary>
    public static byte[] PlainRequest => Convert.FromHexString(Wrapped(true, Question));

    public void Run() => Read();

    public void Dispose() => _talk.Dispose();

    private uint Read()
    {
        _talk.Finish(_talk.Client.Get(Target, null, _talk.Request), ClientStep.Answered);
        var reader = new AxdrReader(_talk.Client.Result.Data.Span);
        return reader.TryReadNumber(out var value) && reader.TryEnd() ? (uint)value : throw new WorkloadException($"No number came: {_talk.Client.Result.Failure}.");
    }

    private void Check(Link link, Cover cover)
    {
        var (question, reply) = cover switch
        {
            Cover.Plain => (Question, Reply),
            Cover.Global => ("C8" + CipheredQuestion, "CC" + CipheredReply),
            _ => ($"DB08{Peers.ClientTitle}{CipheredQuestion}", $"DB08{Peers.ServerTitle}{CipheredReply}"),
        };
        var seen = new List<(bool Up, byte[] Octets)>();
        _talk.Watch = (up, octets) => seen.Add((up, octets));
        Golden.Same("register 1-0:8.8.0", MeterModel.LastRegisterValue, Read());
        _talk.Watch = null;
        Golden.Same("frames of one GET", 2, seen.Count);
        if (link == Link.Wrapper)
        {
            Golden.Same("request", Wrapped(true, question), seen[0].Octets);
            Golden.Same("response", Wrapped(false, reply), seen[1].Octets);
        }
        else if (cover == Cover.Plain)
        {
            Golden.Same("request", "7EA0190321326FD8E6E600C001C100030100080800FF0200414D7E", seen[0].Octets);
            Golden.Same("response", "7EA0152103525D8AE6E700C401C1000600BC614E6BE07E", seen[1].Octets);
        }
        else
        {
            Golden.Same("request's APDU", question, ApduIn(seen[0].Octets));
            Golden.Same("response's APDU", reply, ApduIn(seen[1].Octets));
        }
    }

    // Behind flag, format, two addresses, control, HCS and LLC; before FCS and flag.
    private static ReadOnlySpan<byte> ApduIn(byte[] frame) => frame.AsSpan(11..^3);

    private static string Wrapped(bool up, string apdu) => (up ? "000100100001" : "000100010010") + (apdu.Length / 2).ToString("X4") + apdu;
}
