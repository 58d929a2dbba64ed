using System.Buffers;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Security;
using Gridtally.Testing;
using static Gridtally.Testing.Bytes;

namespace Gridtally.Cosem.Tests;

/// <summary>Signatures, key agreement, key derivation, key wrap and general-ciphering against published examples. Sources are in tests/vectors.</summary>
public sealed class KeyVectorTests
{
    private const SecuritySuite Suite = SecuritySuite.Suite1;

    public static TheoryData<string> Derivations => [.. Vectors.OfKind("kdf").Select(v => v.Id)];

    public static TheoryData<string> Signatures => [.. Vectors.OfKind("ecdsa").Select(v => v.Id)];

    public static TheoryData<string> Wraps => [.. Vectors.OfKind("keywrap").Select(v => v.Id)];

    [Theory, MemberData(nameof(Derivations))]
    public void A_secret_is_agreed_and_a_key_derived_from_it(string id)
    {
        var vector = Vectors.ById(id);
        var own = vector.Key("U ephemeral private") ?? vector.Key("recipient static private") ?? vector.Key("server ephemeral private")!;
        var partner = vector.Key("V static public") ?? vector.Key("originator ephemeral public") ?? vector.Key("client ephemeral public")!;
        using var pair = EllipticCurves.Agreement(Suite, own);
        var key = new byte[16];

        Assert.True(EllipticCurves.TryAgree(Suite, pair, partner, out var secret));
        KeyDerivation.Derive(Suite, secret, KeyAlgorithm.AesGcm128, Hex(vector.Text("PartyU")!), Hex(vector.Text("PartyV")!), key);

        Assert.Equal(vector.Text("Z"), Convert.ToHexString(secret));
        Assert.Equal(vector.Octets, key);
    }

    [Fact]
    public void A_public_key_follows_from_its_private_one()
    {
        var vector = Vectors.ById("kdf-onepass-suite1-u-to-v");

        Assert.Equal(vector.Key("U ephemeral public"), EllipticCurves.PublicKeyOf(Suite, vector.Key("U ephemeral private")));
        Assert.Equal(vector.Key("V static public"), EllipticCurves.PublicKeyOf(Suite, vector.Key("V static private")));
    }

    [Theory, MemberData(nameof(Signatures))]
    public void A_published_signature_verifies_and_one_with_a_changed_bit_does_not(string id)
    {
        var vector = Vectors.ById(id);
        var key = vector.Key("client signing public") ?? vector.Key("signing public") ?? vector.Key("server signing public");
        using var keys = new EllipticKeys(Suite, peerSigning: key);
        var data = Hex(vector.Text("signed-data-hex")!);

        Assert.True(keys.Verify(data, vector.Octets));
        for (var bit = 0; bit < vector.Octets.Length * 8; bit += 37)
        {
            var changed = (byte[])vector.Octets.Clone();
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(keys.Verify(data, changed));
        }

        Assert.False(keys.Verify(data, vector.Octets.AsSpan(1)));
    }

    [Theory]
    [InlineData("ecdsa-key-agreement-epk", "client signing private", "client signing public")]
    [InlineData("ecdsa-onepass-epk-server", "server signing private", "server signing public")]
    public void What_a_published_key_signs_its_public_half_verifies(string id, string own, string half)
    {
        var vector = Vectors.ById(id);
        using var keys = new EllipticKeys(Suite, signing: vector.Key(own), peerSigning: vector.Key(half));
        var signature = new byte[64];

        keys.Sign(vector.Octets, signature);

        Assert.True(keys.Verify(vector.Octets, signature));
    }

    [Theory, MemberData(nameof(Wraps))]
    public void A_key_is_wrapped_as_published_and_unwrapped_again(string id)
    {
        var vector = Vectors.ById(id);
        var (kek, key) = (Hex(vector.Text("kek")!), Hex(vector.Text("key")!));

        Assert.Equal(vector.Octets, KeyWrap.Wrap(kek, key));
        Assert.True(KeyWrap.TryUnwrap(kek, vector.Octets, out var unwrapped));
        Assert.Equal(key, unwrapped);
        for (var i = 0; i < vector.Octets.Length; i++)
        {
            var changed = (byte[])vector.Octets.Clone();
            changed[i] ^= 1;
            Assert.False(KeyWrap.TryUnwrap(kek, changed, out _));
        }
    }

