using System.Buffers;
using Gridtally.Cosem.Acse;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Client;
using Gridtally.Cosem.Security;
using Gridtally.Cosem.Server;
using static Gridtally.Testing.Bytes;

namespace Gridtally.Cosem.Tests.Associations;

/// <summary>A client and a server association joined in memory; every APDU is kept.</summary>
internal sealed class Dialogue : IDisposable
{
    public const ushort ClientSap = 1;

    public static readonly SystemTitle ClientTitle = SystemTitle.Of("GTC", 1), ServerTitle = SystemTitle.Of("GTM", 77);

    private static readonly byte[] Ek = Hex("000102030405060708090A0B0C0D0E0F"), Ak = Hex("D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF");

    private readonly ArrayBufferWriter<byte> _toServer = new(), _toClient = new();

    public Dialogue(AssociationOptions options, AssociationSpec spec, IInvocationCounters? clientCounters = null, IInvocationCounters? serverCounters = null)
    {
        ClientCounters = clientCounters ?? new InMemoryInvocationCounters(100);
        ServerCounters = serverCounters ?? new InMemoryInvocationCounters(200);
        Client = new(options, ClientCounters);
        Server = new(spec with { OnIncident = Incidents.Add }, ClientSap, Device, ServerCounters);
    }

    public TestDevice Device { get; } = new();

    public ClientAssociation Client { get; }

    public ServerAssociation Server { get; }

    public IInvocationCounters ClientCounters { get; }

    public IInvocationCounters ServerCounters { get; }

    public List<AssociationIncident> Incidents { get; } = [];

    /// <summary>All APDUs, requests and responses in turn.</summary>
    public List<byte[]> Apdus { get; } = [];

    /// <summary>Changes a response on its way; for faults.</summary>
    public Func<byte[], byte[]> OnTheWay { get; set; } = apdu => apdu;

    /// <summary>True for an APDU, of either side, that does not arrive. The client then repeats what general block transfer lets it repeat.</summary>
    public Predicate<byte[]> Loses { get; set; } = _ => false;

    public static SecurityKeys Keys => new(Ek, Ak);

    /// <summary>The same EK with one bit changed.</summary>
    public static SecurityKeys OtherKeys => new([.. Ek[..15], 0x0E], Ak);

    public static AssociationOptions Options(Protection protection, bool dedicated = false, bool general = false) => new()
    {
        Mechanism = AuthenticationMechanism.HighLevelGmac,
        Keys = Keys,
        Protection = protection,
        SystemTitle = ClientTitle,
        Challenge = "CtoSCtoS"u8.ToArray(),
        DedicatedKey = dedicated ? Hex("00112233445566778899AABBCCDDEEFF") : default,
        UseGeneralCiphering = general,
    };

    public static AssociationSpec Spec(Protection required) => new()
    {
        Mechanism = AuthenticationMechanism.HighLevelGmac,
        Keys = Keys,
        RequiredProtection = required,
        SystemTitle = ServerTitle,
        Challenge = () => "StoCStoC"u8.ToArray(),
    };

    public static Dialogue Plain(Conformance granted = Conformance.Supported, ushort maxPdu = AssociationSpec.DefaultMaxPdu, ushort clientMaxPdu = 0xFFFF) =>
        new(new() { MaxReceivePdu = clientMaxPdu }, new() { Conformance = granted, MaxPdu = maxPdu });

    public static Dialogue Ciphered(Protection protection = Protection.AuthenticatedEncrypted, bool dedicated = false, bool general = false, ushort maxPdu = AssociationSpec.DefaultMaxPdu) =>
        new(Options(protection, dedicated, general), Spec(protection) with { MaxPdu = maxPdu });

    public Dialogue Associated()
    {
        Assert.Equal(ClientStep.Associated, Open());
        Apdus.Clear();
        return this;
    }

    public ClientStep Open() => Run(Client.Open(_toServer));

    public RequestResult Get(AttributeRef target, SelectiveAccess? access = null) => Answer(Client.Get(target, access, _toServer));

    public RequestResult Set(AttributeRef target, byte[] data) => Answer(Client.Set(target, data, _toServer));

    public RequestResult Invoke(MethodRef target, byte[] parameter) => Answer(Client.Invoke(target, parameter, _toServer));

    public IReadOnlyList<RequestResult> GetList(params AttributeRef[] targets)
    {
        Assert.Equal(ClientStep.Answered, Run(Client.GetList(targets, _toServer)));
        return Client.Results;
    }

    public IReadOnlyList<RequestResult> SetList(params SetItem[] items) => Answers(Client.SetList(items, _toServer));

    public IReadOnlyList<RequestResult> InvokeList(params InvokeItem[] items) => Answers(Client.InvokeList(items, _toServer));

    public IReadOnlyList<RequestResult> Access(params AccessItem[] items) => Access(default, items);

    public IReadOnlyList<RequestResult> Access(AccessOptions options, params AccessItem[] items) => Answers(Client.Access(items, options, _toServer));

    /// <summary>Makes any call of the client, and lets both talk until it comes to something.</summary>
    public ClientStep Call(Func<ClientAssociation, IBufferWriter<byte>, ClientStep> call) => Run(call(Client, _toServer));

    public ClientStep Release() => Run(Client.Release(_toServer));

    /// <summary>Gives octets to the server and returns what it answers.</summary>
    public byte[] Ask(byte[] apdu)
    {
        var response = new ArrayBufferWriter<byte>();
        Server.Handle(apdu, response);
        return response.WrittenSpan.ToArray();
    }

    /// <summary>Lets client and server talk until the client says what the call came to.</summary>
    private ClientStep Run(ClientStep step)
    {
        while (step == ClientStep.Send) step = Exchange();
        return step;
    }

    /// <summary>One turn of each: what the client sends, and all that the server answers, in streams or not.</summary>
    private ClientStep Exchange()
    {
        var answers = new Queue<byte[]>();
        do
        {
            var request = _toServer.WrittenSpan.ToArray();
            _toServer.ResetWrittenCount();
            Apdus.Add(request);
            if (!Loses(request)) Serve(request, answers);
        }
        while (Client.TryNext(_toServer));

        var step = ClientStep.Ignored;
        while (step is ClientStep.Ignored or ClientStep.Receiving && answers.TryDequeue(out var answer))
        {
            Apdus.Add(answer);
            if (!Loses(answer)) step = Client.Receive(OnTheWay(answer), _toServer);
        }

        return step is ClientStep.Ignored or ClientStep.Receiving && Client.TryRepeat(_toServer) ? ClientStep.Send : step;
    }

    private void Serve(byte[] request, Queue<byte[]> answers)
    {
        _toClient.ResetWrittenCount();
        Server.Handle(request, _toClient);
        if (_toClient.WrittenCount == 0 && request is [(byte)ApduTag.GeneralBlockTransfer, ..]) return; // in mid-stream nobody answers
        do answers.Enqueue(_toClient.WrittenSpan.ToArray());
        while (TryNextAnswer());
    }

    private bool TryNextAnswer()
    {
        _toClient.ResetWrittenCount();
        return Server.TryNext(_toClient);
    }

    private IReadOnlyList<RequestResult> Answers(ClientStep step)
    {
        Assert.Equal(ClientStep.Answered, Run(step));
        return Client.Results;
    }

    private RequestResult Answer(ClientStep step)
    {
        Assert.Equal(ClientStep.Answered, Run(step));
        return Client.Result;
    }

    public void Dispose()
    {
        Client.Dispose();
        Server.Dispose();
    }
}
