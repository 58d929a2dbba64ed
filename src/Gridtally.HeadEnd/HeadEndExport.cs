using Gridtally.HeadEnd.Store;
using Gridtally.Storage;

namespace Gridtally.HeadEnd;

/// <summary>Writes out every row that the head end holds, to be compared with what the meters captured.</summary>
public static class HeadEndExport
{
    /// <summary>
    /// Writes one line per row: <c>meterNumber;profileObis;time;hex</c>, time as <c>2026-01-15T10:30:00Z</c>, hex of the row's A-XDR
    /// structure in capitals; sorted by meter number (ordinal), profile and time.
    /// </summary>
    /// <param name="dataFolder">The head end's data folder; a running head end does not mind.</param>
    /// <param name="target">Receives the lines, each ended by a line feed.</param>
    /// <exception cref="StorageException">The store can't be read.</exception>
    public static void WriteRows(string dataFolder, TextWriter target)
    {
        using var store = HeadEndStore.Open(dataFolder);
        foreach (var series in store.Series().OrderBy(s => s.Meter, StringComparer.Ordinal).ThenBy(s => s.Profile)) WriteSeries(store, series, target);
    }

    private static void WriteSeries(HeadEndStore store, SeriesSummary series, TextWriter target)
    {
        var from = DateTime.UnixEpoch;
        while (store.Curves.ReadRows(series.Meter, series.Profile, from, DateTime.MaxValue) is { Count: > 0 } rows)
        {
            foreach (var row in rows)
            {
                target.Write($"{series.Meter};{series.Profile};{row.Time:yyyy-MM-ddTHH:mm:ssZ};{Convert.ToHexString(row.Octets.Span)}\n");
            }

            from = rows[^1].Time;
        }
    }
}
