using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;

namespace Gridtally.WebHost.Http;

/// <summary>
/// <c>/openapi.json</c>, written when it is first asked for: writing it costs about 8 MB of resident memory, once, and its libraries
/// about 2 MB as soon as they are loaded. So they are not among the services of the server: they live in an application of their own,
/// with the same endpoints, that is never started.
/// </summary>
internal sealed class ApiDescription(string title, Action<IServiceCollection> addJson, Action<IEndpointRouteBuilder> map) : IDisposable
{
    private const string DocumentName = "v1";

    private readonly SemaphoreSlim _once = new(1);
    private byte[]? _json;

    public void Dispose() => _once.Dispose();

    public async Task ServeAsync(HttpContext http)
    {
        await _once.WaitAsync(http.RequestAborted);
        try
        {
            _json ??= await WriteAsync(http.RequestAborted);
        }
        finally
        {
            _once.Release();
        }

        http.Response.ContentType = "application/json";
        http.Response.ContentLength = _json.Length;
        await http.Response.Body.WriteAsync(_json, http.RequestAborted);
    }

    private async Task<byte[]> WriteAsync(CancellationToken ct)
    {
        var builder = WebApplication.CreateEmptyBuilder(new() { ApplicationName = "Gridtally" });
        // An application can't be built without a server; this one never listens.
        builder.WebHost.UseKestrelCore();
        builder.Services.AddRoutingCore();
        builder.Services.AddLogging();
        addJson(builder.Services);
        builder.Services.AddOpenApi(DocumentName);
        var app = builder.Build();
        await using (app)
        {
            app.UseRouting();
            map(app);
            app.UseEndpoints(_ => { });
            var document = await app.Services.GetRequiredKeyedService<IOpenApiDocumentProvider>(DocumentName).GetOpenApiDocumentAsync(ct);
            document.Info.Title = title;
            using var buffer = new MemoryStream();
            await document.SerializeAsJsonAsync(buffer, OpenApiSpecVersion.OpenApi3_1, ct);
            return buffer.ToArray();
        }
    }
}
