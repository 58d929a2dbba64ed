using System.Buffers;
using System.Security.Cryptography;
using Gridtally.Cosem;
using Gridtally.Cosem.Acse;
using Gridtally.Cosem.Data;
using Gridtally.Cosem.Framing;
using Gridtally.Cosem.Security;
using Gridtally.Cosem.Server;
using Gridtally.Metering;

namespace Gridtally.Sessions.Tests;

/// <summary>A device with one register, one long table, one writable value, one method, and three kinds of clients.</summary>
internal sealed class TestMeter : ILogicalDevice
{
    public const ushort Public = 16, Management = 1, WithPassword = 3;

    public static readonly AttributeRef Register = new(3, ObisCode.Parse("1-0:1.8.0.255"), 2);
    public static readonly AttributeRef Table = new(1, ObisCode.Parse("0-0:96.1.1.255"), 2);
    public static readonly AttributeRef Setting = new(1, ObisCode.Parse("0-0:96.1.2.255"), 2);
    public static readonly AttributeRef Broken = new(1, ObisCode.Parse("0-0:96.1.3.255"), 2);
    public static readonly MethodRef Method = new(70, ObisCode.Parse("0-0:96.3.10.255"), 1);

    public static readonly byte[] Ek = [.. Enumerable.Range(0, 16).Select(i => (byte)(0xA0 + i))];
    public static readonly byte[] Ak = [.. Enumerable.Range(0, 16).Select(i => (byte)(0xC0 + i))];
    private static readonly AttributeRef Counter = new(1, ObisCode.Parse("0-0:43.1.1.255"), 2);
    private readonly InMemoryInvocationCounters _counters = new();

    public TestMeter(uint value = 0, int tableOctets = 20_000)
    {
        Value = value;
        TableOctets = new byte[tableOctets];
        new Random((int)value).NextBytes(TableOctets);
    }

    public uint Value { get; set; }

    public byte[] TableOctets { get; }

    public byte[] Stored { get; private set; } = [0];

    public int Invocations { get; private set; }

    /// <summary>What the counter object shows instead of the truth; null for the truth.</summary>
    public uint? ForgedCounter { get; set; }

    public List<AssociationIncident> Incidents { get; } = [];

    public Lock Gate { get; } = new();

    public ServedAssociation? Resolve(PeerAddress peer)
    {
        AssociationSpec? spec = peer.Client switch
        {
            Public => new(),
            WithPassword => new() { Mechanism = AuthenticationMechanism.LowLevel, Password = "12345678"u8.ToArray() },
            Management => new()
            {
                Mechanism = AuthenticationMechanism.HighLevelGmac,
                Keys = new(Ek, Ak),
                RequiredProtection = Protection.AuthenticatedEncrypted,
                SystemTitle = SystemTitle.Of("TST", 1),
                Challenge = () => RandomNumberGenerator.GetBytes(16),
                OnIncident = Incidents.Add,
            },
            _ => null,
        };
        return spec is null || peer.LogicalDevice != 1 ? null : new(new(spec, peer.Client, this, _counters), Gate);
    }

    public static DlmsClientOptions Client(ushort client, ushort physical = 0) => new()
    {
        Peer = new(client, 1, physical),
        Association = client switch
        {
            WithPassword => new() { Mechanism = AuthenticationMechanism.LowLevel, Password = "12345678"u8.ToArray() },
            Management => new()
            {
                Mechanism = AuthenticationMechanism.HighLevelGmac,
                Keys = new(Ek, Ak),
                Protection = Protection.AuthenticatedEncrypted,
                SystemTitle = SystemTitle.Of("CLI", 1),
            },
            _ => new(),
        },
    };

    public DataAccessResult Get(in AttributeRef target, in RequestContext context, IBufferWriter<byte> output)
    {
        if (target == Broken) throw new InvalidOperationException("A fault in the device's code.");
        if (target == Register) output.WriteDoubleLongUnsigned(Value);
        else if (target == Table) output.WriteOctetString(TableOctets);
        else if (target == Setting) output.Write(Stored);
        else if (target == Counter && ForgedCounter is { } forged) output.WriteDoubleLongUnsigned(forged);
        else if (target == Counter) output.WriteDoubleLongUnsigned((uint)Math.Max(0, (long)_counters.ReceiveFloor(KeyRole.GlobalUnicast, SystemTitle.Of("CLI", 1)) - 1));
        else return DataAccessResult.ObjectUndefined;
        return DataAccessResult.Success;
    }

    public DataAccessResult Set(in AttributeRef target, in RequestContext context, ReadOnlySpan<byte> data)
    {
        if (target != Setting) return DataAccessResult.ReadWriteDenied;
        Stored = data.ToArray();
        return DataAccessResult.Success;
    }

    public ActionResult Invoke(in MethodRef target, in RequestContext context, ReadOnlySpan<byte> parameter, IBufferWriter<byte> output)
    {
        if (target != Method) return ActionResult.ObjectUndefined;
        Invocations++;
        return ActionResult.Success;
    }
}
