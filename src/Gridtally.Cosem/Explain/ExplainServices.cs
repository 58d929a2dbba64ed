using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Data;

namespace Gridtally.Cosem.Explain;

/// <summary>The parts that several services share.</summary>
internal static class ExplainServices
{
    /// <summary>Tag, kind and invoke id; names the kind in the node.</summary>
    public static TKind Head<TKind>(ExplainCursor cursor, ExplainNode node) where TKind : struct, Enum
    {
        cursor.Take(node, 1, "tag");
        var at = cursor.Position;
        var octet = cursor.Byte(node, "kind", value => StandardNames.Of((TKind)Enum.ToObject(typeof(TKind), value), value));
        var kind = (TKind)Enum.ToObject(typeof(TKind), octet);
        if (!cursor.Failed && !Enum.IsDefined(kind)) cursor.Fail(node, $"{octet} is no kind of {node.Name}", at);
        node.Value = cursor.Failed ? null : StandardNames.Hyphenate(kind.ToString());
        cursor.Byte(node, "invoke-id-and-priority", value => InvokeId(new(value)));
        return kind;
    }

    public static void Attribute(ExplainCursor cursor, ExplainNode parent, string name = "attribute") =>
        cursor.Bytes(parent, name, AttributeRef.Size, octets => AttributeRef.TryRead(octets.Span, out var value, out _) == default ? $"{value}" : "");

    public static void Method(ExplainCursor cursor, ExplainNode parent, string name = "method") =>
        cursor.Bytes(parent, name, AttributeRef.Size, octets => MethodRef.TryRead(octets.Span, out var value, out _) == default ? $"{value}" : "");

    /// <summary>Attribute and access selection.</summary>
    public static void AttributeWithSelection(ExplainCursor cursor, ExplainNode parent, string name = "attribute")
    {
        Attribute(cursor, parent, name);
        if (!Present(cursor, parent, "access-selection")) return;
        var start = cursor.Position;
        var node = cursor.Open(parent, "access-selection");
        node.Value = cursor.Byte(node, "selector", Selector) switch { 1 => "by range", 2 => "by entry", _ => null };
        ExplainData.Read(cursor, node, "parameters");
        cursor.Close(node, start);
    }

    /// <summary>The presence octet of an OPTIONAL; adds a node where the part is absent.</summary>
    public static bool Present(ExplainCursor cursor, ExplainNode parent, string name)
    {
        var octet = cursor.Peek();
        if (octet is 0)
        {
            cursor.Bytes(parent, name, 1, _ => "absent");
            return false;
        }

        if (octet is not 1) cursor.Fail(parent, octet < 0 ? $"{name}: nothing is left" : $"{name}: 00 (absent) or 01 (present) expected, got {octet:X2}");
        cursor.Take(parent, 1, name);
        return !cursor.Failed;
    }

    /// <summary>Get-Data-Result: 00 and Data, or 01 and why there is none.</summary>
    public static void DataOrResult(ExplainCursor cursor, ExplainNode parent, string name)
    {
        switch (Choice(cursor, parent, name))
        {
            case 0: ExplainData.Read(cursor, parent, name); break;
            case 1: cursor.Byte(parent, name, DataAccess); break;
            default: break;
        }
    }

    /// <summary>A CHOICE of two; -1 where it failed.</summary>
    public static int Choice(ExplainCursor cursor, ExplainNode parent, string name)
    {
        var octet = cursor.Peek();
        if (octet is not (0 or 1)) cursor.Fail(parent, octet < 0 ? $"{name}: nothing is left" : $"{name}: choice 00 (data) or 01 (result) expected, got {octet:X2}");
        cursor.Take(parent, 1, name);
        return cursor.Failed ? -1 : octet;
    }

    /// <summary>last-block, block-number and raw data; a block that is alone is Data.</summary>
    public static void Block(ExplainCursor cursor, ExplainNode node)
    {
        var last = cursor.Byte(node, "last-block", Boolean) != 0;
        var number = cursor.UInt32(node, "block-number");
        RawData(cursor, node, last && number == 1);
    }

    public static void RawData(ExplainCursor cursor, ExplainNode node, bool whole)
    {
        if (!whole)
        {
            cursor.LengthPrefixed(node, "raw-data");
            return;
        }

        var start = cursor.Position;
        var raw = cursor.Open(node, "raw-data");
        var length = cursor.Length(raw, "raw-data");
        if (length > cursor.Remaining) cursor.Fail(raw, $"raw-data: its length says {length} octets, {cursor.Remaining} are left", start);
        if (cursor.Failed) return;
        var inner = cursor.Slice(length);
        var reader = new AxdrReader(inner.Rest);
        if (reader.TrySkip(out _) && reader.TryEnd()) ExplainData.Read(inner, raw, "Data");
        else inner.Bytes(raw, "octets", length);
        cursor.Close(raw, start);
    }

    /// <summary>A count, held against <see cref="Limits.MaxListItems"/>, and that many items.</summary>
    public static int List(ExplainCursor cursor, ExplainNode parent, string name, Action<ExplainNode, int> item)
    {
        if (cursor.Failed) return 0;
        var start = cursor.Position;
        var node = cursor.Open(parent, name);
        var count = cursor.Length(node, name);
        if (count > cursor.Remaining) cursor.Fail(node, $"{name}: {count} items, but only {cursor.Remaining} octets are left", start);
        if (!cursor.Failed) node.Value = $"{count} items";
        for (var i = 0; i < count && !cursor.Failed; i++) item(node, i);
        cursor.Close(node, start);
        return count;
    }

    public static string DataAccess(byte value) => StandardNames.Of((DataAccessResult)value, value);

    public static string Action(byte value) => StandardNames.Of((ActionResult)value, value);

    public static string Boolean(byte value) => value == 0 ? "false" : "true";

    public static string InvokeId(InvokeIdAndPriority value) =>
        $"{value} id {value.Id}, {(value.Confirmed ? "confirmed" : "unconfirmed")}, {(value.HighPriority ? "high" : "normal")} priority";

    public static string LongInvokeId(uint value)
    {
        var service = (value & 0x4000_0000) != 0 ? "confirmed" : "unconfirmed";
        var priority = (value & 0x8000_0000) != 0 ? "high" : "normal";
        return $"{value:X8} id {value & 0xFF_FFFF}, {service}, {priority} priority";
    }

    /// <summary>Printable octets as text, others in hex.</summary>
    public static string TextOrHex(ReadOnlySpan<byte> octets) => CosemValueText.Interpret(octets) is { } text && text.StartsWith('"')
        ? $"{ExplainCursor.Show(octets)} = {text}"
        : octets.IsEmpty ? "(empty)" : ExplainCursor.Show(octets);

    /// <summary>A system title: the maker's three letters, where they are letters, and all octets.</summary>
    public static string TitleText(ReadOnlySpan<byte> octets)
    {
        if (octets.IsEmpty) return "(empty)";
        var maker = octets.Length >= 3 && !octets[..3].ContainsAnyExceptInRange((byte)0x20, (byte)0x7E) ? $" (maker {System.Text.Encoding.ASCII.GetString(octets[..3])})" : "";
        return $"{ExplainCursor.Show(octets)}{maker}";
    }

    private static string Selector(byte value) => value switch { 1 => "1 (range)", 2 => "2 (entry)", _ => value.ToString() };
}
