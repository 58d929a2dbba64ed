using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Client;

namespace Gridtally.Sessions;

internal static class AssociationFailures
{
    private const string CheckKeys = "Check EK, AK and system title of this client and this device";

    /// <summary>Sorts a failure by its reason and says what to do about it.</summary>
    public static AssociationException Explain(string name, DlmsClientOptions options, AssociationFailure? failure)
    {
        var (reason, advice) = failure switch
        {
            AssociationFailure.Refused { Error: { } error } when error == ConfirmedServiceError.DecipheringError => (AssociationReason.Security, CheckKeys),
            AssociationFailure.Refused => (AssociationReason.Refused, "Check the client address, the authentication mechanism and the password"),
            AssociationFailure.AuthenticationRefused => (AssociationReason.Security, null),
            AssociationFailure.ServerNotAuthentic => (AssociationReason.Security, null),
            AssociationFailure.Security => (AssociationReason.Security, CheckKeys),
            AssociationFailure.Exception { Response.Service: ExceptionService.InvocationCounterError } => (AssociationReason.Security,
                "The device has seen a higher invocation counter from this client: read its counter first, and share one counter store among all programs with these keys"),
            AssociationFailure.Exception or AssociationFailure.ServiceError => (AssociationReason.Refused, "Check the keys and the client address"),
            _ => (AssociationReason.DeviceError, "Record the frames with a trace and ask the maker of the device"),
        };
        return new(reason, $"{name}: no association ({options.Association}): {failure}.{(advice is null ? "" : $" {advice}.")}", failure);
    }
}
