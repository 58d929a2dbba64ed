using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Gridtally.Testing;

/// <summary>A browser's half of the web interfaces: HTTPS that trusts one certificate, a cookie jar, the header of writes.</summary>
public sealed class WebClient : IDisposable
{
    private readonly HttpClient _http;

    /// <param name="address">Where the server listens.</param>
    /// <param name="fingerprint">SHA-256 of the only certificate to trust, hex with colons.</param>
    public WebClient(Uri address, string fingerprint)
    {
        var handler = new SocketsHttpHandler { CookieContainer = Cookies, AllowAutoRedirect = false };
        handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, _) =>
            certificate is not null && certificate.GetCertHashString(HashAlgorithmName.SHA256) == fingerprint.Replace(":", "", StringComparison.Ordinal);
        _http = new HttpClient(handler) { BaseAddress = address, Timeout = TimeSpan.FromSeconds(30) };
    }

    public CookieContainer Cookies { get; } = new();

    public Task<WebAnswer> Get(string path) => Send(HttpMethod.Get, path, null);

    public Task<WebAnswer> Post(string path, string? json = null) => Send(HttpMethod.Post, path, json);

    public Task<WebAnswer> Put(string path, string json) => Send(HttpMethod.Put, path, json);

    public Task<WebAnswer> Delete(string path) => Send(HttpMethod.Delete, path, null);

    public Task<WebAnswer> Login(string user, string password) =>
        Post("/api/login", $$"""{"user":{{JsonSerializer.Serialize(user)}},"password":{{JsonSerializer.Serialize(password)}}}""");

    public Task<WebAnswer> Send(HttpMethod method, string path, string? json, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(method, path);
        if (json is not null) request.Content = new StringContent(json, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
        if (method != HttpMethod.Get) request.Headers.Add("X-Requested-With", "gridtally");
        foreach (var (name, value) in headers)
        {
            request.Headers.Remove(name);
            if (value.Length > 0) request.Headers.TryAddWithoutValidation(name, value);
        }

        return Send(request);
    }

    /// <summary>Reads the first <paramref name="count"/> events of a stream, then hangs up.</summary>
    public async Task<IReadOnlyList<(string Event, JsonElement Data)>> Stream(string path, int count, Action? whenOpen = null)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var response = await _http.GetAsync(new Uri(path, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, patience.Token);
        Xunit.Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync(patience.Token));
        var events = new List<(string, JsonElement)>();
        var name = "";
        while (events.Count < count && await lines.ReadLineAsync(patience.Token) is { } line)
        {
            if (line.StartsWith("event: ", StringComparison.Ordinal)) name = line[7..];
            if (!line.StartsWith("data: ", StringComparison.Ordinal)) continue;
            events.Add((name, JsonDocument.Parse(line[6..]).RootElement));
            whenOpen?.Invoke();
        }

        return events;
    }

    public void Dispose() => _http.Dispose();

    private async Task<WebAnswer> Send(HttpRequestMessage request)
    {
        using (request)
        using (var response = await _http.SendAsync(request))
        {
            var headers = response.Headers.Concat(response.Content.Headers).ToDictionary(h => h.Key, h => string.Join(", ", h.Value), StringComparer.OrdinalIgnoreCase);
            return new(response.StatusCode, headers, await response.Content.ReadAsByteArrayAsync());
        }
    }
}

/// <summary>What the server answered.</summary>
public sealed record WebAnswer(HttpStatusCode Status, IReadOnlyDictionary<string, string> Headers, byte[] Body)
{
    public string Text => Encoding.UTF8.GetString(Body);

    public JsonElement Json => JsonDocument.Parse(Body).RootElement;

    /// <summary>The messages of a problem for one field of the request.</summary>
    public string Fault(string field) => Json.GetProperty("errors").GetProperty(field)[0].GetString()!;
}
