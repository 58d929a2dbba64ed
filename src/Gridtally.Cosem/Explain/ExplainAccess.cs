using Gridtally.Cosem.Data;

namespace Gridtally.Cosem.Explain;

/// <summary>access-request and access-response.</summary>
internal static class ExplainAccess
{
    private const byte Get = 1, Set = 2, Action = 3, GetWithSelection = 4, SetWithSelection = 5;

    public static void ReadRequest(ExplainCursor cursor, ExplainNode node, ExplainSession session)
    {
        var invokeId = ReadHead(cursor, node);
        var specifications = ReadSpecifications(cursor, node);
        if (!cursor.Failed) session.Dialogue.Ask(invokeId, specifications, isLong: true);
        ExplainServices.List(cursor, node, "data", (list, i) => Name(ExplainData.Read(cursor, list, $"[{i}]"), cursor, specifications, i, session));
    }

    public static void ReadResponse(ExplainCursor cursor, ExplainNode node, ExplainSession session)
    {
        var invokeId = ReadHead(cursor, node);
        var specifications = session.Dialogue.Asked(invokeId, isLong: true);
        if (ExplainServices.Present(cursor, node, "specifications")) specifications = ReadSpecifications(cursor, node);
        ExplainServices.List(cursor, node, "data", (list, i) => Name(ExplainData.Read(cursor, list, $"[{i}]"), cursor, specifications, i, session));
        ExplainServices.List(cursor, node, "results", (list, i) =>
        {
            var start = cursor.Position;
            var item = cursor.Open(list, $"[{i}]");
            var isAction = cursor.Byte(item, "service", ServiceName) == Action;
            cursor.Byte(item, "result", isAction ? ExplainServices.Action : ExplainServices.DataAccess);
            cursor.Close(item, start);
        });
    }

    private static uint ReadHead(ExplainCursor cursor, ExplainNode node)
    {
        cursor.Take(node, 1, "tag");
        var invokeId = cursor.UInt32(node, "long-invoke-id-and-priority", ExplainServices.LongInvokeId);
        ExplainNotifications.ReadTime(cursor, node, "date-time");
        return invokeId & 0xFF_FFFF;
    }

    // A method takes the place of an attribute as one without class: the lists of data have an entry for each.
    private static ExplainRequest ReadSpecifications(ExplainCursor cursor, ExplainNode node)
    {
        var attributes = new List<AttributeRef>();
        ExplainServices.List(cursor, node, "specifications", (list, i) => attributes.Add(ReadSpecification(cursor, list, i)));
        return new(attributes, [], IsList: true);
    }

    private static AttributeRef ReadSpecification(ExplainCursor cursor, ExplainNode list, int index)
    {
        var start = cursor.Position;
        var item = cursor.Open(list, $"[{index}]");
        var choice = cursor.Byte(item, "service", ServiceName);
        if (choice is < Get or > SetWithSelection) cursor.Fail(item, $"service {Get}..{SetWithSelection} expected, got {choice}", start);
        AttributeRef attribute = default;
        if (choice == Action) ExplainServices.Method(cursor, item);
        else attribute = ExplainServices.Attribute(cursor, item);
        if (choice is GetWithSelection or SetWithSelection)
        {
            cursor.Byte(item, "selector");
            if (ExplainData.Read(cursor, item, "parameters") is { } parameters && !cursor.Failed) ExplainPatterns.Apply(parameters);
        }

        cursor.Close(item, start);
        return attribute;
    }

    private static void Name(ExplainNode? data, ExplainCursor cursor, ExplainRequest? specifications, int index, ExplainSession session)
    {
        if (data is null or { Type: DataTag.NullData } || cursor.Failed) return;
        if (specifications is null || index >= specifications.Attributes.Count || specifications.Attributes[index].ClassId == 0)
        {
            ExplainPatterns.Apply(data);
            return;
        }

        var target = specifications.Attributes[index];
        ExplainMeaning.OfAttribute(data, target, session);
        data.ObjectName = target.Instance;
        data.Meaning ??= $"{target}, {ExplainNames.Of(target)}";
    }

    private static string ServiceName(byte value) => value switch
    {
        Get => "get",
        Set => "set",
        Action => "action",
        GetWithSelection => "get-with-selection",
        SetWithSelection => "set-with-selection",
        _ => value.ToString(),
    };
}
