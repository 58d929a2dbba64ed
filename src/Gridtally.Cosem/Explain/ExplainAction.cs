using Gridtally.Cosem.Apdus;

namespace Gridtally.Cosem.Explain;

/// <summary>action-request and action-response, all kinds.</summary>
internal static class ExplainAction
{
    public static void ReadRequest(ExplainCursor cursor, ExplainNode node, ExplainSession session)
    {
        var kind = ExplainServices.Head<ActionRequestKind>(cursor, node, out var invoke);
        var request = session.Dialogue.Asked(invoke.Id);
        if (kind is ActionRequestKind.Normal or ActionRequestKind.WithFirstPblock) request = new([], [ExplainServices.Method(cursor, node)]);
        if (kind is ActionRequestKind.WithList or ActionRequestKind.WithListAndFirstPblock)
        {
            var methods = new List<MethodRef>();
            ExplainServices.List(cursor, node, "methods", (list, i) => methods.Add(ExplainServices.Method(cursor, list, $"[{i}]")));
            request = new([], methods, IsList: true);
        }

        if (request is not null && !cursor.Failed) session.Dialogue.Ask(invoke.Id, request);
        switch (kind)
        {
            case ActionRequestKind.Normal when ExplainServices.Present(cursor, node, "parameters"):
                Name(ExplainData.Read(cursor, node, "parameters"), cursor, request, 0, session);
                break;
            case ActionRequestKind.NextPblock:
                cursor.UInt32(node, "block-number");
                break;
            case ActionRequestKind.WithList:
                ReadParameters(cursor, node, request, session);
                break;
            case ActionRequestKind.WithFirstPblock or ActionRequestKind.WithPblock or ActionRequestKind.WithListAndFirstPblock:
                ExplainServices.Block(cursor, node, session, ApduTag.ActionRequest, invoke.Id, (whole, parent) =>
                {
                    if (request is { IsList: true }) ReadParameters(whole, parent, request, session);
                    else Name(ExplainServices.WholeData(whole, parent), whole, request, 0, session);
                });
                break;
            default:
                break;
        }
    }

    public static void ReadResponse(ExplainCursor cursor, ExplainNode node, ExplainSession session)
    {
        var kind = ExplainServices.Head<ActionResponseKind>(cursor, node, out var invoke);
        var request = session.Dialogue.Asked(invoke.Id);
        if (request is { Methods: [var method] } && !cursor.Failed) node.Meaning = $"answers {method}, {ExplainNames.Of(method)}";
        switch (kind)
        {
            case ActionResponseKind.Normal:
                ReadResult(cursor, node, request, 0);
                break;
            case ActionResponseKind.WithPblock:
                ExplainServices.Block(cursor, node, session, ApduTag.ActionResponse, invoke.Id, (whole, parent) => ReadWhole(whole, parent, request));
                break;
            case ActionResponseKind.WithList:
                ReadResults(cursor, node, request);
                break;
            case ActionResponseKind.NextPblock:
                cursor.UInt32(node, "block-number");
                break;
            default:
                break;
        }
    }

    // What the blocks of a response carry: the results of a list, or the Data that a method returned; devices differ in whether the
    // choice octet of Get-Data-Result stands before it.
    private static void ReadWhole(ExplainCursor cursor, ExplainNode node, ExplainRequest? request)
    {
        if (request is { IsList: true })
        {
            ReadResults(cursor, node, request);
            cursor.End(node);
            return;
        }

        if (cursor.Peek() == 0 && cursor.Remaining > 1) cursor.Bytes(node, "choice", 1, _ => "data");
        NameReturn(ExplainServices.WholeData(cursor, node), cursor, request, 0);
    }

    private static void ReadParameters(ExplainCursor cursor, ExplainNode node, ExplainRequest? request, ExplainSession session) =>
        ExplainServices.List(cursor, node, "parameters", (list, i) => Name(ExplainData.Read(cursor, list, $"[{i}]"), cursor, request, i, session));

    private static void ReadResults(ExplainCursor cursor, ExplainNode node, ExplainRequest? request) =>
        ExplainServices.List(cursor, node, "results", (list, i) => ReadResult(cursor, cursor.Open(list, $"[{i}]"), request, i));

    private static void ReadResult(ExplainCursor cursor, ExplainNode node, ExplainRequest? request, int index)
    {
        cursor.Byte(node, "result", ExplainServices.Action);
        if (ExplainServices.Present(cursor, node, "return-parameters")) NameReturn(ExplainServices.DataOrResult(cursor, node, "return-parameters"), cursor, request, index);
    }

    private static void Name(ExplainNode? data, ExplainCursor cursor, ExplainRequest? request, int index, ExplainSession session)
    {
        if (data is null || cursor.Failed) return;
        if (request is null || index >= request.Methods.Count) ExplainPatterns.Apply(data);
        else ExplainMeaning.OfArgument(data, request.Methods[index], session.Dialogue);
    }

    private static void NameReturn(ExplainNode? data, ExplainCursor cursor, ExplainRequest? request, int index)
    {
        if (data is null || cursor.Failed) return;
        if (request is null || index >= request.Methods.Count) ExplainPatterns.Apply(data);
        else ExplainMeaning.OfReturn(data, request.Methods[index]);
    }
}
