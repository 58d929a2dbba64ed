using Gridtally.Cosem.Security;
using Gridtally.Meter.Metrology;
using Gridtally.Meter.Persistence;
using Gridtally.Meter.Profiles;

namespace Gridtally.Meter;

/// <summary>What a meter is, before anything is measured.</summary>
public sealed record MeterIdentity
{
    /// <summary>Maker's letters in logical device name and system title.</summary>
    public const string Maker = "GTM";

    /// <summary>Firmware identifier, 1-0:0.2.0.255.</summary>
    public const string Firmware = "GTM DTSD545 0.1.0";

    /// <summary>Digits of the longest meter number: forty bits of a system title hold it.</summary>
    public const int MaxDigits = 12;

    /// <summary>The number on the front plate: 1 to 12 digits.</summary>
    public required string Number { get; init; }

    /// <summary>HDLC lower address on a bus.</summary>
    public ushort PhysicalAddress { get; init; }

    /// <summary>TCP port of the wrapper.</summary>
    public ushort TcpPort { get; init; } = 4059;

    /// <summary>COSEM logical device name: 16 octets.</summary>
    public string LogicalDeviceName => Maker + Number.PadLeft(16 - Maker.Length, '0');

    /// <summary>System title: maker and number.</summary>
    public SystemTitle SystemTitle => SystemTitle.Of(Maker, ulong.Parse(Number, System.Globalization.CultureInfo.InvariantCulture));
}

/// <summary>The keys that a meter is delivered with.</summary>
/// <param name="Management">Of client 1.</param>
/// <param name="Read">Of client 2.</param>
/// <param name="Master">Key-encrypting key (KEK); also what the meter's memory file keeps keys under.</param>
public sealed record MeterKeys(SecurityKeys Management, SecurityKeys Read, ReadOnlyMemory<byte> Master)
{
    /// <summary>Nothing of the keys.</summary>
    public override string ToString() => "meter keys (hidden)";
}

/// <summary>The core of one meter: single-threaded, deterministic, no I/O. Same samples and requests, same bytes.</summary>
/// <remarks>
/// Reference time is the world's time in seconds since 1970; the meter's own clock (<see cref="Clock"/>) may be off by whatever it
/// was set to. The core counts seconds: each <see cref="Tick"/> is one.
/// </remarks>
public sealed class VirtualMeter
{
    /// <summary>SAP of the management client.</summary>
    public const byte ManagementClient = 1;

    /// <summary>SAP of the read client.</summary>
    public const byte ReadClient = 2;

    /// <summary>SAP of the public client.</summary>
    public const byte PublicClient = 16;

    // Until the activity calendar comes there is one tariff. (DTSD545 5.2.4: T1 is also what a meter without valid time uses.)
    private const int ActiveTariff = 1;
    private const byte StateVersion = 1;

    private readonly byte[] _storageKey;
    private byte[] _masterKey;
    private long _demandBlock;
    private long _interval;

    /// <summary>A meter as it leaves the factory; <see cref="Start"/> puts it into service.</summary>
    /// <param name="identity">Who it is.</param>
    /// <param name="keys">Its keys.</param>
    /// <param name="storeCounters">Makes invocation counters durable and says whether it could; none where nothing outlives the object.</param>
    public VirtualMeter(MeterIdentity identity, MeterKeys keys, Func<ClientSecurity, ClientCounters, bool>? storeCounters = null)
    {
        ArgumentNullException.ThrowIfNull(keys);
        Identity = identity;
        _storageKey = keys.Master.ToArray();
        _masterKey = _storageKey;
        Management = new(ManagementClient, keys.Management, storeCounters);
        Read = new(ReadClient, keys.Read, storeCounters);
    }

    /// <summary>Who it is.</summary>
    public MeterIdentity Identity { get; }

    /// <summary>Reference time up to which everything is measured, seconds since 1970.</summary>
    public long Now { get; private set; }

    /// <summary>Counts every change of what the meter would have to remember.</summary>
    public long Version { get; private set; }

    /// <summary>Civil time as the meter shows it: zone, summer time, and whether it was lost.</summary>
    public MeterClock Clock { get; } = new();

    /// <summary>Present values.</summary>
    public Instantaneous Present { get; } = new();

    /// <summary>Energy registers.</summary>
    public EnergyRegisters Energy { get; } = new();

    /// <summary>Demand registers.</summary>
    public DemandRegisters Demand { get; } = new();

    /// <summary>Energy load profile.</summary>
    public EnergyProfile Profile { get; } = new();

