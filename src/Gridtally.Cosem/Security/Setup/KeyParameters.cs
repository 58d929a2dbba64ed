using System.Buffers;
using System.Security.Cryptography;
using Gridtally.Cosem.Data;

namespace Gridtally.Cosem.Security;

/// <summary>Parameters of the methods of Security setup, as a client sends them.</summary>
/// <remarks>Class 64, Blue Book. Each writes the encoded Data of one parameter.</remarks>
public static class KeyParameters
{
    internal const byte ByEntity = 0, BySerial = 1;

    /// <summary>Parameter of security_activate, version 0 or 1.</summary>
    public static void WritePolicy(IBufferWriter<byte> output, SecurityPolicy policy, byte version = 1) => output.WriteEnum(version == 0 ? policy.ToVersion0() : policy.ToVersion1());

    /// <summary>Parameter of key_transfer (global_key_transfer in version 0): keys wrapped with the master key.</summary>
    /// <param name="output">Receives an array of {key_id, key_wrapped}.</param>
    /// <param name="master">The KEK that the server has now, also where the KEK is one of the keys.</param>
    /// <param name="keys">One to four keys.</param>
    /// <exception cref="ArgumentException">No key, one twice, or one of a size that no suite has.</exception>
    public static void WriteTransfer(IBufferWriter<byte> output, ReadOnlySpan<byte> master, params ReadOnlySpan<NewKey> keys)
    {
        if (keys.IsEmpty) throw new ArgumentException("A key transfer needs one key or more.", nameof(keys));
        for (var i = 1; i < keys.Length; i++)
        {
            foreach (var before in keys[..i])
            {
                if (before.Id == keys[i].Id) throw new ArgumentException($"{before.Id} is to be transferred twice.", nameof(keys));
            }
        }

        output.WriteArray(keys.Length);
        foreach (var key in keys) Write(output, key.Id, KeyWrap.Wrap(master, key.Key));
    }

    /// <summary>Parameter of generate_key_pair and generate_certificate_request.</summary>
    public static void WriteType(IBufferWriter<byte> output, CertificateType type) => output.WriteEnum((byte)type);

    /// <summary>Parameter of import_certificate.</summary>
    public static void WriteCertificate(IBufferWriter<byte> output, ReadOnlySpan<byte> certificate) => output.WriteOctetString(certificate);

    /// <summary>Parameter of export_certificate and remove_certificate: by whose certificate it is.</summary>
    public static void WriteIdentification(IBufferWriter<byte> output, CertificateEntity entity, CertificateType type, SystemTitle title)
    {
        Span<byte> octets = stackalloc byte[SystemTitle.Size];
        title.Write(octets);
        output.WriteStructure(2);
        output.WriteEnum(ByEntity);
        output.WriteStructure(3);
        output.WriteEnum((byte)entity);
        output.WriteEnum((byte)type);
        output.WriteOctetString(octets);
    }

    /// <summary>Parameter of export_certificate and remove_certificate: by serial number and issuer, as attribute 6 gives them.</summary>
    public static void WriteIdentification(IBufferWriter<byte> output, ReadOnlySpan<byte> serialNumber, ReadOnlySpan<byte> issuer)
    {
        output.WriteStructure(2);
        output.WriteEnum(BySerial);
        output.WriteStructure(2);
        output.WriteOctetString(serialNumber);
        output.WriteOctetString(issuer);
    }

    internal static void Write(IBufferWriter<byte> output, KeyId id, ReadOnlySpan<byte> data)
    {
        output.WriteStructure(2);
        output.WriteEnum((byte)id);
        output.WriteOctetString(data);
    }
}

/// <summary>The client's side of key_agreement: new keys without a master key. Fresh for each agreement.</summary>
/// <remarks>
/// Ephemeral unified model C(2e,0s), IEC 62056-5-3: both send an ephemeral key, signed together with the key_id. Method 3 of class 64
/// version 1, suites 1 and 2. <see cref="Offer"/> writes the parameter, <see cref="TryFinish"/> reads what the method returns.
/// </remarks>
/// <param name="keys">Own signing key and the server's.</param>
/// <param name="client">Own system title.</param>
/// <param name="server">The server's system title.</param>
public sealed class KeyAgreement(EllipticKeys keys, SystemTitle client, SystemTitle server) : IDisposable
{
    private readonly List<(KeyId Id, EphemeralKey Key)> _offers = [];

    /// <summary>Writes the parameter: a fresh key for each of <paramref name="ids"/>.</summary>
    /// <param name="output">Receives encoded Data.</param>
    /// <param name="random">Source of the ephemeral keys.</param>
    /// <param name="ids">One to four keys.</param>
    /// <exception cref="InvalidOperationException">There is no own signing key, or this was called before.</exception>
    public void Offer(IBufferWriter<byte> output, RandomSource random, params ReadOnlySpan<KeyId> ids)
    {
        if (_offers.Count > 0 || !keys.CanSign || !keys.CanVerify) throw new InvalidOperationException("An agreement is offered once, and needs an own signing key and the server's.");
        output.WriteArray(ids.Length);
        foreach (var id in ids)
        {
            var key = EphemeralKey.New(keys.Suite, random);
            _offers.Add((id, key));
            KeyParameters.Write(output, id, key.Sign(id, keys));
        }
    }

