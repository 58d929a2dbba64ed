using System.Buffers;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Data;
using Gridtally.Cosem.Security;

namespace Gridtally.Cosem.Server;

/// <content>SET, with block transfer. The device sees whole values only.</content>
public sealed partial class ServerAssociation
{
    /// <summary>Octets of the answer to a list besides the results: tag, kind, invoke id, count, block number. There is no answer to a list in blocks.</summary>
    private const int MaxListResponseHead = 3 + 3 + 4;

    private void OnSet(ReadOnlySpan<byte> plain, Wrapping wrapping, IBufferWriter<byte> response)
    {
        if (!SetRequest.TryRead(plain, out var request, out _)) Refuse(NotDecodable, response);
        else if (!Grants(ServiceForms.NeededBy(request.Kind)) || !MaySelect(request.Selector)) Refuse(NotSupported, response);
        else if (request.Items.Count + MaxListResponseHead > MaxPlain(wrapping)) Refuse(PduTooLong, response);
        else
        {
            if (request.Kind != SetRequestKind.WithDatablock) EndTransfersBefore(request.InvokeId);
            _block.Clear();
            switch (request.Kind)
            {
                case SetRequestKind.Normal: SetNormal(request, ref wrapping); break;
                case SetRequestKind.WithList: SetList(request, null, ref wrapping); break;
                case SetRequestKind.WithDatablock: ContinueSet(request, ref wrapping); break;
                default: BeginSet(request, ref wrapping); break;
            }

            Send(_block.Span, wrapping, response);
        }
    }

    private void SetNormal(in SetRequest request, ref Wrapping wrapping)
    {
        var result = Write(request.Target, request.Selector, request.Parameters, request.Data, ref wrapping);
        SetResponse.WriteNormal(_block, request.InvokeId, result);
    }

    /// <summary>Writes a list; the answer is that to the last block where there is a block number.</summary>
    private void SetList(in SetRequest request, uint? lastBlock, ref Wrapping wrapping)
    {
        if (lastBlock is null) SetResponse.WriteListHead(_block, request.InvokeId, request.Items.Count);
        else SetResponse.WriteLastBlockListHead(_block, request.InvokeId, request.Items.Count);
        var values = request.Values.GetEnumerator();
        foreach (var item in request.Items)
        {
            values.MoveNext();
            var result = MaySelect(item.Selector) ? Write(item.Target, item.Selector, item.Parameters, values.Current.Data, ref wrapping) : DataAccessResult.ScopeOfAccessViolated;
            _block.WriteByte((byte)result);
        }

        if (lastBlock is { } number) _block.WriteUInt32(number);
    }

    private void BeginSet(in SetRequest request, ref Wrapping wrapping)
    {
        var transfer = Begin(BlockTransfer.Purpose.SetRequest, request.InvokeId, wrapping);
        var isList = request.Kind == SetRequestKind.WithListAndFirstDatablock;
        transfer.Octets.WriteHead(ApduTag.SetRequest, (byte)(isList ? SetRequestKind.WithList : SetRequestKind.Normal), request.InvokeId);
        if (isList) request.Items.WriteTo(transfer.Octets);
        else GetRequest.WriteItem(transfer.Octets, request.Target, request.Selector, request.Parameters);
        transfer.EndHead();
        ContinueSet(request, ref wrapping);
    }

    private void ContinueSet(in SetRequest request, ref Wrapping wrapping)
    {
        if (Find(BlockTransfer.Purpose.SetRequest, request.InvokeId) is not { } transfer)
        {
            SetResponse.WriteLastBlock(_block, request.InvokeId, DataAccessResult.NoLongSetInProgress, request.BlockNumber);
            return;
        }

        switch (transfer.Gather(request.BlockNumber, request.LastBlock, request.Data, _active.MaxSetOctets, _received))
        {
            case BlockTransfer.Arrival.More: SetResponse.WriteBlock(_block, request.InvokeId, transfer.Number); break;
            case BlockTransfer.Arrival.Complete: FinishSet(transfer, request.InvokeId, ref wrapping); break;
            case BlockTransfer.Arrival.TooLong: AbortSet(transfer, request, DataAccessResult.LongSetAborted); break;
            default: AbortSet(transfer, request, DataAccessResult.DataBlockNumberInvalid); break;
        }
    }

    private void FinishSet(BlockTransfer transfer, InvokeIdAndPriority invokeId, ref Wrapping wrapping)
    {
        if (!SetRequest.TryRead(transfer.Octets.Span, out var whole, out _)) SetResponse.WriteLastBlock(_block, invokeId, DataAccessResult.TypeUnmatched, transfer.Number);
        else if (whole.Kind == SetRequestKind.WithList) SetList(whole, transfer.Number, ref wrapping);
        else SetResponse.WriteLastBlock(_block, invokeId, Write(whole.Target, whole.Selector, whole.Parameters, whole.Data, ref wrapping), transfer.Number);
        transfer.End();
    }

    private void AbortSet(BlockTransfer transfer, in SetRequest request, DataAccessResult reason)
    {
        transfer.End();
        SetResponse.WriteLastBlock(_block, request.InvokeId, reason, request.BlockNumber);
    }
}
