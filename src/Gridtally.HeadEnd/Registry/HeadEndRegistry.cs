using System.Security.Cryptography;
using Gridtally.Cosem.Security;
using Gridtally.HeadEnd.Store;
using Gridtally.Storage;
using Microsoft.Data.Sqlite;

namespace Gridtally.HeadEnd.Registry;

/// <summary>A concentrator that the head end accepts.</summary>
/// <param name="Serial">Serial number.</param>
/// <param name="Name">Name for people.</param>
/// <param name="LogicalDeviceName">How it is recognised.</param>
/// <param name="Enabled">False where it is refused for the time being.</param>
/// <param name="Software">Version of its software, as last read; null before.</param>
/// <param name="Remote">Where it dialled from last; null before.</param>
/// <param name="LastContact">When it last answered, UTC; null for never.</param>
public sealed record RegisteredConcentrator(
    string Serial, string Name, string LogicalDeviceName, bool Enabled, string? Software, string? Remote, DateTime? LastContact);

/// <summary>What the head end needs to reach a meter itself.</summary>
/// <param name="Number">Meter number.</param>
/// <param name="LogicalDevice">Its logical device.</param>
/// <param name="Keys">Keys of the management client.</param>
public sealed record MeterAccess(string Number, ushort LogicalDevice, SecurityKeys Keys);

/// <summary>The concentrators and meters that the head end knows, with their keys. Keys are stored sealed.</summary>
public sealed class HeadEndRegistry
{
    private readonly Database _database;
    private readonly SecretBox _secrets;

    /// <summary>The registry within a store.</summary>
    /// <param name="store">Where it is kept.</param>
    /// <param name="secrets">Seals the keys.</param>
    public HeadEndRegistry(HeadEndStore store, SecretBox secrets) => (_database, _secrets) = (store.Database, secrets);

    /// <summary>Takes over what a configuration says: adds and changes, never removes. Keys that it leaves out stay as they are.</summary>
    /// <param name="config">A configuration that was checked.</param>
    /// <param name="now">Since when new meters are expected to be read, where the configuration does not say, UTC.</param>
    /// <exception cref="HeadEndConfigException">A concentrator is new, and the configuration has no keys for it.</exception>
    public void Import(HeadEndConfig config, DateTime now) => _database.Write(session =>
    {
        foreach (var one in config.Concentrators) Import(session, one);
        foreach (var one in config.Meters) Import(session, one, now);
    });

    /// <summary>All concentrators, by serial number.</summary>
    public IReadOnlyList<RegisteredConcentrator> Concentrators() =>
        _database.Read(session => session.Query($"{SelectConcentrator} ORDER BY serial", MapConcentrator));

    /// <summary>The concentrator with this serial number; null where there is none.</summary>
    public RegisteredConcentrator? Find(string serial) =>
        _database.Read(session => session.First<RegisteredConcentrator?>($"{SelectConcentrator} WHERE serial = ?1", MapConcentrator, null, serial));

    /// <summary>The concentrator that calls itself so; null where there is none.</summary>
    public RegisteredConcentrator? FindByName(string logicalDeviceName) => _database.Read(session =>
        session.First<RegisteredConcentrator?>($"{SelectConcentrator} WHERE logical_device_name = ?1", MapConcentrator, null, logicalDeviceName));

    /// <summary>The keys that the head end shares with a concentrator.</summary>
    /// <exception cref="InvalidOperationException">The concentrator is not registered.</exception>
    /// <exception cref="CryptographicException">They were sealed under another device key.</exception>
    public SecurityKeys ConcentratorKeys(string serial)
    {
        var box = _database.Read(session => session.First("SELECT keys FROM concentrator WHERE serial = ?1", r => r.Blob(0), [], serial));
        return box.Length == 0 ? throw new InvalidOperationException($"Concentrator '{serial}' is not in the registry.") : Unseal(box, ConcentratorPurpose(serial));
    }

    /// <summary>Whether the head end holds keys of a meter.</summary>
    public bool HasMeterKeys(string number) =>
        _database.Read(session => session.Number("SELECT count(*) FROM meter WHERE number = ?1 AND keys IS NOT NULL", number)) == 1;

