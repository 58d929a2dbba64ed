using Gridtally.Metering;
using Gridtally.Storage;

namespace Gridtally.HeadEnd.Store;

/// <summary>How many of the expected rows are there.</summary>
/// <param name="Got">Rows held.</param>
/// <param name="Expected">Rows due by now; 0 where none was due.</param>
public readonly record struct Completeness(int Got, int Expected)
{
    /// <summary>Both taken together.</summary>
    public static Completeness operator +(Completeness left, Completeness right) => new(left.Got + right.Got, left.Expected + right.Expected);

    /// <inheritdoc cref="op_Addition"/>
    public static Completeness Add(Completeness left, Completeness right) => left + right;
}

/// <summary>Completeness of one meter, day by day.</summary>
/// <param name="Meter">Meter number.</param>
/// <param name="Days">One for each day asked for, in order.</param>
public sealed record MeterCompleteness(string Meter, IReadOnlyList<Completeness> Days);

/// <summary>Rows got and expected, per meter and day, over all periodic profiles of a meter.</summary>
/// <remarks>
/// Expected are the ends of capture periods in the day that have passed, from when the meter is to be read: when the head end came to
/// know it, or its first row if that is older. While nothing is known of a meter's profiles, one with <see cref="AssumedPeriod"/> counts.
/// </remarks>
public sealed class CompletenessQueries
{
    /// <summary>Days of one question.</summary>
    public const int MaxDays = 62;

    private const string ZoneSetting = "day.zone";

    private readonly Database _database;
    private readonly ReadingDays _days;

    internal CompletenessQueries(Database database, ReadingDays days) => (_database, _days) = (database, days);

    /// <summary>Capture period assumed for a meter of which no layout has come yet. The meter's manual: 30 minutes by default.</summary>
    public static TimeSpan AssumedPeriod { get; } = TimeSpan.FromMinutes(30);

    /// <summary>Completeness of all meters, or of one.</summary>
    /// <param name="from">First day.</param>
    /// <param name="to">Last day, included; at most <see cref="MaxDays"/> in all.</param>
    /// <param name="now">By the civil clock, UTC: later rows are not due yet.</param>
    /// <param name="meter">Null for all.</param>
    /// <exception cref="ArgumentOutOfRangeException">No day, or too many.</exception>
    public IReadOnlyList<MeterCompleteness> Read(DateOnly from, DateOnly to, DateTime now, string? meter = null)
    {
        var count = to.DayNumber - from.DayNumber + 1;
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, MaxDays);
        return _database.Read(session =>
        {
            var meters = session.Query(
                "SELECT number, since FROM meter WHERE ?1 IS NULL OR number = ?1 ORDER BY number", r => (Number: r.GetString(0), Since: r.Time(1)), meter);
            var series = Series(session, meter).ToLookup(s => s.Meter);
            var got = Got(session, from, to, meter);
            return meters.ConvertAll(m => OfMeter(m.Number, m.Since, [.. series[m.Number]], got, from, count, now));
        });
    }

    internal static ReadingDays LastDays(Database database) =>
        LastZone(database) is { } zone && TimeZoneInfo.TryFindSystemTimeZoneById(zone, out var known) ? new(known) : ReadingDays.Utc;

    internal void CountAnewWhenZoneChanged()
    {
        if (LastZone(_database) == _days.Zone.Id) return;
        _database.Write(session =>
        {
            session.Execute("DELETE FROM day");
            foreach (var series in session.Query("SELECT id FROM series", r => r.GetInt64(0)))
            {
                var days = session.Query("SELECT time FROM row WHERE series = ?1", r => _days.DayOf(r.Time(0)), series).CountBy(day => day);
                foreach (var (day, got) in days) session.Execute("INSERT INTO day (series, day, got) VALUES (?1, ?2, ?3)", series, day.DayNumber, got);
            }

            session.Execute("INSERT INTO setting (key, value) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = ?2", ZoneSetting, _days.Zone.Id);
        });
    }

    private static string? LastZone(Database database) =>
        database.Read(session => session.First<string?>("SELECT value FROM setting WHERE key = ?1", r => r.GetString(0), null, ZoneSetting));

    private MeterCompleteness OfMeter(
        string meter, DateTime since, SeriesOfMeter[] series, Dictionary<(long, int), int> got, DateOnly from, int count, DateTime now)
    {
        var days = new Completeness[count];
        for (var i = 0; i < count; i++)
        {
            var day = from.AddDays(i);
            foreach (var one in series) days[i] += new Completeness(got.GetValueOrDefault((one.Id, day.DayNumber)), Expected(day, one.Begin(since), now, one.Period));
            if (series.Length == 0) days[i] = new(0, Expected(day, since, now, AssumedPeriod));
        }

        return new(meter, days);
    }

    private int Expected(DateOnly day, DateTime since, DateTime now, TimeSpan period)
    {
        var (begin, end) = (_days.BeginOf(day), _days.EndOf(day));
        return CaptureSlots.Count(begin > since ? begin : since, end < now ? end : now, period);
    }

    private static List<SeriesOfMeter> Series(DbSession session, string? meter) => session.Query(
        """
        SELECT s.id, s.meter, l.capture_period, s.first_time FROM series s JOIN layout l ON l.id = s.layout
        WHERE l.capture_period > 0 AND (?1 IS NULL OR s.meter = ?1)
        """,
        r => new SeriesOfMeter(r.GetInt64(0), r.GetString(1), TimeSpan.FromSeconds(r.GetInt64(2)), r.TimeOrNull(3)), meter);

    private static Dictionary<(long Series, int Day), int> Got(DbSession session, DateOnly from, DateOnly to, string? meter) => session.Query(
        """
        SELECT d.series, d.day, d.got FROM day d JOIN series s ON s.id = d.series
        WHERE d.day BETWEEN ?1 AND ?2 AND (?3 IS NULL OR s.meter = ?3)
        """,
        r => (Series: r.GetInt64(0), Day: r.GetInt32(1), Got: r.GetInt32(2)), from.DayNumber, to.DayNumber, meter).ToDictionary(d => (d.Series, d.Day), d => d.Got);

    private sealed record SeriesOfMeter(long Id, string Meter, TimeSpan Period, DateTime? First)
    {
        // Rows older than the head end's acquaintance with the meter count: the concentrator had read them before.
        public DateTime Begin(DateTime since) => First is { } first && first - Period < since ? first - Period : since;
    }
}
