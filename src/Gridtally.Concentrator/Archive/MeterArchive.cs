using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using Gridtally.Concentrator.Events;
using Gridtally.Concentrator.Settings;
using Gridtally.Cosem.Security;
using Gridtally.Storage;
using Microsoft.Data.Sqlite;

namespace Gridtally.Concentrator.Archive;

/// <summary>The meters that the concentrator reads, with their keys.</summary>
/// <remarks>All members may be called from any thread.</remarks>
public sealed class MeterArchive
{
    /// <summary>Meters of one concentrator: twice what the reference product manages.</summary>
    public const int MaxMeters = 2_000;

    private const int KeySize = 16;

    private readonly Lock _changing = new();
    private readonly Database _database;
    private readonly SecretBox _secrets;
    private readonly SettingsStore _settings;
    private readonly EventLog _events;
    private readonly TimeProvider _clock;
    private volatile ImmutableSortedDictionary<string, MeterRecord> _meters;
    private readonly Dictionary<string, InvocationCounterStore> _counters = [];
    private ImmutableDictionary<long, MeterStatus> _states;

    /// <summary>Opens the archive.</summary>
    public MeterArchive(Database database, SecretBox secrets, SettingsStore settings, EventLog events, TimeProvider clock)
    {
        (_database, _secrets, _settings, _events, _clock) = (database, secrets, settings, events, clock);
        _meters = database.Read(s => s.Query("SELECT id, cells, archived, ek IS NOT NULL AND ak IS NOT NULL, password IS NOT NULL FROM meter WHERE removed=0", Map))
            .ToImmutableSortedDictionary(m => m.Number, m => m, StringComparer.Ordinal);
        _states = database.Read(s => s.Query("SELECT meter, reachable, contact, failed, reason, text, ldn FROM meter_state", MapState)).ToImmutableDictionary(p => p.Id, p => p.State);
    }

    /// <summary>Raised after a change, with the meter's number.</summary>
    public event Action<string>? Changed;

    /// <summary>All meters by number.</summary>
    public IReadOnlyDictionary<string, MeterRecord> Meters => _meters;

    /// <summary>The meter with that number, or null.</summary>
    public MeterRecord? Find(string number) => _meters.GetValueOrDefault(number);

    /// <summary>How a meter was found last.</summary>
    public MeterStatus StatusOf(long meterId) => Volatile.Read(ref _states).GetValueOrDefault(meterId, MeterStatus.Unknown);

    /// <summary>Adds a meter, or brings back one that was removed: what was collected from it is its again.</summary>
    /// <exception cref="SettingsException">A value is not allowed, or the number exists.</exception>
    public MeterRecord Add(MeterRecord meter, MeterSecrets? secrets, string user)
    {
        lock (_changing)
        {
            if (_meters.ContainsKey(meter.Number)) throw Wrong(meter, "meterNo", meter.Number, "a number that is not in the archive yet");
            if (_meters.Count >= MaxMeters) throw Wrong(meter, "meterNo", meter.Number, $"at most {MaxMeters} meters");
            Validate(meter, secrets);
            ForgetCounters(meter.Number, secrets);
            var cells = SettingsTemplate.WriteCells(meter.ToCells());
            _database.Write(session =>
            {
                session.Execute("INSERT INTO meter(number, cells, archived) VALUES(?1, ?2, ?3) ON CONFLICT(number) DO UPDATE SET cells=excluded.cells, removed=0",
                    meter.Number, cells, _clock.GetUtcNow().UtcDateTime.ToUnix());
                StoreSecrets(session, meter.Number, secrets);
            });
            return Announce(meter.Number, EventCode.MeterAdded, user, "Added to the archive");
        }
    }

    /// <summary>Changes a meter; its number stays.</summary>
    /// <exception cref="SettingsException">A value is not allowed, or there is no such meter.</exception>
    public MeterRecord Change(MeterRecord meter, MeterSecrets? secrets, string user)
    {
        lock (_changing)
        {
            if (Find(meter.Number) is not { } old) throw Wrong(meter, "meterNo", meter.Number, "a meter of the archive");
            Validate(meter, secrets);
            ForgetCounters(meter.Number, secrets);
            var cells = SettingsTemplate.WriteCells(meter.ToCells());
            _database.Write(session =>
            {
                session.Execute("UPDATE meter SET cells=?2 WHERE number=?1", meter.Number, cells);
                StoreSecrets(session, meter.Number, secrets);
            });
            return Announce(meter.Number, EventCode.MeterChanged, user, Differences(old, meter, secrets));
        }
    }

