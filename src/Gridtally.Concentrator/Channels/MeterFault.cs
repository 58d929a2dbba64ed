using System.Security.Cryptography;
using Gridtally.Concentrator.History;
using Gridtally.Concentrator.Settings;
using Gridtally.Links;
using Gridtally.Sessions;
using Gridtally.Storage;

namespace Gridtally.Concentrator.Channels;

/// <summary>Who is to blame for a failed exchange.</summary>
internal enum FaultScope
{
    /// <summary>The meter: it is left alone for a while.</summary>
    Meter,
    /// <summary>The channel: none of its meters can be reached.</summary>
    Channel,
    /// <summary>Nobody: who asked does not want the answer any more.</summary>
    Caller,
    /// <summary>The own store: nothing can be read until it works again.</summary>
    Store,
}

/// <summary>An exchange that failed, in one word and in a sentence.</summary>
internal sealed record MeterFault(FaultScope Scope, FailureReason Reason, string Text)
{
    /// <summary>Sorts an exception; null for one that is a mistake of this program.</summary>
    /// <param name="e">The exception.</param>
    /// <param name="isBus">True where the channel is shared: a lost link then is the channel's fault.</param>
    public static MeterFault? From(Exception e, bool isBus) => e switch
    {
        AssociationException a => new(FaultScope.Meter, ReasonOf(a.Reason), a.Message),
        LinkException when isBus => new(FaultScope.Channel, FailureReason.LineError, e.Message),
        LinkException => new(FaultScope.Meter, FailureReason.NoAnswer, e.Message),
        StorageException => new(FaultScope.Store, FailureReason.Cancelled, e.Message),
        MeterGateException g => new(FaultScope.Meter, g.Reason, g.Message),
        SettingsException => new(FaultScope.Meter, FailureReason.Cancelled, e.Message),
        CryptographicException => new(FaultScope.Meter, FailureReason.Security, e.Message),
        OperationCanceledException => new(FaultScope.Caller, FailureReason.Cancelled, "It was cut short on this side."),
        _ => null,
    };

    private static FailureReason ReasonOf(AssociationReason reason) => reason switch
    {
        AssociationReason.NoAnswer => FailureReason.NoAnswer,
        AssociationReason.LineError => FailureReason.LineError,
        AssociationReason.Refused => FailureReason.Refused,
        AssociationReason.Security => FailureReason.Security,
        _ => FailureReason.DeviceError,
    };
}
