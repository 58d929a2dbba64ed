using Gridtally.Cosem.Data;

namespace Gridtally.Cosem.Explain;

/// <summary>Data, element by element.</summary>
internal static class ExplainData
{
    /// <summary>Reads one Data into a node called <paramref name="name"/>; null where it failed.</summary>
    public static ExplainNode? Read(ExplainCursor cursor, ExplainNode parent, string name, int depth = 0)
    {
        if (cursor.Failed) return null;
        if (depth > Limits.MaxNesting)
        {
            cursor.Fail(parent, $"nested deeper than {Limits.MaxNesting} levels");
            return null;
        }

        if (parent.IsFull)
        {
            cursor.Fail(parent, $"more than {ExplainNode.MaxParts} parts: the rest is not taken apart");
            return null;
        }

        if (cursor.Remaining == 0)
        {
            cursor.Fail(parent, $"{name}: Data expected, nothing left");
            return null;
        }

        var start = cursor.Position;
        var tag = (DataTag)cursor.Peek();
        if (!DataTags.IsKnown(tag)) cursor.Fail(parent, $"{name}: the tag of a type expected, got {(byte)tag:X2}, which is none");
        if (cursor.Failed) return null;
        var node = cursor.Open(parent, name);
        node.Type = tag;
        cursor.Take(node, 1, name);
        if (tag is DataTag.Array or DataTag.Structure) ReadElements(cursor, node, start, depth);
        else if (tag == DataTag.CompactArray) ExplainCompactArray.Read(cursor, node, start);
        else ReadContent(cursor, node, start);
        return node;
    }

    /// <summary>The content of a simple type whose tag was read: the node's own, or that of a type description.</summary>
    public static void ReadContent(ExplainCursor cursor, ExplainNode node, int start)
    {
        var tag = node.Type!.Value;
        var problemsBefore = node.Children.Count;
        var size = AxdrReader.FixedSize(tag);
        if (size < 0)
        {
            var lengthAt = cursor.Position;
            var length = cursor.Length(node, "length");
            size = tag == DataTag.BitString ? (int)((length + 7L) / 8) : length;
            if (tag == DataTag.BitString) node.BitCount = length;
            if (size > cursor.Remaining) cursor.Fail(node, $"{DataTags.NameOf(tag)}: its length says {size} octets, {cursor.Remaining} are left", lengthAt);
        }

        node.Content = cursor.Take(node, size, DataTags.NameOf(tag));
        cursor.Close(node, start);
        node.Value = node.Children.Count > problemsBefore ? DataTags.NameOf(tag) : ExplainValues.Text(node);
    }

    private static void ReadElements(ExplainCursor cursor, ExplainNode node, int start, int depth)
    {
        var name = DataTags.NameOf(node.Type!.Value);
        var count = cursor.Length(node, "count");
        if (count > cursor.Remaining) cursor.Fail(node, $"{name} of {count} elements, but only {cursor.Remaining} octets are left", start + 1);
        if (!cursor.Failed) node.Value = $"{name} of {count}";
        for (var i = 0; i < count && !cursor.Failed; i++) Read(cursor, node, $"[{i}]", depth + 1);
        cursor.Close(node, start);
    }
}
