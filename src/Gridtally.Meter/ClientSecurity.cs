using System.Security.Cryptography;
using Gridtally.Cosem.Security;
using Gridtally.Meter.Persistence;

namespace Gridtally.Meter;

/// <summary>What the meter keeps for one ciphering client: keys, policy, invocation counters.</summary>
/// <remarks>
/// Behind the client's security setup (class 64 v1, 0-0:43.0.e.255) and its invocation counter (0-0:43.1.e.255).
/// A changed encryption key comes with counters of its own that begin at 0; an association that is open keeps the old ones.
/// </remarks>
public sealed class ClientSecurity
{
    /// <summary>Policy bits of class 64 version 1: authenticated and encrypted, requests and responses.</summary>
    public const byte AuthenticatedAndEncrypted = 0x6C;

    private readonly Func<ClientSecurity, ClientCounters, bool>? _store;

    internal ClientSecurity(byte sap, SecurityKeys keys, Func<ClientSecurity, ClientCounters, bool>? store)
    {
        (Sap, Keys, _store) = (sap, keys, store);
        Counters = NewCounters(0, null);
    }

    /// <summary>Client SAP whose keys and counters these are.</summary>
    public byte Sap { get; }

    /// <summary>Its keys; a new association uses what is here when it begins.</summary>
    public SecurityKeys Keys { get; private set; }

    /// <summary>security_policy: bits 2, 3 authenticated and encrypted requests, 5, 6 the same of responses.</summary>
    public byte Policy { get; private set; } = AuthenticatedAndEncrypted;

    /// <summary>Invocation counters of the present encryption key.</summary>
    public ClientCounters Counters { get; private set; }

    /// <summary>The least protection of an APDU in each direction, by the policy.</summary>
    public SecurityPolicy SecurityPolicy => SecurityPolicy.TryFromVersion1(Policy, out var policy) ? policy : SecurityPolicy.None;

    /// <summary>Takes a policy that the security setup has found to be stronger.</summary>
    internal void Activate(SecurityPolicy policy) => Policy = policy.ToVersion1();

    // What Save writes of the keys; wrapping costs more than the rest of a record and the keys seldom change.
    private byte[][]? _wrapped;

    internal void Renew(SecurityKeys keys)
    {
        _wrapped = null;
        // The same key again must not begin its counters anew: that would repeat initialization vectors.
        if (!CryptographicOperations.FixedTimeEquals(keys.Encryption, Keys.Encryption)) Counters = NewCounters(0, null);
        Keys = keys;
    }

    internal void Save(StateWriter writer, ReadOnlySpan<byte> storageKey)
    {
        writer.Write(Policy);
        _wrapped ??=
        [
            KeyWrap.Wrap(storageKey, Keys.Encryption), KeyWrap.Wrap(storageKey, Keys.Authentication),
            Keys.Broadcast.IsEmpty ? [] : KeyWrap.Wrap(storageKey, Keys.Broadcast),
        ];
        foreach (var key in _wrapped) writer.Write(key);
        Counters.Save(writer);
    }

    internal void Load(ref StateReader reader, ReadOnlySpan<byte> storageKey)
    {
        Policy = reader.ReadByte();
        var (encryption, authentication) = (Unwrap(reader.ReadOctets(), storageKey), Unwrap(reader.ReadOctets(), storageKey));
        var broadcast = reader.ReadOctets();
        Keys = new(encryption, authentication, broadcast.IsEmpty ? [] : Unwrap(broadcast, storageKey));
        LoadCounters(ref reader);
    }

    internal void LoadCounters(ref StateReader reader)
    {
        var limit = reader.ReadUInt64();
        var accepted = new Dictionary<(KeyRole, SystemTitle), uint>();
        for (var count = reader.ReadByte(); count > 0; count--)
        {
            accepted[((KeyRole)reader.ReadByte(), new(reader.ReadUInt64()))] = reader.ReadUInt32();
        }

        Counters = NewCounters(limit, accepted);
    }

    internal static byte[] Unwrap(ReadOnlySpan<byte> wrapped, ReadOnlySpan<byte> storageKey) => KeyWrap.TryUnwrap(storageKey, wrapped, out var key)
        ? key
        : throw new InvalidDataException("a stored key can't be unwrapped: the meter's masterKey in the configuration is not the one it had when it was first started");

