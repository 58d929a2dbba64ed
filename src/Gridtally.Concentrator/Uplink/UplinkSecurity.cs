using System.Globalization;
using System.Security.Cryptography;
using Gridtally.Companion;
using Gridtally.Concentrator.Events;
using Gridtally.Cosem.Acse;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Security;
using Gridtally.Cosem.Server;
using Gridtally.Storage;

namespace Gridtally.Concentrator.Uplink;

/// <summary>The keys that the concentrator shares with the head end, their counters, and what each client is granted.</summary>
internal sealed class UplinkSecurity : IDisposable
{
    private const string KeysName = "uplink.keys";
    private const string Scope = "uplink client 1";
    private const int ChallengeOctets = 16;

    private readonly SecurityKeys? _keys;
    private readonly EventLog _events;

    /// <summary>Takes keys of the configuration over, and opens what is stored.</summary>
    /// <exception cref="CryptographicException">The stored keys were sealed under another device key.</exception>
    public UplinkSecurity(ConcentratorServices services)
    {
        _events = services.Events;
        SystemTitle = ConcentratorIdentity.SystemTitle(services.Config.SerialNumber);
        _keys = Import(services, Stored(services));
        Counters = new(services.Database, Scope);
    }

    /// <summary>The concentrator's system title.</summary>
    public SystemTitle SystemTitle { get; }

    /// <summary>Counters of the head end's client.</summary>
    public UplinkCounters Counters { get; }

    /// <summary>False where no head end's keys are known: then only the public client is served.</summary>
    public bool HasKeys => _keys is not null;

    /// <summary>What a client is granted; null for a client that there is not.</summary>
    /// <param name="client">Client SAP.</param>
    /// <param name="maxPdu">Octets of the largest APDU, both ways.</param>
    public AssociationSpec? SpecOf(ushort client, ushort maxPdu) => client switch
    {
        ConcentratorObjects.PublicClient => new() { SystemTitle = SystemTitle, MaxPdu = maxPdu, Conformance = Conformance.Get | Conformance.MultipleReferences | Conformance.BlockTransferWithGetOrRead },
        ConcentratorObjects.HeadEndClient when _keys is not null => new()
        {
            Mechanism = AuthenticationMechanism.HighLevelGmac,
            Keys = _keys,
            RequiredProtection = Protection.AuthenticatedEncrypted,
            SystemTitle = SystemTitle,
            MaxPdu = maxPdu,
            Challenge = static () => RandomNumberGenerator.GetBytes(ChallengeOctets),
            OnIncident = Report,
        },
        _ => null,
    };

    public void Dispose() => _keys?.Dispose();

    private void Report(AssociationIncident incident) => _events.Add(EventCode.UplinkNotAuthentic, incident switch
    {
        AssociationIncident.AuthenticationFailed => "A head end failed to prove itself: its keys are not those of this concentrator",
        AssociationIncident.DecipheringFailed => "An APDU of the head end does not decipher: its keys are not those of this concentrator",
        _ => "An APDU came with an invocation counter that was used before: a repeated or recorded one",
    });

    private static byte[] Stored(ConcentratorServices services)
    {
        var text = services.Database.Read(s => s.First("SELECT value FROM meta WHERE name=?1", r => r.GetString(0), "", KeysName));
        return text.Length == 0 ? [] : services.Secrets.Unseal(Convert.FromBase64String(text), KeysName);
    }

    // New keys begin new counters: with the old ones' values nothing could be told from a replay.
    private static SecurityKeys? Import(ConcentratorServices services, byte[] stored)
    {
        if (services.Config.HeadEnd is { } import)
        {
            byte[] configured = [.. Convert.FromHexString(import.EncryptionKey), .. Convert.FromHexString(import.AuthenticationKey)];
            if (!CryptographicOperations.FixedTimeEquals(configured, stored))
            {
                var box = Convert.ToBase64String(services.Secrets.Seal(configured, KeysName));
                services.Database.Write(session =>
                {
                    UplinkCounters.Forget(session, Scope);
                    session.Execute("INSERT INTO meta(name, value) VALUES(?1, ?2) ON CONFLICT(name) DO UPDATE SET value=excluded.value", KeysName, box);
                });
                stored = configured;
            }
        }

        return stored.Length == 0 ? null : new(stored.AsSpan(0, SecurityKeys.KeySize), stored.AsSpan(SecurityKeys.KeySize));
    }
}

/// <summary>The counters of the head end's client, and what the invocation counter object shows of them.</summary>
/// <remarks>
/// A head end may go by that object alone. So after a power cut it must not show less than was accepted: a counter used twice under one
/// key breaks the encryption. A limit ahead of the accepted counters is stored before it is passed.
/// </remarks>
internal sealed class UplinkCounters : IInvocationCounters
{
    /// <summary>Counters that a restart may skip: one write per hundred requests.</summary>
    public const uint LookAhead = 100;

    private const string LimitName = "uplink.counter";

    private readonly Lock _lock = new();
    private readonly Database _database;
    private readonly InvocationCounterStore _store;
    private uint _lastAccepted;
    private uint _limit;
    private SystemTitle? _lastOriginator;

    public UplinkCounters(Database database, string scope)
    {
        (_database, _store) = (database, new(database, scope));
        _limit = _lastAccepted = StoredLimit(database);
    }

    /// <summary>The highest counter accepted; a client goes on above it.</summary>
    public uint LastAccepted
    {
        get
        {
            lock (_lock) return _lastAccepted;
        }
    }

    /// <summary>System title of the client that was accepted last; null for none since the start.</summary>
    public SystemTitle? LastOriginator
    {
        get
        {
            lock (_lock) return _lastOriginator;
        }
    }

    /// <summary>New keys: counters begin anew. In the transaction that stores the keys.</summary>
    public static void Forget(DbSession session, string scope)
    {
        InvocationCounterStore.Forget(session, scope);
        session.Execute("DELETE FROM meta WHERE name=?1", LimitName);
    }

    public bool TryTakeSend(KeyRole key, out uint counter) => _store.TryTakeSend(key, out counter);

    public void RaiseSend(KeyRole key, uint next) => _store.RaiseSend(key, next);

    public ulong ReceiveFloor(KeyRole key, SystemTitle originator) => _store.ReceiveFloor(key, originator);

    public bool Accept(KeyRole key, SystemTitle originator, uint counter)
    {
        if (!_store.Accept(key, originator, counter)) return false;
        lock (_lock)
        {
            _lastOriginator = originator;
            if (key != KeyRole.GlobalUnicast || counter <= _lastAccepted) return true;
            _lastAccepted = counter;
            if (counter > _limit) Reserve(counter);
        }

        return true;
    }

    /// <summary>Writes what was accepted since the last write.</summary>
    public void Flush() => _store.Flush();

    private void Reserve(uint counter)
    {
        _limit = counter > uint.MaxValue - LookAhead ? uint.MaxValue : counter + LookAhead;
        _database.Write(s => s.Execute("INSERT INTO meta(name, value) VALUES(?1, ?2) ON CONFLICT(name) DO UPDATE SET value=excluded.value", LimitName, _limit.ToString(CultureInfo.InvariantCulture)));
    }

    private static uint StoredLimit(Database database) =>
        uint.TryParse(database.Read(s => s.First("SELECT value FROM meta WHERE name=?1", r => r.GetString(0), "", LimitName)), CultureInfo.InvariantCulture, out var limit) ? limit : 0;
}
