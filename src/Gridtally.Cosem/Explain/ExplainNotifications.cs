using Gridtally.Cosem.Data;

namespace Gridtally.Cosem.Explain;

/// <summary>What devices send unasked.</summary>
internal static class ExplainNotifications
{
    public static void ReadDataNotification(ExplainCursor cursor, ExplainNode node, ExplainSession session)
    {
        ReadConfirm(cursor, node);
        if (ExplainData.Read(cursor, node, "notification-body") is { } body && !cursor.Failed) ExplainMeaning.OfNotification(body, session);
    }

    public static void ReadConfirm(ExplainCursor cursor, ExplainNode node)
    {
        cursor.Take(node, 1, "tag");
        cursor.UInt32(node, "long-invoke-id-and-priority", ExplainServices.LongInvokeId);
        ReadTime(cursor, node, "date-time");
    }

    public static void ReadEventNotification(ExplainCursor cursor, ExplainNode node, ExplainSession session)
    {
        cursor.Take(node, 1, "tag");
        if (cursor.Peek() == (int)DataTag.OctetString && cursor.Peek(1) == CosemDateTime.Size) ReadTime(cursor, node, "time");
        else if (ExplainServices.Present(cursor, node, "time")) ReadTime(cursor, node, "time");
        var attribute = ExplainServices.Attribute(cursor, node);
        if (ExplainData.Read(cursor, node, "value") is { } value && !cursor.Failed) ExplainMeaning.OfAttribute(value, attribute, session);
    }

    /// <summary>An octet-string of none or twelve octets; some devices put a tag before it, which the standard does not have here.</summary>
    public static void ReadTime(ExplainCursor cursor, ExplainNode node, string name)
    {
        var tagged = cursor.Peek() == (int)DataTag.OctetString && cursor.Peek(1) == CosemDateTime.Size;
        if (tagged) cursor.Take(node, 1, name);
        var start = cursor.Position;
        var octets = cursor.LengthPrefixed(node, name, value => value.Length == CosemDateTime.Size ? CosemDateTime.Read(value.Span).ToString() : ExplainServices.TextOrHex(value.Span));
        if (cursor.Failed) return;
        if (octets.Length is not (0 or CosemDateTime.Size)) cursor.Fail(node, $"{name}: 0 or {CosemDateTime.Size} octets expected, got {octets.Length}", start);
        else if (tagged) node.Children[^1].Note = "Deviation: sent with the tag 09 of an octet-string, where the standard has the length alone.";
    }
}