    private ClientCounters NewCounters(ulong sendLimit, Dictionary<(KeyRole, SystemTitle), uint>? accepted) =>
        new(sendLimit, accepted ?? [], counters => _store?.Invoke(this, counters) ?? true);
}

/// <summary>Invocation counters that survive a kill: sending reserves ahead, receiving is stored at once.</summary>
/// <remarks>
/// DTSD545 5.2.7 says in a notice that a counter at its maximum rolls back to 0, and this meter does as it says. The standard forbids that, for
/// initialization vectors then repeat under one key: keys are to be renewed long before.
/// </remarks>
public sealed class ClientCounters : IInvocationCounters
{
    // One client has one title; room for a few that took turns, and no more (the titles come from peers that have the key).
    private const int MaxOriginators = 8;

    private readonly Dictionary<(KeyRole Key, SystemTitle Originator), uint> _accepted;
    private readonly ReservingCounter _send;
    private readonly Func<ClientCounters, bool> _store;
    private ulong _sendLimit;

    internal ClientCounters(ulong sendLimit, Dictionary<(KeyRole, SystemTitle), uint> accepted, Func<ClientCounters, bool> store)
    {
        (_sendLimit, _accepted, _store) = (sendLimit, accepted, store);
        foreach (var ((key, originator), counter) in accepted)
        {
            if (key != KeyRole.GlobalUnicast || counter < LastAccepted) continue;
            (LastAccepted, LastOriginator) = (counter, originator);
        }

        _send = new(sendLimit, limit =>
        {
            // A value that is not on disk must not be used: sent twice under one key it would break the cipher.
            var before = _sendLimit;
            _sendLimit = limit;
            if (_store(this)) return;
            _sendLimit = before;
            throw new IOException("Invocation counters can't be reserved: the memory file does not take them. Expected room on the disk.");
        }, end: CounterEnd.RollOver);
    }

    /// <summary>What the counter object shows: the last counter accepted from the client, so that one more is in order.</summary>
    /// <remarks>After FFFFFFFF counters begin again at 0 (DTSD545 5.2.7, notice): then this shows FFFFFFFF, and 0 is in order.</remarks>
    public uint LastAccepted { get; private set; }

    /// <summary>System title of the client that was authentic last; null while there was none.</summary>
    public SystemTitle? LastOriginator { get; private set; }

    /// <inheritdoc/>
    public bool TryTakeSend(KeyRole key, out uint counter) => _send.TryTake(out counter);

    /// <inheritdoc/>
    public void RaiseSend(KeyRole key, uint next) => _send.RaiseTo(next);

    /// <inheritdoc/>
    /// <remarks>
    /// Who was forgotten for want of room had no higher counter than any who is remembered; who is not known must be above that, or a
    /// recording of the forgotten one would be accepted.
    /// </remarks>
    public ulong ReceiveFloor(KeyRole key, SystemTitle originator)
    {
        if (_accepted.TryGetValue((key, originator), out var last)) return CounterEnd.RollOver.FloorAfter(last);
        return _accepted.Count < MaxOriginators ? 0 : _accepted.Values.Min() + 1UL;
    }

    /// <inheritdoc/>
    /// <remarks>
    /// A counter that is not in the memory file is not accepted: after a restart the same APDU would be taken once more. What was known
    /// before is known again then, so that the client may repeat its request.
    /// </remarks>
    public bool Accept(KeyRole key, SystemTitle originator, uint counter)
    {
        var before = (Accepted: _accepted.ToArray(), LastAccepted, LastOriginator);
        if (!_accepted.ContainsKey((key, originator)) && _accepted.Count == MaxOriginators) _accepted.Remove(_accepted.MinBy(a => a.Value).Key);
        _accepted[(key, originator)] = counter;
        LastOriginator = originator;
        if (key == KeyRole.GlobalUnicast) LastAccepted = counter == 0 && LastAccepted == uint.MaxValue ? 0 : Math.Max(LastAccepted, counter);
        if (_store(this)) return true;
        _accepted.Clear();
        foreach (var (known, last) in before.Accepted) _accepted[known] = last;
        (LastAccepted, LastOriginator) = (before.LastAccepted, before.LastOriginator);
        return false;
    }

    internal void Save(StateWriter writer)
    {
        writer.Write(_sendLimit);
        writer.Write((byte)_accepted.Count);
        foreach (var ((key, originator), counter) in _accepted)
        {
            writer.Write((byte)key);
            writer.Write(originator.Value);
            writer.Write(counter);
        }
    }
}
