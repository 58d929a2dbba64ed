using Gridtally.Cosem.Apdus;

namespace Gridtally.Cosem.Explain;

/// <summary>set-request and set-response, all kinds.</summary>
internal static class ExplainSet
{
    public static void ReadRequest(ExplainCursor cursor, ExplainNode node)
    {
        var kind = ExplainServices.Head<SetRequestKind>(cursor, node);
        if (kind is SetRequestKind.Normal or SetRequestKind.WithFirstDatablock) ExplainServices.AttributeWithSelection(cursor, node);
        if (kind is SetRequestKind.WithList or SetRequestKind.WithListAndFirstDatablock)
            ExplainServices.List(cursor, node, "attributes", (list, i) => ExplainServices.AttributeWithSelection(cursor, list, $"[{i}]"));
        switch (kind)
        {
            case SetRequestKind.Normal:
                ExplainData.Read(cursor, node, "value");
                break;
            case SetRequestKind.WithList:
                ExplainServices.List(cursor, node, "values", (list, i) => ExplainData.Read(cursor, list, $"[{i}]"));
                break;
            case SetRequestKind.WithFirstDatablock or SetRequestKind.WithDatablock or SetRequestKind.WithListAndFirstDatablock:
                ExplainServices.Block(cursor, node);
                break;
            default:
                break;
        }
    }

    public static void ReadResponse(ExplainCursor cursor, ExplainNode node)
    {
        var kind = ExplainServices.Head<SetResponseKind>(cursor, node);
        if (kind is SetResponseKind.Normal or SetResponseKind.LastDatablock) cursor.Byte(node, "result", ExplainServices.DataAccess);
        if (kind is SetResponseKind.WithList or SetResponseKind.LastDatablockWithList)
            ExplainServices.List(cursor, node, "results", (list, i) => cursor.Byte(list, $"[{i}]", ExplainServices.DataAccess));
        if (kind is SetResponseKind.Datablock or SetResponseKind.LastDatablock or SetResponseKind.LastDatablockWithList)
            cursor.UInt32(node, "block-number");
    }
}
