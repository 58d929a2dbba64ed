using Gridtally.Cosem.Client;

namespace Gridtally.Sessions;

/// <summary>Why there is no association, or no more.</summary>
public enum AssociationReason : byte
{
    /// <summary>Nothing came in time, after all retries: nobody there, wrong address, or a dead line.</summary>
    NoAnswer,
    /// <summary>Something came, but not over a working link: garbage, the link was ended or rejected by the device.</summary>
    LineError,
    /// <summary>The device refused the association; the message has its diagnostic.</summary>
    Refused,
    /// <summary>Password, keys or counters do not fit.</summary>
    Security,
    /// <summary>The device answered something that no device may answer here.</summary>
    DeviceError,
}

/// <summary>There is no association with a device, though bytes can be moved. The message says with whom, what was expected, what came, and what to do.</summary>
public sealed class AssociationException : Exception
{
    /// <summary>Says why there is none.</summary>
    public AssociationException(AssociationReason reason, string message, AssociationFailure? failure = null, Exception? inner = null) : base(message, inner) =>
        (Reason, Failure) = (reason, failure);

    /// <inheritdoc cref="AssociationException(AssociationReason, string, AssociationFailure?, Exception?)"/>
    public AssociationException() : this(AssociationReason.LineError, "There is no association.") { }

    /// <inheritdoc cref="AssociationException(AssociationReason, string, AssociationFailure?, Exception?)"/>
    public AssociationException(string message) : this(AssociationReason.LineError, message) { }

    /// <inheritdoc cref="AssociationException(AssociationReason, string, AssociationFailure?, Exception?)"/>
    public AssociationException(string message, Exception inner) : this(AssociationReason.LineError, message, null, inner) { }

    /// <summary>In one word, for retries and statistics.</summary>
    public AssociationReason Reason { get; }

    /// <summary>What the association itself reports, where it was the one to fail.</summary>
    public AssociationFailure? Failure { get; }
}
