using System.Buffers;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Data;
using Gridtally.Cosem.ShortNames;

namespace Gridtally.Cosem.Client;

/// <content>What Read and Write bring. Short names have no invoke ids: an answer is that to the request under way.</content>
public sealed partial class ClientAssociation
{
    private ClientStep OnNamedPass4(ReadOnlySpan<byte> plain)
    {
        if (!ReadResponse.TryRead(plain, out var response, out var error)) return Fail(new AssociationFailure.Malformed(error));
        var item = response.GetEnumerator();
        if (response.Count != 1 || !item.MoveNext() || item.Current.Kind is not (ReadResultKind.Data or ReadResultKind.DataAccessError))
            return Fail(new AssociationFailure.OutOfPlace("a read-response with one result (pass 4 of HLS)", $"one with {response.Count}"));
        if (item.Current.Kind == ReadResultKind.DataAccessError)
            return Fail(new AssociationFailure.AuthenticationRefused($"reply_to_HLS_authentication: {item.Current.Error}"));
        var reader = new AxdrReader(item.Current.Data);
        return reader.TryReadOctets(out var proof) && IsProved(proof) ? Associate() : Fail(new AssociationFailure.ServerNotAuthentic());
    }

    private ClientStep OnReadResponse(ReadOnlySpan<byte> plain, IBufferWriter<byte> output)
    {
        if (!ReadResponse.TryRead(plain, out var response, out var error)) return Refuse(new RequestFailure.Malformed(error));
        if (response.Count == 1)
        {
            var one = response.GetEnumerator();
            one.MoveNext();
            if (one.Current.Kind == ReadResultKind.DataBlockResult) return OnReadBlock(one.Current, output);
            if (one.Current.Kind == ReadResultKind.BlockNumber) return OnRequestBlockTaken(ApduTag.ReadRequest, one.Current.BlockNumber, output);
        }

        return _answer.Length == 0 ? OnReadResults(response, output) : OnRefusedMidway(response, output);
    }

    private ClientStep OnReadBlock(in ReadResult block, IBufferWriter<byte> output)
    {
        if (IsRepeated(block.BlockNumber, block.Raw)) return ClientStep.Ignored;
        if (block.BlockNumber != _receivedBlocks + 1) return Refuse(new RequestFailure.OutOfPlace($"datablock {_receivedBlocks + 1}", $"datablock {block.BlockNumber}"));
        if (TooLong(block.Raw.Length) is { } tooLong) return Refuse(tooLong);
        _answer.Append(block.Raw);
        _receivedBlocks = block.BlockNumber;
        if (block.LastBlock)
            return ReadResponse.TryReadBlocks(_answer.Span, out var whole, out var error) ? OnReadResults(whole, output) : Refuse(new RequestFailure.Malformed(error));
        _request.Clear();
        ReadRequest.WriteNext(_request, block.BlockNumber);
        return Send(output);
    }

    /// <summary>An error in place of the next block ends the request.</summary>
    private ClientStep OnRefusedMidway(in ReadResponse response, IBufferWriter<byte> output)
    {
        var item = response.GetEnumerator();
        return item.MoveNext() && item.Current.Kind == ReadResultKind.DataAccessError
            ? Refuse(Refusal(item.Current.Error))
            : Refuse(new RequestFailure.OutOfPlace($"datablock {_receivedBlocks + 1}", "a whole read-response"));
    }

    private ClientStep OnReadResults(in ReadResponse response, IBufferWriter<byte> output)
    {
        if (_service == Service.GetList && _chunk > 1) return OnReadList(response, output);
        var item = response.GetEnumerator();
        if (response.Count != 1 || !item.MoveNext()) return Refuse(new RequestFailure.OutOfPlace("one result", $"{response.Count}"));
        if (item.Current.Kind == ReadResultKind.DataAccessError) return RefuseOne(Refusal(item.Current.Error), output);
        if (item.Current.Kind != ReadResultKind.Data) return Refuse(new RequestFailure.OutOfPlace("data", $"{item.Current.Kind}"));

        // What came in blocks is in the answer already, after the count and the choice.
        const int head = 2;
        if (_receivedBlocks == 0) _answer.Append(item.Current.Data);
        return OnNamedValue(_receivedBlocks == 0 ? _answer.Memory : _answer.Memory[head..], output);
    }

    private ClientStep OnNamedValue(ReadOnlyMemory<byte> data, IBufferWriter<byte> output)
    {
        var isObjectList = _service == Service.Get && _rawName is null && _target.ClassId == 12 && _target.Instance == ShortNameMap.AssociationName && _target.AttributeId == 2;
        if (isObjectList)
        {
            if (!ShortNameMap.TryReadObjectList(data.Span, out var map, out var error)) return Refuse(new RequestFailure.Malformed(error));
            ShortNames = map;
        }

        var nothing = _service is Service.Invoke or Service.InvokeList && data.Span is [(byte)DataTag.NullData];
        return AnswerOne(new(nothing ? default : data, null), output);
    }

    private ClientStep OnReadList(in ReadResponse response, IBufferWriter<byte> output)
    {
        if (response.Count != _chunk) return Refuse(new RequestFailure.OutOfPlace($"{_chunk} results", $"{response.Count}"));
        foreach (var item in response)
        {
            _results.Add(item.Kind == ReadResultKind.Data
                ? new(item.Data.ToArray(), null)
                : RequestResult.Failed(item.Kind == ReadResultKind.DataAccessError
                    ? new RequestFailure.Refused(_targets[_results.Count], item.Error)
                    : new RequestFailure.OutOfPlace("data", $"{item.Kind}")));
        }

        return NextChunk(output);
    }

    private ClientStep OnWriteResponse(ReadOnlySpan<byte> plain, IBufferWriter<byte> output)
    {
        if (!WriteResponse.TryRead(plain, out var response, out var error)) return Refuse(new RequestFailure.Malformed(error));
        var item = response.GetEnumerator();
        if (response.Count != 1 || !item.MoveNext()) return Refuse(new RequestFailure.OutOfPlace("one result", $"{response.Count}"));
        return item.Current.Kind switch
        {
            WriteResultKind.BlockNumber => OnRequestBlockTaken(ApduTag.WriteRequest, item.Current.BlockNumber, output),
            WriteResultKind.DataAccessError => RefuseOne(Refusal(item.Current.Error), output),
            _ => AllSent ? AnswerOne(default, output) : Refuse(new RequestFailure.OutOfPlace($"the acknowledgement of datablock {_sentBlocks}", "success before the last datablock")),
        };
    }

    private ClientStep OnRequestBlockTaken(ApduTag tag, ushort number, IBufferWriter<byte> output)
    {
        if (IsAcknowledgedAgain(number)) return ClientStep.Ignored;
        return number == _sentBlocks && !AllSent
            ? SendNamedBlock(tag, output)
            : Refuse(new RequestFailure.OutOfPlace(_sentBlocks == 0 ? ExpectedResponse : $"the acknowledgement of datablock {_sentBlocks}", $"that of datablock {number}"));
    }

    private RequestFailure Refusal(DataAccessResult error) =>
        _rawName is { } name ? new RequestFailure.NameRefused(name, error)
        : _service is Service.Invoke or Service.InvokeList ? new RequestFailure.MethodRefused(_method, (ActionResult)error)
        : new RequestFailure.Refused(_target, error);
}