    /// <summary>How to reach a meter itself; null where the head end holds no keys of it.</summary>
    /// <exception cref="CryptographicException">They were sealed under another device key.</exception>
    public MeterAccess? Meter(string number)
    {
        var (device, box) = _database.Read(session => session.First(
            "SELECT logical_device, keys FROM meter WHERE number = ?1", r => (r.GetInt32(0), r.Blob(1)), (0, []), number));
        return box.Length == 0 ? null : new(number, (ushort)device, Unseal(box, MeterPurpose(number)));
    }

    /// <summary>Notes that a concentrator has answered.</summary>
    /// <param name="serial">Which one.</param>
    /// <param name="now">When, UTC.</param>
    /// <param name="remote">Where it dialled from; null to leave as it is.</param>
    /// <param name="software">Version of its software; null to leave as it is.</param>
    public void NoteContact(string serial, DateTime now, string? remote = null, string? software = null) => _database.Write(session => session.Execute(
        "UPDATE concentrator SET last_contact = ?2, remote = ifnull(?3, remote), software = ifnull(?4, software) WHERE serial = ?1",
        serial, now.ToUnix(), remote, software));

    private const string SelectConcentrator = "SELECT serial, name, logical_device_name, enabled, software, remote, last_contact FROM concentrator";

    private static RegisteredConcentrator MapConcentrator(SqliteDataReader row) => new(
        row.GetString(0), row.GetString(1), row.GetString(2), row.GetInt32(3) != 0, row.TextOrNull(4), row.TextOrNull(5), row.TimeOrNull(6));

    /// <summary>Name of the invocation counters that belong to a concentrator's keys.</summary>
    internal static string CounterScope(string serial) => $"concentrator {serial} client 1";

    private void Import(DbSession session, ConcentratorConfig one)
    {
        var stored = session.First("SELECT keys FROM concentrator WHERE serial = ?1", r => r.Blob(0), [], one.Serial);
        var keys = Seal(one.EncryptionKey, one.AuthenticationKey, ConcentratorPurpose(one.Serial));
        if (stored.Length == 0 && keys is null)
            throw new HeadEndConfigException($"Concentrator '{one.Serial}' is new, and the configuration has no keys for it; expected encryptionKey and authenticationKey.");
        if (keys is not null && stored.Length > 0 && !IsSame(stored, keys, ConcentratorPurpose(one.Serial))) InvocationCounterStore.Forget(session, CounterScope(one.Serial));
        session.Execute(
            """
            INSERT INTO concentrator (serial, name, logical_device_name, keys, enabled) VALUES (?1, ?2, ?3, ifnull(?4, x''), ?5)
            ON CONFLICT (serial) DO UPDATE SET name = ?2, logical_device_name = ?3, keys = ifnull(?4, keys), enabled = ?5
            """,
            one.Serial, one.Name.Length == 0 ? one.Serial : one.Name, one.LogicalDeviceName, keys, one.Enabled ? 1 : 0);
    }

    private void Import(DbSession session, MeterConfig one, DateTime now) => session.Execute(
        """
        INSERT INTO meter (number, logical_device, keys, since) VALUES (?1, ?2, ?3, ifnull(?4, ?5))
        ON CONFLICT (number) DO UPDATE SET logical_device = ?2, keys = ifnull(?3, keys), since = ifnull(?4, since)
        """,
        one.Number, one.LogicalDevice, Seal(one.EncryptionKey, one.AuthenticationKey, MeterPurpose(one.Number)),
        one.Since?.UtcDateTime.ToUnix(), now.ToUnix());

    // New keys begin new counters. A box that does not open is as good as another key.
    private bool IsSame(byte[] stored, byte[] sealedNow, string purpose)
    {
        try
        {
            return CryptographicOperations.FixedTimeEquals(_secrets.Unseal(stored, purpose), _secrets.Unseal(sealedNow, purpose));
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    private byte[]? Seal(string? encryption, string? authentication, string purpose) =>
        encryption is null || authentication is null
            ? null
            : _secrets.Seal([.. Convert.FromHexString(encryption), .. Convert.FromHexString(authentication)], purpose);

    private SecurityKeys Unseal(byte[] box, string purpose)
    {
        var both = _secrets.Unseal(box, purpose);
        try
        {
            return new(both.AsSpan(0, SecurityKeys.KeySize), both.AsSpan(SecurityKeys.KeySize));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(both);
        }
    }

    private static string ConcentratorPurpose(string serial) => $"concentrator {serial} keys client 1";

    private static string MeterPurpose(string number) => $"meter {number} keys client 1";
}
