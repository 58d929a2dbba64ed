using Gridtally.Cosem.Acse;
using Gridtally.Cosem.Client;
using Gridtally.Cosem.Security;
using Gridtally.Cosem.Server;
using static Gridtally.Testing.Bytes;

namespace Gridtally.Cosem.Tests;

public sealed class SecretTests
{
    private static readonly byte[] Ek = Hex("000102030405060708090A0B0C0D0E0F"), Ak = Hex("D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF");

    [Fact]
    public void No_text_about_keys_and_associations_shows_a_secret()
    {
        using var keys = new SecurityKeys(Ek, Ak, Ek, Ak);
        var options = new AssociationOptions { Keys = keys, Password = "geheim12"u8.ToArray(), DedicatedKey = Ek, Mechanism = AuthenticationMechanism.LowLevel };
        var spec = new AssociationSpec { Keys = keys, Password = "geheim12"u8.ToArray() };

        foreach (var text in new[] { keys.ToString(), options.ToString(), spec.ToString() })
        {
            Assert.DoesNotContain("geheim", text, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("00010203", text, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("D0D1D2", text, StringComparison.OrdinalIgnoreCase);
        }
    }

    [Fact]
    public void No_text_about_key_pairs_and_new_keys_shows_a_secret()
    {
        using var pairs = new EllipticKeys(SecuritySuite.Suite1, signing: [.. Ek, .. Ak], agreement: [.. Ek, .. Ak]);
        var refused = Assert.Throws<ArgumentException>(() => new EllipticKeys(SecuritySuite.Suite2, signing: [.. Ek, .. Ak]));

        foreach (var text in new[] { pairs.ToString(), new NewKey(KeyId.Master, Ek).ToString(), refused.ToString() })
        {
            Assert.DoesNotContain("00010203", text, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("D0D1D2", text, StringComparison.OrdinalIgnoreCase);
        }
    }

    /// <summary>Zeros are a key that anybody has.</summary>
    [Fact]
    public void Disposed_keys_protect_nothing_any_more()
    {
        var keys = new SecurityKeys(Ek, Ak);
        using (new ApduCipher(keys, SystemTitle.Of("GTY", 1), new InMemoryInvocationCounters())) keys.Dispose();

        Assert.Throws<ObjectDisposedException>(() => new ApduCipher(keys, SystemTitle.Of("GTY", 1), new InMemoryInvocationCounters()));
    }

    [Fact]
    public void Disposed_keys_are_zeros()
    {
        var keys = new SecurityKeys(Ek, Ak);
        keys.Dispose();

        Assert.All(keys.Encryption.ToArray(), octet => Assert.Equal(0, octet));
        Assert.All(keys.Authentication.ToArray(), octet => Assert.Equal(0, octet));
    }

    [Fact]
    public void A_key_of_another_length_is_a_misuse() =>
        Assert.Throws<ArgumentException>(() => new SecurityKeys(Ek.AsSpan(0, 15), Ak));

    [Fact]
    public void A_system_title_is_three_letters_and_a_number()
    {
        var title = SystemTitle.Of("MMM", 0xBC614E);

        Assert.Equal("4D4D4D0000BC614E", title.ToString());
        Assert.True(SystemTitle.TryParse("4D4D4D0000BC614E", out var parsed));
        Assert.Equal(title, parsed);
        Assert.False(SystemTitle.TryParse("4D4D4D0000BC61", out _));
        Assert.Throws<ArgumentException>(() => SystemTitle.Of("M1", 0));
    }

    [Theory]
    [InlineData(AuthenticationMechanism.HighLevelGmac)]
    [InlineData(AuthenticationMechanism.LowLevel)]
    [InlineData(AuthenticationMechanism.HighLevelSha256)]
    public void Options_that_lack_something_are_refused_at_once(AuthenticationMechanism mechanism)
    {
        Assert.Throws<ArgumentException>(() => new AssociationOptions { Mechanism = mechanism }.Validate());
        Assert.Throws<ArgumentException>(() => new AssociationSpec { Mechanism = mechanism }.Validate());
    }

    [Theory]
    [InlineData("000102030405060708090a0B0C0D0E0F", true)]
    [InlineData("000102030405060708090A0B0C0D0E0", false)]
    [InlineData("000102030405060708090A0B0C0D0E0G", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void A_key_in_text_is_32_hexadecimal_digits(string? text, bool isKey) => Assert.Equal(isKey, SecurityKeys.IsKey(text));

    [Theory]
    [InlineData("geheim12", "8 characters")]
    [InlineData("000102030405060708090A0B0C0D0E0G", "32 characters, not all of them such digits")]
    [InlineData(null, "0 characters")]
    public void A_wrong_key_is_described_by_its_length_only(string? text, string expected) => Assert.Equal(expected, SecurityKeys.Describe(text));
}
