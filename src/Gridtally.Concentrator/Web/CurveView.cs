using Gridtally.Concentrator.Archive;
using Gridtally.Concentrator.Store;
using Gridtally.Cosem.Profiles;
using Gridtally.Metering;
using Gridtally.WebHost.Contract;

namespace Gridtally.Concentrator.Web;

/// <summary>Stored rows of a profile as columns of scaled numbers.</summary>
internal static class CurveView
{
    /// <summary>Rows of one answer: a hundred days at 15 minutes, and little enough for the concentrator's memory.</summary>
    public const int MaxRows = 10_000;

    /// <summary>Null where no layout of the profile is known. The columns are those of the newest layout; older rows go to the column of the same object.</summary>
    public static ProfileRows? Read(ReadingStore store, MeterRecord meter, ObisCode profile, DateTime from, DateTime to)
    {
        if (store.NewestLayout(meter.Id, profile) is not { } newest) return null;
        var rows = from < to ? store.Rows(meter.Id, profile, from, to, MaxRows + 1) : [];
        var count = Math.Min(rows.Count, MaxRows);
        var columns = newest.Layout.Columns.Where(IsShown).ToArray();
        var values = columns.Select(_ => new double?[count]).ToArray();
        var status = new double?[count];
        Fill(store, rows, count, columns, values, status);
        return new(
            meter.Number, profile.ToString(), (int)Math.Min(newest.Layout.CapturePeriodSeconds, int.MaxValue), [.. columns.Select(View)],
            [.. rows.Take(count).Select(r => new DateTimeOffset(r.Utc, TimeSpan.Zero).ToUnixTimeSeconds())], values, status, rows.Count > count);
    }

    private static void Fill(ReadingStore store, IReadOnlyList<StoredRow> rows, int count, ProfileColumn[] columns, double?[][] values, double?[] status)
    {
        var maps = new Dictionary<long, (ProfileLayout Layout, double?[]?[] Targets)>();
        Span<long?> numbers = new long?[ProfileLayout.MaxColumns];
        for (var row = 0; row < count; row++)
        {
            var id = rows[row].LayoutId;
            if (!maps.TryGetValue(id, out var map))
            {
                if (store.Layout(id) is not { } known) continue;
                maps[id] = map = (known.Layout, Targets(known.Layout, columns, values, status));
            }

            if (!ProfileRow.TryReadNumbers(rows[row].Octets.Span, numbers)) continue;
            for (var i = 0; i < map.Targets.Length; i++)
            {
                if (map.Targets[i] is { } target && numbers[i] is { } raw) target[row] = map.Layout.Columns[i].Scale.ScaleForChart(raw);
            }
        }
    }

    /// <summary>Where each column of a layout goes; null for nowhere.</summary>
    private static double?[]?[] Targets(ProfileLayout layout, ProfileColumn[] columns, double?[][] values, double?[] status) =>
        [.. layout.Columns.Select(c => QuantityNames.IsProfileStatus(c.Object.Instance)
            ? status
            : Array.FindIndex(columns, shown => shown.Object == c.Object && shown.Scale.Unit == c.Scale.Unit) is var at and >= 0 ? values[at] : null)];

    private static bool IsShown(ProfileColumn column) => !column.IsClock && !QuantityNames.IsProfileStatus(column.Object.Instance);

    private static CurveColumn View(ProfileColumn column) => CurveColumn.Of(column.Object.Instance, column.Object.AttributeIndex, column.Scale);
}
