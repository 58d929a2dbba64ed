namespace Gridtally.Cosem.Explain;

/// <summary>access-request and access-response.</summary>
internal static class ExplainAccess
{
    public static void ReadRequest(ExplainCursor cursor, ExplainNode node)
    {
        ReadHead(cursor, node);
        ExplainServices.List(cursor, node, "specifications", (list, i) => ReadSpecification(cursor, list, i));
        ExplainServices.List(cursor, node, "data", (list, i) => ExplainData.Read(cursor, list, $"[{i}]"));
    }

    public static void ReadResponse(ExplainCursor cursor, ExplainNode node)
    {
        ReadHead(cursor, node);
        if (ExplainServices.Present(cursor, node, "specifications"))
            ExplainServices.List(cursor, node, "specifications", (list, i) => ReadSpecification(cursor, list, i));
        ExplainServices.List(cursor, node, "data", (list, i) => ExplainData.Read(cursor, list, $"[{i}]"));
        ExplainServices.List(cursor, node, "results", (list, i) =>
        {
            var start = cursor.Position;
            var item = cursor.Open(list, $"[{i}]");
            var isAction = cursor.Byte(item, "service", ServiceName) == 3;
            cursor.Byte(item, "result", isAction ? ExplainServices.Action : ExplainServices.DataAccess);
            cursor.Close(item, start);
        });
    }

    private static void ReadHead(ExplainCursor cursor, ExplainNode node)
    {
        cursor.Take(node, 1, "tag");
        cursor.UInt32(node, "long-invoke-id-and-priority", ExplainServices.LongInvokeId);
        ExplainNotifications.ReadTime(cursor, node, "date-time");
    }

    private static void ReadSpecification(ExplainCursor cursor, ExplainNode list, int index)
    {
        var start = cursor.Position;
        var item = cursor.Open(list, $"[{index}]");
        var choice = cursor.Byte(item, "service", ServiceName);
        if (choice is 0 or > 5) cursor.Fail(item, $"service 1..5 expected, got {choice}", start);
        if (choice == 3) ExplainServices.Method(cursor, item);
        else ExplainServices.Attribute(cursor, item);
        if (choice is 4 or 5)
        {
            cursor.Byte(item, "selector");
            ExplainData.Read(cursor, item, "parameters");
        }

        cursor.Close(item, start);
    }

    private static string ServiceName(byte value) => value switch
    {
        1 => "get",
        2 => "set",
        3 => "action",
        4 => "get-with-selection",
        5 => "set-with-selection",
        _ => value.ToString(),
    };
}