    /// <summary>Supply relay.</summary>
    public DisconnectControl Relay { get; } = new();

    /// <summary>Keys and counters of the management client.</summary>
    public ClientSecurity Management { get; }

    /// <summary>Keys and counters of the read client.</summary>
    public ClientSecurity Read { get; }

    /// <summary>True while the memory does not take what the meter writes. The meter goes on and says so (ERR).</summary>
    public bool MemoryError { get; private set; }

    /// <summary>The meter's own time.</summary>
    public MeterTime Time => Clock.At(Now);

    /// <summary>Keys and counters of a ciphering client; null for the others.</summary>
    public ClientSecurity? Security(ushort sap) => sap switch { ManagementClient => Management, ReadClient => Read, _ => null };

    /// <summary>Meter internal status, 0-0:96.10.3.255.</summary>
    public InternalStatus InternalStatus
    {
        get
        {
            var status = (Relay.IsClosed ? 0 : InternalStatus.RelayOpen) | (Clock.IsInvalid ? InternalStatus.ClockInvalid : 0)
                | (MemoryError ? InternalStatus.MemoryError : 0);
            for (var phase = 0; phase < 3; phase++)
            {
                if (Present.Phase(phase).Active < 0) status |= (InternalStatus)((uint)InternalStatus.CurrentReversalL1 << phase);
                if (Present.Measured(phase).Voltage < 1) status |= (InternalStatus)((uint)InternalStatus.VoltageMissingL1 << phase);
            }

            return status;
        }
    }

    /// <summary>Puts a new meter into service.</summary>
    /// <param name="reference">The first second that is measured.</param>
    public void Start(long reference)
    {
        Now = reference;
        BeginPeriods();
        if (Clock.Standard(Now) % Profile.Period != 0) Profile.Mark(ProfileStatus.PowerDown | ProfileStatus.DataNotValid);
        Version++;
    }

    /// <summary>Power is back: what lies between <see cref="Now"/> and <paramref name="reference"/> was not measured.</summary>
    /// <remarks>
    /// The interval in which power returns has PDN and, as its demand covers only part of it, DNV. Intervals that ended without
    /// power have no row. Nothing happens where no time has passed.
    /// </remarks>
    public void PowerUp(long reference)
    {
        if (reference <= Now) return;
        if (reference - Now > MeterClock.PowerReserve.TotalSeconds) Clock.IsInvalid = true;
        Now = reference;
        if (IntervalNow() != _interval) Profile.BeginInterval();
        BeginPeriods();
        Profile.Mark(ProfileStatus.PowerDown | ProfileStatus.DataNotValid);
        Version++;
    }

    /// <summary>Measures one second.</summary>
    public void Tick(in Sample sample)
    {
        Present.Update(Relay.IsClosed ? sample : sample.WithoutLoad());
        Energy.AddSecond(Present, ActiveTariff);
        Now++;
        Version++;
        if (BlockNow() > _demandBlock)
        {
            _demandBlock = BlockNow();
            Demand.CloseBlock(Energy, At(_demandBlock * Demand.Period), ActiveTariff);
        }

        if (IntervalNow() > _interval)
        {
            _interval = IntervalNow();
            Profile.Capture(At(_interval * Profile.Period), Demand, InternalStatus, MemoryError);
        }
    }

    /// <summary>Sets the clock.</summary>
    /// <param name="utc">What it is to show now, seconds since 1970 in UTC.</param>
    /// <remarks>Beyond <see cref="MeterClock.ShiftLimit"/> the interval is marked (CAD, DNV) and the demand begins anew (DTSD545 5.2.1).</remarks>
    public void SetClock(long utc)
    {
        var wasInvalid = Clock.IsInvalid;
        var moved = Clock.Set(utc, Now);
        Version++;
        if (Math.Abs(moved) <= MeterClock.ShiftLimit && !wasInvalid) return;
        AfterJump();
    }

    /// <summary>Changes zone or daylight saving; a new zone shifts the periods, so they begin anew as after a clock setting.</summary>
    /// <returns>False, and nothing is changed, where a value makes no sense.</returns>
    public bool ConfigureClock(
        short? timeZone = null, Cosem.Data.CosemDateTime? dstBegin = null, Cosem.Data.CosemDateTime? dstEnd = null, sbyte? dstDeviation = null, bool? dstEnabled = null)
    {
        var zone = Clock.TimeZone;
        if (!Clock.Configure(timeZone, dstBegin, dstEnd, dstDeviation, dstEnabled)) return false;
        if (zone != Clock.TimeZone) AfterJump();
        Version++;
        return true;
    }

