using Gridtally.Cosem;
using Gridtally.Metering;
using Gridtally.Sessions;

namespace Gridtally.HeadEnd.Commands;

/// <summary>Who failed.</summary>
public enum CommandBlame : byte
{
    /// <summary>The request itself: no such meter.</summary>
    Request,
    /// <summary>The head end: it has no keys, or too much to do.</summary>
    HeadEnd,
    /// <summary>The way to the concentrator, or the concentrator.</summary>
    Concentrator,
    /// <summary>The way from the concentrator to the meter.</summary>
    Channel,
    /// <summary>The meter: it refused, or what it answered is wrong.</summary>
    Meter,
}

/// <summary>How far a command has come.</summary>
public enum CommandStep : byte
{
    /// <summary>Waiting until an earlier command to the same meter is done.</summary>
    Waiting,
    /// <summary>Opening an association with the meter through its concentrator.</summary>
    Associating,
    /// <summary>The association stands; the answer to the request is waited for.</summary>
    Reading,
    /// <summary>Done or failed.</summary>
    Finished,
}

/// <summary>What a meter answered to a command.</summary>
/// <param name="Target">The attribute that was read.</param>
/// <param name="Data">Its value, encoded Data as the meter sent it.</param>
/// <param name="Scale">Scaler and unit, where the object has them.</param>
/// <param name="Time">When the meter answered, civil time UTC.</param>
/// <param name="Duration">Real time from request to answer.</param>
public sealed record RegisterReading(AttributeRef Target, ReadOnlyMemory<byte> Data, ScalerUnit? Scale, DateTime Time, TimeSpan Duration);

/// <summary>Why a command failed.</summary>
/// <param name="Blame">Who failed.</param>
/// <param name="Reason">In one word; null where nothing was sent.</param>
/// <param name="Text">What was expected, what came, what to do.</param>
public sealed record CommandFailure(CommandBlame Blame, AssociationReason? Reason, string Text);

/// <summary>What a command came to: a reading, or a failure.</summary>
/// <param name="Reading">What the meter answered; null where the command failed.</param>
/// <param name="Failure">Why it failed; null where it did not.</param>
public sealed record CommandOutcome(RegisterReading? Reading, CommandFailure? Failure);
