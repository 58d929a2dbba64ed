using Gridtally.Cosem.Acse;

namespace Gridtally.Cosem.Security;

/// <summary>What an authentication mechanism needs; the same for clients and servers.</summary>
internal static class MechanismRules
{
    /// <exception cref="ArgumentException">Something is missing; the message says what.</exception>
    public static void Check(AuthenticationMechanism mechanism, int secret, SecurityKeys? keys, SystemTitle own, bool ciphered, ICertificateTrust? trust)
    {
        Require(mechanism <= AuthenticationMechanism.HighLevelEcdsa, $"Authentication mechanism {(byte)mechanism} is not known; expected 0 to 7.");
        Require(keys is not null || !(mechanism == AuthenticationMechanism.HighLevelGmac || ciphered), "HLS-5 and ciphering need keys.");
        Require(own != default || !(HlsProof.NeedsTitles(mechanism) || ciphered), "HLS-5, HLS-6, HLS-7 and ciphering need an own system title.");
        Require(mechanism != AuthenticationMechanism.LowLevel || secret > 0, "LLS needs a password.");
        Require(!HlsProof.NeedsSecret(mechanism) || secret is > 0 and <= HlsProof.MaxSecret, $"HLS-2, HLS-3, HLS-4 and HLS-6 need a secret of 1 to {HlsProof.MaxSecret} octets.");
        if (mechanism != AuthenticationMechanism.HighLevelEcdsa) return;
        Require(keys?.Elliptic is { CanSign: true }, "HLS-7 needs an own signing key.");
        Require(keys!.Elliptic!.CanVerify || trust is not null, "HLS-7 needs the partner's signing key, or trust in its certificate.");
    }

    private static void Require(bool condition, string message)
    {
        if (!condition) throw new ArgumentException(message);
    }
}
