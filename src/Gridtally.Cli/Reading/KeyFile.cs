using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using Gridtally.Cli.Commands;
using Gridtally.Cosem.Security;

namespace Gridtally.Cli.Reading;

/// <summary>Keys from a file, so that they are not on the command line where other users see them.</summary>
internal sealed class KeyFile
{
    /// <summary>EK: 32 hexadecimal digits, 64 in suite 2.</summary>
    public string? EncryptionKey { get; set; }

    /// <summary>AK.</summary>
    public string? AuthenticationKey { get; set; }

    /// <summary>Global broadcast encryption key.</summary>
    public string? BroadcastKey { get; set; }

    /// <summary>Master key (KEK).</summary>
    public string? MasterKey { get; set; }

    /// <summary>Security suite; where left out, 0 for keys of 32 digits and 2 for keys of 64.</summary>
    public int? Suite { get; set; }

    /// <summary>Own private signing key: 64 hexadecimal digits in suite 1, 96 in suite 2.</summary>
    public string? SigningKey { get; set; }

    /// <summary>Own private key agreement key.</summary>
    public string? AgreementKey { get; set; }

    /// <summary>The meter's public signing key, x and y.</summary>
    public string? PeerSigningKey { get; set; }

    /// <summary>The meter's public key agreement key.</summary>
    public string? PeerAgreementKey { get; set; }

    /// <summary>The keys of a file.</summary>
    /// <exception cref="CommandException">No such keys; the message says what was expected and never shows one.</exception>
    public static SecurityKeys Load(FileInfo file)
    {
        KeyFile? keys;
        try
        {
            keys = JsonSerializer.Deserialize(File.ReadAllText(file.FullName), KeyFileJson.Default.KeyFile);
        }
        catch (JsonException)
        {
            keys = null;
        }

        if (keys is not { EncryptionKey: { } ek, AuthenticationKey: not null })
        {
            throw new CommandException($"{file.FullName}: expected {{ \"encryptionKey\": \"…\", \"authenticationKey\": \"…\" }}, each of 32 hexadecimal digits (64 in suite 2).");
        }

        var suite = keys.Suite ?? (ek.Length == 2 * SecuritySuites.MaxKeySize ? 2 : 0);
        if (suite is < 0 or > 2) throw new CommandException($"{file.FullName}: suite: expected 0, 1 or 2, got {suite}.");
        return keys.ToKeys((SecuritySuite)suite, file.FullName);
    }

    private SecurityKeys ToKeys(SecuritySuite suite, string file)
    {
        byte[] Of(string? text, string name, int octets) => KeyOf(text, octets, $"{file}: {name}", suite);
        var (size, secret) = (suite.KeySize(), suite.PrivateKeySize());
        byte[][] keys =
        [
            Of(EncryptionKey, "encryptionKey", size), Of(AuthenticationKey, "authenticationKey", size), Of(BroadcastKey, "broadcastKey", size), Of(MasterKey, "masterKey", size),
            Of(SigningKey, "signingKey", secret), Of(AgreementKey, "agreementKey", secret),
        ];
        try
        {
            var (peerSigning, peerAgreement) = (Of(PeerSigningKey, "peerSigningKey", 2 * secret), Of(PeerAgreementKey, "peerAgreementKey", 2 * secret));
            var hasPairs = keys[4].Length + keys[5].Length + peerSigning.Length + peerAgreement.Length > 0;
            if (hasPairs && !suite.HasPublicKeys()) throw new CommandException($"{file}: suite 0 has no key pairs; give \"suite\": 1 or 2, or leave the pairs out.");
            return new(suite, keys[0], keys[1], keys[2], keys[3]) { Elliptic = hasPairs ? new(suite, keys[4], keys[5], peerSigning, peerAgreement) : null };
        }
        catch (ArgumentException e)
        {
            throw new CommandException($"{file}: {e.Message}");
        }
        finally
        {
            foreach (var key in keys) CryptographicOperations.ZeroMemory(key);
        }
    }

    private static byte[] KeyOf(string? text, int octets, string what, SecuritySuite suite)
    {
        if (text is null) return [];
        if (text.Length == 2 * octets && text.All(char.IsAsciiHexDigit)) return Convert.FromHexString(text);
        var got = text.Length == 2 * octets ? $"{text.Length} characters, not all of them such digits" : $"{text.Length} characters";
        throw new CommandException($"{what}: expected {2 * octets} hexadecimal digits in suite {(int)suite}, got {got}.");
    }
}

[JsonSerializable(typeof(KeyFile))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, ReadCommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true)]
internal sealed partial class KeyFileJson : JsonSerializerContext;
