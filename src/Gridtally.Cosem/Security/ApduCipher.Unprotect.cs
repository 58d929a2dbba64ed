using System.Buffers;
using System.Security.Cryptography;
using Gridtally.Cosem.Apdus;

namespace Gridtally.Cosem.Security;

/// <content>What comes in: one ciphering and one signature, in either order.</content>
public sealed partial class ApduCipher
{
    /// <summary>Verifies and deciphers one APDU.</summary>
    /// <param name="apdu">The whole protected APDU.</param>
    /// <param name="plain">Receives the plain APDU; nothing where it is not accepted.</param>
    /// <param name="wrapping">How it was protected.</param>
    /// <returns>Null on success, else what is wrong; then no counter has moved.</returns>
    public SecurityFault? Unprotect(ReadOnlySpan<byte> apdu, IBufferWriter<byte> plain, out Wrapping wrapping)
    {
        _inbound ??= new();
        var fault = Unprotect(apdu, _inbound, out wrapping);
        if (fault is null) plain.Write(_inbound.Span);
        return fault;
    }

    /// <param name="apdu">The whole protected APDU.</param>
    /// <param name="plain">Receives the plain APDU; nothing where it is not accepted.</param>
    /// <param name="wrapping">How it was protected.</param>
    /// <param name="least">
    /// The least protection. It is looked at before a counter moves: without a tag one forgery in some ten thousands deciphers to a valid APDU, and with
    /// counter FFFFFFFF that would lock the partner out.
    /// </param>
    /// <param name="only">What the plain APDU must be; none where it may be any.</param>
    internal SecurityFault? Unprotect(ReadOnlySpan<byte> apdu, ApduBuffer plain, out Wrapping wrapping, Protection least = Protection.None, ApduTag only = ApduTag.None)
    {
        plain.Clear();
        wrapping = default;
        var counter = new Received();
        var fault = Open(apdu, plain, ref wrapping, ref counter) ?? CheckDemands(plain.Span, wrapping, counter, least, only) ?? Check(plain.Span, wrapping, counter);
        if (fault is null) return null;
        plain.Wipe();
        return fault;
    }

    private SecurityFault? Open(ReadOnlySpan<byte> apdu, ApduBuffer plain, ref Wrapping wrapping, ref Received counter)
    {
        if (apdu.IsEmpty) return SecurityFault.Malformed;
        if ((ApduTag)apdu[0] != ApduTag.GeneralSigning)
        {
            if (Decipher(apdu, plain, ref wrapping, ref counter) is { } fault) return fault;
            if ((ApduTag)plain.Span[0] != ApduTag.GeneralSigning) return null;
            if (VerifySignature(plain.Span, ref wrapping, out var content) is { } wrong) return wrong;
            plain.Keep(content);
            return null;
        }

        if (VerifySignature(apdu, ref wrapping, out var range) is { } bad) return bad;
        var inner = apdu[range];
        if (ApduTags.IsCiphered((ApduTag)inner[0])) return Decipher(inner, plain, ref wrapping, ref counter);
        plain.Append(inner);
        return null;
    }

    private SecurityFault? CheckDemands(ReadOnlySpan<byte> plain, in Wrapping wrapping, in Received counter, Protection least, ApduTag only)
    {
        if (ApduTags.IsProtected((ApduTag)plain[0])) return SecurityFault.Undecipherable;
        if (!wrapping.Protection.Covers(least)) return SecurityFault.ProtectionTooWeak;
        var authentic = wrapping.IsSigned || (wrapping.Protection & Protection.Authenticated) != 0;
        if (!authentic && !WholeApdu.IsValid(plain)) return SecurityFault.Undecipherable;
        if (only != ApduTag.None && (ApduTag)plain[0] != only) return SecurityFault.Undecipherable;

        // Nothing vouches for the transaction-id of what is encrypted only, and a wrapped or one-pass key does not depend on it: recorded, such an APDU
        // could be given another.
        var bound = authentic || counter.Role is not null || wrapping.Key == KeyChoice.StaticUnified;
        return bound || TakesAnyTransaction ? null : SecurityFault.ProtectionTooWeak;
    }

