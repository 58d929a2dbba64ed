using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;

namespace Gridtally.WebHost.Http;

/// <summary>An error as the API sends it: application/problem+json, RFC 9457.</summary>
/// <param name="Title">What went wrong, in a few words.</param>
/// <param name="Status">HTTP status.</param>
/// <param name="Detail">What was expected, what arrived, what to do.</param>
/// <param name="Errors">Per field of the request, what is wrong with it; null when no field is to blame.</param>
public sealed record Problem(string Title, int Status, string Detail, IReadOnlyDictionary<string, string[]>? Errors = null)
{
    /// <summary>The title says it all; there is no page to look up.</summary>
    public string Type { get; init; } = "about:blank";

    /// <summary>After too many failed logins: seconds until the next try is looked at.</summary>
    public int? RetryAfterSeconds { get; init; }

    /// <summary>Who failed, for requests that go further than this server.</summary>
    public Blame? Blame { get; init; }
}

/// <summary>Where on the way to a meter a request failed.</summary>
[JsonConverter(typeof(WireEnum<Blame>))]
public enum Blame
{
    /// <summary>The request itself can't be carried out.</summary>
    Request,

    /// <summary>The head end.</summary>
    Headend,

    /// <summary>The concentrator, or the way to it.</summary>
    Concentrator,

    /// <summary>The channel between concentrator and meter.</summary>
    Channel,

    /// <summary>The meter.</summary>
    Meter,
}

/// <summary>JSON contracts of what this library itself sends and reads.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Problem))]
[JsonSerializable(typeof(HealthAnswer))]
[JsonSerializable(typeof(Credentials))]
[JsonSerializable(typeof(SessionAnswer))]
[JsonSerializable(typeof(PasswordRequest))]
[JsonSerializable(typeof(UserAnswer[]))]
[JsonSerializable(typeof(NewUserRequest))]
internal sealed partial class WebJson : JsonSerializerContext;

/// <summary>Makes the answers to a request that can't be served.</summary>
public static class Problems
{
    /// <summary>400: a field, or several, can't be taken.</summary>
    /// <param name="faults">Field name as in the request, and the sentence that says what was expected and what arrived.</param>
    public static IResult Invalid(params IEnumerable<(string Field, string Fault)> faults) => Of(InvalidProblem(faults));

    /// <summary>404: nothing of that name.</summary>
    /// <param name="detail">What was looked for, and where to look instead.</param>
    public static IResult NotFound(string detail) => Of(new("Not found.", StatusCodes.Status404NotFound, detail));

    /// <summary>409: it stands against something that is there already.</summary>
    /// <param name="detail">What stands against it, and what to do.</param>
    public static IResult Conflict(string detail) => Of(new("Not possible as things stand.", StatusCodes.Status409Conflict, detail));

    /// <summary>Any other problem; <paramref name="status"/> 502 and 504 are for a meter or a concentrator that failed to answer.</summary>
    /// <param name="status">HTTP status.</param>
    /// <param name="title">What went wrong, in a few words.</param>
    /// <param name="detail">What was expected, what arrived, what to do.</param>
    /// <param name="blame">Who failed, when the request went further than this server.</param>
    public static IResult Other(int status, string title, string detail, Blame? blame = null) => Of(new(title, status, detail) { Blame = blame });

    internal static Problem InvalidProblem(IEnumerable<(string Field, string Fault)> faults)
    {
        var errors = faults.GroupBy(f => f.Field).ToDictionary(g => g.Key, g => g.Select(f => f.Fault).ToArray());
        var detail = string.Join(" ", errors.Select(e => $"{e.Key}: {string.Join(" ", e.Value)}"));
        return new("The request has values that can't be taken.", StatusCodes.Status400BadRequest, detail, errors);
    }

    internal static IResult Of(Problem problem) => new ProblemResult(problem);

    internal static Task WriteAsync(HttpContext http, Problem problem)
    {
        http.Response.StatusCode = problem.Status;
        http.Response.ContentType = "application/problem+json";
        http.Response.Headers.CacheControl = "no-store";
        return JsonSerializer.SerializeAsync(http.Response.Body, problem, WebJson.Default.Problem, http.RequestAborted);
    }

    private sealed class ProblemResult(Problem problem) : IResult, IStatusCodeHttpResult
    {
        public int? StatusCode => problem.Status;

        public Task ExecuteAsync(HttpContext httpContext) => WriteAsync(httpContext, problem);
    }
}
