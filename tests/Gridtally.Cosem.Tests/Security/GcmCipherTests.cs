using System.Security.Cryptography;
using Gridtally.Cosem.Security;
using static Gridtally.Testing.Bytes;

namespace Gridtally.Cosem.Tests.Security;

/// <summary>The processor's instructions against published vectors and against the platform's AES-GCM.</summary>
public sealed class GcmCipherTests
{
    // The Galois/Counter Mode of Operation (McGrew, Viega), test cases 2, 4 and 16; tags cut to the twelve octets of DLMS.
    [Theory]
    [InlineData("00000000000000000000000000000000", "000000000000000000000000", "00000000000000000000000000000000", "", "0388DACE60B6A392F328C2B971B2FE78", "AB6E47D42CEC13BDF53A67B2")]
    [InlineData("FEFFE9928665731C6D6A8F9467308308", "CAFEBABEFACEDBADDECAF888",
        "D9313225F88406E5A55909C5AFF5269A86A7A9531534F7DA2E4C303D8A318A721C3C0C95956809532FCF0E2449A6B525B16AEDF5AA0DE657BA637B39", "FEEDFACEDEADBEEFFEEDFACEDEADBEEFABADDAD2",
        "42831EC2217774244B7221B784D0D49CE3AA212F2C02A4E035C17E2329ACA12E21D514B25466931C7D8F6A5AAC84AA051BA30B396A0AAC973D58E091", "5BC94FBC3221A5DB94FAE95A")]
    [InlineData("FEFFE9928665731C6D6A8F9467308308FEFFE9928665731C6D6A8F9467308308", "CAFEBABEFACEDBADDECAF888",
        "D9313225F88406E5A55909C5AFF5269A86A7A9531534F7DA2E4C303D8A318A721C3C0C95956809532FCF0E2449A6B525B16AEDF5AA0DE657BA637B39", "FEEDFACEDEADBEEFFEEDFACEDEADBEEFABADDAD2",
        "522DC1F099567D07F47F37A32A84427D643A8CDCBFE5C0C97598A2BD2555D1AA8CB08E48590DBB3DA7B08B1056828838C5F61E6393BA7A0ABCC9F662", "76FC6ECE0F4E1768CDDF8853")]
    public void Published_vectors_come_out(string key, string nonce, string plain, string additional, string content, string tag)
    {
        foreach (var useInstructions in new[] { true, false })
        {
            using var cipher = new GcmCipher(Hex(key), useInstructions);
            var (enciphered, authentic, deciphered) = (new byte[plain.Length / 2], new byte[12], new byte[plain.Length / 2]);
            cipher.Encrypt(Hex(nonce), Hex(plain), enciphered, authentic, Hex(additional));
            Assert.Equal((content, tag), (Convert.ToHexString(enciphered), Convert.ToHexString(authentic)));
            Assert.True(cipher.TryDecrypt(Hex(nonce), enciphered, authentic, deciphered, Hex(additional)));
            Assert.Equal(Hex(plain), deciphered);
        }
    }

    [Theory, InlineData(16), InlineData(32)]
    public void Every_length_gives_what_the_platform_gives(int keySize)
    {
        var random = new Random(keySize);
        for (var length = 0; length < 300; length++)
        {
            var (key, nonce, plain, additional) = (Octets(keySize), Octets(12), Octets(length), Octets(random.Next(100)));
            var (content, tag, expectedContent, expectedTag) = (new byte[length], new byte[12], new byte[length], new byte[12]);
            using var platform = new AesGcm(key, 12);
            platform.Encrypt(nonce, plain, expectedContent, expectedTag, additional);
            using var cipher = new GcmCipher(key);
            cipher.Encrypt(nonce, plain, content, tag, additional);

            Assert.Equal(expectedContent, content);
            Assert.Equal(expectedTag, tag);
        }

        byte[] Octets(int count)
        {
            var octets = new byte[count];
            random.NextBytes(octets);
            return octets;
        }
    }

    [Fact]
    public void One_wrong_bit_anywhere_is_noticed_and_nothing_is_deciphered()
    {
        using var cipher = new GcmCipher(new byte[16]);
        var (nonce, content, tag, additional) = (new byte[12], new byte[70], new byte[12], new byte[20]);
        cipher.Encrypt(nonce, new byte[70], content, tag, additional);
        foreach (var part in new[] { nonce, content, tag, additional })
        {
            for (var bit = 0; bit < 8 * part.Length; bit++)
            {
                var plain = new byte[70];
                part[bit / 8] ^= (byte)(1 << bit % 8);
                Assert.False(cipher.TryDecrypt(nonce, content, tag, plain, additional));
                Assert.All(plain, octet => Assert.Equal(0, octet));
                part[bit / 8] ^= (byte)(1 << bit % 8);
            }
        }
    }
}
