using System.Buffers;
using System.Security.Cryptography;
using Gridtally.Cosem.Data;

namespace Gridtally.Cosem.Security;

/// <summary>Security setup as a server serves it: policy, keys and certificates of one client. No I/O; a device lends the store.</summary>
/// <remarks>Class 64, versions 0 and 1, Blue Book. Which clients may use it is for the object table to say.</remarks>
/// <param name="store">Keys, policy, certificates, randomness.</param>
/// <param name="version">0 has attributes 2 to 5 and methods 1 and 2; 1 has all.</param>
public sealed partial class SecuritySetup(ISecuritySetupStore store, byte version = 1)
{
    // key_transfer and key_agreement know four keys; a request with more, or with one twice, is not one.
    private const int MaxKeys = 4;

    /// <summary>Reads an attribute.</summary>
    /// <param name="attribute">2 to 6; the logical name is for the object table.</param>
    /// <param name="output">Receives encoded Data.</param>
    /// <returns>scope-of-access-violated for an attribute that the version does not have.</returns>
    public DataAccessResult Get(sbyte attribute, IBufferWriter<byte> output)
    {
        switch (attribute)
        {
            case 2: output.WriteEnum(version == 0 ? store.Policy.ToVersion0() : store.Policy.ToVersion1()); break;
            case 3: output.WriteEnum((byte)store.Suite); break;
            case 4: WriteTitle(store.ClientSystemTitle, output); break;
            case 5: WriteTitle(store.ServerSystemTitle, output); break;
            case 6 when version > 0: WriteCertificates(output); break;
            default: return DataAccessResult.ScopeOfAccessViolated;
        }

        return DataAccessResult.Success;
    }

    /// <summary>Invokes a method.</summary>
    /// <param name="method">1 security_activate to 8 remove_certificate.</param>
    /// <param name="parameter">Encoded Data.</param>
    /// <param name="output">Receives the encoded return value of methods 3, 5 and 7.</param>
    /// <returns>
    /// type-unmatched where the parameter is another than the class says; other-reason where a policy would get weaker, a key or certificate
    /// does not verify, or the device can't keep it; object-unavailable for a key or certificate that is not there.
    /// </returns>
    public ActionResult Invoke(sbyte method, ReadOnlySpan<byte> parameter, IBufferWriter<byte> output) => method switch
    {
        1 => Activate(parameter),
        2 => TransferKeys(parameter),
        3 when version > 0 => AgreeKeys(parameter, output),
        4 when version > 0 => GenerateKeyPair(parameter),
        5 when version > 0 => RequestCertificate(parameter, output),
        6 when version > 0 => ImportCertificate(parameter),
        7 when version > 0 => ExportCertificate(parameter, output),
        8 when version > 0 => RemoveCertificate(parameter),
        _ => ActionResult.ScopeOfAccessViolated,
    };

    private static void WriteTitle(SystemTitle? title, IBufferWriter<byte> output)
    {
        Span<byte> octets = stackalloc byte[SystemTitle.Size];
        title?.Write(octets);
        output.WriteOctetString(title is null ? [] : octets);
    }

    private ActionResult Activate(ReadOnlySpan<byte> parameter)
    {
        if (!TryReadEnum(parameter, out var value)) return ActionResult.TypeUnmatched;
        var known = version == 0 ? SecurityPolicy.TryFromVersion0(value, out var policy) : SecurityPolicy.TryFromVersion1(value, out policy);
        if (!known || !policy.IsAtLeast(store.Policy)) return ActionResult.OtherReason;
        var signs = ((policy.Request | policy.Response) & Protection.Signed) != 0;
        if (signs && !store.Suite.HasPublicKeys()) return ActionResult.OtherReason;
        return store.TryActivate(policy) ? ActionResult.Success : ActionResult.OtherReason;
    }