    /// <summary>Takes a meter out of the archive, its keys too. What was collected from it stays stored.</summary>
    /// <returns>False where there is no such meter.</returns>
    public bool Remove(string number, string user)
    {
        lock (_changing)
        {
            if (!_meters.ContainsKey(number)) return false;
            _database.Write(s => s.Execute("UPDATE meter SET removed=1, ek=NULL, ak=NULL, password=NULL WHERE number=?1", number));
            _meters = _meters.Remove(number);
            _events.Add(EventCode.MeterRemoved, "Removed from the archive", number, user);
        }

        Changed?.Invoke(number);
        return true;
    }

    /// <summary>The keys of a meter's read client; null where none are stored. The caller disposes them.</summary>
    /// <exception cref="CryptographicException">They do not open with this device key.</exception>
    public SecurityKeys? KeysOf(MeterRecord meter)
    {
        var (ek, ak) = _database.Read(s => s.First("SELECT ek, ak FROM meter WHERE id=?1", r => (r.Blob(0), r.Blob(1)), ([], []), meter.Id));
        if (ek.Length == 0 || ak.Length == 0) return null;
        var (encryption, authentication) = (_secrets.Unseal(ek, Purpose(meter.Number, "EK")), _secrets.Unseal(ak, Purpose(meter.Number, "AK")));
        var keys = new SecurityKeys(encryption, authentication);
        CryptographicOperations.ZeroMemory(encryption);
        CryptographicOperations.ZeroMemory(authentication);
        return keys;
    }

    /// <summary>The LLS password of a meter; empty where none is stored.</summary>
    public byte[] PasswordOf(MeterRecord meter)
    {
        var box = _database.Read(s => s.First("SELECT password FROM meter WHERE id=?1", r => r.Blob(0), [], meter.Id));
        return box.Length == 0 ? [] : _secrets.Unseal(box, Purpose(meter.Number, "password"));
    }

    /// <summary>The invocation counters of a meter's read client; new keys begin new ones.</summary>
    public IInvocationCounters CountersOf(MeterRecord meter)
    {
        lock (_changing)
        {
            // One instance per meter: two would hand out the same values.
            if (!_counters.TryGetValue(meter.Number, out var counters)) _counters[meter.Number] = counters = new(_database, CounterScope(meter.Number));
            return counters;
        }
    }

    /// <summary>Writes the counters that are only in memory; at a clean stop.</summary>
    internal void FlushCounters()
    {
        lock (_changing)
        {
            foreach (var counters in _counters.Values) counters.Flush();
        }
    }

    internal static void StoreStatus(DbSession session, long meterId, MeterStatus status) => session.Execute(
        """
        INSERT INTO meter_state(meter, reachable, contact, failed, reason, text, ldn) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT(meter) DO UPDATE SET
        reachable=excluded.reachable, contact=excluded.contact, failed=excluded.failed, reason=excluded.reason, text=excluded.text, ldn=excluded.ldn
        """,
        meterId, status.Reachable is { } reachable ? (reachable ? 1L : 0L) : null, status.LastContact?.ToUnix(), status.FailedAt?.ToUnix(),
        status.Reason is { } reason ? (long)reason : null, status.Text, status.LogicalDeviceName);

    internal void ShowStatus(long meterId, MeterStatus status) => ImmutableInterlocked.AddOrUpdate(ref _states, meterId, status, (_, _) => status);

    private void Validate(MeterRecord meter, MeterSecrets? secrets)
    {
        var errors = new List<SettingError>();
        var cells = meter.ToCells();
        foreach (var column in SettingTables.Meter.Columns)
        {
            if (column.Problem(cells[column.Name]) is { } expected) errors.Add(new("meter", meter.Number, meter.Id, column.Name, cells[column.Name], expected));
        }

        var view = _settings.Current;
        if (!view.Tasks.ContainsKey(meter.Task)) errors.Add(new("meter", meter.Number, meter.Id, "task", meter.Task, $"one of {string.Join(", ", view.Tasks.Keys)}"));
        if (!view.Channels.TryGetValue(meter.Channel, out var channel) || !channel.Type.IsToMeters)
            errors.Add(new("meter", meter.Number, meter.Id, "channel", meter.Channel, $"one of {string.Join(", ", view.Channels.Values.Where(c => c.Type.IsToMeters).Select(c => c.Name))}"));
        else if (MeterAddress.Problem(channel, meter.Address) is { } expected) errors.Add(new("meter", meter.Number, meter.Id, "address", meter.Address, expected));
        if (meter.Phase == 2) errors.Add(new("meter", meter.Number, meter.Id, "phase", "2", "1 or 3"));
        if (secrets?.EncryptionKey is { Length: not (0 or KeySize) } ek) errors.Add(new("meter", meter.Number, meter.Id, "keys.encryptionKey", $"{ek.Length} octets", $"{KeySize} octets"));
        if (secrets?.AuthenticationKey is { Length: not (0 or KeySize) } ak) errors.Add(new("meter", meter.Number, meter.Id, "keys.authenticationKey", $"{ak.Length} octets", $"{KeySize} octets"));
        if (errors.Count > 0) throw new SettingsException(errors, "Meter");
    }

