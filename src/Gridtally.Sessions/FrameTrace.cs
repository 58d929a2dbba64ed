namespace Gridtally.Sessions;

/// <summary>Which way octets went.</summary>
public enum TraceDirection : byte
{
    /// <summary>Sent by this side.</summary>
    Sent,
    /// <summary>Received by this side.</summary>
    Received,
}

/// <summary>Octets that went over a channel, as they were on the line: whole frames when sent, pieces as they came when received.</summary>
/// <param name="Channel">Name of the channel.</param>
/// <param name="Direction">Which way.</param>
/// <param name="Bytes">The octets; valid during the call only.</param>
/// <param name="At">When, by the clock of the line.</param>
public readonly record struct FrameTrace(string Channel, TraceDirection Direction, ReadOnlyMemory<byte> Bytes, DateTimeOffset At);

/// <summary>What a session has moved so far.</summary>
/// <param name="BytesSent">Octets sent, framing included.</param>
/// <param name="BytesReceived">Octets received, framing included.</param>
/// <param name="RoundTrips">APDUs that were answered.</param>
/// <param name="Retries">Frames or APDUs that were sent again.</param>
public readonly record struct SessionStatistics(long BytesSent, long BytesReceived, long RoundTrips, long Retries)
{
    /// <summary>Both together.</summary>
    public static SessionStatistics operator +(SessionStatistics a, SessionStatistics b) =>
        new(a.BytesSent + b.BytesSent, a.BytesReceived + b.BytesReceived, a.RoundTrips + b.RoundTrips, a.Retries + b.Retries);

    /// <inheritdoc cref="op_Addition"/>
    public static SessionStatistics Add(SessionStatistics left, SessionStatistics right) => left + right;
}
