using System.Buffers;
using System.Buffers.Binary;
using Gridtally.Cosem.Acse;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Data;

namespace Gridtally.Cosem.Security;

/// <summary>How a protected APDU was, or is to be, wrapped: which key, which tag, which protection.</summary>
/// <param name="Protection">None for a plain APDU.</param>
/// <param name="Dedicated">True for the dedicated key.</param>
/// <param name="General">True for general-glo- or general-ded-ciphering.</param>
internal readonly record struct Wrapping(Protection Protection, bool Dedicated = false, bool General = false)
{
    /// <summary>Octets of a plain APDU that still fit when wrapped so into <paramref name="maxPdu"/> octets.</summary>
    public int MaxPlain(int maxPdu)
    {
        if (Protection == Protection.None) return maxPdu;
        var tag = (Protection & Protection.Authenticated) != 0 ? CipheredApdu.TagSize : 0;
        var title = General ? 1 + SystemTitle.Size : 0;
        return Math.Max(0, maxPdu - 1 - title - Ber.LengthSize(maxPdu) - CipheredApdu.HeaderSize - tag);
    }
}

/// <summary>The ciphering of one association: its keys, titles and counters. Both sides use it.</summary>
internal sealed class AssociationCipher(SecurityKeys keys, SystemTitle own, IInvocationCounters counters) : IDisposable
{
    private readonly GcmKey _unicast = new(keys.Encryption, keys.Authentication);
    private GcmKey? _broadcast;
    private GcmKey? _dedicated;
    private ulong _dedicatedFloor;

    /// <summary>System title of the partner.</summary>
    public SystemTitle Peer { get; set; }

    /// <summary>
    /// True where requests under the broadcast key are taken. Every device of a network has that key, so it proves less than the unicast
    /// key: it neither opens an association nor speaks for one device.
    /// </summary>
    public bool TakesBroadcastKey { get; set; }

    public bool HasDedicatedKey => _dedicated is not null;

    /// <summary>Starts to use a dedicated key; what is accepted under it is counted as long as the association lives.</summary>
    public void UseDedicatedKey(ReadOnlySpan<byte> key)
    {
        _dedicated?.Dispose();
        _dedicated = new(key, keys.Authentication);
        _dedicatedFloor = 0;
    }

    /// <summary>Writes one plain APDU protected as <paramref name="wrapping"/> says. False where the counter is used up.</summary>
    public bool TryProtect(ReadOnlySpan<byte> apdu, Wrapping wrapping, IBufferWriter<byte> output)
    {
        var dedicated = wrapping.Dedicated && _dedicated is not null;

        // One counter for both keys: a peer that uses a dedicated key a second time meets no initialization vector twice, and servers
        // that hold one floor for all keys (Gurux does) accept what follows the AARQ.
        if (!counters.TryTakeSend(KeyRole.GlobalUnicast, out var counter)) return false;
        WriteHead(apdu, wrapping with { Dedicated = dedicated }, output);
        var control = new SecurityControl((byte)wrapping.Protection);
        var tagSize = TagSize(wrapping.Protection);
        var size = CipheredApdu.HeaderSize + apdu.Length + tagSize;
        output.WriteLength(size);
        var span = output.GetSpan(size)[..size];
        span[0] = control.Value;
        BinaryPrimitives.WriteUInt32BigEndian(span[1..], counter);
        var body = span[CipheredApdu.HeaderSize..];
        (dedicated ? _dedicated! : _unicast).Protect(control, own, counter, apdu, body[..apdu.Length], body[apdu.Length..]);
        output.Advance(size);
        return true;
    }

    /// <summary>Verifies and deciphers one APDU into <paramref name="plain"/>.</summary>
    /// <returns>Null on success, else what is wrong; then <paramref name="plain"/> is empty and no counter has moved.</returns>
    public SecurityFault? Unprotect(scoped in CipheredApdu received, ApduBuffer plain, out Wrapping wrapping)
    {
        wrapping = new(received.Control.Protection, ApduTags.IsDedicated(received.Tag), received.Tag is ApduTag.GeneralGloCiphering or ApduTag.GeneralDedCiphering);
        plain.Clear();
        if (received.Control.Suite != 0 || received.Control.Compressed) return SecurityFault.UnsupportedSuite;
        if (received.Control.Broadcast && !TakesBroadcastKey) return SecurityFault.UnsupportedSuite;
        if (wrapping.Protection == Protection.None) return SecurityFault.ProtectionTooWeak;
        if (!received.SystemTitle.IsEmpty && SystemTitle.Read(received.SystemTitle) != Peer) return SecurityFault.WrongOriginator;
        var role = wrapping.Dedicated ? KeyRole.Dedicated : received.Control.Broadcast ? KeyRole.GlobalBroadcast : KeyRole.GlobalUnicast;
        if (KeyOf(role) is not { } key) return SecurityFault.NoKey;

        var target = plain.GetSpan(received.Content.Length)[..received.Content.Length];
        if (!key.TryUnprotect(received, Peer, target))
        {
            target.Clear();
            return SecurityFault.NotAuthentic;
        }

        if (!IsAnnounced(received.Tag, target) || (received.AuthenticationTag.IsEmpty && !IsWellFormed(target))) return SecurityFault.Undecipherable;
        if (received.InvocationCounter < FloorOf(role)) return SecurityFault.Replayed;
        Accept(role, received.InvocationCounter);
        plain.Advance(received.Content.Length);
        return null;
    }

