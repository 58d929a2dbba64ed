using Gridtally.Cosem.Apdus;

namespace Gridtally.Cosem.Explain;

/// <summary>get-request and get-response, all kinds.</summary>
internal static class ExplainGet
{
    public static void ReadRequest(ExplainCursor cursor, ExplainNode node)
    {
        switch (ExplainServices.Head<GetRequestKind>(cursor, node))
        {
            case GetRequestKind.Normal:
                ExplainServices.AttributeWithSelection(cursor, node);
                break;
            case GetRequestKind.Next:
                cursor.UInt32(node, "block-number");
                break;
            case GetRequestKind.WithList:
                ExplainServices.List(cursor, node, "attributes", (list, i) => ExplainServices.AttributeWithSelection(cursor, list, $"[{i}]"));
                break;
            default:
                break;
        }
    }

    public static void ReadResponse(ExplainCursor cursor, ExplainNode node)
    {
        switch (ExplainServices.Head<GetResponseKind>(cursor, node))
        {
            case GetResponseKind.Normal:
                ExplainServices.DataOrResult(cursor, node, "result");
                break;
            case GetResponseKind.WithDatablock:
                var last = cursor.Byte(node, "last-block", ExplainServices.Boolean) != 0;
                var number = cursor.UInt32(node, "block-number");
                if (ExplainServices.Choice(cursor, node, "result") == 1) cursor.Byte(node, "result", ExplainServices.DataAccess);
                else ExplainServices.RawData(cursor, node, last && number == 1);
                break;
            case GetResponseKind.WithList:
                ExplainServices.List(cursor, node, "results", (list, i) => ExplainServices.DataOrResult(cursor, list, $"[{i}]"));
                break;
            default:
                break;
        }
    }
}