    /// <summary>Changes the demand interval; the demand begins anew.</summary>
    /// <returns>False where the interval is not allowed.</returns>
    public bool ChangeDemandPeriod(long seconds)
    {
        if (!DemandRegisters.IsPeriod(seconds)) return false;
        Demand.ChangePeriod((uint)seconds, Energy, Time);
        _demandBlock = BlockNow();
        Profile.Mark(ProfileStatus.DataNotValid);
        Version++;
        return true;
    }

    /// <summary>Changes the capture period of the energy load profile.</summary>
    /// <returns>False where the period is not allowed.</returns>
    public bool ChangeCapturePeriod(long seconds)
    {
        if (!Profile.ChangePeriod(seconds)) return false;
        _interval = IntervalNow();
        Version++;
        return true;
    }

    /// <summary>The memory has failed, or works again.</summary>
    public void ReportMemory(bool failed)
    {
        if (failed) Profile.Mark(ProfileStatus.CriticalError | ProfileStatus.DataNotValid);
        MemoryError = failed;
    }

    /// <summary>Says that a request has changed something that must be remembered.</summary>
    public void Touch() => Version++;

    /// <summary>The key-encrypting key that the next key transfer is wrapped with.</summary>
    internal ReadOnlySpan<byte> MasterKey => _masterKey;

    /// <summary>Takes new keys of a client's security setup. An open association goes on with its old ones.</summary>
    /// <param name="client">Whose; the master key is the meter's own.</param>
    /// <param name="keys">Keys of suite 0, none twice.</param>
    internal void RenewKeys(ClientSecurity client, IReadOnlyList<NewKey> keys)
    {
        byte[] New(KeyId id, ReadOnlySpan<byte> old) => [.. keys.FirstOrDefault(key => key.Id == id).Key ?? old];
        client.Renew(new(New(KeyId.GlobalUnicastEncryption, client.Keys.Encryption), New(KeyId.Authentication, client.Keys.Authentication), New(KeyId.GlobalBroadcastEncryption, client.Keys.Broadcast)));
        if (keys.Any(key => key.Id == KeyId.Master)) _masterKey = New(KeyId.Master, default);
        Version++;
    }

    internal void Save(StateWriter writer)
    {
        writer.Write(StateVersion);
        writer.Write(Now);
        writer.Write(_demandBlock);
        writer.Write(_interval);
        Clock.Save(writer);
        Energy.Save(writer);
        Demand.Save(writer);
        Profile.Save(writer);
        Relay.Save(writer);
        writer.Write(ReferenceEquals(_masterKey, _storageKey) ? [] : KeyWrap.Wrap(_storageKey, _masterKey));
        Management.Save(writer, _storageKey);
        Read.Save(writer, _storageKey);
    }

    internal void Load(ref StateReader reader)
    {
        var version = reader.ReadByte();
        if (version != StateVersion) throw new InvalidDataException($"state of version {version}; this program reads version {StateVersion}");
        (Now, _demandBlock, _interval) = (reader.ReadInt64(), reader.ReadInt64(), reader.ReadInt64());
        Clock.Load(ref reader);
        Energy.Load(ref reader);
        Demand.Load(ref reader);
        Profile.Load(ref reader);
        Relay.Load(ref reader);
        var master = reader.ReadOctets();
        _masterKey = master.IsEmpty ? _storageKey : ClientSecurity.Unwrap(master, _storageKey);
        Management.Load(ref reader, _storageKey);
        Read.Load(ref reader, _storageKey);
    }

    private void AfterJump()
    {
        if (IntervalNow() != _interval) Profile.BeginInterval();
        BeginPeriods();
        Profile.Mark(ProfileStatus.ClockAdjusted | ProfileStatus.DataNotValid);
    }

    private void BeginPeriods()
    {
        (_demandBlock, _interval) = (BlockNow(), IntervalNow());
        Demand.Restart(Energy, Time);
    }

    private long BlockNow() => FloorDiv(Clock.Standard(Now), Demand.Period);

    private long IntervalNow() => FloorDiv(Clock.Standard(Now), Profile.Period);

    // The meter's time when its standard time was that many seconds: the nominal end of a period, even if noticed a moment later.
    private MeterTime At(long standard) => Clock.At(Now - (Clock.Standard(Now) - standard));

    private static long FloorDiv(long value, long divisor) => value >= 0 ? value / divisor : (value - divisor + 1) / divisor;
}