    private void ForgetCounters(string number, MeterSecrets? secrets)
    {
        // Under the same key a counter must never begin again; under a new one the meter's own begin at 0.
        if (secrets?.EncryptionKey is not { Length: KeySize } key) return;
        var box = _database.Read(s => s.First("SELECT ek FROM meter WHERE number=?1", r => r.Blob(0), [], number));
        if (box.Length > 0 && CryptographicOperations.FixedTimeEquals(_secrets.Unseal(box, Purpose(number, "EK")), key)) return;
        InvocationCounterStore.Forget(_database, CounterScope(number));
        _counters.Remove(number);
    }

    private void StoreSecrets(DbSession session, string number, MeterSecrets? secrets)
    {
        if (secrets is null) return;
        if (secrets.EncryptionKey is { } ek) session.Execute("UPDATE meter SET ek=?2 WHERE number=?1", number, Sealed(ek, number, "EK"));
        if (secrets.AuthenticationKey is { } ak) session.Execute("UPDATE meter SET ak=?2 WHERE number=?1", number, Sealed(ak, number, "AK"));
        if (secrets.Password is { } password) session.Execute("UPDATE meter SET password=?2 WHERE number=?1", number, Sealed(password, number, "password"));
    }

    private byte[]? Sealed(byte[] secret, string number, string what) => secret.Length == 0 ? null : _secrets.Seal(secret, Purpose(number, what));

    private MeterRecord Announce(string number, EventCode code, string user, string text)
    {
        var stored = _database.Read(s => s.First("SELECT id, cells, archived, ek IS NOT NULL AND ak IS NOT NULL, password IS NOT NULL FROM meter WHERE number=?1", Map, null!, number));
        _meters = _meters.SetItem(number, stored);
        _events.Add(code, text, number, user);
        Changed?.Invoke(number);
        return stored;
    }

    private static string Differences(MeterRecord old, MeterRecord now, MeterSecrets? secrets)
    {
        var (before, after) = (old.ToCells(), now.ToCells());
        var changes = before.Where(c => after[c.Key] != c.Value).Select(c => $"{c.Key} '{c.Value}' → '{after[c.Key]}'").ToList();
        if (secrets is { EncryptionKey: not null } or { AuthenticationKey: not null }) changes.Add("keys changed");
        if (secrets is { Password: not null }) changes.Add("password changed");
        return changes.Count == 0 ? "Nothing changed" : string.Join(", ", changes);
    }

    private static MeterRecord Map(SqliteDataReader r) => MeterRecord.FromCells(SettingsTemplate.ReadCells(r.GetString(1))) with
    {
        Id = r.GetInt64(0),
        Archived = r.Time(2),
        HasKeys = r.GetInt64(3) != 0,
        HasPassword = r.GetInt64(4) != 0,
    };

    private static (long Id, MeterStatus State) MapState(SqliteDataReader r) => (r.GetInt64(0), new(
        r.NumberOrNull(1) is { } reachable ? reachable != 0 : null, r.TimeOrNull(2), r.TimeOrNull(3),
        r.NumberOrNull(4) is { } reason ? (History.FailureReason)reason : null, r.TextOrNull(5) ?? "", r.TextOrNull(6)));

    private static SettingsException Wrong(MeterRecord meter, string column, string value, string expected) => new([new("meter", meter.Number, meter.Id, column, value, expected)], "Meter");

    private static string Purpose(string number, string what) => string.Create(CultureInfo.InvariantCulture, $"meter {number} read client {what}");

    private static string CounterScope(string number) => $"meter {number} read client";
}