    /// <summary>The lowest counter that the partner may use next under the key of an APDU with this tag.</summary>
    public uint ExpectedCounter(ApduTag tag) => (uint)Math.Min(FloorOf(ApduTags.IsDedicated(tag) ? KeyRole.Dedicated : KeyRole.GlobalUnicast), uint.MaxValue);

    /// <summary>Writes the proof of HLS-5 for the partner's challenge. False where the counter is used up.</summary>
    public bool TryProve(ReadOnlySpan<byte> challenge, Span<byte> proof)
    {
        if (!counters.TryTakeSend(KeyRole.GlobalUnicast, out var counter)) return false;
        _unicast.Prove(own, counter, challenge, proof);
        return true;
    }

    /// <summary>Checks the partner's proof of HLS-5 for the own challenge.</summary>
    /// <remarks>
    /// The proof's counter is not held against the floor: where the action that carries it is ciphered, that one's higher counter has
    /// been accepted already, and the fresh challenge keeps out a recorded proof. It only ever raises the floor.
    /// </remarks>
    public bool Verify(ReadOnlySpan<byte> challenge, ReadOnlySpan<byte> proof)
    {
        if (!_unicast.Verify(Peer, challenge, proof, out var counter)) return false;
        if (counter >= FloorOf(KeyRole.GlobalUnicast)) Accept(KeyRole.GlobalUnicast, counter);
        return true;
    }

    public void Dispose()
    {
        _unicast.Dispose();
        _broadcast?.Dispose();
        _dedicated?.Dispose();
    }

    private static int TagSize(Protection protection) => (protection & Protection.Authenticated) != 0 ? CipheredApdu.TagSize : 0;

    /// <summary>What comes out must be the APDU that the outer tag announces; the general tags announce any.</summary>
    private static bool IsAnnounced(ApduTag outer, ReadOnlySpan<byte> plain)
    {
        if (plain.IsEmpty) return false;
        var announced = ApduTags.Plain(outer);
        return announced == ApduTag.None ? Enum.IsDefined((ApduTag)plain[0]) && plain[0] != 0 : (ApduTag)plain[0] == announced;
    }

    /// <summary>
    /// Without a tag, being a whole valid APDU is all the evidence there is that the key was right; only on it may a counter move, or
    /// one forged APDU with counter FFFFFFFF would lock the partner out.
    /// </summary>
    private static bool IsWellFormed(ReadOnlySpan<byte> plain) => (ApduTag)plain[0] switch
    {
        ApduTag.InitiateRequest => InitiateRequest.TryRead(plain, out _, out _),
        ApduTag.InitiateResponse => InitiateResponse.TryRead(plain, out _, out _),
        ApduTag.GetRequest => GetRequest.TryRead(plain, out _, out _),
        ApduTag.SetRequest => SetRequest.TryRead(plain, out _, out _),
        ApduTag.ActionRequest => ActionRequest.TryRead(plain, out _, out _),
        ApduTag.GetResponse => GetResponse.TryRead(plain, out _, out _),
        ApduTag.SetResponse => SetResponse.TryRead(plain, out _, out _),
        ApduTag.ActionResponse => ActionResponse.TryRead(plain, out _, out _),
        ApduTag.ConfirmedServiceError => ConfirmedServiceError.TryRead(plain, out _, out _),
        ApduTag.ExceptionResponse => ExceptionResponse.TryRead(plain, out _, out _),
        _ => false,
    };

    private void WriteHead(ReadOnlySpan<byte> apdu, Wrapping wrapping, IBufferWriter<byte> output)
    {
        var plain = (ApduTag)apdu[0];
        var tag = wrapping.General ? ApduTag.None : wrapping.Dedicated ? ApduTags.Dedicated(plain) : ApduTags.Global(plain);
        if (tag != ApduTag.None)
        {
            output.WriteByte((byte)tag);
            return;
        }

        output.WriteByte((byte)(wrapping.Dedicated ? ApduTag.GeneralDedCiphering : ApduTag.GeneralGloCiphering));
        output.WriteByte(SystemTitle.Size);
        own.Write(output.GetSpan(SystemTitle.Size));
        output.Advance(SystemTitle.Size);
    }

    private GcmKey? KeyOf(KeyRole role) => role switch
    {
        KeyRole.Dedicated => _dedicated,
        KeyRole.GlobalBroadcast when !keys.Broadcast.IsEmpty => _broadcast ??= new(keys.Broadcast, keys.Authentication),
        KeyRole.GlobalBroadcast => null,
        _ => _unicast,
    };

    private ulong FloorOf(KeyRole role) => role == KeyRole.Dedicated ? _dedicatedFloor : counters.ReceiveFloor(role, Peer);

    private void Accept(KeyRole role, uint counter)
    {
        if (role == KeyRole.Dedicated) _dedicatedFloor = counter + 1UL;
        else counters.Accept(role, Peer, counter);
    }
}
