using System.Diagnostics.CodeAnalysis;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Quirks;
using Gridtally.Cosem.Security;

namespace Gridtally.Cosem.Client;

/// <summary>What one request brought: encoded Data, or the reason why there is none.</summary>
/// <param name="Data">Encoded Data of a GET, or what a method returned; empty for a SET and for a method that returns nothing.</param>
/// <param name="Failure">Null on success.</param>
/// <remarks>
/// As an association hands it out, <see cref="Data"/> lives in the association's buffer until its next request; <see cref="Keep"/> copies it.
/// </remarks>
public readonly record struct RequestResult(ReadOnlyMemory<byte> Data, RequestFailure? Failure)
{
    /// <summary>True where the request was served.</summary>
    [MemberNotNullWhen(false, nameof(Failure))]
    public bool Succeeded => Failure is null;

    /// <summary>The same with a copy of the data of its own.</summary>
    public RequestResult Keep() => this with { Data = Data.ToArray() };

    /// <summary>A request that failed.</summary>
    public static RequestResult Failed(RequestFailure failure) => new(default, failure);

    /// <summary>The failure, or how many octets came.</summary>
    public override string ToString() => Failure?.ToString() ?? $"{Data.Length} octets";
}

/// <summary>Why a request brought no value, though the link held. A closed set of cases.</summary>
public abstract record RequestFailure
{
    private RequestFailure()
    {
    }

    /// <summary>True when the same request may succeed if simply sent again.</summary>
    public bool IsTransient => this is Refused { Result: DataAccessResult.TemporaryFailure } or MethodRefused { Result: ActionResult.TemporaryFailure };

    /// <summary>The device understood the request for an attribute but did not serve it.</summary>
    public sealed record Refused(AttributeRef Target, DataAccessResult Result) : RequestFailure
    {
        /// <inheritdoc/>
        public override string ToString() => $"{Target} refused: {Result}";
    }

    /// <summary>The device understood the request for a method but did not carry it out.</summary>
    public sealed record MethodRefused(MethodRef Target, ActionResult Result) : RequestFailure
    {
        /// <inheritdoc/>
        public override string ToString() => $"{Target} refused: {Result}";
    }

    /// <summary>The device did not even begin to serve the request (exception-response).</summary>
    public sealed record Exception(ExceptionResponse Response) : RequestFailure
    {
        /// <inheritdoc/>
        public override string ToString() => $"the device answered exception-response {Response}";
    }

    /// <summary>The device understood the request for a short name but did not serve it.</summary>
    public sealed record NameRefused(ushort Name, DataAccessResult Result) : RequestFailure
    {
        /// <inheritdoc/>
        public override string ToString() => $"short name {Name:X4} refused: {Result}";
    }

    /// <summary>The meter's object list has no short name for the attribute or method; nothing was sent.</summary>
    public sealed record NoShortName(string Target) : RequestFailure
    {
        /// <inheritdoc/>
        public override string ToString() => $"the meter's object list has no short name for {Target}; read the object list first, or check the logical name";
    }

    /// <summary>The device answered with a confirmed-service-error.</summary>
    public sealed record ServiceError(ConfirmedServiceError Error) : RequestFailure
    {
        /// <inheritdoc/>
        public override string ToString() => $"the device answered confirmed-service-error {Error}";
    }

    /// <summary>The answer is not a valid APDU.</summary>
    /// <param name="Error">What is wrong with it, and where.</param>
    /// <param name="AcceptedBy">The quirk that would accept it; none where no known one does.</param>
    public sealed record Malformed(DecodeError Error, Quirk AcceptedBy = Quirk.None) : RequestFailure
    {
        /// <inheritdoc/>
        public override string ToString() => $"the answer is malformed: {Error}{QuirkTable.Hint(AcceptedBy)}";
    }

    /// <summary>The answer is a valid APDU, but not one that this request allows.</summary>
    /// <param name="Expected">What the request asks for.</param>
    /// <param name="Got">What came.</param>
    /// <param name="AcceptedBy">The quirk that would accept it; none where no known one does.</param>
    public sealed record OutOfPlace(string Expected, string Got, Quirk AcceptedBy = Quirk.None) : RequestFailure
    {
        /// <inheritdoc/>
        public override string ToString() => $"expected {Expected}, got {Got}{QuirkTable.Hint(AcceptedBy)}";
    }

    /// <summary>The answer can't be trusted or read, or the request could not be protected.</summary>
    public sealed record Security(SecurityFault Fault) : RequestFailure
    {
        /// <inheritdoc/>
        public override string ToString() => SecurityFaults.Explain(Fault);
    }

    /// <summary>The service was not negotiated in this association; nothing was sent.</summary>
    public sealed record NotNegotiated(Conformance Needed) : RequestFailure
    {
        /// <inheritdoc/>
        public override string ToString() => $"the association does not allow {string.Join(", ", ConformanceBits.NamesOf(Needed))}";
    }

    /// <summary>More octets than a named maximum: of the device's PDU for a request, of <see cref="Limits.MaxReassembly"/> for an answer.</summary>
    public sealed record TooLong(string What, int Octets, int Maximum) : RequestFailure
    {
        /// <inheritdoc/>
        public override string ToString() => $"{What} takes {Octets} octets, at most {Maximum} are allowed";
    }
}
