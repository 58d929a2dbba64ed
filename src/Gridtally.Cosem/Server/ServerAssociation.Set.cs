using System.Buffers;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Data;
using Gridtally.Cosem.Security;

namespace Gridtally.Cosem.Server;

/// <content>SET, with block transfer. The device sees whole values only.</content>
public sealed partial class ServerAssociation
{
    private readonly ApduBuffer _setData = new();
    private bool _setInBlocks;
    private uint _setNumber;
    private AttributeRef _setTarget;
    private byte _setSelector;
    private byte[] _setParameters = [];

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

    private void EndSet()
    {
        _setInBlocks = false;
        _setData.Recycle();
    }
}
