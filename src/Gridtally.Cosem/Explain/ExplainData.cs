using Gridtally.Cosem.Data;

namespace Gridtally.Cosem.Explain;

/// <summary>Data, element by element.</summary>
internal static class ExplainData
{
    /// <summary>Reads one Data into a node called <paramref name="name"/>.</summary>
    public static void Read(ExplainCursor cursor, ExplainNode parent, string name, int depth = 0)
    {
        if (cursor.Failed) return;
        if (depth > Limits.MaxNesting)
        {
            cursor.Fail(parent, $"nested deeper than {Limits.MaxNesting} levels");
            return;
        }

        if (cursor.Remaining == 0)
        {
            cursor.Fail(parent, $"{name}: Data expected, nothing left");
            return;
        }

        var start = cursor.Position;
        var tag = (DataTag)cursor.Peek();
        if (!DataTags.IsKnown(tag)) cursor.Fail(parent, $"{name}: {(byte)tag:X2} is not the tag of a type");
        else if (tag is DataTag.Array or DataTag.Structure) ReadElements(cursor, parent, name, tag, start, depth);
        else if (tag == DataTag.CompactArray) ReadCompactArray(cursor, parent, name, start);
        else ReadSimple(cursor, parent, name, tag, start);
    }

    private static void ReadElements(ExplainCursor cursor, ExplainNode parent, string name, DataTag tag, int start, int depth)
    {
        var node = cursor.Open(parent, name);
        cursor.Take(node, 1, name);
        var count = cursor.Length(node, "count");
        if (count > cursor.Remaining) cursor.Fail(node, $"{DataTags.NameOf(tag)} of {count} elements, but only {cursor.Remaining} octets are left", start + 1);
        if (!cursor.Failed) node.Value = $"{DataTags.NameOf(tag)} of {count}";
        for (var i = 0; i < count && !cursor.Failed; i++) Read(cursor, node, $"[{i}]", depth + 1);
        cursor.Close(node, start);
        if (!cursor.Failed && tag == DataTag.Structure && Meaning(cursor, start) is { } meaning) node.Value += $" = {meaning}";
    }

    private static void ReadSimple(ExplainCursor cursor, ExplainNode parent, string name, DataTag tag, int start)
    {
        var node = cursor.Open(parent, name);
        var problemsBefore = node.Children.Count;
        cursor.Take(node, 1, name);
        var size = AxdrReader.FixedSize(tag);
        if (size < 0)
        {
            var lengthAt = cursor.Position;
            var length = cursor.Length(node, "length");
            size = tag == DataTag.BitString ? (int)((length + 7L) / 8) : length;
            if (size > cursor.Remaining) cursor.Fail(node, $"{DataTags.NameOf(tag)}: its length says {size} octets, {cursor.Remaining} are left", lengthAt);
        }

        cursor.Take(node, size, DataTags.NameOf(tag));
        cursor.Close(node, start);
        node.Value = node.Children.Count > problemsBefore ? DataTags.NameOf(tag) : Text(cursor.Between(start, cursor.Position), tag);
    }

    private static void ReadCompactArray(ExplainCursor cursor, ExplainNode parent, string name, int start)
    {
        var node = cursor.Open(parent, name, DataTags.NameOf(DataTag.CompactArray));
        var reader = new AxdrReader(cursor.Rest);
        if (!reader.TrySkip(out var whole))
        {
            cursor.Fail(node, $"compact-array: {reader.Error.Fault}", start + reader.Error.Offset);
            return;
        }

        cursor.Take(node, whole.Length, name);
        cursor.Close(node, start);
        node.Value = $"compact-array {ExplainCursor.Show(whole[1..])}";
        node.Note = "The rows of a compact-array are not taken apart.";
    }

    private static string Text(ReadOnlySpan<byte> element, DataTag tag)
    {
        if (!CosemValue.TryRead(element, out var value, out _)) return DataTags.NameOf(tag);
        var exact = tag == DataTag.OctetString ? ExplainCursor.Show(value.Octets) : value.ToString();
        var text = tag is DataTag.NullData or DataTag.DontCare ? DataTags.NameOf(tag) : $"{DataTags.NameOf(tag)} {exact}";
        return tag == DataTag.OctetString && CosemValueText.Interpret(value.Octets) is { } meaning ? $"{text} = {meaning}" : text;
    }

    /// <summary>What a structure of a well-known form says: scaler and unit, or a captured attribute.</summary>
    private static string? Meaning(ExplainCursor cursor, int start)
    {
        var octets = cursor.Between(start, cursor.Position);
        var reader = new AxdrReader(octets);
        if (octets.Length == 6 && octets[2] == (byte)DataTag.Integer && octets[4] == (byte)DataTag.Enum && reader.TryReadScalerUnit(out var scalerUnit))
            return scalerUnit.ToString();
        reader = new(octets);
        return octets.Length == 18 && octets[2] == (byte)DataTag.LongUnsigned && reader.TryReadCaptureObject(out var column) ? column.ToString() : null;
    }
}
