namespace Gridtally.Cosem.Security;

/// <summary>Decides which certificates of partners are believed.</summary>
public interface ICertificateTrust
{
    /// <summary>The signing key of a certificate that is believed.</summary>
    /// <param name="certificate">X.509 in DER, as the partner sent it.</param>
    /// <param name="subject">System title that it must be made out to.</param>
    /// <param name="suite">Suite 1 wants a key on P-256, suite 2 on P-384.</param>
    /// <returns>x || y; null where the certificate is not believed.</returns>
    byte[]? SigningKeyOf(ReadOnlySpan<byte> certificate, SystemTitle subject, SecuritySuite suite);
}
