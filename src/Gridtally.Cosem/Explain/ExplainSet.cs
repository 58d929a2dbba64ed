using Gridtally.Cosem.Apdus;

namespace Gridtally.Cosem.Explain;

/// <summary>set-request and set-response, all kinds.</summary>
internal static class ExplainSet
{
    public static void ReadRequest(ExplainCursor cursor, ExplainNode node, ExplainSession session)
    {
        var kind = ExplainServices.Head<SetRequestKind>(cursor, node, out var invoke);
        var request = session.Dialogue.Asked(invoke.Id);
        if (kind is SetRequestKind.Normal or SetRequestKind.WithFirstDatablock) request = ExplainServices.AttributeWithSelection(cursor, node);
        if (kind is SetRequestKind.WithList or SetRequestKind.WithListAndFirstDatablock)
        {
            var items = new List<ExplainRequest>();
            ExplainServices.List(cursor, node, "attributes", (list, i) => items.Add(ExplainServices.AttributeWithSelection(cursor, list, $"[{i}]")));
            request = ExplainServices.AsList(items);
        }

        if (request is not null && !cursor.Failed) session.Dialogue.Ask(invoke.Id, request);
        switch (kind)
        {
            case SetRequestKind.Normal:
                Name(ExplainData.Read(cursor, node, "value"), cursor, request, 0, session);
                break;
            case SetRequestKind.WithList:
                ReadValues(cursor, node, request, session);
                break;
            case SetRequestKind.WithFirstDatablock or SetRequestKind.WithDatablock or SetRequestKind.WithListAndFirstDatablock:
                ExplainServices.Block(cursor, node, session, ApduTag.SetRequest, invoke.Id, (whole, parent) =>
                {
                    if (request is { IsList: true }) ReadValues(whole, parent, request, session);
                    else Name(ExplainServices.WholeData(whole, parent), whole, request, 0, session);
                });
                break;
            default:
                break;
        }
    }

    public static void ReadResponse(ExplainCursor cursor, ExplainNode node)
    {
        var kind = ExplainServices.Head<SetResponseKind>(cursor, node, out _);
        if (kind is SetResponseKind.Normal or SetResponseKind.LastDatablock) cursor.Byte(node, "result", ExplainServices.DataAccess);
        if (kind is SetResponseKind.WithList or SetResponseKind.LastDatablockWithList)
            ExplainServices.List(cursor, node, "results", (list, i) => cursor.Byte(list, $"[{i}]", ExplainServices.DataAccess));
        if (kind is SetResponseKind.Datablock or SetResponseKind.LastDatablock or SetResponseKind.LastDatablockWithList)
            cursor.UInt32(node, "block-number");
    }

    private static void ReadValues(ExplainCursor cursor, ExplainNode node, ExplainRequest? request, ExplainSession session) =>
        ExplainServices.List(cursor, node, "values", (list, i) => Name(ExplainData.Read(cursor, list, $"[{i}]"), cursor, request, i, session));

    private static void Name(ExplainNode? data, ExplainCursor cursor, ExplainRequest? request, int index, ExplainSession session)
    {
        if (data is null || cursor.Failed) return;
        if (request is null || index >= request.Attributes.Count) ExplainPatterns.Apply(data);
        else ExplainMeaning.OfAttribute(data, request.Attributes[index], session);
    }
}
