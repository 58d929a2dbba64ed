using Gridtally.Cosem.Apdus;

namespace Gridtally.Cosem.Explain;

/// <summary>get-request and get-response, all kinds.</summary>
internal static class ExplainGet
{
    public static void ReadRequest(ExplainCursor cursor, ExplainNode node, ExplainSession session)
    {
        ExplainRequest? request = null;
        switch (ExplainServices.Head<GetRequestKind>(cursor, node, out var invoke))
        {
            case GetRequestKind.Normal:
                request = ExplainServices.AttributeWithSelection(cursor, node);
                break;
            case GetRequestKind.Next:
                cursor.UInt32(node, "block-number");
                break;
            case GetRequestKind.WithList:
                var items = new List<ExplainRequest>();
                ExplainServices.List(cursor, node, "attributes", (list, i) => items.Add(ExplainServices.AttributeWithSelection(cursor, list, $"[{i}]")));
                request = ExplainServices.AsList(items);
                break;
            default:
                break;
        }

        if (request is not null && !cursor.Failed) session.Dialogue.Ask(invoke.Id, request);
    }

    public static void ReadResponse(ExplainCursor cursor, ExplainNode node, ExplainSession session)
    {
        var kind = ExplainServices.Head<GetResponseKind>(cursor, node, out var invoke);
        var request = session.Dialogue.Asked(invoke.Id);
        switch (kind)
        {
            case GetResponseKind.Normal:
                Name(ExplainServices.DataOrResult(cursor, node, "result"), cursor, request, 0, session);
                break;
            case GetResponseKind.WithDatablock:
                var last = cursor.Byte(node, "last-block", ExplainServices.Boolean) != 0;
                var number = cursor.UInt32(node, "block-number");
                if (ExplainServices.Choice(cursor, node, "result") == 1) cursor.Byte(node, "result", ExplainServices.DataAccess);
                else if (!cursor.Failed) ExplainBlocks.Take(cursor, node, session, ApduTag.GetResponse, invoke.Id, number, last, (whole, parent) => ReadWhole(whole, parent, request, session));
                break;
            case GetResponseKind.WithList:
                ReadResults(cursor, node, request, session);
                break;
            default:
                break;
        }
    }

    /// <summary>What all blocks make: Data, or the results of a list. A request that is not in the input leaves it open which.</summary>
    private static void ReadWhole(ExplainCursor cursor, ExplainNode node, ExplainRequest? request, ExplainSession session)
    {
        if (request is { IsList: true })
        {
            ReadResults(cursor, node, request, session);
            cursor.End(node);
            return;
        }

        Name(ExplainServices.WholeData(cursor, node), cursor, request, 0, session);
    }

    private static void ReadResults(ExplainCursor cursor, ExplainNode node, ExplainRequest? request, ExplainSession session) =>
        ExplainServices.List(cursor, node, "results", (list, i) => Name(ExplainServices.DataOrResult(cursor, list, $"[{i}]"), cursor, request, i, session));

    private static void Name(ExplainNode? data, ExplainCursor cursor, ExplainRequest? request, int index, ExplainSession session)
    {
        if (data is null || cursor.Failed) return;
        if (request is null || index >= request.Attributes.Count)
        {
            ExplainPatterns.Apply(data);
            return;
        }

        var target = request.Attributes[index];
        ExplainMeaning.OfAttribute(data, target, session, request);
        data.ObjectName = target.Instance;
        data.Meaning = data.Meaning is { } meaning ? $"{meaning} ({target}, {ExplainNames.Of(target)})" : $"{target}, {ExplainNames.Of(target)}";
    }
}
