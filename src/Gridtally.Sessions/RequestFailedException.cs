using Gridtally.Cosem.Client;

namespace Gridtally.Sessions;

/// <summary>A request brought no value where the caller asked for nothing but the value. The link still holds.</summary>
/// <remarks>
/// The calls that return a <see cref="RequestResult"/> never throw this: there, a refusal is a value. It is for the short forms
/// (<see cref="RequestResults.Value"/>, rows as a stream), where a caller has no use for anything else.
/// </remarks>
public sealed class RequestFailedException : Exception
{
    /// <summary>Says who refused what, and why.</summary>
    public RequestFailedException(string message, RequestFailure failure) : base(message) => Failure = failure;

    /// <inheritdoc cref="RequestFailedException(string, RequestFailure)"/>
    public RequestFailedException() : base("A request failed.") { }

    /// <inheritdoc cref="RequestFailedException(string, RequestFailure)"/>
    public RequestFailedException(string message) : base(message) { }

    /// <inheritdoc cref="RequestFailedException(string, RequestFailure)"/>
    public RequestFailedException(string message, Exception inner) : base(message, inner) { }

    /// <summary>Why there is no value.</summary>
    public RequestFailure? Failure { get; }
}

/// <summary>Short forms for what a request brought.</summary>
public static class RequestResults
{
    /// <summary>The encoded Data, or an exception that says why there is none.</summary>
    /// <param name="result">What a request brought.</param>
    /// <param name="client">Asked whom; for the message.</param>
    /// <exception cref="RequestFailedException">The request failed.</exception>
    public static ReadOnlyMemory<byte> Value(this RequestResult result, DlmsClient client) => result.Succeeded
        ? result.Data
        : throw new RequestFailedException($"{client.Name}: {result.Failure}", result.Failure);
}
