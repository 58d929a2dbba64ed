using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Data;

namespace Gridtally.Cosem.Security;

/// <content>What goes out: signed first, then ciphered.</content>
public sealed partial class ApduCipher
{
    private TransactionId? _sentTransaction;

    /// <summary>Writes one plain APDU protected as <paramref name="wrapping"/> says.</summary>
    /// <param name="apdu">The plain APDU, one octet or more.</param>
    /// <param name="wrapping">Protection, key and envelope; the envelope is raised where key or signature need it.</param>
    /// <param name="output">Receives one APDU, or nothing.</param>
    /// <returns>Null on success, else why it can't be protected.</returns>
    public SecurityFault? Protect(ReadOnlySpan<byte> apdu, Wrapping wrapping, IBufferWriter<byte> output)
    {
        wrapping = wrapping.Consistent;
        if (wrapping.Key == KeyChoice.Dedicated && _dedicated is null) wrapping = wrapping with { Key = KeyChoice.GlobalUnicast };
        if (wrapping.HasHeader && wrapping.Transaction is null)
        {
            if (!_counters.TryTakeSend(KeyRole.Transaction, out var number)) return SecurityFault.CounterExhausted;
            wrapping = wrapping with { Transaction = TransactionId.Of(number) };
        }

        // A confirmation has no answer: the one that is awaited belongs to the request before it.
        if ((ApduTag)apdu[0] != ApduTag.DataNotificationConfirm) _sentTransaction = wrapping.HasHeader ? wrapping.Transaction : null;
        if (!wrapping.IsSigned) return Encipher(apdu, wrapping, output);
        if (!wrapping.IsCiphered) return Sign(apdu, wrapping, output);
        _signed ??= new();
        _signed.Clear();
        return Sign(apdu, wrapping, _signed) ?? Encipher(_signed.Span, wrapping, output);
    }

    private SecurityFault? Sign(ReadOnlySpan<byte> apdu, in Wrapping wrapping, IBufferWriter<byte> output)
    {
        if (_keys.Elliptic is not { CanSign: true } elliptic) return SecurityFault.NoKey;
        var size = Suite.SignatureSize();
        Span<byte> header = stackalloc byte[GeneralHeader.MaxSize];
        header = header[..WriteHeader(header, wrapping)];

        // The signature covers what was just written, which a buffer writer does not hand back: so it is all made in one span.
        var length = header.Length + Acse.Ber.LengthSize(apdu.Length) + apdu.Length;
        output.WriteByte((byte)ApduTag.GeneralSigning);
        var span = output.GetSpan(length + 2 + size);
        header.CopyTo(span);
        var at = header.Length + WriteLength(span[header.Length..], apdu.Length);
        apdu.CopyTo(span[at..]);
        at += apdu.Length;
        elliptic.Sign(span[..at], span.Slice(at + Acse.Ber.LengthSize(size), size));
        WriteLength(span[at..], size);
        output.Advance(at + Acse.Ber.LengthSize(size) + size);
        return null;
    }

    private SecurityFault? Encipher(ReadOnlySpan<byte> apdu, in Wrapping wrapping, IBufferWriter<byte> output)
    {
        if (!wrapping.IsCiphered)
        {
            output.Write(apdu);
            return null;
        }

        if (wrapping.HasOwnKey) return EncipherOnce(apdu, wrapping, output);
        var broadcast = wrapping.Key == KeyChoice.GlobalBroadcast;
        var key = KeyOf(broadcast ? KeyRole.GlobalBroadcast : wrapping.Key == KeyChoice.Dedicated ? KeyRole.Dedicated : KeyRole.GlobalUnicast);
        if (key is null) return SecurityFault.NoKey;

        // One counter for the unicast and the dedicated key: a peer that uses a dedicated key a second time meets no initialization
        // vector twice, and servers that hold one floor for all keys (Gurux does) accept what follows the AARQ.
        if (!_counters.TryTakeSend(broadcast ? KeyRole.GlobalBroadcast : KeyRole.GlobalUnicast, out var counter)) return SecurityFault.CounterExhausted;
        if (wrapping.Envelope == Envelope.GeneralCiphering)
        {
            Span<byte> header = stackalloc byte[GeneralHeader.MaxSize];
            header = header[..WriteGeneral(header, wrapping, KeyInfoKind.Identified, broadcast ? (byte)1 : (byte)0, default, output)];
            WriteBody(key, SecurityControl.Of(wrapping.Protection, Suite), counter, apdu, header, output);
        }
        else
        {
            WriteHead((ApduTag)apdu[0], wrapping, output);
            WriteBody(key, SecurityControl.Of(wrapping.Protection, Suite, broadcast), counter, apdu, default, output);
        }

        return null;
    }