    /// <summary>Counters and transaction-id are looked at last, and move only when all else is right.</summary>
    private SecurityFault? Check(ReadOnlySpan<byte> plain, in Wrapping wrapping, in Received counter)
    {
        if (counter.Role is { } role && counter.Value < FloorOf(role)) return Replayed(role);

        // A key made for one APDU has no floor, and a signature alone has no counter: there the transaction-id keeps recordings out.
        var transaction = wrapping.Transaction.GetValueOrDefault();
        var isAnswer = AwaitsAnswers && _sentTransaction is not null && !ApduTags.IsUnsolicited((ApduTag)plain[0]);
        if (isAnswer && wrapping.HasHeader && transaction != _sentTransaction) return SecurityFault.WrongTransaction;
        var mustRise = wrapping.HasHeader && counter.Role is null && !isAnswer && !TakesAnyTransaction;
        if (mustRise && (transaction.Value < FloorOf(KeyRole.Transaction) || transaction.Value > uint.MaxValue)) return Replayed(KeyRole.Transaction);
        if (counter.Role is { } moved && !Accept(moved, counter.Value)) return SecurityFault.CounterNotStored;
        if (mustRise && !Accept(KeyRole.Transaction, (uint)transaction.Value)) return SecurityFault.CounterNotStored;
        return null;
    }

    private SecurityFault Replayed(KeyRole role)
    {
        ExpectedCounter = (uint)Math.Min(FloorOf(role), uint.MaxValue);
        return SecurityFault.Replayed;
    }

    private SecurityFault? Decipher(ReadOnlySpan<byte> apdu, ApduBuffer plain, ref Wrapping wrapping, ref Received counter)
    {
        if (!CipheredApdu.TryRead(apdu, out var received, out _)) return SecurityFault.Malformed;
        var control = received.Control;
        if (control.Suite != Suite || control.Compressed) return SecurityFault.UnsupportedSuite;
        if (control.Protection == Protection.None) return SecurityFault.ProtectionTooWeak;
        if (ReadKeyChoice(received, out var choice) is { } unknown) return unknown;
        var general = received.Tag == ApduTag.GeneralCiphering;
        wrapping = wrapping with
        {
            Protection = wrapping.Protection | control.Protection,
            Key = choice,
            Envelope = general ? Envelope.GeneralCiphering : received.Tag is ApduTag.GeneralGloCiphering or ApduTag.GeneralDedCiphering ? Envelope.General : Envelope.Service,
            Transaction = general ? received.Header.Transaction : wrapping.Transaction,
        };
        if (!IsFromPeer(received.SystemTitle)) return SecurityFault.WrongOriginator;
        if (general && choice != KeyChoice.GlobalBroadcast && !IsForUs(received.Header.Recipient)) return SecurityFault.WrongRecipient;
        if (!wrapping.HasOwnKey)
        {
            var role = choice switch { KeyChoice.Dedicated => KeyRole.Dedicated, KeyChoice.GlobalBroadcast => KeyRole.GlobalBroadcast, _ => KeyRole.GlobalUnicast };
            counter = new(role, received.InvocationCounter);
            return KeyOf(role) is { } key ? DecipherWith(key, received, plain) : SecurityFault.NoKey;
        }

        // Such a key can only be answered with another of its kind.
        if (choice is KeyChoice.Wrapped or KeyChoice.OnePass && !AwaitsAnswers && Random is null) return SecurityFault.NoKey;
        var fault = Establish(choice, received, out var once);
        if (once is null) return fault;
        using (once) return DecipherWith(once, received, plain);
    }

    private static SecurityFault? DecipherWith(GcmKey key, scoped in CipheredApdu received, ApduBuffer plain, SystemTitle originator)
    {
        var target = plain.GetSpan(received.Content.Length)[..received.Content.Length];
        if (!key.TryUnprotect(received, originator, target))
        {
            target.Clear();
            return SecurityFault.NotAuthentic;
        }

        if (!IsAnnounced(received.Tag, target)) return SecurityFault.Undecipherable;
        plain.Advance(target.Length);
        return null;
    }

    private SecurityFault? DecipherWith(GcmKey key, scoped in CipheredApdu received, ApduBuffer plain) => DecipherWith(key, received, plain, Peer);

