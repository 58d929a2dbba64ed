using Gridtally.Concentrator.Archive;
using Gridtally.Concentrator.Settings;
using Gridtally.Metering;
using Gridtally.Storage;

namespace Gridtally.Concentrator.Store;

/// <summary>How many rows are there, of how many that should be.</summary>
/// <param name="Got">Rows stored.</param>
/// <param name="Expected">Rows due by now; 0 where none is periodic.</param>
public readonly record struct RowCount(long Got, long Expected)
{
    /// <summary>Both summed.</summary>
    public static RowCount operator +(RowCount left, RowCount right) => new(left.Got + right.Got, left.Expected + right.Expected);

    /// <inheritdoc cref="op_Addition"/>
    public static RowCount Add(RowCount left, RowCount right) => left + right;
}

/// <summary>One line of the home page.</summary>
/// <param name="Kind">What is counted.</param>
/// <param name="Count">Got beside expected, since the beginning of the day or month.</param>
public sealed record HomeCount(ReadKind Kind, RowCount Count);

/// <summary>Counts what was collected against what was due.</summary>
/// <remarks>
/// Due are the capture slots of a meter's profile from its first known row on (a meter without any: from its entry in the archive) up to
/// now. A meter that was never reached is expected to have the period of the others. Days begin at 00:00 UTC.
/// </remarks>
public sealed class Completeness
{
    private readonly Database _database;
    private readonly ReadingStore _store;
    private readonly MeterArchive _archive;
    private readonly SettingsStore _settings;
    private readonly TimeProvider _clock;

    /// <summary>Counts over these.</summary>
    public Completeness(Database database, ReadingStore store, MeterArchive archive, SettingsStore settings, TimeProvider clock) =>
        (_database, _store, _archive, _settings, _clock) = (database, store, archive, settings, clock);

    /// <summary>Rows of the periodic profiles that a task reads from a meter, of one day.</summary>
    public RowCount Of(MeterRecord meter, DateOnly day) =>
        ReadKinds(meter).Where(k => k.Kind.Key is "energyProfile" or "demandProfile").Aggregate(default(RowCount), (sum, k) => sum + Of(meter, k.Profile, day, day));

    /// <summary>Rows of one profile of a meter, of the days from..to.</summary>
    public RowCount Of(MeterRecord meter, ObisCode profile, DateOnly from, DateOnly to)
    {
        var (got, first) = _database.Read(s => (
            s.Number("SELECT coalesce(sum(rows), 0) FROM block WHERE meter=?1 AND profile=?2 AND day BETWEEN ?3 AND ?4", meter.Id, (long)profile.ToUInt64(), (long)from.DayNumber, (long)to.DayNumber),
            s.First("SELECT min(first) FROM block WHERE meter=?1 AND profile=?2", r => r.TimeOrNull(0), null, meter.Id, (long)profile.ToUInt64())));
        var period = TimeSpan.FromSeconds(_store.PeriodOf(meter.Id, profile));
        if (period <= TimeSpan.Zero) return new(got, 0);
        var begin = first is { } known ? known - period : meter.Archived;
        var now = _clock.GetUtcNow().UtcDateTime;
        var (after, upTo) = (ReadingDays.Utc.BeginOf(from), ReadingDays.Utc.EndOf(to));
        var expected = CaptureSlots.Count(begin > after ? begin : after, upTo < now ? upTo : now, period);
        return new(got, Math.Max(expected, 0));
    }

    /// <summary>The periodic profiles of all enabled meters, of one day.</summary>
    public RowCount OfAll(DateOnly day) => Enabled().Aggregate(default(RowCount), (sum, meter) => sum + Of(meter, day));

    /// <summary>The counts of the home page: for each kind of data that an enabled task collects, the day or month so far.</summary>
    public IReadOnlyList<HomeCount> Home()
    {
        var today = ReadingDays.Utc.DayOf(_clock.GetUtcNow().UtcDateTime.AddTicks(1));
        var month = new DateOnly(today.Year, today.Month, 1);
        var counts = new Dictionary<ReadKind, RowCount>();
        foreach (var meter in Enabled())
        {
            foreach (var (kind, profile) in ReadKinds(meter)) counts[kind] = counts.GetValueOrDefault(kind) + Of(meter, profile, kind.ByMonth ? month : today, today);
        }

        return [.. ReadKind.All.Where(counts.ContainsKey).Select(k => new HomeCount(k, counts[k]))];
    }

    /// <summary>What the enabled items of a meter's task read, and from which profile.</summary>
    public IReadOnlyList<(ReadKind Kind, ObisCode Profile)> ReadKinds(MeterRecord meter)
    {
        var view = _settings.Current;
        return view.Channels.TryGetValue(meter.Channel, out var channel)
            ? [.. view.EnabledItems(meter.Task).Select(i => i.Kind).Where(k => k.IsServed).Distinct().Select(k => (k, channel.ProfileOf(k)))]
            : [];
    }

    private IEnumerable<MeterRecord> Enabled() => _archive.Meters.Values.Where(m => m.Enabled);
}
