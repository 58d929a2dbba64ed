using Gridtally.Concentrator.History;

namespace Gridtally.Concentrator.Channels;

/// <summary>Passes APDUs through to a meter: the concentrator's part of the gateway's network 1.</summary>
/// <remarks>
/// An exchange goes before all reading (priority 1). Between the exchanges of one session the meter is held, not its channel: other
/// meters are read meanwhile. A session is over <see cref="IdleTimeout"/> after its last exchange, or when another client comes.
/// </remarks>
public interface IMeterGate
{
    /// <summary>How long a meter is held after an exchange (line time). Longer than a person takes between two clicks.</summary>
    static readonly TimeSpan IdleTimeout = TimeSpan.FromSeconds(30);

    /// <summary>Sends one APDU to the meter as it is, and waits for the answer.</summary>
    /// <param name="meterNumber">The meter.</param>
    /// <param name="clientSap">The client that speaks; its association with the meter is its own.</param>
    /// <param name="logicalDevice">Server SAP within the meter.</param>
    /// <param name="apdu">The APDU, unchanged.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The answer, unchanged.</returns>
    /// <exception cref="MeterGateException">The meter is not in the archive, disabled, or did not answer.</exception>
    Task<byte[]> ExchangeAsync(string meterNumber, ushort clientSap, ushort logicalDevice, ReadOnlyMemory<byte> apdu, CancellationToken cancellationToken);
}

/// <summary>An APDU could not be passed to a meter. The message names the meter and says what to do.</summary>
public sealed class MeterGateException : Exception
{
    /// <summary>Says why.</summary>
    public MeterGateException(FailureReason reason, string message, Exception? inner = null) : base(message, inner) => Reason = reason;

    /// <summary>Says that the meter did not answer.</summary>
    public MeterGateException() : this(FailureReason.NoAnswer, "The meter did not answer.") { }

    /// <inheritdoc cref="MeterGateException(FailureReason, string, Exception)"/>
    public MeterGateException(string message) : this(FailureReason.NoAnswer, message) { }

    /// <inheritdoc cref="MeterGateException(FailureReason, string, Exception)"/>
    public MeterGateException(string message, Exception inner) : this(FailureReason.NoAnswer, message, inner) { }

    /// <summary>Why, in one word.</summary>
    public FailureReason Reason { get; }
}