    /// <summary>
    /// general-ciphering under a key that is made for this one APDU; so its invocation counter is 0. Where any transaction-id is taken, one that comes
    /// twice makes the same key of C(0e,2s) twice, so that there it is the counter that must not repeat.
    /// </summary>
    private SecurityFault? EncipherOnce(ReadOnlySpan<byte> apdu, in Wrapping wrapping, IBufferWriter<byte> output)
    {
        var counter = 0u;
        if (TakesAnyTransaction && wrapping.Key == KeyChoice.StaticUnified && !_counters.TryTakeSend(KeyRole.Transaction, out counter)) return SecurityFault.CounterExhausted;
        Span<byte> data = stackalloc byte[2 * SecuritySuites.MaxSignatureSize];
        var key = wrapping.Key switch
        {
            KeyChoice.Wrapped => WrapFresh(ref data),
            KeyChoice.OnePass => AgreeFresh(ref data),
            _ => AgreeStatic(ref data, wrapping.Transaction),
        };
        if (key is null) return SecurityFault.NoKey;
        using (key)
        {
            var (kind, id) = wrapping.Key switch
            {
                KeyChoice.Wrapped => (KeyInfoKind.Wrapped, (byte)0),
                KeyChoice.OnePass => (KeyInfoKind.Agreed, KeyInfo.OnePass),
                _ => (KeyInfoKind.Agreed, KeyInfo.StaticUnified),
            };
            Span<byte> header = stackalloc byte[GeneralHeader.MaxSize];
            header = header[..WriteGeneral(header, wrapping, kind, id, data, output)];
            WriteBody(key, SecurityControl.Of(wrapping.Protection, Suite), counter, apdu, header, output);
        }

        return null;
    }

    private GcmKey? WrapFresh(ref Span<byte> data)
    {
        if (Random is null || _keys.Master.IsEmpty) return null;
        Span<byte> fresh = stackalloc byte[SecuritySuites.MaxKeySize];
        fresh = fresh[..Suite.KeySize()];
        Random(fresh);
        var wrapped = KeyWrap.Wrap(_keys.Master, fresh);
        wrapped.CopyTo(data);
        data = data[..wrapped.Length];
        var key = new GcmKey(fresh, _keys.Authentication, Suite);
        CryptographicOperations.ZeroMemory(fresh);
        return key;
    }

    /// <summary>C(1e,1s): an ephemeral key pair against the partner's static key; the public half travels with the own signature over it.</summary>
    private GcmKey? AgreeFresh(ref Span<byte> data)
    {
        if (Random is null || _keys.Elliptic is not { CanSign: true } elliptic || elliptic.PeerAgreement.IsEmpty) return null;
        var ephemeral = EllipticCurves.NewPrivateKey(Suite, Random);
        using var pair = EllipticCurves.Agreement(Suite, ephemeral);
        CryptographicOperations.ZeroMemory(ephemeral);
        if (!EllipticCurves.TryAgree(Suite, pair, elliptic.PeerAgreement, out var secret)) return null;
        var size = Suite.PublicKeySize();
        EllipticCurves.Point(pair.ExportParameters(false).Q).CopyTo(data);
        elliptic.Sign(data[..size], data[size..(2 * size)]);
        data = data[..(2 * size)];
        var key = Derive(secret, Own, Peer, null);
        CryptographicOperations.ZeroMemory(secret);
        return key;
    }

    private GcmKey? AgreeStatic(ref Span<byte> data, TransactionId? transaction)
    {
        data = default;
        return StaticSecret is { } secret ? Derive(secret, Own, Peer, transaction ?? default(TransactionId)) : null;
    }

    private int WriteHeader(Span<byte> target, in Wrapping wrapping) =>
        GeneralHeader.Write(target, wrapping.Transaction.GetValueOrDefault(), Own, Peer, DateTime.Span, OtherInformation.Span);

    /// <summary>Tag, fields and key-info of general-ciphering. Returns how many octets of <paramref name="header"/> the fields take.</summary>
    private int WriteGeneral(Span<byte> header, in Wrapping wrapping, KeyInfoKind kind, byte id, ReadOnlySpan<byte> data, IBufferWriter<byte> output)
    {
        var length = WriteHeader(header, wrapping);
        output.WriteByte((byte)ApduTag.GeneralCiphering);
        output.Write(header[..length]);
        KeyInfo.Write(output, kind, id, data);
        return length;
    }

    private void WriteHead(ApduTag plain, in Wrapping wrapping, IBufferWriter<byte> output)
    {
        var dedicated = wrapping.Key == KeyChoice.Dedicated;
        var tag = wrapping.Envelope == Envelope.General ? ApduTag.None : dedicated ? ApduTags.Dedicated(plain) : ApduTags.Global(plain);
        if (tag != ApduTag.None)
        {
            output.WriteByte((byte)tag);
            return;
        }

        output.WriteByte((byte)(dedicated ? ApduTag.GeneralDedCiphering : ApduTag.GeneralGloCiphering));
        output.WriteByte(SystemTitle.Size);
        Own.Write(output.GetSpan(SystemTitle.Size));
        output.Advance(SystemTitle.Size);
    }

    /// <summary>Length, security control, invocation counter, content and tag.</summary>
    private void WriteBody(GcmKey key, SecurityControl control, uint counter, ReadOnlySpan<byte> apdu, ReadOnlySpan<byte> fields, IBufferWriter<byte> output)
    {
        var tagSize = (control.Protection & Protection.Authenticated) != 0 ? CipheredApdu.TagSize : 0;
        var size = CipheredApdu.HeaderSize + apdu.Length + tagSize;
        output.WriteLength(size);
        var span = output.GetSpan(size)[..size];
        span[0] = control.Value;
        BinaryPrimitives.WriteUInt32BigEndian(span[1..], counter);
        var body = span[CipheredApdu.HeaderSize..];
        key.Protect(control, Own, counter, apdu, body[..apdu.Length], body[apdu.Length..], fields);
        output.Advance(size);
    }

    private static int WriteLength(Span<byte> target, int length)
    {
        var size = Acse.Ber.LengthSize(length);
        if (size == 1)
        {
            target[0] = (byte)length;
            return size;
        }

        target[0] = (byte)(0x80 | size - 1);
        for (var i = 1; i < size; i++) target[i] = (byte)(length >> 8 * (size - 1 - i));
        return size;
    }
}
