namespace Gridtally.Cosem.Security;

/// <summary>The invocation counters of one set of keys, kept so that no value is ever sent or accepted twice, restarts included.</summary>
/// <remarks>
/// IEC 62056-5-3: initialization vector = system title || invocation counter. A vector used twice under one key breaks AES-GCM, so
/// an implementation has a send counter on disk before it hands it out (<see cref="ReservingCounter"/> does that in steps).
/// Each <see cref="KeyRole"/> has counters of its own, for sending and for each originator. Counters begin anew only with a new key.
/// Implementations need not be thread-safe: associations that share keys also share a thread.
/// </remarks>
public interface IInvocationCounters
{
    /// <summary>Takes the next counter for sending, never to be handed out again.</summary>
    /// <returns>False once FFFFFFFF has been used: the key must be renewed, counters never wrap.</returns>
    bool TryTakeSend(KeyRole key, out uint counter);

    /// <summary>Makes the next counter for sending at least <paramref name="next"/>. A client does so with the meter's counter object plus one.</summary>
    void RaiseSend(KeyRole key, uint next);

    /// <summary>The lowest counter that is still acceptable from <paramref name="originator"/>: last accepted plus one, 0 at first, 2^32 for none.</summary>
    ulong ReceiveFloor(KeyRole key, SystemTitle originator);

    /// <summary>Records that an APDU with this counter was authentic; the floor becomes <paramref name="counter"/> + 1.</summary>
    /// <returns>False where that can't be kept; the APDU is then not accepted, for it could be played back after a restart.</returns>
    bool Accept(KeyRole key, SystemTitle originator, uint counter);
}
