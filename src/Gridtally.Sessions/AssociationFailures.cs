using Gridtally.Cosem.Client;

namespace Gridtally.Sessions;

internal static class AssociationFailures
{
    /// <summary>Sorts a failure by its reason and says what to do about it.</summary>
    public static AssociationException Explain(string name, DlmsClientOptions options, AssociationFailure? failure)
    {
        var (reason, advice) = failure switch
        {
            AssociationFailure.Refused => (AssociationReason.Refused, "Check the client address, the authentication mechanism and the password"),
            AssociationFailure.AuthenticationRefused => (AssociationReason.Security, null),
            AssociationFailure.ServerNotAuthentic => (AssociationReason.Security, null),
            AssociationFailure.Security => (AssociationReason.Security, "Check EK, AK and system title of this client and this device"),
            AssociationFailure.Exception => (AssociationReason.Refused, "Check the keys, the invocation counter and the client address"),
            _ => (AssociationReason.DeviceError, "Record the frames with a trace and ask the maker of the device"),
        };
        return new(reason, $"{name}: no association ({options.Association}): {failure}.{(advice is null ? "" : $" {advice}.")}", failure);
    }
}
