using System.Buffers;
using Gridtally.Cosem.Acse;
using Gridtally.Cosem.Apdus;

namespace Gridtally.Cosem.Client;

/// <content>SET, with block transfer.</content>
public sealed partial class ClientAssociation
{
    private ClientStep StartSet(in AttributeRef target, ReadOnlyMemory<byte> data, IBufferWriter<byte> output)
    {
        Begin(Service.Set);
        (_target, _data, _sent) = (target, data, 0);
        if (Missing(Conformance.Set) is { } missing) return Refuse(missing);
        const int headSize = 3 + AttributeRef.Size + 1;
        if (headSize + data.Length > MaxPlain)
        {
            return Missing(Conformance.BlockTransferWithSetOrWrite) is null
                ? SendSetBlock(output)
                : Refuse(new RequestFailure.TooLong("the set-request", headSize + data.Length, MaxPlain));
        }

        SetRequest.WriteNormal(_request, _invokeId, target, data.Span);
        return Send(output);
    }

    private ClientStep SendSetBlock(IBufferWriter<byte> output)
    {
        _request.Clear();
        var first = _block == 0;
        var head = 3 + (first ? AttributeRef.Size + 1 : 0) + SetRequest.BlockHeadSize + Ber.LengthSize(MaxPlain);
        var size = Math.Min(_data.Length - _sent, MaxPlain - head);
        if (size < 1) return Refuse(new RequestFailure.TooLong("the smallest set-request", head + 1, MaxPlain));
        var raw = _data.Span.Slice(_sent, size);
        _sent += size;
        _block++;
        var last = _sent == _data.Length;
        if (first) SetRequest.WriteFirstBlock(_request, _invokeId, _target, 0, default, last, _block, raw);
        else SetRequest.WriteBlock(_request, _invokeId, last, _block, raw);
        return Send(output);
    }

    private ClientStep OnSetResponse(ReadOnlySpan<byte> plain, IBufferWriter<byte> output)
    {
        if (!SetResponse.TryRead(plain, out var response, out var error)) return Refuse(new RequestFailure.Malformed(error));
        if (WrongInvokeId(response.InvokeId) is { } wrong) return Refuse(wrong);
        var inBlocks = _block > 0;
        var finished = _sent == _data.Length;
        return response.Kind switch
        {
            SetResponseKind.Normal => AnswerSet(response.Result, complete: !inBlocks),
            SetResponseKind.LastDatablock when inBlocks => AnswerSet(response.Result, complete: finished),
            SetResponseKind.Datablock when inBlocks && !finished && response.BlockNumber == _block => SendSetBlock(output),
            _ => Refuse(new RequestFailure.OutOfPlace(inBlocks ? $"the acknowledgement of datablock {_block}" : "a set-response-normal", $"set-response {response.Kind} {response.BlockNumber}")),
        };
    }

    /// <summary>A refusal may come early; success only once everything has been sent.</summary>
    private ClientStep AnswerSet(DataAccessResult result, bool complete)
    {
        if (result != DataAccessResult.Success) return Refuse(new RequestFailure.Refused(_target, result));
        return complete ? Answer(default) : Refuse(new RequestFailure.OutOfPlace($"the acknowledgement of datablock {_block}", "success before the last datablock"));
    }
}
