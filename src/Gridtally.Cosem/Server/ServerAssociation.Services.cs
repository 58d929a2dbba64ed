using System.Buffers;
using Gridtally.Cosem.Acse;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Data;
using Gridtally.Cosem.Security;

namespace Gridtally.Cosem.Server;

/// <content>GET, SET and ACTION, with block transfer. The device sees whole values only.</content>
public sealed partial class ServerAssociation
{
    /// <summary>Octets before the raw data of a long answer: get-response-normal up to its choice, with-list up to its invoke id.</summary>
    private const int NormalRawStart = 4, ListRawStart = 3;

    private readonly ApduBuffer _setData = new();
    private bool _getInBlocks;
    private int _getOffset;
    private uint _getNumber;
    private bool _setInBlocks;
    private uint _setNumber;
    private AttributeRef _setTarget;
    private byte _setSelector;
    private byte[] _setParameters = [];

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

    private void OnSet(ReadOnlySpan<byte> plain, Wrapping wrapping, IBufferWriter<byte> response)
    {
        if (plain.Length > 1 && plain[1] == (byte)SetRequestKind.WithListAndFirstDatablock) NotSupported.WriteTo(response);
        else if (!SetRequest.TryRead(plain, out var request, out _)) NotDecodable.WriteTo(response);
        else if (!Grants(NeededBy(request.Kind)) || !MaySelect(request.Selector)) NotSupported.WriteTo(response);
        else
        {
            if (request.Kind != SetRequestKind.WithDatablock) EndTransfers();
            _block.Clear();
            switch (request.Kind)
            {
                case SetRequestKind.Normal:
                    SetResponse.WriteNormal(_block, request.InvokeId, _device.Set(request.Target, Context(request.Selector, request.Parameters), request.Data));
                    break;
                case SetRequestKind.WithList: SetList(request); break;
                case SetRequestKind.WithFirstDatablock: BeginSet(request); break;
                default: ContinueSet(request); break;
            }

            Send(_block.Span, wrapping, response);
        }
    }

    private static Conformance NeededBy(SetRequestKind kind) => Conformance.Set | kind switch
    {
        SetRequestKind.WithList => Conformance.MultipleReferences,
        SetRequestKind.WithFirstDatablock or SetRequestKind.WithDatablock => Conformance.BlockTransferWithSetOrWrite,
        _ => Conformance.None,
    };

    private void SetList(in SetRequest request)
    {
        SetResponse.WriteListHead(_block, request.InvokeId, request.Items.Count);
        var values = request.Values.GetEnumerator();
        foreach (var item in request.Items)
        {
            values.MoveNext();
            var result = MaySelect(item.Selector) ? _device.Set(item.Target, Context(item.Selector, item.Parameters), values.Current) : DataAccessResult.ScopeOfAccessViolated;
            _block.WriteByte((byte)result);
        }
    }

    private void BeginSet(in SetRequest request)
    {
        (_setInBlocks, _setNumber, _setTarget, _setSelector, _setParameters) = (true, 0, request.Target, request.Selector, request.Parameters.ToArray());
        _setData.Clear();
        ContinueSet(request);
    }

    private void ContinueSet(in SetRequest request)
    {
        if (!_setInBlocks) SetResponse.WriteLastBlock(_block, request.InvokeId, DataAccessResult.NoLongSetInProgress, request.BlockNumber);
        else if (request.BlockNumber != _setNumber + 1) AbortSet(request, DataAccessResult.DataBlockNumberInvalid);
        else if (_setData.Length + request.Data.Length > _active.MaxSetOctets) AbortSet(request, DataAccessResult.LongSetAborted);
        else
        {
            _setNumber++;
            _setData.Append(request.Data);
            if (request.LastBlock) SetResponse.WriteLastBlock(_block, request.InvokeId, FinishSet(), _setNumber);
            else SetResponse.WriteBlock(_block, request.InvokeId, _setNumber);
        }
    }

    private DataAccessResult FinishSet()
    {
        var reader = new AxdrReader(_setData.Span);
        var result = reader.TrySkip(out var data) && reader.TryEnd()
            ? _device.Set(_setTarget, Context(_setSelector, _setParameters), data)
            : DataAccessResult.TypeUnmatched;
        EndSet();
        return result;
    }

    private void AbortSet(in SetRequest request, DataAccessResult reason)
    {
        EndSet();
        SetResponse.WriteLastBlock(_block, request.InvokeId, reason, request.BlockNumber);
    }

    private void OnAction(ReadOnlySpan<byte> plain, Wrapping wrapping, IBufferWriter<byte> response)
    {
        EndTransfers();
        if (plain.Length > 1 && plain[1] is > (byte)ActionRequestKind.Normal and <= (byte)ActionRequestKind.WithPblock) NotSupported.WriteTo(response);
        else if (!ActionRequest.TryRead(plain, out var request, out _)) NotDecodable.WriteTo(response);
        else if (!Grants(Conformance.Action)) NotSupported.WriteTo(response);
        else
        {
            Invoke(request);
            if (_answer.Length <= MaxPlain(wrapping)) Send(_answer.Span, wrapping, response);
            else PduTooLong.WriteTo(response);
        }
    }

    private void Invoke(in ActionRequest request)
    {
        ActionResponse.WriteNormalHead(_answer, request.InvokeId);
        var head = _answer.Length;

        // The passes of HLS are the association's own business and over by now.
        var result = request.Target == ReplyToHls ? ActionResult.ReadWriteDenied : _device.Invoke(request.Target, Context(0, default), request.Parameter, _answer);
        if (result != ActionResult.Success || _answer.Length == head) WriteActionResult(request.InvokeId, result);
    }

    private void WriteActionResult(InvokeIdAndPriority invokeId, ActionResult result)
    {
        _answer.Clear();
        ActionResponse.WriteNormal(_answer, invokeId, result);
    }

    private bool MaySelect(byte selector) => selector == 0 || Grants(Conformance.SelectiveAccess);

    private RequestContext Context(byte selector, ReadOnlySpan<byte> parameters) => new() { ClientSap = ClientSap, Selector = selector, SelectorParameters = parameters };

    private void EndTransfers()
    {
        EndGet();
        EndSet();
    }

    private void EndGet()
    {
        _getInBlocks = false;
        _answer.Recycle();
    }

    private void EndSet()
    {
        _setInBlocks = false;
        _setData.Recycle();
    }
}
