using System.Buffers;
using System.Security.Cryptography;
using Gridtally.Concentrator.Channels;
using Gridtally.Concentrator.History;
using Gridtally.Cosem.Acse;
using Gridtally.Cosem.Classes;
using Gridtally.Cosem.Data;
using Gridtally.Cosem.Security;
using Gridtally.Cosem.Server;
using Gridtally.Metering;

namespace Gridtally.HeadEnd.Tests;

/// <summary>A meter with one register behind the concentrator's gate, with associations and keys as real ones have.</summary>
internal sealed class TestMeter : IMeterGate
{
    private static readonly ClientSet Everyone = ClientSet.Of(1, 16);

    private readonly Dictionary<ushort, ServerAssociation> _associations = [];
    private readonly Counting _counters = new();
    private readonly ILogicalDevice _objects;
    private readonly Lock _lock = new();

    public TestMeter()
    {
        var builder = new ObjectTableBuilder<TestMeter>();
        builder.Add(InterfaceClasses.Data, ObisCode.Parse("0-0:43.1.1.255"), Everyone).Get(2, static (meter, output) => output.WriteDoubleLongUnsigned(meter.Forgets ? 0 : meter._counters.Last));
        builder.Add(InterfaceClasses.Register, ObisCode.Parse("1-0:1.8.0.255"), ClientSet.Of(1))
            .Get(2, static (_, output) => output.WriteDoubleLongUnsigned(1234))
            .Constant(3, static output => output.WriteScalerUnit(new(1, Unit.WattHour)));
        _objects = builder.Build().Bind(this);
    }

    /// <summary>False for a meter that does not answer.</summary>
    public bool Answers { get; set; } = true;

    /// <summary>True for a meter that shows invocation counter 0 and refuses none: one that someone else speaks for.</summary>
    public bool Forgets
    {
        get => _counters.Forgets;
        set => _counters.Forgets = value;
    }

    /// <summary>Counters of the requests that were authentic, in their order.</summary>
    public IReadOnlyList<uint> Accepted => _counters.Accepted;

    /// <summary>Exchanges so far.</summary>
    public int Exchanges { get; private set; }

    public Task<byte[]> ExchangeAsync(string meterNumber, ushort clientSap, ushort logicalDevice, ReadOnlyMemory<byte> apdu, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            Exchanges++;
            if (!Answers) throw new MeterGateException(FailureReason.NoAnswer, $"Meter {meterNumber} did not answer.");
            if (!_associations.TryGetValue(clientSap, out var association)) _associations[clientSap] = association = new(SpecOf(clientSap), clientSap, _objects, _counters);
            var response = new ArrayBufferWriter<byte>();
            association.Handle(apdu.Span, response);
            return Task.FromResult(response.WrittenSpan.ToArray());
        }
    }

    private static AssociationSpec SpecOf(ushort client) => client == 16 ? new() { SystemTitle = SystemTitle.Of("GTY", 17) } : new()
    {
        Mechanism = AuthenticationMechanism.HighLevelGmac,
        RequiredProtection = Protection.AuthenticatedEncrypted,
        Keys = new(Convert.FromHexString(TestRegistry.EncryptionKey), Convert.FromHexString(TestRegistry.AuthenticationKey)),
        SystemTitle = SystemTitle.Of("GTY", 17),
        Challenge = () => RandomNumberGenerator.GetBytes(16),
    };

    private sealed class Counting : IInvocationCounters
    {
        private readonly InMemoryInvocationCounters _inner = new();

        public uint Last { get; private set; }

        public bool Forgets { get; set; }

        public List<uint> Accepted { get; } = [];

        public bool TryTakeSend(KeyRole key, out uint counter) => _inner.TryTakeSend(key, out counter);

        public void RaiseSend(KeyRole key, uint next) => _inner.RaiseSend(key, next);

        public ulong ReceiveFloor(KeyRole key, SystemTitle originator) => Forgets ? 0 : _inner.ReceiveFloor(key, originator);

        public bool Accept(KeyRole key, SystemTitle originator, uint counter)
        {
            Accepted.Add(counter);
            Last = Math.Max(Last, counter);
            return _inner.Accept(key, originator, counter);
        }
    }
}