    /// <summary>The capture's authentication tag fits no layout of the additional data that is known, so its content is deciphered without it.</summary>
    [Fact]
    public void The_published_general_ciphering_is_read_field_by_field_and_its_content_deciphers_with_the_agreed_key()
    {
        var vector = Vectors.ById("general-ciphering-agreed-key");
        var agreement = Vectors.ById("kdf-onepass-suite1-u-to-v");
        Assert.True(CipheredApdu.TryRead(vector.Octets, out var received, out _));

        Assert.Equal((TransactionId.Of(0x0102030405060708), ApduTag.GeneralCiphering), (received.Header.Transaction, received.Tag));
        Assert.Equal(("4D4D4D0000BC614E", "4D4D4D0000000001"), (Convert.ToHexString(received.Header.Originator), Convert.ToHexString(received.Header.Recipient)));
        Assert.Equal((0, 0), (received.Header.DateTime.Length, received.Header.OtherInformation.Length));
        Assert.Equal((KeyInfoKind.Agreed, KeyInfo.OnePass), (received.KeyInfo.Kind, received.KeyInfo.Id));
        Assert.Equal((0x31, 0u), (received.Control.Value, received.InvocationCounter));

        // Its ephemeral key is signed with the client's key, and is the one of the key derivation.
        using var keys = new EllipticKeys(Suite, agreement: agreement.Key("V static private"), peerSigning: Vectors.ById("ecdsa-onepass-epk").Key("signing public"));
        Assert.True(keys.Verify(received.KeyInfo.Data[..64], received.KeyInfo.Data[64..]));
        Assert.Equal(agreement.Key("U ephemeral public"), received.KeyInfo.Data[..64].ToArray());

        using var key = new GcmKey(agreement.Octets, new byte[16], Suite);
        var content = received.Content.ToArray();
        var plain = new byte[content.Length];
        Span<byte> unused = stackalloc byte[12];
        key.Protect(new(0x21), SystemTitle.Read(received.Header.Originator), 0, content, plain, unused); // the same key stream
        Assert.Equal(vector.Text("plaintext-hex"), Convert.ToHexString(plain));
    }

    [Fact]
    public void The_published_general_ciphering_is_refused_as_not_authentic()
    {
        var vector = Vectors.ById("general-ciphering-agreed-key");
        var agreement = Vectors.ById("kdf-onepass-suite1-u-to-v");
        using var keys = new SecurityKeys(Suite, new byte[16], Hex("D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF"))
        {
            Elliptic = new(Suite, agreement: agreement.Key("V static private"), peerSigning: Vectors.ById("ecdsa-onepass-epk").Key("signing public")),
        };
        using var cipher = new ApduCipher(keys, new(0x4D4D4D0000000001), new InMemoryInvocationCounters()) { Peer = new(0x4D4D4D0000BC614E), AwaitsAnswers = true };

        Assert.Equal(SecurityFault.NotAuthentic, cipher.Unprotect(vector.Octets, new ArrayBufferWriter<byte>(), out var wrapping));
        Assert.Equal((Protection.AuthenticatedEncrypted, KeyChoice.OnePass, Envelope.GeneralCiphering), (wrapping.Protection, wrapping.Key, wrapping.Envelope));
    }

    [Theory]
    [InlineData(SecuritySuite.Suite1, "FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632550", true)]
    [InlineData(SecuritySuite.Suite1, "FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551", false)]
    [InlineData(SecuritySuite.Suite1, "0000000000000000000000000000000000000000000000000000000000000000", false)]
    [InlineData(SecuritySuite.Suite2, "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52972", true)]
    [InlineData(SecuritySuite.Suite2, "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973", false)]
    [InlineData(SecuritySuite.Suite0, "01", false)]
    public void A_private_key_is_a_number_below_the_order_of_the_curve(SecuritySuite suite, string key, bool valid) => Assert.Equal(valid, EllipticCurves.IsPrivateKey(suite, Hex(key)));

    [Fact]
    public void A_source_of_randomness_that_gives_nothing_usable_is_not_asked_for_ever() =>
        Assert.Throws<InvalidOperationException>(() => EllipticCurves.NewPrivateKey(Suite, static target => target.Fill(0xFF)));

    [Fact]
    public void A_public_key_off_the_curve_is_no_key()
    {
        using var own = EllipticCurves.Agreement(Suite, Vectors.ById("kdf-onepass-suite1-u-to-v").Key("U ephemeral private"));

        Assert.False(EllipticCurves.TryAgree(Suite, own, new byte[64], out _));
        Assert.False(EllipticCurves.TryVerification(Suite, [.. Enumerable.Repeat((byte)7, 64)], out _));
        Assert.False(EllipticCurves.TryVerification(SecuritySuite.Suite2, Vectors.ById("kdf-onepass-suite1-u-to-v").Key("U ephemeral public"), out _));
    }
}
