using Gridtally.Cosem.Data;

namespace Gridtally.Cosem.Explain;

/// <summary>compact-array: the type description once, then the contents, taken apart into rows.</summary>
/// <remarks>IEC 62056-5-3: TypeDescription, then an octet-string of values without tags.</remarks>
internal static class ExplainCompactArray
{
    /// <summary>Reads what follows the tag.</summary>
    public static void Read(ExplainCursor cursor, ExplainNode node, int start)
    {
        node.Value = DataTags.NameOf(DataTag.CompactArray);
        var typeAt = cursor.Position;
        var description = cursor.Open(node, "type description");
        var type = ReadType(cursor, description, 0);
        cursor.Close(description, typeAt);
        if (cursor.Failed || type is null) return;
        description.Value = $"{Convert.ToHexString(cursor.Between(typeAt, cursor.Position))} {type}";

        var lengthAt = cursor.Position;
        var length = cursor.Length(node, "contents");
        if (length > cursor.Remaining) cursor.Fail(node, $"contents: its length says {length} octets, {cursor.Remaining} are left", lengthAt);
        if (cursor.Failed) return;
        var contents = cursor.Slice(length);
        var rows = 0;
        var mostEmpty = Limits.MaxEmptyElements + 4L * length;
        while (contents.Remaining > 0 && !contents.Failed && !HitsNothing(type, contents, node) && !IsMostlyEmpty(type, rows + 1, mostEmpty, contents, node))
            ReadValue(contents, node, type, $"[{rows++}]");
        cursor.Close(node, start);
        node.Value = $"compact-array of {rows}, each {type}";
        node.HoldsRows = type.Tag == DataTag.Structure;
    }

    // A type without octets, such as null-data, would be read for ever.
    private static bool HitsNothing(TypeNode type, ExplainCursor contents, ExplainNode node)
    {
        if (type.MinOctets > 0) return false;
        contents.Fail(node, $"contents: {contents.Remaining} octets, but a type that has none");
        return true;
    }

    // A few octets describe more arrays and structures than memory holds; readers refuse them by the same limit.
    private static bool IsMostlyEmpty(TypeNode type, int rows, long mostEmpty, ExplainCursor contents, ExplainNode node)
    {
        if (rows * type.EmptyElements <= mostEmpty) return false;
        contents.Fail(node, $"contents: more than {mostEmpty} elements without octets");
        return true;
    }

    private static TypeNode? ReadType(ExplainCursor cursor, ExplainNode node, int depth)
    {
        if (depth > Limits.MaxNesting) cursor.Fail(node, $"nested deeper than {Limits.MaxNesting} levels");
        if (cursor.Failed) return null;
        var at = cursor.Position;
        if (cursor.Remaining == 0 || !DataTags.IsKnown((DataTag)cursor.Peek()) || cursor.Peek() == (int)DataTag.CompactArray)
        {
            cursor.Fail(node, cursor.Remaining == 0 ? "type description: a tag expected, nothing left" : $"type description: the tag of a type expected, got {cursor.Peek():X2}");
            return null;
        }

        var tag = (DataTag)cursor.Take(node, 1, "tag").Span[0];
        switch (tag)
        {
            case DataTag.Array:
                var count = cursor.Take(node, 2, "number of elements");
                return !cursor.Failed && ReadType(cursor, node, depth + 1) is { } element
                    ? new(tag, [element], count.Span[0] << 8 | count.Span[1])
                    : null;
            case DataTag.Structure:
                var fields = cursor.Length(node, "number of elements");
                if (fields > cursor.Remaining) cursor.Fail(node, $"type description: structure of {fields} elements, but only {cursor.Remaining} octets are left", at);
                var elements = new List<TypeNode>();
                for (var i = 0; i < fields && !cursor.Failed; i++)
                {
                    if (ReadType(cursor, node, depth + 1) is { } field) elements.Add(field);
                }

                return cursor.Failed ? null : new(tag, [.. elements], 1);
            default:
                return new(tag, [], 1);
        }
    }

    private static void ReadValue(ExplainCursor cursor, ExplainNode parent, TypeNode type, string name)
    {
        if (cursor.Failed) return;
        if (parent.IsFull)
        {
            cursor.Fail(parent, $"more than {ExplainNode.MaxParts} parts: the rest is not taken apart");
            return;
        }

        var start = cursor.Position;
        var node = cursor.Open(parent, name);
        node.Type = type.Tag;
        if (!type.IsContainer)
        {
            ExplainData.ReadContent(cursor, node, start);
            return;
        }

        var count = type.Tag == DataTag.Array ? type.Count : type.Elements.Length;
        node.Value = $"{DataTags.NameOf(type.Tag)} of {count}";
        if (type.MinOctets > cursor.Remaining)
            cursor.Fail(node, $"{name}: {type.MinOctets} octets or more expected, {cursor.Remaining} left");
        for (var i = 0; i < count && !cursor.Failed; i++) ReadValue(cursor, node, type.Tag == DataTag.Array ? type.Elements[0] : type.Elements[i], $"[{i}]");
        cursor.Close(node, start);
    }

    private sealed record TypeNode(DataTag Tag, TypeNode[] Elements, int Count)
    {
        // Products of counts saturate.
        private const long Plenty = 1L << 40;

        /// <summary>The least octets that a value takes in the contents; bounds how many there can be.</summary>
        public long MinOctets { get; } = Elements.Length == 0
            ? AxdrReader.FixedSize(Tag) is >= 0 and var size ? size : Tag == DataTag.Structure ? 0 : 1
            : Math.Min(Plenty, Count * Elements.Sum(e => e.MinOctets));

        /// <summary>Arrays, structures and values without octets in one value.</summary>
        public long EmptyElements { get; } = Elements.Length == 0
            ? AxdrReader.FixedSize(Tag) == 0 || Tag == DataTag.Structure ? 1 : 0
            : Math.Min(Plenty, 1 + Count * Elements.Sum(e => e.EmptyElements));

        /// <summary>True where values have values inside.</summary>
        public bool IsContainer => Tag is DataTag.Array or DataTag.Structure;

        public override string ToString() => Tag switch
        {
            DataTag.Array => $"array of {Count} {Elements[0]}",
            DataTag.Structure => $"{{{string.Join(", ", Elements.Select(e => e.ToString()))}}}",
            _ => DataTags.NameOf(Tag),
        };
    }
}
