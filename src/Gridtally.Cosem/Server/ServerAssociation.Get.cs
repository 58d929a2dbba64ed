using System.Buffers;
using Gridtally.Cosem.Acse;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Data;
using Gridtally.Cosem.Security;

namespace Gridtally.Cosem.Server;

/// <content>GET, with block transfer. The device sees whole values only.</content>
public sealed partial class ServerAssociation
{
    /// <summary>Octets before the raw data of a long answer: get-response-normal up to its choice, with-list up to its invoke id.</summary>
    private const int NormalRawStart = 4, ListRawStart = 3;

    private bool _getInBlocks;
    private int _getOffset;
    private uint _getNumber;

    private void OnGet(ReadOnlySpan<byte> plain, Wrapping wrapping, IBufferWriter<byte> response)
    {
        if (!GetRequest.TryRead(plain, out var request, out _)) NotDecodable.WriteTo(response);
        else if (!Grants(Conformance.Get)) NotSupported.WriteTo(response);
        else if (request.Kind == GetRequestKind.Next) OnGetNext(request, wrapping, response);
        else
        {
            EndTransfers();
            if (request.Kind == GetRequestKind.Normal) OnGetNormal(request, wrapping, response);
            else OnGetList(request, wrapping, response);
        }
    }

    private void OnGetNormal(in GetRequest request, Wrapping wrapping, IBufferWriter<byte> response)
    {
        if (!MaySelect(request.Selector))
        {
            NotSupported.WriteTo(response);
            return;
        }

        GetResponse.WriteNormalHead(_answer, request.InvokeId);
        var result = _device.Get(request.Target, Context(request.Selector, request.Parameters), _answer);
        if (result != DataAccessResult.Success)
        {
            _answer.Clear();
            GetResponse.WriteNormal(_answer, request.InvokeId, result);
        }

        SendWholeOrInBlocks(NormalRawStart, request.InvokeId, wrapping, response);
    }

    private void OnGetList(in GetRequest request, Wrapping wrapping, IBufferWriter<byte> response)
    {
        if (!Grants(Conformance.MultipleReferences))
        {
            NotSupported.WriteTo(response);
            return;
        }

        GetResponse.WriteListHead(_answer, request.InvokeId, request.Items.Count);
        var full = false;
        foreach (var item in request.Items)
        {
            var start = _answer.Length;
            _answer.WriteByte(0);
            var result = full ? DataAccessResult.OtherReason
                : MaySelect(item.Selector) ? _device.Get(item.Target, Context(item.Selector, item.Parameters), _answer) : DataAccessResult.ScopeOfAccessViolated;

            // One request may name a long profile many times over: what no client would reassemble is not gathered.
            full |= _answer.Length > Limits.MaxReassembly;
            if (full && result == DataAccessResult.Success) result = DataAccessResult.OtherReason;
            if (result == DataAccessResult.Success) continue;
            _answer.Truncate(start);
            _answer.WriteByte(1);
            _answer.WriteByte((byte)result);
        }

        SendWholeOrInBlocks(ListRawStart, request.InvokeId, wrapping, response);
    }

    private void SendWholeOrInBlocks(int rawStart, InvokeIdAndPriority invokeId, Wrapping wrapping, IBufferWriter<byte> response)
    {
        if (_answer.Length <= MaxPlain(wrapping)) Send(_answer.Span, wrapping, response);
        else if (!Grants(Conformance.BlockTransferWithGetOrRead)) PduTooLong.WriteTo(response);
        else
        {
            (_getInBlocks, _getOffset, _getNumber) = (true, rawStart, 0);
            SendNextGetBlock(invokeId, wrapping, response);
        }
    }

    private void SendNextGetBlock(InvokeIdAndPriority invokeId, Wrapping wrapping, IBufferWriter<byte> response)
    {
        var max = MaxPlain(wrapping);
        var room = max - GetResponse.BlockHeadSize - Ber.LengthSize(max);
        var raw = _answer.Span[_getOffset..];
        var last = raw.Length <= room;
        if (!last) raw = raw[..room];
        _getOffset += raw.Length;
        _getNumber++;
        _block.Clear();
        GetResponse.WriteBlock(_block, invokeId, last, _getNumber, raw);
        Send(_block.Span, wrapping, response);
        if (last) EndGet();
    }

    private void OnGetNext(in GetRequest request, Wrapping wrapping, IBufferWriter<byte> response)
    {
        if (_getInBlocks && request.BlockNumber == _getNumber)
        {
            SendNextGetBlock(request.InvokeId, wrapping, response);
            return;
        }

        var reason = _getInBlocks ? DataAccessResult.DataBlockNumberInvalid : DataAccessResult.NoLongGetInProgress;
        EndGet();
        _block.Clear();
        GetResponse.WriteBlock(_block, request.InvokeId, request.BlockNumber, reason);
        Send(_block.Span, wrapping, response);
    }

    private void EndGet()
    {
        _getInBlocks = false;
        _answer.Recycle();
    }
}
