using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Gridtally.Metering;

namespace Gridtally.WebHost;

/// <summary>The server's certificate: the operator's from the data folder, or a self-signed one made at the first start.</summary>
public static class ServerCertificate
{
    /// <summary>File in the data folder: certificate, then its chain, PEM. Replace it and the key to use your own.</summary>
    public const string FileName = "certificate.pem";

    /// <summary>File in the data folder: private key, PEM, mode 0600.</summary>
    public const string KeyFileName = "certificate.key.pem";

    // Ours carry this as organization, so that only they are renewed by us.
    private const string SelfMadeMark = "O=Gridtally self-signed";
    private static readonly TimeSpan Validity = TimeSpan.FromDays(2 * 365);
    private static readonly TimeSpan RenewBefore = TimeSpan.FromDays(30);

    /// <summary>Loads the certificate, making or renewing a self-signed one where that is ours to do.</summary>
    /// <param name="dataFolder">The product's data folder; made when missing.</param>
    /// <param name="lineTime">Real time, for validity.</param>
    /// <returns>The certificate with its private key.</returns>
    /// <exception cref="WebServerException">Only one of the two files is there, or they can't be read as a matching pair.</exception>
    public static X509Certificate2 LoadOrCreate(string dataFolder, TimeProvider lineTime)
    {
        PrivateFolder.Create(dataFolder);
        var (path, keyPath) = (Path.Combine(dataFolder, FileName), Path.Combine(dataFolder, KeyFileName));
        // The key is written first: a start cut short between the two files leaves a key of no use to anyone.
        if (!File.Exists(path)) return Create(path, keyPath, lineTime);
        var loaded = Load(path, keyPath);
        if (!IsSelfMade(loaded) || lineTime.GetUtcNow() + RenewBefore < loaded.NotAfter.ToUniversalTime()) return loaded;
        loaded.Dispose();
        return Create(path, keyPath, lineTime);
    }

    /// <summary>True for a certificate that <see cref="LoadOrCreate"/> made, which no browser trusts by itself.</summary>
    /// <param name="certificate">The certificate.</param>
    public static bool IsSelfMade(X509Certificate2 certificate) =>
        certificate.Subject == certificate.Issuer && certificate.Subject.Contains(SelfMadeMark, StringComparison.Ordinal);

    /// <summary>SHA-256 over the certificate, as browsers show it: upper case hex with colons.</summary>
    /// <param name="certificate">The certificate.</param>
    public static string Fingerprint(X509Certificate2 certificate) =>
        string.Join(':', certificate.GetCertHash(HashAlgorithmName.SHA256).Select(b => b.ToString("X2")));

    private static X509Certificate2 Load(string path, string keyPath)
    {
        if (!File.Exists(keyPath))
            throw new WebServerException($"{path} is there but its private key {keyPath} is not. Put the key beside it, or remove {path} to have a self-signed one made.");
        try
        {
            PrivateFile.Tighten(keyPath);
            return X509Certificate2.CreateFromPemFile(path, keyPath);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException or IOException or UnauthorizedAccessException)
        {
            throw new WebServerException($"{path} and {keyPath} can't be used: {e.Message} Expected a PEM certificate and its unencrypted PEM private key, readable by this user.", e);
        }
    }

    private static X509Certificate2 Create(string path, string keyPath, TimeProvider lineTime)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var host = Dns.GetHostName();
        var request = new CertificateRequest($"CN={host}, {SelfMadeMark}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], critical: false));
        request.CertificateExtensions.Add(SubjectNames(host));
        // A day back: the browser's clock may be behind.
        var now = lineTime.GetUtcNow();
        using var made = request.CreateSelfSigned(now.AddDays(-1), now + Validity);
        PrivateFile.Write(keyPath, Encoding.ASCII.GetBytes(key.ExportPkcs8PrivateKeyPem() + "\n"));
        PrivateFile.Write(path, Encoding.ASCII.GetBytes(made.ExportCertificatePem() + "\n"));
        return Load(path, keyPath);
    }

    private static X509Extension SubjectNames(string host)
    {
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        if (!host.Equals("localhost", StringComparison.OrdinalIgnoreCase)) names.AddDnsName(host);
        names.AddIpAddress(IPAddress.Loopback);
        names.AddIpAddress(IPAddress.IPv6Loopback);
        return names.Build();
    }
}
