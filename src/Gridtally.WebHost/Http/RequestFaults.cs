using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Gridtally.WebHost.Http;

/// <summary>Turns what the framework throws at a request that can't be bound into a problem that names the field.</summary>
internal static partial class RequestFaults
{
    public static Problem Describe(BadHttpRequestException fault, HttpContext http) =>
        fault.InnerException is JsonException json ? InJson(json, http) : Unreadable(fault.StatusCode);

    /// <summary>For what the framework refuses without saying more.</summary>
    public static Problem Unreadable(int status) => status == StatusCodes.Status413PayloadTooLarge
        ? new("The request is too large.", status, $"Expected at most {WebServer.MaxRequestBytes} bytes. Send it in parts.")
        : new("The request can't be read.", status, "Expected the parameters and the JSON body (Content-Type application/json) that /openapi.json describes.");

    private static Problem InJson(JsonException json, HttpContext http)
    {
        var missing = Missing().Match(json.Message);
        if (missing.Success) return Problems.InvalidProblem(Quoted().Matches(missing.Value).Select(m => (m.Groups[1].Value, "expected a value, got none.")));
        var unmapped = Unmapped().Match(json.Message);
        if (unmapped.Success) return Problems.InvalidProblem([(unmapped.Groups[1].Value, "no field of this name is known here; look at /openapi.json for those that are.")]);
        var field = json.Path is { Length: > 2 } path ? path[2..] : "body";
        // Broken JSON comes with the reader's own exception inside; a value of the wrong kind does not, or with what its parser said.
        var isWrongKind = json.InnerException is null or FormatException or InvalidOperationException;
        return Problems.InvalidProblem([(field, isWrongKind
            ? $"expected {Kind(TypeAt(field, http))}, got something else."
            : $"expected well-formed JSON, broken at line {json.LineNumber + 1}, byte {json.BytePositionInLine}.")]);
    }

    /// <summary>The type that the contract gives the field, found by walking the path <c>changes[0].id</c> through it.</summary>
    private static Type? TypeAt(string field, HttpContext http)
    {
        var json = http.RequestServices.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions;
        var type = http.GetEndpoint()?.Metadata.GetMetadata<IAcceptsMetadata>()?.RequestType;
        foreach (var step in field == "body" ? [] : field.Split('.'))
        {
            if (type is null || !json.TryGetTypeInfo(type, out var info)) return null;
            type = info.Properties.FirstOrDefault(p => p.Name == step.Split('[')[0])?.PropertyType;
            if (type is not null && step.Contains('[', StringComparison.Ordinal)) type = json.TryGetTypeInfo(type, out var list) ? ElementOf(list) : null;
        }

        return type;
    }

    private static Type? ElementOf(JsonTypeInfo list) => list.Kind is JsonTypeInfoKind.Enumerable or JsonTypeInfoKind.Dictionary ? list.ElementType : null;

    private static string Kind(Type? type)
    {
        if (type is null) return "a value of the kind that /openapi.json describes";
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type.IsEnum) return "one of " + string.Join(", ", Enum.GetNames(type).Select(JsonNamingPolicy.KebabCaseLower.ConvertName));
        if (type == typeof(DateTimeOffset)) return "a date and time such as 2026-01-31T14:00:00Z";
        return Type.GetTypeCode(type) switch
        {
            TypeCode.Int16 or TypeCode.Int32 or TypeCode.Int64 or TypeCode.UInt16 or TypeCode.UInt32 or TypeCode.Byte or TypeCode.SByte => "a whole number in its range",
            TypeCode.Double or TypeCode.Decimal => "a number",
            TypeCode.Boolean => "true or false",
            TypeCode.String => "a text",
            _ => type.IsArray ? "a list" : "an object as /openapi.json describes it",
        };
    }

    [GeneratedRegex("missing required properties including: .*")]
    private static partial Regex Missing();

    [GeneratedRegex("The JSON property '([^']{1,64})' could not be mapped")]
    private static partial Regex Unmapped();

    [GeneratedRegex("""['"]([^'"]{1,64})['"]""")]
    private static partial Regex Quoted();
}