    /// <summary>Verifies the answer and derives the keys.</summary>
    /// <param name="returned">Encoded Data that the method returned.</param>
    /// <param name="agreed">The keys, in the order offered.</param>
    /// <returns>Null on success; <see cref="SecurityFault.Malformed"/>, <see cref="SecurityFault.BadSignature"/> or <see cref="SecurityFault.KeyNotEstablished"/>.</returns>
    public SecurityFault? TryFinish(ReadOnlySpan<byte> returned, out IReadOnlyList<NewKey> agreed)
    {
        agreed = [];
        var made = new List<NewKey>(_offers.Count);
        var reader = new AxdrReader(returned, "key_agreement");
        if (!reader.TryReadArray(out var count) || count != _offers.Count) return SecurityFault.Malformed;
        foreach (var (id, key) in _offers)
        {
            if (!reader.TryReadStructureOf(2) || !reader.TryReadNumber(out var number) || number != (byte)id || !reader.TryReadOctets(out var data)) return SecurityFault.Malformed;
            if (!EphemeralKey.Verify(keys, id, data)) return SecurityFault.BadSignature;
            if (key.Agree(id, data[..keys.Suite.PublicKeySize()], client, server) is not { } derived) return SecurityFault.KeyNotEstablished;
            made.Add(new(id, derived));
        }

        if (!reader.TryEnd()) return SecurityFault.Malformed;
        agreed = made;
        return null;
    }

    /// <summary>Frees the ephemeral keys.</summary>
    public void Dispose()
    {
        foreach (var (_, key) in _offers) key.Dispose();
        _offers.Clear();
    }
}

/// <summary>An ephemeral key pair of key_agreement, and the signature over it.</summary>
internal sealed class EphemeralKey : IDisposable
{
    private readonly SecuritySuite _suite;
    private readonly ECDiffieHellman _pair;
    private readonly byte[] _public;

    private EphemeralKey(SecuritySuite suite, ECDiffieHellman pair) => (_suite, _pair, _public) = (suite, pair, EllipticCurves.Point(pair.ExportParameters(false).Q));

    public static EphemeralKey New(SecuritySuite suite, RandomSource random)
    {
        var key = EllipticCurves.NewPrivateKey(suite, random);
        var pair = EllipticCurves.Agreement(suite, key);
        CryptographicOperations.ZeroMemory(key);
        return new(suite, pair);
    }

    /// <summary>key_data: x || y || R || S over key_id || x || y.</summary>
    public byte[] Sign(KeyId id, ECDsa key) => [.. _public, .. key.SignData((byte[])[(byte)id, .. _public], _suite.Hash())];

    public byte[] Sign(KeyId id, EllipticKeys keys)
    {
        var signature = new byte[_suite.SignatureSize()];
        keys.Sign([(byte)id, .. _public], signature);
        return [.. _public, .. signature];
    }

    public static bool Verify(SecuritySuite suite, KeyId id, ReadOnlySpan<byte> data, ECDsa key)
    {
        var size = suite.PublicKeySize();
        return data.Length == size + suite.SignatureSize() && key.VerifyData([(byte)id, .. data[..size]], data[size..], suite.Hash());
    }

    public static bool Verify(EllipticKeys keys, KeyId id, ReadOnlySpan<byte> data)
    {
        var size = keys.Suite.PublicKeySize();
        return data.Length == size + keys.Suite.SignatureSize() && keys.Verify([(byte)id, .. data[..size]], data[size..]);
    }

    /// <summary>Derives the key; PartyU is the client, who asked. A master key is for wrapping, the others for AES-GCM.</summary>
    public byte[]? Agree(KeyId id, ReadOnlySpan<byte> partner, SystemTitle client, SystemTitle server)
    {
        if (!EllipticCurves.TryAgree(_suite, _pair, partner, out var secret)) return null;
        Span<byte> titles = stackalloc byte[2 * SystemTitle.Size];
        client.Write(titles);
        server.Write(titles[SystemTitle.Size..]);
        var key = new byte[_suite.KeySize()];
        var algorithm = id == KeyId.Master ? KeyDerivation.Wrapping(_suite) : KeyDerivation.Ciphering(_suite);
        KeyDerivation.Derive(_suite, secret, algorithm, titles[..SystemTitle.Size], titles[SystemTitle.Size..], key);
        CryptographicOperations.ZeroMemory(secret);
        return key;
    }

    public void Dispose() => _pair.Dispose();
}
