using System.IO.Compression;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Gridtally.Testing;

namespace Gridtally.WebHost.Tests;

public sealed class ServingTests
{
    [Theory]
    [InlineData("/")]
    [InlineData("/api/things")]
    [InlineData("/healthz")]
    [InlineData("/nothing.js")]
    public async Task Every_answer_carries_the_security_headers(string path)
    {
        await using var server = await TestServer.Start();
        using var client = server.Client();

        var headers = (await client.Get(path)).Headers;

        var policy = headers["Content-Security-Policy"];
        Assert.StartsWith("default-src 'none'", policy);
        Assert.Contains("frame-ancestors 'none'", policy);
        Assert.DoesNotContain("unsafe", policy);
        Assert.Equal("nosniff", headers["X-Content-Type-Options"]);
        Assert.Equal("DENY", headers["X-Frame-Options"]);
        Assert.Equal("no-referrer", headers["Referrer-Policy"]);
        Assert.DoesNotContain("Strict-Transport-Security", headers.Keys);
        Assert.DoesNotContain("Server", headers.Keys);
    }

    [Fact]
    public async Task The_health_check_needs_no_login_and_says_what_is_wrong()
    {
        await using var server = await TestServer.Start();
        using var client = server.Client();

        Assert.Equal("ok", (await client.Get("/healthz")).Json.GetProperty("status").GetString());
        server.Fault = "The disk is full.";
        var ill = await client.Get("/healthz");
        Assert.Equal(503, (int)ill.Status);
        Assert.Equal("The disk is full.", ill.Json.GetProperty("detail").GetString());
    }

