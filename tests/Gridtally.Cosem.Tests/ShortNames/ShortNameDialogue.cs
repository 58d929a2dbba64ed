using System.Buffers;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Classes;
using Gridtally.Cosem.Client;
using Gridtally.Cosem.Data;
using Gridtally.Cosem.Security;
using Gridtally.Cosem.Server;
using Gridtally.Cosem.ShortNames;
using Gridtally.Metering;

namespace Gridtally.Cosem.Tests.ShortNames;

/// <summary>A meter of a few objects that is addressed by short names, and a client of it.</summary>
internal sealed class ShortNameDialogue : IDisposable
{
    public const byte ClientSap = 1;

    public static readonly ObisCode Energy = ObisCode.Parse("1-0:1.8.0.255"), Setting = ObisCode.Parse("0-0:128.0.0.255"), Profile = ObisCode.Parse("1-0:99.1.0.255");

    public static readonly AttributeRef Value = new(3, Energy, 2), Unit = new(3, Energy, 3), Text = new(1, Setting, 2), Buffer = new(7, Profile, 2), Hidden = new(1, ObisCode.Parse("0-0:128.0.1.255"), 2);

    public static readonly MethodRef Reset = new(3, Energy, 1);

    private static readonly ObjectTable<MeterState> Table = BuildTable();

    private readonly ArrayBufferWriter<byte> _toServer = new(), _toClient = new();

    public ShortNameDialogue(AssociationOptions options, AssociationSpec spec)
    {
        Client = new(options with { UseShortNames = true }, new InMemoryInvocationCounters(100));
        Server = new(spec with { ShortNames = Map }, ClientSap, Table.Bind(State), new InMemoryInvocationCounters(200));
    }

    public static ShortNameMap Map { get; } = ShortNameMap.Of(Table);

    public MeterState State { get; } = new();

    public ClientAssociation Client { get; }

    public ServerAssociation Server { get; }

    public List<byte[]> Apdus { get; } = [];

    public static ushort NameOf(AttributeRef attribute) => Map.TryGetName(attribute, out var name) ? name : throw new ArgumentException($"{attribute} has no name");

    public static ushort NameOf(MethodRef method) => Map.TryGetName(method, out var name) ? name : throw new ArgumentException($"{method} has no name");

    public static ShortNameDialogue Open(AssociationOptions? options = null, AssociationSpec? spec = null, bool readList = true)
    {
        var talk = new ShortNameDialogue(options ?? new(), spec ?? new());
        Assert.Equal(ClientStep.Associated, talk.Run(talk.Client.Open(talk._toServer)));
        if (readList) Assert.True(talk.Do(c => c.ReadObjectList(talk._toServer)).Succeeded);
        talk.Apdus.Clear();
        return talk;
    }

    public ClientStep TryOpen() => Run(Client.Open(_toServer));

    public RequestResult Get(AttributeRef target, SelectiveAccess? access = null) => Do(c => c.Get(target, access, _toServer));

    public RequestResult Set(AttributeRef target, byte[] data) => Do(c => c.Set(target, data, _toServer));

    public RequestResult Invoke(MethodRef target, byte[] parameter) => Do(c => c.Invoke(target, parameter, _toServer));

    public RequestResult Read(ushort name, SelectiveAccess? access = null) => Do(c => c.ReadShortName(name, access, _toServer));

    public RequestResult Write(ushort name, byte[] data) => Do(c => c.WriteShortName(name, data, _toServer));

    public IReadOnlyList<RequestResult> GetList(params AttributeRef[] targets)
    {
        Do(c => c.GetList(targets, _toServer));
        return Client.Results;
    }

    /// <summary>Sends what has no answer, and says whether the server has answered all the same.</summary>
    public bool IsAnswered(Func<ClientAssociation, IBufferWriter<byte>, ClientStep> start)
    {
        Assert.Equal(ClientStep.Answered, start(Client, _toServer));
        Assert.Null(Client.Result.Failure);
        return Ask(Taken()) is not [];
    }

    public byte[] Ask(byte[] apdu)
    {
        _toClient.Clear();
        Server.Handle(apdu, _toClient);
        return _toClient.WrittenSpan.ToArray();
    }

    public void Dispose()
    {
        Client.Dispose();
        Server.Dispose();
    }

    private RequestResult Do(Func<ClientAssociation, ClientStep> start)
    {
        Assert.Equal(ClientStep.Answered, Run(start(Client)));
        return Client.Result.Keep();
    }

    private byte[] Taken()
    {
        var octets = _toServer.WrittenSpan.ToArray();
        _toServer.ResetWrittenCount();
        return octets;
    }

    private ClientStep Run(ClientStep step)
    {
        while (step == ClientStep.Send)
        {
            Apdus.Add(Taken());
            _toClient.Clear();
            Server.Handle(Apdus[^1], _toClient);
            do
            {
                Apdus.Add(_toClient.WrittenSpan.ToArray());
                step = Client.Receive(Apdus[^1], _toServer);
                _toClient.Clear();
            }
            while (Server.TryNext(_toClient));
        }

        return step;
    }

    private static ObjectTable<MeterState> BuildTable()
    {
        var everyone = ClientSet.Of(ClientSap);
        var builder = new ObjectTableBuilder<MeterState>();
        builder.Add(InterfaceClasses.Register, Energy, everyone)
            .Get(2, (meter, output) => output.WriteDoubleLongUnsigned(meter.Energy))
            .Constant(3, output => output.WriteScalerUnit(new(0, Metering.Unit.WattHour)))
            .Method(1, (MeterState meter, in RequestContext _, ReadOnlySpan<byte> _, IBufferWriter<byte> _) =>
            {
                meter.Energy = 0;
                return ActionResult.Success;
            }, everyone);
        builder.Add(InterfaceClasses.Find(1)!, Setting, everyone)
            .Get(2, (meter, output) => output.WriteOctetString(meter.Text))
            .Set(2, (MeterState meter, in RequestContext _, ReadOnlySpan<byte> data) =>
            {
                var reader = new AxdrReader(data);
                if (!reader.TryReadOctets(out var text)) return DataAccessResult.TypeUnmatched;
                meter.Text = text.ToArray();
                return DataAccessResult.Success;
            }, everyone);
        builder.Add(InterfaceClasses.Find(7)!, Profile, everyone)
            .Get(2, (MeterState meter, in RequestContext context, IBufferWriter<byte> output) =>
            {
                meter.Asked.Add($"{context.Selector} {Convert.ToHexString(context.SelectorParameters)}");
                output.WriteArray(meter.Rows);
                for (var i = 0; i < meter.Rows; i++) output.WriteDoubleLongUnsigned((uint)i);
                return DataAccessResult.Success;
            });
        builder.Add(InterfaceClasses.Find(1)!, Hidden.Instance, ClientSet.Of(2)).Get(2, (_, output) => output.WriteUnsigned(1));
        return builder.Build();
    }

    internal sealed class MeterState
    {
        public uint Energy { get; set; } = 5009;

        public byte[] Text { get; set; } = "old"u8.ToArray();

        public int Rows { get; set; } = 3;

        public List<string> Asked { get; } = [];
    }
}
