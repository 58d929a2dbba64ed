using Gridtally.Cosem.Data;
using Gridtally.Metering;

namespace Gridtally.Cosem.Explain;

/// <summary>What Data says of itself: OBIS codes beside values, scaler and unit beside numbers, references to attributes, rows.</summary>
internal static class ExplainPatterns
{
    /// <summary>Goes through an element and all below it.</summary>
    public static void Apply(ExplainNode node)
    {
        if (ExplainValues.TryObis(node, out var code) && LooksLikeName(code)) node.Meaning ??= ObisMeanings.Find(code);
        if (node.Type is not (DataTag.Array or DataTag.Structure or DataTag.CompactArray)) return;
        if (ExplainValues.TryScalerUnit(node, out var scale))
        {
            AddOnce(node, $"x 10^{scale.Scaler} {scale.Unit.Symbol()}".TrimEnd());
            return;
        }

        if (ExplainValues.TryReference(node, out var reference, out var index))
        {
            AddOnce(node, index == 0 ? $"{reference}" : $"{reference}, element {index}");
            node.Meaning ??= ExplainNames.OfColumn(reference);
        }
        else
        {
            Pair(node);
        }

        foreach (var child in node.Children) Apply(child);
        if (node.Type != DataTag.Array || node.HoldsRows || !AreRows(node)) return;
        node.HoldsRows = true;
        ExplainRows.Complete(node);
    }

    /// <summary>True for two or more structures of the same number of simple elements.</summary>
    public static bool AreRows(ExplainNode array)
    {
        if (array.Children.Count < 2 || array.Children[0] is not { Type: DataTag.Structure, Children.Count: > 1 and var width }) return false;
        foreach (var row in array.Children)
        {
            if (row.Type != DataTag.Structure || row.Children.Count != width) return false;
            foreach (var cell in row.Children)
            {
                if (cell.Type is null or DataTag.Array or DataTag.Structure or DataTag.CompactArray) return false;
            }
        }

        return true;
    }

    // A name and then its value, and perhaps scaler and unit after that: as elements of one structure, or many in a flat list.
    private static void Pair(ExplainNode node)
    {
        var children = node.Children;
        for (var i = 0; i + 1 < children.Count; i++)
        {
            if (!ExplainValues.TryObis(children[i], out var code) || !LooksLikeName(code) || IsPushSetup(code)) continue;
            var value = children[i + 1];
            if (value.Type is null or DataTag.Array or DataTag.Structure or DataTag.CompactArray or DataTag.NullData || ExplainValues.TryObis(value, out var next) && LooksLikeName(next)) continue;
            value.ObjectName = code;
            var hasNumber = ExplainValues.TryNumber(value, out var number);
            value.Meaning = (hasNumber ? ExplainMeaning.OfCode(code, value, number) : null) ?? ObisMeanings.Find(code);
            if (hasNumber && i + 2 < children.Count && ExplainValues.TryScalerUnit(children[i + 2], out var scale)) ExplainMeaning.Scale(value, number, scale);
        }
    }

    // A push that names its own setup goes on with other objects' values.
    private static bool IsPushSetup(ObisCode code) => code is { A: 0, C: 25, D: 9 };

    // Six octets may be anything; those of a name have a medium and, in all that meters send, a storage that is current or a period.
    private static bool LooksLikeName(ObisCode code) => code.A <= 15 && (code.F == 255 || code.F <= 125) && code != default;

    private static void AddOnce(ExplainNode node, string text)
    {
        if (node.Value?.Contains('=', StringComparison.Ordinal) != true) node.Value += $" = {text}";
    }
}
