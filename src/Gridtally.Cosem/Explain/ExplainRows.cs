using System.Globalization;
using Gridtally.Cosem.Data;
using Gridtally.Metering;

namespace Gridtally.Cosem.Explain;

/// <summary>The buffer of a profile: rows with named columns, scaled values, and what compressed cells stand for.</summary>
internal static class ExplainRows
{
    /// <summary>Gives the cells of a buffer their meaning; without columns, only what compressed cells stand for.</summary>
    /// <param name="buffer">The rows.</param>
    /// <param name="columns">What they hold; null where that is not known.</param>
    /// <param name="periodSeconds">Capture period; 0 where it is not known, or is none.</param>
    /// <param name="dialogue">Knows scalers.</param>
    public static void Apply(ExplainNode buffer, IReadOnlyList<ExplainColumn>? columns, uint periodSeconds, ExplainDialogue dialogue)
    {
        buffer.HoldsRows = true;
        if (columns is not null) buffer.Columns = [.. columns.Select(c => HeaderOf(c, dialogue))];
        Complete(buffer, columns, periodSeconds, dialogue);
    }

    /// <summary>Says what compressed cells stand for, where nothing is known of the columns.</summary>
    public static void Complete(ExplainNode rows) => Complete(rows, null, 0, null);

    private static void Complete(ExplainNode rows, IReadOnlyList<ExplainColumn>? columns, uint periodSeconds, ExplainDialogue? dialogue)
    {
        var before = new Cell[columns?.Count ?? 0];
        foreach (var row in rows.Children)
        {
            if (row.Type != DataTag.Structure) continue;
            if (columns is not null && row.Children.Count != columns.Count)
            {
                row.Note ??= $"{row.Children.Count} values, where the profile has {columns.Count} columns.";
                continue;
            }

            if (before.Length < row.Children.Count) Array.Resize(ref before, row.Children.Count);
            for (var i = 0; i < row.Children.Count; i++)
            {
                var cell = row.Children[i];
                if (columns is not null) cell.ObjectName = columns[i].Object.Instance;
                if (cell.Type == DataTag.NullData) before[i] = Repeat(cell, before[i], periodSeconds);
                else before[i] = Take(cell, columns?[i], before[i], dialogue);
            }
        }
    }

    // null-data stands for the value of the row before; in the column of the clock for one capture period more.
    private static Cell Repeat(ExplainNode cell, Cell before, uint periodSeconds)
    {
        if (!before.IsKnown) return before;
        if (before.Time is { } time)
        {
            before = before with { Time = Later(time, periodSeconds) };
            before = before with { Text = before.Time is { } later ? later.ToString() : "(one capture period later)" };
        }

        (cell.Effective, cell.Scaled, cell.Unit) = (before.Text, before.Scaled, before.Unit);
        cell.Meaning = before.Scaled is null ? $"stands for {before.Text}" : "as in the row before";
        return before;
    }

    private static CosemDateTime? Later(CosemDateTime time, uint seconds)
    {
        if (seconds == 0 || !(time with { DeviationMinutes = 0 }).TryToUtc(out var local) || local.Year > 9000) return null;
        var later = CosemDateTime.From(new(local.AddSeconds(seconds), TimeSpan.Zero), time.Status);
        return later with { DeviationMinutes = time.DeviationMinutes, DayOfWeek = time.DayOfWeek == 0xFF ? (byte)0xFF : later.DayOfWeek };
    }

    private static Cell Take(ExplainNode cell, ExplainColumn? column, Cell before, ExplainDialogue? dialogue)
    {
        var isNumber = ExplainValues.TryNumber(cell, out var number);
        if (isNumber && IsDelta(cell.Type!.Value) && before.Number is { } last)
        {
            number += last;
            cell.Effective = number.ToString(CultureInfo.InvariantCulture);
            cell.Meaning = $"{cell.Effective} after {last.ToString(CultureInfo.InvariantCulture)}";
        }

        if (column is { DataIndex: 0 } known && isNumber && dialogue is not null)
        {
            if (cell.Effective is null) ExplainMeaning.OfValue(cell, known.Object, dialogue);
            else if (dialogue.ScaleOf(known.Object.Instance) is { } scale) ExplainMeaning.Scale(cell, number, scale);
        }

        var isTime = cell.Type is DataTag.OctetString or DataTag.DateTime && cell.Content.Length == CosemDateTime.Size;
        return new(true, isNumber ? number : null, cell.Effective ?? ExplainValues.Short(cell), cell.Scaled, cell.Unit, isTime ? CosemDateTime.Read(cell.Content.Span) : null);
    }

    private static bool IsDelta(DataTag tag) => tag is DataTag.DeltaInteger or DataTag.DeltaLong or DataTag.DeltaDoubleLong
        or DataTag.DeltaUnsigned or DataTag.DeltaLongUnsigned or DataTag.DeltaDoubleLongUnsigned;

    private static string HeaderOf(in ExplainColumn column, ExplainDialogue dialogue)
    {
        var name = ExplainNames.OfColumn(column.Object);
        if (column.DataIndex != 0) name += $" [{column.DataIndex}]";
        var unit = dialogue.ScaleOf(column.Object.Instance)?.Unit.Symbol();
        return string.IsNullOrEmpty(unit) || column.Object.AttributeId != 2 ? name : $"{name} in {unit}";
    }

    private readonly record struct Cell(bool IsKnown, decimal? Number, string Text, decimal? Scaled, string? Unit, CosemDateTime? Time);
}
