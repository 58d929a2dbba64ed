using System.Buffers;
using System.Security.Cryptography;
using Gridtally.Cosem;
using Gridtally.Cosem.Acse;
using Gridtally.Cosem.Security;
using Gridtally.Cosem.Server;
using Gridtally.Meter.Load;
using Gridtally.Meter.Objects;
using Gridtally.Meter.Persistence;
using Gridtally.Metering;
using Gridtally.Sessions;
using Microsoft.Extensions.Logging;

namespace Gridtally.Meter.Fleet;

/// <summary>One meter of a fleet: the core, its load, what is remembered of it, and the associations it serves.</summary>
public sealed partial class FleetMeter : ILogicalDevice
{
    private const ushort SecuritySetupClass = 64;

    private readonly MeterFleet _fleet;
    private readonly LoadModel _load;
    private readonly ILogger _log;
    private readonly List<WeakReference<ServerAssociation>> _associations = [];
    private long _rememberedVersion = -1;
    private long _rememberedRows;

    internal FleetMeter(MeterFleet fleet, MeterConfig config, LoadFile load, ILogger log)
    {
        (_fleet, Config, _log) = (fleet, config, log);
        var identity = new MeterIdentity { Number = config.Number, PhysicalAddress = config.PhysicalAddress ?? 0, TcpPort = config.TcpPort ?? 0 };
        Core = new(identity, KeysOf(config), Remember);
        _load = new(load, config.Seed ?? ulong.Parse(config.Number, System.Globalization.CultureInfo.InvariantCulture));
    }

    /// <summary>The number on its front plate.</summary>
    public string Number => Config.Number;

    /// <summary>How it was configured.</summary>
    public MeterConfig Config { get; }

    /// <summary>The meter itself; touch it only with <see cref="MeterFleet.Gate"/> held.</summary>
    public VirtualMeter Core { get; }

    // A new meter is remembered once its history is there; until then a restart begins it again.
    internal bool IsInService { get; set; }

    /// <summary>Makes the association for a client; null where there is no such client.</summary>
    /// <param name="client">SAP of the client.</param>
    public ServedAssociation? Associate(ushort client)
    {
        lock (_fleet.Gate)
        {
            if (client != VirtualMeter.PublicClient && Core.Security(client) is null) return null;
            var security = Core.Security(client);
            var counters = new AssociationCounters(_fleet.Gate, security);
            var association = new ServerAssociation(SpecOf(client), client, this, counters);
            counters.Association = association;
            _associations.RemoveAll(known => !known.TryGetTarget(out _));
            _associations.Add(new(association));
            return new(association, _fleet.Gate);
        }
    }

    /// <inheritdoc/>
    public DataAccessResult Get(in AttributeRef target, in RequestContext context, IBufferWriter<byte> output)
    {
        lock (_fleet.Gate)
        {
            return _fleet.Remember(this) ? MeterObjects.Table.Get(Core, target, context, output) : DataAccessResult.TemporaryFailure;
        }
    }

    /// <inheritdoc/>
    public DataAccessResult Set(in AttributeRef target, in RequestContext context, ReadOnlySpan<byte> data)
    {
        lock (_fleet.Gate)
        {
            if (!_fleet.Remember(this)) return DataAccessResult.TemporaryFailure;
            var result = MeterObjects.Table.Set(Core, target, context, data);
            return _fleet.Remember(this) ? result : DataAccessResult.TemporaryFailure;
        }
    }

    /// <inheritdoc/>
    public ActionResult Invoke(in MethodRef target, in RequestContext context, ReadOnlySpan<byte> parameter, IBufferWriter<byte> output)
    {
        lock (_fleet.Gate)
        {
            if (!_fleet.Remember(this)) return ActionResult.TemporaryFailure;
            var result = MeterObjects.Table.Invoke(Core, target, context, parameter, output);
            if (target.ClassId == SecuritySetupClass) RenewSpecs();
            return _fleet.Remember(this) ? result : ActionResult.TemporaryFailure;
        }
    }

    /// <inheritdoc/>
    public AccessRights RightsOf(in AttributeRef target, ushort clientSap) => MeterObjects.Table.RightsOf(target, clientSap);

    /// <inheritdoc/>
    public AccessRights RightsOf(in MethodRef target, ushort clientSap) => MeterObjects.Table.RightsOf(target, clientSap);

    /// <inheritdoc/>
    public int AttributesOf(ushort classId, ObisCode instance, ushort clientSap) => MeterObjects.Table.AttributesOf(classId, instance, clientSap);

    internal void TickTo(long reference)
    {
        while (Core.Now < reference) Core.Tick(_load.At(Core.Now));
    }

    internal bool WriteChanges(IBufferWriter<byte> records)
    {
        if (!IsInService || Core.Version == _rememberedVersion) return false;
        MeterMemory.WriteMeter(records, Core, _rememberedRows);
        return true;
    }

    internal void Remembered()
    {
        if (IsInService) (_rememberedVersion, _rememberedRows) = (Core.Version, Core.Profile.Rows.Next);
    }

    private bool Remember(ClientSecurity client, ClientCounters counters)
    {
        if (_fleet.Remember(this, client, counters)) return true;
        Core.Touch(); // the next record carries them
        return false;
    }

    // What an open association uses holds until its next AARQ.
    private void RenewSpecs()
    {
        foreach (var known in _associations)
        {
            if (known.TryGetTarget(out var association)) association.Spec = SpecOf(association.ClientSap);
        }
    }

    private AssociationSpec SpecOf(ushort client)
    {
        var security = Core.Security(client);
        var spec = new AssociationSpec
        {
            SystemTitle = Core.Identity.SystemTitle,
            MaxPdu = MeterObjects.MaxPdu,
            OnIncident = incident => LogIncident(_log, Number, client, incident),
        };
        return security is null
            ? spec with { Conformance = MeterObjects.PublicConformance }
            : spec with
            {
                Mechanism = AuthenticationMechanism.HighLevelGmac,
                Keys = security.Keys,
                Policy = security.SecurityPolicy,
                Conformance = client == VirtualMeter.ManagementClient ? MeterObjects.ManagementConformance : MeterObjects.ReadConformance,
                Challenge = static () => RandomNumberGenerator.GetBytes(16),
            };
    }

    private static MeterKeys KeysOf(MeterConfig config) => new(KeysOf(config.Management), KeysOf(config.Read), Convert.FromHexString(config.MasterKey));

    private static SecurityKeys KeysOf(ClientKeysConfig keys) => new(Convert.FromHexString(keys.EncryptionKey), Convert.FromHexString(keys.AuthenticationKey));

    [LoggerMessage(2010, LogLevel.Warning, "Meter {Number}, client {Client}: {Incident}.")]
    private static partial void LogIncident(ILogger log, string number, ushort client, AssociationIncident incident);
}
