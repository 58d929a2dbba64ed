using System.Buffers;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Data;
using Gridtally.Cosem.Security;

namespace Gridtally.Cosem.Server;

/// <content>GET, with block transfer. The device sees whole values only.</content>
public sealed partial class ServerAssociation
{
    /// <summary>Octets before the raw data of a long answer: get-response-normal up to its choice, with-list up to its invoke id.</summary>
    private const int GetRawStart = 4, ListRawStart = 3;

    private void OnGet(ReadOnlySpan<byte> plain, Wrapping wrapping, IBufferWriter<byte> response)
    {
        if (!GetRequest.TryRead(plain, out var request, out _)) Refuse(NotDecodable, response);
        else if (!Grants(ServiceForms.NeededBy(request.Kind)) || !MaySelect(request.Selector)) Refuse(NotSupported, response);
        else if (request.Kind == GetRequestKind.Next) OnGetNext(request, wrapping, response);
        else
        {
            EndTransfersBefore(request.InvokeId);
            if (request.Kind == GetRequestKind.Normal) OnGetNormal(request, wrapping, response);
            else OnGetList(request, wrapping, response);
        }
    }

    private void OnGetNormal(in GetRequest request, Wrapping wrapping, IBufferWriter<byte> response)
    {
        _answer.Clear();
        GetResponse.WriteNormalHead(_answer, request.InvokeId);
        var result = Read(request.Target, request.Selector, request.Parameters, ref wrapping);
        if (result != DataAccessResult.Success)
        {
            _answer.Clear();
            GetResponse.WriteNormal(_answer, request.InvokeId, result);
        }

        SendWholeOrInBlocks(BlockTransfer.Purpose.GetAnswer, GetRawStart, request.InvokeId, wrapping, response);
    }

    private void OnGetList(in GetRequest request, Wrapping wrapping, IBufferWriter<byte> response)
    {
        _answer.Clear();
        GetResponse.WriteListHead(_answer, request.InvokeId, request.Items.Count);
        foreach (var item in request.Items)
        {
            var start = _answer.Length;
            _answer.WriteByte(0);
            var result = ReadWhileShort(item.Target, item.Selector, item.Parameters, ref wrapping);
            if (result == DataAccessResult.Success) continue;
            _answer.Truncate(start);
            _answer.WriteByte(1);
            _answer.WriteByte((byte)result);
        }

        SendWholeOrInBlocks(BlockTransfer.Purpose.GetAnswer, ListRawStart, request.InvokeId, wrapping, response);
    }

    /// <summary>
    /// Reads one of several attributes. One request may name a long profile many times over: what no client would reassemble is not gathered.
    /// </summary>
    private DataAccessResult ReadWhileShort(in AttributeRef target, byte selector, ReadOnlySpan<byte> parameters, ref Wrapping wrapping)
    {
        if (_full) return DataAccessResult.OtherReason;
        var result = MaySelect(selector) ? Read(target, selector, parameters, ref wrapping) : DataAccessResult.ScopeOfAccessViolated;
        _full = _answer.Length > Limits.MaxReassembly;
        return result == DataAccessResult.Success && _full ? DataAccessResult.OtherReason : result;
    }

    private void OnGetNext(in GetRequest request, Wrapping wrapping, IBufferWriter<byte> response)
    {
        if (TrySendBlockAfter(BlockTransfer.Purpose.GetAnswer, request.BlockNumber, request.InvokeId, wrapping, response, out var inProgress)) return;
        _block.Clear();
        GetResponse.WriteBlock(_block, request.InvokeId, request.BlockNumber, inProgress ? DataAccessResult.DataBlockNumberInvalid : DataAccessResult.NoLongGetInProgress);
        Send(_block.Span, wrapping, response);
    }
}
