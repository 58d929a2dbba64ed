using Gridtally.Cosem.Apdus;

namespace Gridtally.Cosem.Explain;

/// <summary>action-request and action-response, all kinds.</summary>
internal static class ExplainAction
{
    public static void ReadRequest(ExplainCursor cursor, ExplainNode node)
    {
        var kind = ExplainServices.Head<ActionRequestKind>(cursor, node);
        if (kind is ActionRequestKind.Normal or ActionRequestKind.WithFirstPblock) ExplainServices.Method(cursor, node);
        if (kind is ActionRequestKind.WithList or ActionRequestKind.WithListAndFirstPblock)
            ExplainServices.List(cursor, node, "methods", (list, i) => ExplainServices.Method(cursor, list, $"[{i}]"));
        switch (kind)
        {
            case ActionRequestKind.Normal when ExplainServices.Present(cursor, node, "parameters"):
                ExplainData.Read(cursor, node, "parameters");
                break;
            case ActionRequestKind.NextPblock:
                cursor.UInt32(node, "block-number");
                break;
            case ActionRequestKind.WithList:
                ExplainServices.List(cursor, node, "parameters", (list, i) => ExplainData.Read(cursor, list, $"[{i}]"));
                break;
            case ActionRequestKind.WithFirstPblock or ActionRequestKind.WithPblock or ActionRequestKind.WithListAndFirstPblock:
                ExplainServices.Block(cursor, node);
                break;
            default:
                break;
        }
    }

    public static void ReadResponse(ExplainCursor cursor, ExplainNode node)
    {
        switch (ExplainServices.Head<ActionResponseKind>(cursor, node))
        {
            case ActionResponseKind.Normal:
                ReadResult(cursor, node);
                break;
            case ActionResponseKind.WithPblock:
                ExplainServices.Block(cursor, node);
                break;
            case ActionResponseKind.WithList:
                ExplainServices.List(cursor, node, "results", (list, i) => ReadResult(cursor, cursor.Open(list, $"[{i}]")));
                break;
            case ActionResponseKind.NextPblock:
                cursor.UInt32(node, "block-number");
                break;
            default:
                break;
        }
    }

    private static void ReadResult(ExplainCursor cursor, ExplainNode node)
    {
        cursor.Byte(node, "result", ExplainServices.Action);
        if (ExplainServices.Present(cursor, node, "return-parameters")) ExplainServices.DataOrResult(cursor, node, "return-parameters");
    }
}
