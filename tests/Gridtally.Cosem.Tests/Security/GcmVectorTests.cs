using System.Text.Json;
using Gridtally.Cosem.Security;
using Gridtally.Testing;
using static Gridtally.Testing.Bytes;

namespace Gridtally.Cosem.Tests;

/// <summary>AES-GCM of suite 0 against live captures and the Green Book's examples. Sources are in tests/vectors.</summary>
public sealed class GcmVectorTests
{
    public static TheoryData<string> Ciphered =>
        [.. Vectors.OfKind("gcm", "gmac", "general-glo").Where(v => v.Key("encryption") is not null && IsSuite0(v)).Select(v => v.Id)];

    public static TheoryData<string> Proofs => [.. Vectors.OfKind("hls5").Select(v => v.Id)];

    [Theory, MemberData(nameof(Ciphered))]
    public void A_captured_apdu_deciphers_to_its_published_plaintext(string id)
    {
        var vector = Vectors.ById(id);
        using var key = KeyOf(vector);
        Assert.True(CipheredApdu.TryRead(vector.Octets, out var received, out _));
        var plain = new byte[received.Content.Length];

        Assert.True(key.TryUnprotect(received, TitleOf(vector), plain));
        Assert.Equal(vector.Text("plaintext-hex"), Convert.ToHexString(plain));
    }

    [Theory, MemberData(nameof(Ciphered))]
    public void The_plaintext_is_protected_to_the_captured_octets(string id)
    {
        var vector = Vectors.ById(id);
        using var key = KeyOf(vector);
        Assert.True(CipheredApdu.TryRead(vector.Octets, out var received, out _));
        var plain = Hex(vector.Text("plaintext-hex")!);
        var (content, tag) = (new byte[plain.Length], new byte[received.AuthenticationTag.Length]);

        key.Protect(received.Control, TitleOf(vector), CounterOf(vector), plain, content, tag);

        Assert.Equal(CounterOf(vector), received.InvocationCounter);
        Assert.Equal(received.Content.ToArray(), content);
        Assert.Equal(received.AuthenticationTag.ToArray(), tag);
    }

    [Theory, MemberData(nameof(Proofs))]
    public void A_proof_of_hls_is_made_and_verified(string id)
    {
        var vector = Vectors.ById(id);
        using var key = KeyOf(vector);
        var challenge = Hex(vector.Text("challenge")!);
        var proof = new byte[GcmKey.ProofSize];

        key.Prove(TitleOf(vector), CounterOf(vector), challenge, proof);

        Assert.Equal(vector.Octets, proof);
        Assert.True(key.Verify(TitleOf(vector), challenge, vector.Octets, out var counter));
        Assert.Equal(CounterOf(vector), counter);
    }

    [Theory, MemberData(nameof(Proofs))]
    public void A_proof_with_any_bit_changed_is_refused(string id)
    {
        var vector = Vectors.ById(id);
        using var key = KeyOf(vector);
        var challenge = Hex(vector.Text("challenge")!);
        for (var bit = 0; bit < vector.Octets.Length * 8; bit++)
        {
            var changed = (byte[])vector.Octets.Clone();
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(key.Verify(TitleOf(vector), challenge, changed, out _), $"bit {bit}");
        }

        Assert.False(key.Verify(TitleOf(vector), challenge, vector.Octets.AsSpan(0, 16), out _));
    }

    [Fact]
    public void A_general_glo_apdu_carries_its_system_title_or_none()
    {
        Assert.True(CipheredApdu.TryRead(Vectors.ById("general-glo-u9n-data-notification").Octets, out var with, out _));
        Assert.True(CipheredApdu.TryRead(Vectors.ById("general-glo-no-system-title").Octets, out var without, out _));

        Assert.Equal("2F19229199164103", Convert.ToHexString(with.SystemTitle));
        Assert.True(without.SystemTitle.IsEmpty);
    }

    private static bool IsSuite0(Vector vector) => CipheredApdu.TryRead(vector.Octets, out var received, out _) && received.Control.Suite == 0;

    private static GcmKey KeyOf(Vector vector) => new(vector.Key("encryption"), vector.Key("authentication"));

    private static SystemTitle TitleOf(Vector vector)
    {
        if (vector.Text("originator_system_title") is { } text) return SystemTitle.TryParse(text, out var title) ? title : default;
        Assert.True(CipheredApdu.TryRead(vector.Octets, out var received, out _));
        return SystemTitle.Read(received.SystemTitle);
    }

    private static uint CounterOf(Vector vector)
    {
        if (vector.Whole.TryGetProperty("invocation_counter", out var counter) && counter.ValueKind == JsonValueKind.Number) return counter.GetUInt32();
        Assert.True(CipheredApdu.TryRead(vector.Octets, out var received, out _));
        return received.InvocationCounter;
    }
}
