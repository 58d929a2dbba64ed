using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Data;

namespace Gridtally.Cosem.Explain;

/// <summary>The parts that several services share.</summary>
internal static class ExplainServices
{
    /// <summary>Tag, kind and invoke id; names the kind in the node.</summary>
    public static TKind Head<TKind>(ExplainCursor cursor, ExplainNode node, out InvokeIdAndPriority invoke) where TKind : struct, Enum
    {
        cursor.Take(node, 1, "tag");
        var at = cursor.Position;
        var octet = cursor.Byte(node, "kind", value => StandardNames.Of((TKind)Enum.ToObject(typeof(TKind), value), value));
        var kind = (TKind)Enum.ToObject(typeof(TKind), octet);
        if (!cursor.Failed && !Enum.IsDefined(kind)) cursor.Fail(node, $"{octet} is no kind of {node.Name}", at);
        node.Value = cursor.Failed ? null : StandardNames.Hyphenate(kind.ToString());
        invoke = new(cursor.Byte(node, "invoke-id-and-priority", value => InvokeId(new(value))));
        return kind;
    }

    public static AttributeRef Attribute(ExplainCursor cursor, ExplainNode parent, string name = "attribute")
    {
        AttributeRef value = default;
        var octets = cursor.Bytes(parent, name, AttributeRef.Size, octets => AttributeRef.TryRead(octets.Span, out value, out _) == default ? $"{value}" : "");
        if (!octets.IsEmpty) parent.Children[^1].Meaning = ExplainNames.Of(value);
        return value;
    }

    public static MethodRef Method(ExplainCursor cursor, ExplainNode parent, string name = "method")
    {
        MethodRef value = default;
        var octets = cursor.Bytes(parent, name, AttributeRef.Size, octets => MethodRef.TryRead(octets.Span, out value, out _) == default ? $"{value}" : "");
        if (!octets.IsEmpty) parent.Children[^1].Meaning = ExplainNames.Of(value);
        return value;
    }

    /// <summary>Attribute and access selection, as a request to remember.</summary>
    public static ExplainRequest AttributeWithSelection(ExplainCursor cursor, ExplainNode parent, string name = "attribute")
    {
        var request = new ExplainRequest([Attribute(cursor, parent, name)], []);
        if (!Present(cursor, parent, "access-selection")) return request;
        var start = cursor.Position;
        var node = cursor.Open(parent, "access-selection");
        var isProfile = request.Attributes[0].ClassId == 7;
        var selector = cursor.Byte(node, "selector", value => isProfile ? Selector(value) : value.ToString());
        node.Value = (isProfile, selector) switch { (true, 1) => "by range", (true, 2) => "by entry", _ => null };
        if (ExplainData.Read(cursor, node, "parameters") is { } parameters && !cursor.Failed)
        {
            ExplainPatterns.Apply(parameters);
            if (isProfile) request = ExplainMeaning.WithSelection(request, selector, parameters);
        }

        cursor.Close(node, start);
        return request;
    }

    /// <summary>A list of requests for one attribute each as one request.</summary>
    public static ExplainRequest AsList(IReadOnlyList<ExplainRequest> requests) =>
        new([.. requests.Select(r => r.Attributes[0])], [], IsList: true);

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

    /// <summary>Get-Data-Result: 00 and Data, or 01 and why there is none. The Data, or null.</summary>
    public static ExplainNode? DataOrResult(ExplainCursor cursor, ExplainNode parent, string name)
    {
        switch (Choice(cursor, parent, name))
        {
            case 0:
                return ExplainData.Read(cursor, parent, name);
            case 1:
                cursor.Byte(parent, name, DataAccess);
                return null;
            default:
                return null;
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

    /// <summary>last-block, block-number and raw data; <paramref name="explain"/> reads what all blocks make.</summary>
    public static void Block(ExplainCursor cursor, ExplainNode node, ExplainSession session, ApduTag service, byte invokeId, Action<ExplainCursor, ExplainNode> explain)
    {
        var last = cursor.Byte(node, "last-block", Boolean) != 0;
        var number = cursor.UInt32(node, "block-number");
        if (!cursor.Failed) ExplainBlocks.Take(cursor, node, session, service, invokeId, number, last, explain);
    }

    /// <summary>Octets that should be Data: taken apart where they are, else shown.</summary>
    public static ExplainNode? WholeData(ExplainCursor cursor, ExplainNode parent)
    {
        var data = ExplainData.Read(cursor, parent, "Data");
        cursor.End(parent);
        return cursor.Failed ? null : data;
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
