using System.Buffers;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Data;
using Gridtally.Cosem.Security;

namespace Gridtally.Cosem.Server;

/// <content>ACTION, with block transfer both ways. The device sees whole values only.</content>
public sealed partial class ServerAssociation
{
    /// <summary>Octets before the raw data of a long answer: action-response-normal up to its return Data, for pblocks carry success only.</summary>
    private const int ActionRawStart = 6;

    private void OnAction(ReadOnlySpan<byte> plain, Wrapping wrapping, IBufferWriter<byte> response)
    {
        if (!ActionRequest.TryRead(plain, out var request, out _)) Refuse(NotDecodable, response);
        else if (!Grants(ServiceForms.NeededBy(request.Kind))) Refuse(NotSupported, response);
        else if (request.Kind == ActionRequestKind.NextPblock) OnNextPblock(request, wrapping, response);
        else
        {
            _answer.Clear();
            if (request.Kind != ActionRequestKind.WithPblock) EndTransfersBefore(request.InvokeId);
            switch (request.Kind)
            {
                case ActionRequestKind.Normal or ActionRequestKind.WithList:
                    CarryOut(request, ref wrapping);
                    SendAnswer(request.Kind, request.InvokeId, wrapping, response);
                    break;
                case ActionRequestKind.WithPblock: ContinueAction(request, wrapping, response); break;
                default: BeginAction(request, wrapping, response); break;
            }
        }
    }

    private void CarryOut(in ActionRequest request, ref Wrapping wrapping)
    {
        if (request.Kind == ActionRequestKind.WithList) InvokeList(request, ref wrapping);
        else InvokeOne(request, ref wrapping);
    }

    private void SendAnswer(ActionRequestKind kind, InvokeIdAndPriority invokeId, Wrapping wrapping, IBufferWriter<byte> response, uint answersBlock = 0) =>
        SendWholeOrInBlocks(BlockTransfer.Purpose.ActionAnswer, kind == ActionRequestKind.WithList ? ListRawStart : ActionRawStart, invokeId, wrapping, response, answersBlock);

    private void InvokeOne(in ActionRequest request, ref Wrapping wrapping)
    {
        ActionResponse.WriteNormalHead(_answer, request.InvokeId);
        var head = _answer.Length;
        var result = Invoke(request.Target, request.Parameter, ref wrapping);
        if (result != ActionResult.Success || _answer.Length == head) WriteActionResult(request.InvokeId, result);
    }

    private void InvokeList(in ActionRequest request, ref Wrapping wrapping)
    {
        ActionResponse.WriteListHead(_answer, request.InvokeId, request.Items.Count);
        var parameters = request.Parameters.GetEnumerator();
        foreach (var item in request.Items)
        {
            parameters.MoveNext();
            var start = _answer.Length;
            ActionResponse.WriteDataHead(_answer);
            var head = _answer.Length;
            var result = InvokeWhileShort(item.Method, parameters.Current.Data, ref wrapping);
            if (result == ActionResult.Success && _answer.Length > head) continue;
            _answer.Truncate(start);
            ActionResponse.WriteItem(_answer, result);
        }
    }

    /// <summary>As <see cref="ReadWhileShort"/>: nothing is invoked any more once nobody would take the answer.</summary>
    private ActionResult InvokeWhileShort(in MethodRef method, ReadOnlySpan<byte> parameter, ref Wrapping wrapping)
    {
        if (_full) return ActionResult.OtherReason;
        var result = Invoke(method, WithoutNull(parameter), ref wrapping);
        _full = _answer.Length > Limits.MaxReassembly;
        return result == ActionResult.Success && _full ? ActionResult.OtherReason : result;
    }

    /// <summary>In a list there is a Data for each method; null-data where a method has no parameter.</summary>
    private static ReadOnlySpan<byte> WithoutNull(ReadOnlySpan<byte> parameter) => parameter is [(byte)DataTag.NullData] ? default : parameter;

    private void WriteActionResult(InvokeIdAndPriority invokeId, ActionResult result)
    {
        _answer.Clear();
        ActionResponse.WriteNormal(_answer, invokeId, result);
    }

    private void BeginAction(in ActionRequest request, Wrapping wrapping, IBufferWriter<byte> response)
    {
        var transfer = Begin(BlockTransfer.Purpose.ActionRequest, request.InvokeId, wrapping);
        var isList = request.Kind == ActionRequestKind.WithListAndFirstPblock;
        transfer.Octets.WriteHead(ApduTag.ActionRequest, (byte)(isList ? ActionRequestKind.WithList : ActionRequestKind.Normal), request.InvokeId);
        if (isList) request.Items.WriteTo(transfer.Octets);
        else
        {
            request.Target.WriteTo(transfer.Octets);
            transfer.Octets.WriteByte(1); // a parameter is there: pblocks are for nothing else
        }

        transfer.EndHead();
        ContinueAction(request, wrapping, response);
    }

    private void ContinueAction(in ActionRequest request, Wrapping wrapping, IBufferWriter<byte> response)
    {
        if (Find(BlockTransfer.Purpose.ActionRequest, request.InvokeId) is not { } transfer)
        {
            if (request.LastBlock && request.BlockNumber > 0 && Find(BlockTransfer.Purpose.ActionAnswer, request.InvokeId)?.AnswersBlock == request.BlockNumber
                && TrySendBlockAfter(BlockTransfer.Purpose.ActionAnswer, 0, request.InvokeId, wrapping, response, out _)) return; // the first block of the answer was lost
            SendActionResult(request.InvokeId, ActionResult.NoLongActionInProgress, wrapping, response);
            return;
        }

        switch (transfer.Gather(request.BlockNumber, request.LastBlock, request.Raw, _active.MaxSetOctets, _received))
        {
            case BlockTransfer.Arrival.More:
                ActionResponse.WriteNext(_answer, request.InvokeId, transfer.Number);
                Send(_answer.Span, wrapping, response);
                break;
            case BlockTransfer.Arrival.Complete: FinishAction(transfer, request.InvokeId, wrapping, response); break;
            default:
                transfer.End();
                SendActionResult(request.InvokeId, ActionResult.LongActionAborted, wrapping, response);
                break;
        }
    }

    private void FinishAction(BlockTransfer transfer, InvokeIdAndPriority invokeId, Wrapping wrapping, IBufferWriter<byte> response)
    {
        var kind = ActionRequestKind.Normal;
        if (ActionRequest.TryRead(transfer.Octets.Span, out var whole, out _))
        {
            kind = whole.Kind;
            CarryOut(whole, ref wrapping);
        }
        else WriteActionResult(invokeId, ActionResult.TypeUnmatched);

        // The answer may take its place.
        var lastBlock = transfer.Number;
        transfer.End();
        SendAnswer(kind, invokeId, wrapping, response, lastBlock);
    }

    private void OnNextPblock(in ActionRequest request, Wrapping wrapping, IBufferWriter<byte> response)
    {
        if (TrySendBlockAfter(BlockTransfer.Purpose.ActionAnswer, request.BlockNumber, request.InvokeId, wrapping, response, out var inProgress)) return;
        SendActionResult(request.InvokeId, inProgress ? ActionResult.LongActionAborted : ActionResult.NoLongActionInProgress, wrapping, response);
    }

    private void SendActionResult(InvokeIdAndPriority invokeId, ActionResult result, Wrapping wrapping, IBufferWriter<byte> response)
    {
        WriteActionResult(invokeId, result);
        Send(_answer.Span, wrapping, response);
    }
}
