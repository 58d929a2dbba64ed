using System.Buffers;
using System.Security.Cryptography;
using Gridtally.Cosem;
using Gridtally.Cosem.Acse;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Data;
using Gridtally.Cosem.Framing;
using Gridtally.Cosem.Security;
using Gridtally.Cosem.Server;
using Gridtally.Metering;
using Gridtally.Sessions;

namespace Gridtally.Concentrator.Tests;

/// <summary>A meter with an energy profile of three columns, served by the real association and framing.</summary>
#pragma warning disable CA1001 // a test meter lives as long as its test
internal sealed class ProfileMeter : ILogicalDevice
{
    public const ushort Public = 16, Read = 2;
    public const int PeriodSeconds = 900;

    public static readonly ObisCode Profile = ObisCode.Parse("1-0:99.1.0.255");
    public static readonly AttributeRef Energy = new(3, ObisCode.Parse("1-0:1.8.0.255"), 2);

    private readonly InMemoryInvocationCounters _counters = new();
    private readonly SecurityKeys _keys;
    private readonly ulong _number;

    public ProfileMeter(string number, byte[]? ek = null)
    {
        Number = number;
        _number = ulong.Parse(number);
        Ek = ek ?? [.. Enumerable.Range(1, 16).Select(i => (byte)(i + (byte)_number))];
        _keys = new(Ek, Ak);
    }

    public string Number { get; }

    public byte[] Ek { get; }

    public byte[] Ak { get; } = [.. Enumerable.Range(0, 16).Select(i => (byte)(0xD0 + i))];

    public Lock Gate { get; } = new();

    /// <summary>Time stamp and row, as in the meter's memory.</summary>
    public SortedDictionary<DateTime, byte[]> Rows { get; } = [];

    /// <summary>True for a firmware that captures a fourth column.</summary>
    public bool HasReactive { get; set; }

    /// <summary>What was asked of the profile: from, to.</summary>
    public List<(DateTime From, DateTime To)> Asked { get; } = [];

    /// <summary>Times the layout was asked for.</summary>
    public int LayoutReads { get; private set; }

    /// <summary>Called before each answer to a profile request; may block or throw.</summary>
    public Action? OnAsked { get; set; }

    /// <summary>Captures a row at each quarter hour later than <paramref name="after"/> up to <paramref name="upTo"/>.</summary>
    public void Capture(DateTime after, DateTime upTo)
    {
        lock (Gate)
        {
            for (var t = after.AddSeconds(PeriodSeconds); t <= upTo; t = t.AddSeconds(PeriodSeconds)) Rows[t] = Row(t);
        }
    }

    public byte[] Row(DateTime time)
    {
        var buffer = new ArrayBufferWriter<byte>();
        buffer.WriteStructure(HasReactive ? 4 : 3);
        buffer.WriteDateTime(CosemDateTime.From(new DateTimeOffset(time, TimeSpan.Zero)));
        buffer.WriteUnsigned(0);
        buffer.WriteDoubleLongUnsigned((uint)(time.Ticks / TimeSpan.TicksPerSecond * (long)_number % 5000));
        if (HasReactive) buffer.WriteDoubleLongUnsigned(7);
        return buffer.WrittenSpan.ToArray();
    }

    public ServedAssociation? Resolve(PeerAddress peer) => peer switch
    {
        { Client: Public, LogicalDevice: 1 } => new(new(new(), Public, this, _counters), Gate),
        { Client: Read, LogicalDevice: 1 } => new(new(new()
        {
            Mechanism = AuthenticationMechanism.HighLevelGmac,
            Keys = _keys,
            RequiredProtection = Protection.AuthenticatedEncrypted,
            SystemTitle = SystemTitle.Of("TST", _number),
            Challenge = () => RandomNumberGenerator.GetBytes(16),
            MaxPdu = 512,
        }, Read, this, _counters), Gate),
        _ => null,
    };

    public DataAccessResult Get(in AttributeRef target, in RequestContext context, IBufferWriter<byte> output)
    {
        switch (target)
        {
            case { ClassId: 1, AttributeId: 2 } when target.Instance == ObisCode.Parse("0-0:43.1.2.255"):
                output.WriteDoubleLongUnsigned((uint)Math.Max(0, (long)_counters.ReceiveFloor(KeyRole.GlobalUnicast, SystemTitle.Of("GTY", 5500000001)) - 1));
                return DataAccessResult.Success;
            case { ClassId: 1, AttributeId: 2 } when target.Instance == ObisCode.Parse("0-0:42.0.0.255"):
                output.WriteOctetString(System.Text.Encoding.ASCII.GetBytes($"TST{Number}"));
                return DataAccessResult.Success;
            case { ClassId: 3, AttributeId: 3 }:
                output.WriteScalerUnit(new(-1, Unit.WattHour));
                return DataAccessResult.Success;
            case var _ when target == Energy:
                output.WriteDoubleLongUnsigned(4711);
                return DataAccessResult.Success;
            case { ClassId: 7 } when target.Instance == Profile:
                return GetProfile(target.AttributeId, context, output);
            default:
                return DataAccessResult.ObjectUndefined;
        }
    }

    public DataAccessResult Set(in AttributeRef target, in RequestContext context, ReadOnlySpan<byte> data) => DataAccessResult.ReadWriteDenied;

    public ActionResult Invoke(in MethodRef target, in RequestContext context, ReadOnlySpan<byte> parameter, IBufferWriter<byte> output) => ActionResult.ReadWriteDenied;

    private DataAccessResult GetProfile(sbyte attribute, in RequestContext context, IBufferWriter<byte> output)
    {
        switch (attribute)
        {
            case 2:
                OnAsked?.Invoke();
                if (!RangeDescriptor.TryRead(context.SelectorParameters, out var range, out _) || !range!.TryGetDateTimes(out var from, out var to)
                    || !from.TryToUtc(out var first) || !to.TryToUtc(out var last)) return DataAccessResult.OtherReason;
                Asked.Add((first, last));
                var rows = Rows.Where(r => r.Key >= first && r.Key <= last).ToList();
                output.WriteArray(rows.Count);
                foreach (var row in rows) output.Write(row.Value);
                return DataAccessResult.Success;
            case 3:
                LayoutReads++;
                output.WriteArray(HasReactive ? 4 : 3);
                output.WriteCaptureObject(new(8, ObisCode.Parse("0-0:1.0.0.255"), 2));
                output.WriteCaptureObject(new(1, ObisCode.Parse("0-0:96.10.1.255"), 2));
                output.WriteCaptureObject(new(3, ObisCode.Parse("1-0:1.8.0.255"), 2));
                if (HasReactive) output.WriteCaptureObject(new(3, ObisCode.Parse("1-0:3.8.0.255"), 2));
                return DataAccessResult.Success;
            case 4:
                output.WriteDoubleLongUnsigned(PeriodSeconds);
                return DataAccessResult.Success;
            default:
                return DataAccessResult.ObjectUndefined;
        }
    }
}
