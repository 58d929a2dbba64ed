namespace Gridtally.Metering;

/// <summary>A civil clock that runs faster than the wall's: a year of billing in a minute.</summary>
/// <remarks>
/// Everything that a calendar drives (samples, capture periods, cron) takes this clock. What a line drives (baud pacing, answer
/// timeouts) keeps real time: a bus at 9,600 baud does not get faster because the calendar does. Processes that are given the same
/// anchor and speed agree on the time.
/// </remarks>
public sealed class ScaledTimeProvider : TimeProvider
{
    private readonly TimeProvider _real;
    private readonly DateTimeOffset _realAnchor;
    private readonly DateTimeOffset _civilAnchor;

    /// <summary>A clock that showed <paramref name="civilAnchor"/> when the wall showed <paramref name="realAnchor"/>.</summary>
    /// <param name="realAnchor">Moment of the wall clock.</param>
    /// <param name="civilAnchor">What this clock shows at that moment.</param>
    /// <param name="speed">Civil seconds per real second; more than 0.</param>
    /// <param name="real">The wall clock; the system's by default.</param>
    public ScaledTimeProvider(DateTimeOffset realAnchor, DateTimeOffset civilAnchor, double speed, TimeProvider? real = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(speed);
        (_realAnchor, _civilAnchor, Speed, _real) = (realAnchor, civilAnchor, speed, real ?? System);
    }

    /// <summary>Civil seconds per real second.</summary>
    public double Speed { get; }

    /// <inheritdoc/>
    public override long TimestampFrequency => _real.TimestampFrequency;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => _civilAnchor + (_real.GetUtcNow() - _realAnchor) * Speed;

    /// <inheritdoc/>
    public override long GetTimestamp() => (long)(_real.GetTimestamp() * Speed);

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        new ScaledTimer(this, callback, state, dueTime, period);

    private TimeSpan ToReal(TimeSpan civil) => civil == Timeout.InfiniteTimeSpan ? civil : civil / Speed;

    private sealed class ScaledTimer(ScaledTimeProvider clock, TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) : ITimer
    {
        private readonly ITimer _inner = clock._real.CreateTimer(callback, state, clock.ToReal(dueTime), clock.ToReal(period));

        public bool Change(TimeSpan dueTime, TimeSpan period) => _inner.Change(clock.ToReal(dueTime), clock.ToReal(period));

        public void Dispose() => _inner.Dispose();

        public ValueTask DisposeAsync() => _inner.DisposeAsync();
    }
}
