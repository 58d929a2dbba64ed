using System.Globalization;
using Gridtally.Cosem.Data;
using Gridtally.Metering;

namespace Gridtally.Cosem.Explain;

/// <summary>The buffer of a profile: rows with named columns, scaled values, and what compressed cells stand for.</summary>
internal static class ExplainRows
{
    /// <summary>Gives the cells of a buffer their meaning; without columns, only what compressed cells stand for.</summary>
    public static void Apply(ExplainNode buffer, IReadOnlyList<ExplainColumn>? columns, ExplainDialogue dialogue)
    {
        buffer.HoldsRows = true;
        var before = new Cell[columns?.Count ?? 0];
        if (columns is not null) buffer.Columns = [.. columns.Select(c => HeaderOf(c, dialogue))];
        foreach (var row in buffer.Children)
        {
            if (row.Type != DataTag.Structure) continue;
            if (columns is not null && row.Children.Count != columns.Count)
            {
                row.Note ??= $"{row.Children.Count} values, where the profile has {columns.Count} columns.";
                continue;
            }

            if (before.Length < row.Children.Count) Array.Resize(ref before, row.Children.Count);
            for (var i = 0; i < row.Children.Count; i++) Complete(row.Children[i], columns?[i], ref before[i], dialogue);
        }
    }

    private static void Complete(ExplainNode cell, ExplainColumn? column, ref Cell before, ExplainDialogue dialogue)
    {
        if (cell.Type == DataTag.NullData)
        {
            if (!before.IsKnown) return;
            cell.Effective = before.Text;
            cell.Scaled = before.Scaled;
            cell.Unit = before.Unit;
            cell.Meaning = before.Scaled is null ? $"as before: {before.Text}" : "as before";
            return;
        }

        var isNumber = ExplainValues.TryNumber(cell, out var number);
        if (isNumber && IsDelta(cell.Type!.Value) && before.Number is { } last)
        {
            number += last;
            cell.Meaning = $"{number.ToString(CultureInfo.InvariantCulture)} after {last.ToString(CultureInfo.InvariantCulture)}";
            cell.Effective = number.ToString(CultureInfo.InvariantCulture);
        }

        if (column is { } known)
        {
            cell.ObjectName = known.Object.Instance;
            if (isNumber && known.DataIndex == 0)
            {
                if (cell.Effective is null) ExplainMeaning.OfValue(cell, known.Object, dialogue);
                else if (dialogue.ScaleOf(known.Object.Instance) is { } scale) ExplainMeaning.Scale(cell, number, scale);
            }
        }

        before = new(true, isNumber ? number : null, cell.Effective ?? ExplainValues.Short(cell), cell.Scaled, cell.Unit);
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

    private readonly record struct Cell(bool IsKnown, decimal? Number, string Text, decimal? Scaled, string? Unit);
}