    [Fact]
    public async Task The_api_describes_itself()
    {
        await using var server = await TestServer.Start();
        using var client = server.Client();

        var description = (await client.Get("/openapi.json")).Json;

        Assert.Equal("Gridtally test", description.GetProperty("info").GetProperty("title").GetString());
        var paths = description.GetProperty("paths");
        Assert.True(paths.TryGetProperty("/api/login", out _));
        Assert.True(paths.GetProperty("/api/things").TryGetProperty("post", out _));
        Assert.False(paths.TryGetProperty("/healthz", out _));
        Assert.True(description.GetProperty("components").GetProperty("schemas").GetProperty("Thing").GetProperty("properties").TryGetProperty("count", out _));
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/meters/42")]
    public async Task The_first_page_answers_at_the_root_and_at_paths_that_the_pages_route_themselves(string path)
    {
        await using var server = await TestServer.Start();
        using var client = server.Client();

        var answer = await client.Get(path);

        Assert.Equal("text/html; charset=utf-8", answer.Headers["Content-Type"]);
        Assert.Equal("no-cache", answer.Headers["Cache-Control"]);
        Assert.Contains("<title>Test page</title>", answer.Text);
    }

    [Fact]
    public async Task A_hashed_asset_is_cached_for_good_compressed_and_not_sent_again_when_unchanged()
    {
        await using var server = await TestServer.Start();
        using var client = server.Client();

        var plain = await client.Get("/assets/app-1a2b3c.js");
        Assert.Equal("public, max-age=31536000, immutable", plain.Headers["Cache-Control"]);
        Assert.Equal("text/javascript; charset=utf-8", plain.Headers["Content-Type"]);

        var packed = await client.Send(HttpMethod.Get, "/assets/app-1a2b3c.js", null, ("Accept-Encoding", "gzip, br"));
        Assert.Equal("br", packed.Headers["Content-Encoding"]);
        using var unpacked = new MemoryStream();
        await using (var brotli = new BrotliStream(new MemoryStream(packed.Body), CompressionMode.Decompress)) await brotli.CopyToAsync(unpacked);
        Assert.Equal(plain.Body, unpacked.ToArray());
        Assert.True(packed.Body.Length < plain.Body.Length);

        var again = await client.Send(HttpMethod.Get, "/assets/app-1a2b3c.js", null, ("If-None-Match", plain.Headers["ETag"]));
        Assert.Equal(304, (int)again.Status);
        Assert.Empty(again.Body);
    }

    [Theory]
    [InlineData("/assets/gone.js")]
    [InlineData("/../users.json")]
    [InlineData("/%2e%2e/users.json")]
    public async Task What_is_not_embedded_is_not_served(string path)
    {
        await using var server = await TestServer.Start();
        using var client = server.Client();

        Assert.Equal(404, (int)(await client.Get(path)).Status);
    }

    [Fact]
    public async Task The_stream_sends_the_state_at_once_and_again_when_it_changes()
    {
        // Real time: the stream's own timer is what is tested.
        await using var server = await TestServer.Start(streamInterval: TimeSpan.FromMilliseconds(20), clock: TimeProvider.System);
        using var client = await server.LoggedIn();

        var events = await client.Stream("/api/stream", 2, whenOpen: () => server.State = """{"n":2}""");

        Assert.All(events, e => Assert.Equal("state", e.Event));
        Assert.Equal([1, 2], events.Select(e => e.Data.GetProperty("n").GetInt32()));
    }

    [Fact]
    public async Task A_port_in_use_is_said_with_its_number()
    {
        using var other = new TcpListener(System.Net.IPAddress.Loopback, 0);
        other.Start();
        var port = ((System.Net.IPEndPoint)other.LocalEndpoint).Port;

        var e = await Assert.ThrowsAsync<WebServerException>(() => TestServer.Start(port: port));

        Assert.Contains($"another program uses port {port}. Stop it, or choose another port.", e.Message);
    }

    [Fact]
    public async Task The_certificate_is_made_once_for_this_host_with_a_private_key_file()
    {
        using var temporary = new TemporaryFolder();
        var folder = temporary.Path;
        string first;
        await using (var server = await TestServer.Start(folder)) first = server.Web.CertificateFingerprint;
        await using (var server = await TestServer.Start(folder)) Assert.Equal(first, server.Web.CertificateFingerprint);

        using var certificate = X509CertificateLoader.LoadCertificateFromFile(Path.Combine(folder, "certificate.pem"));
        Assert.True(certificate.MatchesHostname("localhost"));
        Assert.True(certificate.MatchesHostname("127.0.0.1"));
        Assert.True(certificate.MatchesHostname(System.Net.Dns.GetHostName()));
        Assert.Equal("1.2.840.10045.3.1.7", certificate.GetECDsaPublicKey()!.ExportParameters(false).Curve.Oid.Value);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(folder, "certificate.key.pem")));
    }

    [Fact]
    public async Task An_own_certificate_is_used_never_renewed_and_adds_hsts()
    {
        using var temporary = new TemporaryFolder();
        var folder = temporary.Path;
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var own = new CertificateRequest("CN=dcu.example", key, HashAlgorithmName.SHA256).CreateSelfSigned(new(2025, 1, 1, 0, 0, 0, default), new(2026, 1, 16, 0, 0, 0, default));
        await File.WriteAllTextAsync(Path.Combine(folder, "certificate.pem"), own.ExportCertificatePem());
        await File.WriteAllTextAsync(Path.Combine(folder, "certificate.key.pem"), key.ExportPkcs8PrivateKeyPem());

        await using var server = await TestServer.Start(folder);
        using var client = server.Client();

        Assert.Equal(own.GetCertHashString(HashAlgorithmName.SHA256), server.Web.CertificateFingerprint.Replace(":", ""));
        Assert.Contains("Strict-Transport-Security", (await client.Get("/")).Headers.Keys);
    }

    [Fact]
    public async Task A_self_made_certificate_is_renewed_before_it_ends()
    {
        using var temporary = new TemporaryFolder();
        var folder = temporary.Path;
        string first;
        await using (var server = await TestServer.Start(folder)) first = server.Web.CertificateFingerprint;

        var later = new ManualTimeProvider(new(2028, 1, 1, 0, 0, 0, default));
        await using var renewed = await TestServer.Start(folder, clock: later);

        Assert.NotEqual(first, renewed.Web.CertificateFingerprint);
    }

    [Fact]
    public async Task A_certificate_without_its_key_stops_the_start_and_names_both_files()
    {
        using var temporary = new TemporaryFolder();
        var folder = temporary.Path;
        await File.WriteAllTextAsync(Path.Combine(folder, "certificate.pem"), "x");

        var e = await Assert.ThrowsAsync<WebServerException>(() => TestServer.Start(folder));

        Assert.Contains("certificate.key.pem is not", e.Message);
    }

#pragma warning disable CA5359, CA5397, SYSLIB0039 // TLS 1.1 is what must be refused.
    [Fact]
    public async Task A_client_that_offers_tls_1_1_at_most_is_refused()
    {
        await using var server = await TestServer.Start();
        using var tcp = new TcpClient();
        await tcp.ConnectAsync("127.0.0.1", server.Web.Address.Port);
        await using var tls = new SslStream(tcp.GetStream(), false, (_, _, _, _) => true);

        await Assert.ThrowsAnyAsync<Exception>(() => tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "localhost", EnabledSslProtocols = SslProtocols.Tls11 }));
    }
#pragma warning restore CA5359, CA5397, SYSLIB0039
}