    private SecurityFault? ReadKeyChoice(scoped in CipheredApdu received, out KeyChoice choice)
    {
        choice = ApduTags.IsDedicated(received.Tag) ? KeyChoice.Dedicated : received.Control.Broadcast ? KeyChoice.GlobalBroadcast : KeyChoice.GlobalUnicast;
        if (received.Tag == ApduTag.GeneralCiphering)
        {
            // Bit 6 of the security control is 0 in general-ciphering: its key-info says which key.
            if (received.Control.Broadcast) return SecurityFault.UnsupportedSuite;
            KeyChoice? named = (received.KeyInfo.Kind, received.KeyInfo.Id) switch
            {
                (KeyInfoKind.Identified, 0) => KeyChoice.GlobalUnicast,
                (KeyInfoKind.Identified, 1) => KeyChoice.GlobalBroadcast,
                (KeyInfoKind.Wrapped, 0) => KeyChoice.Wrapped,
                (KeyInfoKind.Agreed, KeyInfo.OnePass) => KeyChoice.OnePass,
                (KeyInfoKind.Agreed, KeyInfo.StaticUnified) => KeyChoice.StaticUnified,
                _ => null,
            };
            if (named is not { } known) return SecurityFault.NoKey;
            choice = known;
        }

        return choice == KeyChoice.GlobalBroadcast && !TakesBroadcastKey ? SecurityFault.UnsupportedSuite : null;
    }

    /// <summary>The key that was made for this APDU.</summary>
    private SecurityFault? Establish(KeyChoice choice, scoped in CipheredApdu received, out GcmKey? key)
    {
        key = null;
        var data = received.KeyInfo.Data;
        if (choice == KeyChoice.Wrapped)
        {
            if (_keys.Master.IsEmpty) return SecurityFault.NoKey;
            if (!KeyWrap.TryUnwrap(_keys.Master, data, out var unwrapped) || unwrapped.Length != Suite.KeySize()) return SecurityFault.KeyNotEstablished;
            key = new(unwrapped, _keys.Authentication, Suite);
            CryptographicOperations.ZeroMemory(unwrapped);
            return null;
        }

        if (_keys.Elliptic is not { CanAgree: true } elliptic) return SecurityFault.NoKey;
        if (choice == KeyChoice.StaticUnified)
        {
            if (!data.IsEmpty) return SecurityFault.KeyNotEstablished;
            if (StaticSecret is not { } shared) return SecurityFault.NoKey;
            key = Derive(shared, Peer, Own, received.Header.Transaction);
            return null;
        }

        if (!CanVerify) return SecurityFault.NoKey;
        var size = Suite.PublicKeySize();
        if (data.Length != size + Suite.SignatureSize()) return SecurityFault.KeyNotEstablished;
        if (!VerifySignature(data[..size], data[size..])) return SecurityFault.BadSignature;
        if (elliptic.Agree(data[..size]) is not { } secret) return SecurityFault.KeyNotEstablished;
        key = Derive(secret, Peer, Own, null);
        CryptographicOperations.ZeroMemory(secret);
        return null;
    }

    private SecurityFault? VerifySignature(ReadOnlySpan<byte> apdu, ref Wrapping wrapping, out Range content)
    {
        content = default;
        if (!CanVerify) return SecurityFault.NoKey;
        if (!SignedApdu.TryRead(apdu, out var signed, out _) || signed.Content.IsEmpty) return SecurityFault.Malformed;
        if (!IsFromPeer(signed.Header.Originator)) return SecurityFault.WrongOriginator;
        if (!IsForUs(signed.Header.Recipient)) return SecurityFault.WrongRecipient;
        if (!VerifySignature(signed.Covered, signed.Signature)) return SecurityFault.BadSignature;
        var end = 1 + signed.Covered.Length;
        content = (end - signed.Content.Length)..end;

        // Around a signature, general-ciphering has a transaction-id too; both belong to one exchange.
        if (wrapping.Transaction is { } outer && outer != signed.Header.Transaction) return SecurityFault.WrongTransaction;
        wrapping = wrapping with { Protection = wrapping.Protection | Protection.Signed, Transaction = signed.Header.Transaction };
        return null;
    }

    private bool IsFromPeer(ReadOnlySpan<byte> title) => title.IsEmpty || SystemTitle.Read(title) == Peer;

    private bool IsForUs(ReadOnlySpan<byte> title) => title.IsEmpty || SystemTitle.Read(title) == Own;

    /// <summary>What comes out must be the APDU that the outer tag announces; the general tags announce any.</summary>
    private static bool IsAnnounced(ApduTag outer, ReadOnlySpan<byte> plain)
    {
        if (plain.IsEmpty) return false;
        var announced = ApduTags.Plain(outer);
        return announced == ApduTag.None ? Enum.IsDefined((ApduTag)plain[0]) && plain[0] != 0 : (ApduTag)plain[0] == announced;
    }

    /// <summary>The invocation counter of an APDU under a lasting key; no role under a key of its own.</summary>
    private readonly record struct Received(KeyRole? Role, uint Value);
}
