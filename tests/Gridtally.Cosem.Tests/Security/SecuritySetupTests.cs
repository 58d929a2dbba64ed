using System.Buffers;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Gridtally.Cosem.Data;
using Gridtally.Cosem.Security;
using Gridtally.Cosem.Tests.Associations;
using Gridtally.Testing;
using static Gridtally.Testing.Bytes;

namespace Gridtally.Cosem.Tests;

/// <summary>Class 64 over a store in memory: the server's methods, and what a client sends them.</summary>
public sealed class SecuritySetupTests
{
    private static readonly SystemTitle Client = Dialogue.ClientTitle, Server = Dialogue.ServerTitle;
    private static readonly DateTimeOffset Noon = new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);

    public static TheoryData<SecuritySuite> Elliptic => [SecuritySuite.Suite1, SecuritySuite.Suite2];

    [Theory]
    [InlineData("16 00", "16 6C", 0x6C)]
    [InlineData("16 0C", "16 6C", 0x6C)]
    [InlineData("16 6C", "16 6C", 0x6C)]
    [Shows("policy.v1", "security.activate")]
    public void A_policy_of_version_1_gets_stronger(string before, string parameter, byte after)
    {
        var store = new MemoryStore(SecuritySuite.Suite0);
        Assert.Equal(ActionResult.Success, Invoke(store, 1, Hex(before)));

        Assert.Equal(ActionResult.Success, Invoke(store, 1, Hex(parameter)));
        Assert.Equal([0x16, after], Get(store, 2));
    }

    [Theory]
    [InlineData("16 0C")] // gives responses up
    [InlineData("16 00")]
    [InlineData("16 6D")] // bit 0 is reserved
    [InlineData("16 FC")] // suite 0 has no signatures
    [Shows("security.activate")]
    public void A_policy_that_is_weaker_or_unknown_is_refused(string parameter)
    {
        var store = new MemoryStore(SecuritySuite.Suite0);
        Invoke(store, 1, Hex("16 6C"));

        Assert.Equal(ActionResult.OtherReason, Invoke(store, 1, Hex(parameter)));
        Assert.Equal(Hex("16 6C"), Get(store, 2));
    }

    [Fact]
    [Shows("policy.v0", "security.activate")]
    public void A_policy_of_version_0_gets_stronger_and_never_trades_one_protection_for_the_other()
    {
        var store = new MemoryStore(SecuritySuite.Suite0);
        var setup = new SecuritySetup(store, 0);

        Assert.Equal(ActionResult.Success, setup.Invoke(1, Hex("16 01"), new ArrayBufferWriter<byte>()));
        Assert.Equal(ActionResult.OtherReason, setup.Invoke(1, Hex("16 02"), new ArrayBufferWriter<byte>()));
        Assert.Equal(ActionResult.OtherReason, setup.Invoke(1, Hex("16 04"), new ArrayBufferWriter<byte>()));
        Assert.Equal(ActionResult.Success, setup.Invoke(1, Hex("16 03"), new ArrayBufferWriter<byte>()));
        Assert.Equal(SecurityPolicy.Both(Protection.AuthenticatedEncrypted), store.Policy);
        Assert.Equal(Hex("16 03"), Written(output => setup.Get(2, output)));
        Assert.Equal(DataAccessResult.ScopeOfAccessViolated, setup.Get(6, new ArrayBufferWriter<byte>()));
        Assert.Equal(ActionResult.ScopeOfAccessViolated, setup.Invoke(3, Hex("01 00"), new ArrayBufferWriter<byte>()));
    }

    [Fact]
    public void Titles_and_suite_are_read()
    {
        var store = new MemoryStore(SecuritySuite.Suite2);

        Assert.Equal(Hex("16 02"), Get(store, 3));
        Assert.Equal(Hex("09 08 4754430000000001"), Get(store, 4));
        Assert.Equal(Hex("09 08 47544D000000004D"), Get(store, 5));
        Assert.Equal(Hex("01 00"), Get(store, 6));
    }

    [Fact]
    [Shows("key.transfer")]
    public void A_key_transfer_has_the_published_octets_and_renews_the_key()
    {
        var vector = Vectors.ById("keywrap-master-guek");
        var key = Hex(vector.Text("key")!);
        var parameter = Written(output => KeyParameters.WriteTransfer(output, vector.Key("kek"), new NewKey(KeyId.GlobalUnicastEncryption, key)));
        var store = new MemoryStore(SecuritySuite.Suite0) { Master = vector.Key("kek")! };

        Assert.Equal($"010102021600091826DE33DDF46BB04F7762E931BD7590FAEE90B48687571982", Convert.ToHexString(parameter));
        Assert.Equal(ActionResult.Success, Invoke(store, 2, parameter));
        Assert.Equal(key, store.Renewed[KeyId.GlobalUnicastEncryption]);
    }

    [Fact]
    [Shows("key.transfer")]
    public void All_four_keys_are_renewed_or_none()
    {
        var store = new MemoryStore(SecuritySuite.Suite2);
        NewKey[] keys = [.. Enum.GetValues<KeyId>().Select((id, i) => new NewKey(id, [.. Enumerable.Repeat((byte)i, 32)]))];
        var parameter = Written(output => KeyParameters.WriteTransfer(output, store.Master, keys));
        var damaged = (byte[])parameter.Clone();
        damaged[^1] ^= 1;

        Assert.Equal(ActionResult.OtherReason, Invoke(store, 2, damaged));
        Assert.Empty(store.Renewed);
        Assert.Equal(ActionResult.Success, Invoke(store, 2, parameter));
        Assert.Equal(keys.Select(k => k.Key), store.Renewed.OrderBy(k => k.Key).Select(k => k.Value));
    }

    [Theory]
    [InlineData("01 00")]
    [InlineData("01 05 00")]
    [InlineData("01 01 0202 1600 0900 00")] // more than the array
    [InlineData("1600")]
    public void A_key_transfer_of_another_shape_is_refused(string parameter) =>
        Assert.Equal(ActionResult.TypeUnmatched, Invoke(new MemoryStore(SecuritySuite.Suite0), 2, Hex(parameter)));

    [Theory]
    [InlineData("01 01 0202 1604 0900")] // no such key
    [InlineData("01 02 0202 1600 0900 0202 1600 0900")] // one key twice
    public void A_key_transfer_of_unknown_keys_or_of_one_key_twice_is_refused(string parameter) =>
        Assert.Equal(ActionResult.OtherReason, Invoke(new MemoryStore(SecuritySuite.Suite0), 2, Hex(parameter)));

    [Theory, MemberData(nameof(Elliptic))]
    [Shows("key.agreement")]
    public void Client_and_server_agree_on_keys(SecuritySuite suite)
    {
        var store = new MemoryStore(suite);
        using var keys = SuiteDialogues.Keys(suite, ofClient: true).Elliptic!;
        using var agreement = new KeyAgreement(keys, Client, Server);
        var offer = Written(output => agreement.Offer(output, SuiteDialogues.Random("offer"), KeyId.GlobalUnicastEncryption, KeyId.Authentication, KeyId.Master));
        var answer = new ArrayBufferWriter<byte>();

        Assert.Equal(ActionResult.Success, new SecuritySetup(store).Invoke(3, offer, answer));
        Assert.Null(agreement.TryFinish(answer.WrittenSpan, out var agreed));

        Assert.Equal([KeyId.GlobalUnicastEncryption, KeyId.Authentication, KeyId.Master], agreed.Select(k => k.Id));
        Assert.All(agreed, key => Assert.Equal(key.Key, store.Renewed[key.Id]));
        Assert.Equal(3, agreed.Select(k => Convert.ToHexString(k.Key)).Distinct().Count());
        Assert.All(agreed, key => Assert.Equal(suite.KeySize(), key.Key.Length));
    }

    [Fact]
    [Shows("key.agreement")]
    public void An_offer_or_answer_whose_signature_is_wrong_is_refused()
    {
        var store = new MemoryStore(SecuritySuite.Suite1);
        using var keys = SuiteDialogues.Keys(SecuritySuite.Suite1, ofClient: true).Elliptic!;
        using var agreement = new KeyAgreement(keys, Client, Server);
        var offer = Written(output => agreement.Offer(output, SuiteDialogues.Random("offer"), KeyId.GlobalUnicastEncryption));
        var answer = new ArrayBufferWriter<byte>();

        // The published key signs key-id 0; the same octets for key-id 1 are another offer.
        var other = (byte[])offer.Clone();
        other[5] = 1;
        Assert.Equal(ActionResult.OtherReason, new SecuritySetup(store).Invoke(3, other, answer));
        Assert.Empty(store.Renewed);
        Assert.Equal(0, answer.WrittenCount);

        Assert.Equal(ActionResult.Success, new SecuritySetup(store).Invoke(3, offer, answer));
        var changed = answer.WrittenSpan.ToArray();
        changed[^1] ^= 1;
        Assert.Equal(SecurityFault.BadSignature, agreement.TryFinish(changed, out _));
        Assert.Equal(SecurityFault.Malformed, agreement.TryFinish(Hex("0100"), out _));
    }

    [Theory, MemberData(nameof(Elliptic))]
    [Shows("key.generate", "certificate.request", "certificate.import", "certificate.export", "certificate.remove")]
    public void A_key_pair_is_generated_certified_exported_and_removed(SecuritySuite suite)
    {
        var store = new MemoryStore(suite);
        using var authority = new Authority(suite);
        var type = Written(output => KeyParameters.WriteType(output, CertificateType.DigitalSignature));

        Assert.Equal(ActionResult.Success, Invoke(store, 4, type));
        Assert.Equal(ActionResult.Success, Invoke(store, 5, type, out var request));
        var certificate = authority.Certify(Octets(request));

        Assert.Equal(ActionResult.OtherReason, Invoke(store, 6, ImportOf(certificate))); // its authority is not known
        Assert.Equal(ActionResult.Success, Invoke(store, 6, ImportOf(authority.Certificate)));
        Assert.Equal(ActionResult.Success, Invoke(store, 6, ImportOf(certificate)));
        Assert.Equal([(CertificateEntity.CertificationAuthority, CertificateType.Other), (CertificateEntity.Server, CertificateType.DigitalSignature)], store.Certificates.Select(c => (c.Entity, c.Type)));

        var byEntity = Written(output => KeyParameters.WriteIdentification(output, CertificateEntity.Server, CertificateType.DigitalSignature, Server));
        Assert.Equal(ActionResult.Success, Invoke(store, 7, byEntity, out var exported));
        Assert.Equal(certificate, Octets(exported));
        var listed = CertificateList(Get(store, 6));
        Assert.Equal(2, listed.Count);
        var bySerial = Written(output => KeyParameters.WriteIdentification(output, listed[1].Serial, listed[1].Issuer));
        Assert.Equal(ActionResult.Success, Invoke(store, 8, bySerial));
        Assert.Equal(ActionResult.ObjectUnavailable, Invoke(store, 7, byEntity));
        Assert.Single(store.Certificates);
    }

    [Fact]
    [Shows("certificate.import")]
    public void A_certificate_of_another_key_another_suite_or_another_time_is_refused()
    {
        var store = new MemoryStore(SecuritySuite.Suite1);
        using var authority = new Authority(SecuritySuite.Suite1);
        using var ofSuite2 = new Authority(SecuritySuite.Suite2);
        Invoke(store, 6, ImportOf(authority.Certificate));
        Invoke(store, 4, Hex("1600"));
        Invoke(store, 5, Hex("1600"), out var request);
        var certificate = authority.Certify(Octets(request));

        Assert.Equal(ActionResult.OtherReason, Invoke(store, 6, ImportOf(ofSuite2.Certificate)));
        Assert.Equal(ActionResult.Success, Invoke(store, 4, Hex("1600"))); // a new key pair: the certificate is of the old one
        Assert.Equal(ActionResult.OtherReason, Invoke(store, 6, ImportOf(certificate)));
        Invoke(store, 5, Hex("1600"), out request);
        store.Now = Noon.AddYears(20);
        Assert.Equal(ActionResult.OtherReason, Invoke(store, 6, ImportOf(authority.Certify(Octets(request)))));
        Assert.Equal(ActionResult.OtherReason, Invoke(store, 6, Hex("0904 30020500")));
        Assert.Equal(ActionResult.TypeUnmatched, Invoke(store, 6, Hex("1600")));
        Assert.Single(store.Certificates);
    }

    [Fact]
    public void A_certificate_with_any_octet_changed_is_not_believed()
    {
        using var authority = new Authority(SecuritySuite.Suite1);
        var certificate = authority.Certify(RequestOf(SecuritySuite.Suite1, Client));
        Assert.True(CosemCertificate.TryRead(authority.Certificate, out var root));
        var trust = new CertificateTrust([root], () => Noon);

        Assert.NotNull(trust.SigningKeyOf(certificate, Client, SecuritySuite.Suite1));
        Assert.Null(trust.SigningKeyOf(certificate, Server, SecuritySuite.Suite1));
        Assert.Null(trust.SigningKeyOf(certificate, Client, SecuritySuite.Suite2));
        Assert.Null(new CertificateTrust([root], () => Noon.AddYears(20)).SigningKeyOf(certificate, Client, SecuritySuite.Suite1));
        Assert.Null(trust.SigningKeyOf(authority.Certificate, Client, SecuritySuite.Suite1));
        for (var i = 0; i < certificate.Length; i += 3)
        {
            var changed = (byte[])certificate.Clone();
            changed[i] ^= 0x10;
            Assert.Null(trust.SigningKeyOf(changed, Client, SecuritySuite.Suite1));
            CosemCertificate.TryRead(certificate.AsSpan(0, i), out _);
        }
    }

    [Fact]
    [Shows("mechanism.7.client", "mechanism.7.server")]
    public void Certificates_in_the_aarq_and_aare_stand_in_for_keys_known_before()
    {
        using var authority = new Authority(SecuritySuite.Suite1);
        Assert.True(CosemCertificate.TryRead(authority.Certificate, out var root));
        var trust = new CertificateTrust([root], () => Noon);
        SecurityKeys Keys(string own) => new(SecuritySuite.Suite1, SuiteDialogues.Key(SecuritySuite.Suite1, "EK"), SuiteDialogues.Key(SecuritySuite.Suite1, "AK"))
        {
            Elliptic = new(SecuritySuite.Suite1, SuiteDialogues.PrivateKey(SecuritySuite.Suite1, own)),
        };
        byte[] Certificate(string own, SystemTitle title) => authority.Certify(RequestOf(SecuritySuite.Suite1, title, SuiteDialogues.PrivateKey(SecuritySuite.Suite1, own)));
        var options = SuiteDialogues.Options(SecuritySuite.Suite1, Acse.AuthenticationMechanism.HighLevelEcdsa, Protection.None) with { Keys = Keys("client"), Trust = trust, Certificate = Certificate("client", Client) };
        var spec = SuiteDialogues.Spec(SecuritySuite.Suite1, Acse.AuthenticationMechanism.HighLevelEcdsa, SecurityPolicy.None) with { Keys = Keys("server"), Trust = trust, Certificate = Certificate("server", Server) };

        using var talk = new Dialogue(options, spec);
        Assert.Equal(Cosem.Client.ClientStep.Associated, talk.Open());

        using var stranger = new Dialogue(options with { Certificate = Certificate("client", SystemTitle.Of("GTX", 9)) }, spec);
        Assert.Equal(Cosem.Client.ClientStep.Failed, stranger.Open());
        Assert.Contains("calling-AE-qualifier-not-recognized", stranger.Client.Failure!.ToString(), StringComparison.Ordinal);

        using var impostor = new Dialogue(options, spec with { Certificate = Certificate("server", SystemTitle.Of("GTX", 9)) });
        Assert.Equal(Cosem.Client.ClientStep.Failed, impostor.Open());
        Assert.Contains("certificate", impostor.Client.Failure!.ToString(), StringComparison.Ordinal);
    }

    private static byte[] RequestOf(SecuritySuite suite, SystemTitle title, byte[]? key = null)
    {
        using var signing = EllipticCurves.Signing(suite, key ?? SuiteDialogues.PrivateKey(suite, "request"));
        return new CertificateRequest($"CN={title}", signing, HashAlgorithmName.SHA256).CreateSigningRequest();
    }

    private static byte[] ImportOf(byte[] certificate) => Written(output => KeyParameters.WriteCertificate(output, certificate));

    private static byte[] Octets(byte[] data)
    {
        Assert.True(new AxdrReader(data).TryReadOctets(out var octets));
        return octets.ToArray();
    }

    private static List<(byte[] Serial, byte[] Issuer)> CertificateList(byte[] data)
    {
        var reader = new AxdrReader(data);
        Assert.True(reader.TryReadArray(out var count));
        var list = new List<(byte[], byte[])>();
        for (var i = 0; i < count; i++)
        {
            reader.TryReadStructureOf(6);
            reader.TryReadNumber(out _);
            reader.TryReadNumber(out _);
            reader.TryReadOctets(out var serial);
            reader.TryReadOctets(out var issuer);
            reader.TryReadOctets(out _);
            reader.TryReadOctets(out _);
            list.Add((serial.ToArray(), issuer.ToArray()));
        }

        Assert.True(reader.TryEnd());
        return list;
    }

    private static byte[] Get(MemoryStore store, sbyte attribute) => Written(output => Assert.Equal(DataAccessResult.Success, new SecuritySetup(store).Get(attribute, output)));

    private static ActionResult Invoke(MemoryStore store, sbyte method, byte[] parameter) => Invoke(store, method, parameter, out _);

    private static ActionResult Invoke(MemoryStore store, sbyte method, byte[] parameter, out byte[] returned)
    {
        var output = new ArrayBufferWriter<byte>();
        var result = new SecuritySetup(store).Invoke(method, parameter, output);
        returned = output.WrittenSpan.ToArray();
        return result;
    }

    /// <summary>A certification authority with a certificate that it has signed itself.</summary>
    private sealed class Authority : IDisposable
    {
        private readonly X509Certificate2 _certificate;

        public Authority(SecuritySuite suite)
        {
            using var key = EllipticCurves.Signing(suite, SuiteDialogues.PrivateKey(suite, "authority"));
            var request = new CertificateRequest("CN=Test Root", key, HashAlgorithmName.SHA384);
            request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
            request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
            _certificate = request.CreateSelfSigned(Noon.AddYears(-1), Noon.AddYears(10));
        }

        public byte[] Certificate => _certificate.RawData;

        public byte[] Certify(byte[] request)
        {
            var read = CertificateRequest.LoadSigningRequest(request, HashAlgorithmName.SHA256, CertificateRequestLoadOptions.Default);
            read.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
            using var made = read.Create(_certificate, Noon.AddDays(-1), Noon.AddYears(5), [1, 2, 3, 4]);
            return made.RawData;
        }

        public void Dispose() => _certificate.Dispose();
    }

    private sealed class MemoryStore(SecuritySuite suite) : ISecuritySetupStore
    {
        private readonly Dictionary<CertificateType, byte[]> _pairs = suite.HasPublicKeys() ? new() { [CertificateType.DigitalSignature] = SuiteDialogues.PrivateKey(suite, "server signing") } : [];
        private readonly List<StoredCertificate> _certificates = [];
        private readonly RandomSource _random = SuiteDialogues.Random("store");

        public Dictionary<KeyId, byte[]> Renewed { get; } = [];

        public byte[] Master { get; init; } = SuiteDialogues.Key(suite, "KEK");

        public SecuritySuite Suite => suite;

        public SecurityPolicy Policy { get; private set; }

        public SystemTitle? ClientSystemTitle => Client;

        public SystemTitle ServerSystemTitle => Server;

        public ReadOnlySpan<byte> MasterKey => Master;

        public ReadOnlySpan<byte> ClientSigningKey => EllipticCurves.PublicKeyOf(suite, SuiteDialogues.PrivateKey(suite, "client signing"));

        public IReadOnlyList<StoredCertificate> Certificates => _certificates;

        public DateTimeOffset? Now { get; set; } = Noon;

        public void FillRandom(Span<byte> target) => _random(target);

        public ReadOnlySpan<byte> PrivateKey(CertificateType type) => _pairs.GetValueOrDefault(type);

        public bool TryActivate(SecurityPolicy policy)
        {
            Policy = policy;
            return true;
        }

        public bool TryRenew(IReadOnlyList<NewKey> keys)
        {
            foreach (var key in keys) Renewed[key.Id] = [.. key.Key];
            return true;
        }

        public bool TryStoreKeyPair(CertificateType type, ReadOnlySpan<byte> privateKey)
        {
            _pairs[type] = privateKey.ToArray();
            return true;
        }

        public bool TryStore(StoredCertificate certificate)
        {
            _certificates.RemoveAll(other => SecuritySetup.IsSamePlace(other, certificate));
            _certificates.Add(certificate);
            return true;
        }

        public bool TryRemove(StoredCertificate certificate) => _certificates.Remove(certificate);
    }
}
