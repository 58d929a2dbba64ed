using System.IO.Compression;
using System.Reflection;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Gridtally.WebHost.Http;

/// <summary>Serves the front end from the product's assembly. An unknown path without a dot in its end gets the first page (it routes by itself).</summary>
internal sealed class EmbeddedPages
{
    private const string Prefix = "web/";
    private const string FirstPage = "index.html";

    // Compressing less would cost more in headers than it saves.
    private const int MinCompressedSize = 1024;

    private readonly Assembly? _assembly;
    private readonly Dictionary<string, Page> _pages;

    public EmbeddedPages(Assembly? assembly)
    {
        _assembly = assembly;
        _pages = (assembly?.GetManifestResourceNames() ?? [])
            .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
            .ToDictionary(name => name[Prefix.Length..], name => new Page(name), StringComparer.Ordinal);
    }

    public Task ServeAsync(HttpContext http)
    {
        var path = http.Request.Path.Value?.TrimStart('/') ?? "";
        if (path.Length == 0 || (!_pages.ContainsKey(path) && !Path.HasExtension(path))) path = FirstPage;
        return _pages.TryGetValue(path, out var page) ? SendAsync(http, path, page) : Problems.WriteAsync(http, Missing(path));
    }

    private static Problem Missing(string path) => path == FirstPage
        ? new("No pages.", StatusCodes.Status404NotFound, "This build carries no web pages; the API under /api works. Build with Node 20 installed to have them.")
        : new("Not found.", StatusCodes.Status404NotFound, $"There is no page /{path}. Go to /.");

    private Task SendAsync(HttpContext http, string path, Page page)
    {
        var content = page.Load(_assembly!, path);
        var (request, response) = (http.Request, http.Response);
        response.Headers.ETag = content.ETag;
        response.Headers.Vary = HeaderNames.AcceptEncoding;
        // Vite puts a hash into the names below assets/: what they name never changes.
        response.Headers.CacheControl = path.StartsWith("assets/", StringComparison.Ordinal) ? "public, max-age=31536000, immutable" : "no-cache";
        if (request.Headers.IfNoneMatch.ToString().Contains(content.ETag, StringComparison.Ordinal))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return Task.CompletedTask;
        }

        response.ContentType = ContentType(path);
        var bytes = content.Raw;
        if (content.Brotli is { } brotli && AcceptsBrotli(request))
        {
            response.Headers.ContentEncoding = "br";
            bytes = brotli;
        }

        response.ContentLength = bytes.Length;
        return HttpMethods.IsHead(request.Method) ? Task.CompletedTask : response.Body.WriteAsync(bytes, http.RequestAborted).AsTask();
    }

    private static bool AcceptsBrotli(HttpRequest request) =>
        request.Headers.AcceptEncoding.ToString().Split(',').Any(e => e.Trim() is "br" || (e.Trim().StartsWith("br;", StringComparison.Ordinal) && !e.Contains("q=0", StringComparison.Ordinal)));

    private static string ContentType(string path) => Path.GetExtension(path) switch
    {
        ".html" => "text/html; charset=utf-8",
        ".js" => "text/javascript; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".svg" => "image/svg+xml",
        ".png" => "image/png",
        ".ico" => "image/x-icon",
        ".woff2" => "font/woff2",
        ".json" or ".webmanifest" => "application/json",
        ".txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    };

    private sealed record Content(byte[] Raw, byte[]? Brotli, string ETag);

    /// <summary>Read and compressed once, when first asked for: pages that nobody opens take no memory.</summary>
    private sealed class Page(string resource)
    {
        private readonly Lock _lock = new();
        private Content? _content;

        public Content Load(Assembly assembly, string path)
        {
            lock (_lock) return _content ??= Read(assembly, path);
        }

        private Content Read(Assembly assembly, string path)
        {
            using var stream = assembly.GetManifestResourceStream(resource)!;
            var raw = new byte[stream.Length];
            stream.ReadExactly(raw);
            var eTag = $"\"{Convert.ToHexString(SHA256.HashData(raw).AsSpan(0, 12))}\"";
            return new(raw, raw.Length >= MinCompressedSize && IsText(path) ? Compress(raw) : null, eTag);
        }

        private static bool IsText(string path) => Path.GetExtension(path) is ".html" or ".js" or ".css" or ".svg" or ".json" or ".txt" or ".webmanifest";

        private static byte[] Compress(byte[] raw)
        {
            using var packed = new MemoryStream();
            using (var brotli = new BrotliStream(packed, CompressionLevel.Optimal)) brotli.Write(raw);
            return packed.ToArray();
        }
    }
}