    private ActionResult TransferKeys(ReadOnlySpan<byte> parameter)
    {
        if (!TryReadKeys(parameter, out var transferred)) return ActionResult.TypeUnmatched;
        if (!AreKeys(transferred) || store.MasterKey.IsEmpty) return ActionResult.OtherReason;
        var keys = new List<NewKey>(transferred.Count);
        foreach (var (id, wrapped) in transferred)
        {
            if (!KeyWrap.TryUnwrap(store.MasterKey, wrapped, out var key) || key.Length != store.Suite.KeySize()) return Refuse(keys);
            keys.Add(new(id, key));
        }

        return Renew(keys);
    }

    /// <summary>C(2e,0s): for each key the client's ephemeral key comes signed, and the server's own goes back signed.</summary>
    private ActionResult AgreeKeys(ReadOnlySpan<byte> parameter, IBufferWriter<byte> output)
    {
        if (!TryReadKeys(parameter, out var offers)) return ActionResult.TypeUnmatched;
        var suite = store.Suite;
        if (!AreKeys(offers) || !suite.HasPublicKeys() || store.ClientSystemTitle is not { } client) return ActionResult.OtherReason;
        var signing = store.PrivateKey(CertificateType.DigitalSignature);
        if (signing.IsEmpty || !EllipticCurves.TryVerification(suite, store.ClientSigningKey, out var verification)) return ActionResult.ObjectUnavailable;
        using var verifying = verification;
        using var signer = EllipticCurves.Signing(suite, signing);
        var keys = new List<NewKey>(offers.Count);
        var answers = new List<byte[]>(offers.Count);
        foreach (var (id, data) in offers)
        {
            if (!EphemeralKey.Verify(suite, id, data, verifying)) return Refuse(keys);
            using var ephemeral = EphemeralKey.New(suite, store.FillRandom);
            if (ephemeral.Agree(id, data.AsSpan(0, suite.PublicKeySize()), client, store.ServerSystemTitle) is not { } key) return Refuse(keys);
            keys.Add(new(id, key));
            answers.Add(ephemeral.Sign(id, signer));
        }

        var result = Renew(keys);
        if (result != ActionResult.Success) return result;
        output.WriteArray(offers.Count);
        for (var i = 0; i < offers.Count; i++) KeyParameters.Write(output, offers[i].Id, answers[i]);
        return ActionResult.Success;
    }

    private ActionResult Renew(List<NewKey> keys)
    {
        var done = store.TryRenew(keys);
        foreach (var key in keys) CryptographicOperations.ZeroMemory(key.Key);
        return done ? ActionResult.Success : ActionResult.OtherReason;
    }

    private static ActionResult Refuse(List<NewKey> keys)
    {
        foreach (var key in keys) CryptographicOperations.ZeroMemory(key.Key);
        return ActionResult.OtherReason;
    }

    /// <summary>True where each is a key that the version has, and none comes twice.</summary>
    private bool AreKeys(List<(KeyId Id, byte[] Data)> keys)
    {
        var last = version == 0 ? KeyId.Authentication : KeyId.Master;
        return keys.All(key => key.Id <= last) && keys.DistinctBy(key => key.Id).Count() == keys.Count;
    }

    private static bool TryReadKeys(ReadOnlySpan<byte> parameter, out List<(KeyId Id, byte[] Data)> keys)
    {
        keys = [];
        var reader = new AxdrReader(parameter, "key_transfer");
        if (!reader.TryReadArray(out var count) || count is 0 or > MaxKeys) return false;
        for (var i = 0; i < count; i++)
        {
            if (!reader.TryReadStructureOf(2) || !reader.TryReadNumber(out var id) || !reader.TryReadOctets(out var data)) return false;
            if (id is < 0 or > byte.MaxValue) return false;
            keys.Add(((KeyId)id, data.ToArray()));
        }

        return reader.TryEnd();
    }

    private static bool TryReadEnum(ReadOnlySpan<byte> parameter, out byte value)
    {
        var reader = new AxdrReader(parameter, "enum");
        var done = reader.Peek == DataTag.Enum && reader.TryReadNumber(out var number) && reader.TryEnd();
        value = done ? parameter[1] : (byte)0;
        return done;
    }
}
