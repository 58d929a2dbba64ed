using System.Collections.Immutable;
using Gridtally.Cosem.Profiles;
using Gridtally.Metering;
using Gridtally.Storage;

namespace Gridtally.HeadEnd.Store;

/// <summary>Rows of one profile of one meter as columns of numbers.</summary>
/// <param name="Meter">Meter number.</param>
/// <param name="Profile">The profile's logical name.</param>
/// <param name="CapturePeriod">Seconds between rows; 0 where rows are captured on an occasion.</param>
/// <param name="Columns">All columns but the clock's.</param>
/// <param name="Times">Time stamps in Unix seconds, rising; each is the end of its interval.</param>
/// <param name="Values">
/// One array per column, one number per row: scaled to the column's unit; null where the meter sent none or no number.
/// </param>
/// <param name="Truncated">True when there are more rows than were asked for.</param>
public sealed record Curve(
    string Meter, ObisCode Profile, int CapturePeriod, ImmutableArray<ProfileColumn> Columns, long[] Times, double?[][] Values, bool Truncated);

/// <summary>One row as stored.</summary>
/// <param name="Time">Its time stamp, UTC.</param>
/// <param name="Octets">The row exactly as the meter sent it.</param>
public sealed record StoredRow(DateTime Time, ReadOnlyMemory<byte> Octets);

/// <summary>Rows as columns of numbers.</summary>
public sealed class CurveQueries
{
    /// <summary>Rows of one answer: five years of quarter hours would be 175,000, more than anybody can see on a screen.</summary>
    public const int MaxRows = 50_000;

    private readonly Database _database;

    internal CurveQueries(Database database) => _database = database;

    /// <summary>Rows with <paramref name="from"/> &lt; time stamp &lt;= <paramref name="to"/>.</summary>
    /// <returns>
    /// Null where nothing is held of this profile. The columns are those of the newest layout; values of an older layout are shown in the
    /// column of the same object.
    /// </returns>
    public Curve? Read(string meter, ObisCode profile, DateTime from, DateTime to, int maxRows = MaxRows) => _database.Read(session =>
    {
        var (series, newest) = Series(session, meter, profile);
        if (newest is null) return null;
        var rows = Rows(session, series, from, to, Math.Min(maxRows, MaxRows) + 1);
        var truncated = rows.Count > Math.Min(maxRows, MaxRows);
        if (truncated) rows.RemoveAt(rows.Count - 1);
        var columns = newest.Layout.Columns.RemoveAll(c => c.IsClock);
        var values = columns.Select(_ => new double?[rows.Count]).ToArray();
        Fill(session, rows, columns, values);
        return new Curve(meter, profile, (int)Math.Min(newest.Layout.CapturePeriodSeconds, StoredLayout.MaxCapturePeriod), columns,
            [.. rows.Select(r => r.Time)], values, truncated);
    });

    /// <summary>The same rows, undecoded.</summary>
    public IReadOnlyList<StoredRow> ReadRows(string meter, ObisCode profile, DateTime from, DateTime to, int maxRows = MaxRows) => _database.Read(session =>
        Rows(session, Series(session, meter, profile).Id, from, to, Math.Min(maxRows, MaxRows))
            .ConvertAll(r => new StoredRow(DateTime.UnixEpoch.AddSeconds(r.Time), r.Octets)));

    private static (long Id, StoredLayout? Newest) Series(DbSession session, string meter, ObisCode profile)
    {
        var (id, layout) = session.First(
            "SELECT id, layout FROM series WHERE meter = ?1 AND profile = ?2", r => (r.GetInt64(0), r.GetInt64(1)), default, meter, (long)profile.ToUInt64());
        return (id, id == 0 ? null : StoredLayout.Find(session, layout));
    }

    private static List<(long Time, long Layout, byte[] Octets)> Rows(DbSession session, long series, DateTime from, DateTime to, int limit) =>
        session.Query(
            "SELECT time, layout, octets FROM row WHERE series = ?1 AND time > ?2 AND time <= ?3 ORDER BY time LIMIT ?4",
            r => (r.GetInt64(0), r.GetInt64(1), r.Blob(2)),
            series, from.ToUnix(), to.ToUnix(), limit);

    private static void Fill(
        DbSession session, List<(long Time, long Layout, byte[] Octets)> rows, ImmutableArray<ProfileColumn> columns, double?[][] values)
    {
        var maps = new Dictionary<long, (ProfileLayout Layout, int[] Target)>();
        Span<long?> numbers = new long?[ProfileLayout.MaxColumns];
        for (var i = 0; i < rows.Count; i++)
        {
            var (_, layoutId, octets) = rows[i];
            if (!maps.TryGetValue(layoutId, out var map)) maps[layoutId] = map = Map(StoredLayout.Find(session, layoutId)!.Layout, columns);
            if (!ProfileRow.TryReadNumbers(octets, numbers)) continue;
            for (var column = 0; column < map.Target.Length; column++)
            {
                if (map.Target[column] < 0 || numbers[column] is not { } raw) continue;
                values[map.Target[column]][i] = map.Layout.Columns[column].Scale.ScaleForChart(raw);
            }
        }
    }

    // Where each column of a row's own layout goes; -1 for nowhere.
    private static (ProfileLayout, int[]) Map(ProfileLayout layout, ImmutableArray<ProfileColumn> columns)
    {
        var target = new int[layout.Columns.Length];
        for (var i = 0; i < target.Length; i++)
        {
            target[i] = -1;
            for (var c = 0; c < columns.Length; c++)
            {
                if (columns[c].Object == layout.Columns[i].Object && columns[c].Scale.Unit == layout.Columns[i].Scale.Unit) target[i] = c;
            }
        }

        return (layout, target);
    }
}
