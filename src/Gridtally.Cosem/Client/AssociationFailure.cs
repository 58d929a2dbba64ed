using Gridtally.Cosem.Acse;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Quirks;
using Gridtally.Cosem.Security;

namespace Gridtally.Cosem.Client;

/// <summary>Why there is no association. A closed set of cases; <see cref="object.ToString"/> says what arrived and what to do.</summary>
public abstract record AssociationFailure
{
    private AssociationFailure()
    {
    }

    /// <summary>The server refused (AARE).</summary>
    /// <param name="Result">Permanent or transient.</param>
    /// <param name="Diagnostic">The reason that it gives.</param>
    /// <param name="Error">The xDLMS error beside it, where the AARE carries one.</param>
    public sealed record Refused(AssociationResult Result, AcseDiagnostic Diagnostic, ConfirmedServiceError? Error) : AssociationFailure
    {
        /// <inheritdoc/>
        public override string ToString() => $"the server refused the association ({(Result == AssociationResult.RejectedTransient ? "temporarily" : "permanently")}): {Diagnostic}{(Error is { } error ? $", {error}" : "")}";
    }

    /// <summary>The server does not believe that we are who we say: wrong password, or other keys on its side.</summary>
    /// <param name="Detail">What the server answered.</param>
    public sealed record AuthenticationRefused(string Detail) : AssociationFailure
    {
        /// <inheritdoc/>
        public override string ToString() => $"the server did not accept our authentication ({Detail}): check password, keys and client address";
    }

    /// <summary>We do not believe that the server is who it says: its proof f(CtoS) does not verify.</summary>
    public sealed record ServerNotAuthentic() : AssociationFailure
    {
        /// <inheritdoc/>
        public override string ToString() => "the server's proof f(CtoS) does not verify with our keys: check EK, AK and that this is the right meter";
    }

    /// <summary>The server's APDU can't be verified or deciphered with our keys, or ours could not be protected.</summary>
    public sealed record Security(SecurityFault Fault) : AssociationFailure
    {
        /// <inheritdoc/>
        public override string ToString() => SecurityFaults.Explain(Fault);
    }

    /// <summary>The server answered with an exception-response; it may carry the invocation counter that it expects.</summary>
    public sealed record Exception(ExceptionResponse Response) : AssociationFailure
    {
        /// <inheritdoc/>
        public override string ToString() => $"the server answered exception-response {Response}";
    }

    /// <summary>The server answered with a confirmed-service-error instead of an AARE.</summary>
    public sealed record ServiceError(ConfirmedServiceError Error) : AssociationFailure
    {
        /// <inheritdoc/>
        public override string ToString() => $"the server answered confirmed-service-error {Error}";
    }

    /// <summary>The server's answer is not a valid APDU.</summary>
    /// <param name="Error">What is wrong with it, and where.</param>
    /// <param name="AcceptedBy">The quirk that would accept it; none where no known one does.</param>
    public sealed record Malformed(DecodeError Error, Quirk AcceptedBy = Quirk.None) : AssociationFailure
    {
        /// <inheritdoc/>
        public override string ToString() => $"the server's answer is malformed: {Error}{QuirkTable.Hint(AcceptedBy)}";
    }

    /// <summary>The server's answer is a valid APDU, but not one that belongs here.</summary>
    public sealed record OutOfPlace(string Expected, string Got) : AssociationFailure
    {
        /// <inheritdoc/>
        public override string ToString() => $"expected {Expected}, got {Got}";
    }
}
