using System.Buffers;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Data;
using Gridtally.Cosem.Quirks;

namespace Gridtally.Cosem.Client;

/// <content>GET, with block transfer.</content>
public sealed partial class ClientAssociation
{
    private ClientStep StartGet(in AttributeRef target, SelectiveAccess? access, IBufferWriter<byte> output)
    {
        Begin(Service.Get);
        _target = target;
        if (Missing(Conformance.Get | (access is null ? 0 : Conformance.SelectiveAccess)) is { } missing) return Refuse(missing);
        GetRequest.WriteNormal(_request, _invokeId, target, access?.Selector ?? 0, access is null ? default : access.Parameters.Span);
        return _request.Length > MaxPlain ? Refuse(new RequestFailure.TooLong("the get-request", _request.Length, MaxPlain)) : Send(output);
    }

    private ClientStep StartGetList(IReadOnlyList<AttributeRef> targets, IBufferWriter<byte> output)
    {
        _targets = targets;
        _results.Clear();
        return NextChunk(output);
    }

    /// <summary>Asks for as many of the attributes that are left as one request holds; for one alone where lists are not negotiated.</summary>
    private ClientStep NextChunk(IBufferWriter<byte> output)
    {
        if (_results.Count == _targets.Count)
        {
            State = ClientState.Ready;
            return ClientStep.Answered;
        }

        Begin(Service.GetList);
        if (Missing(Conformance.Get) is { } missing) return Refuse(missing);
        const int itemSize = AttributeRef.Size + 1, headSize = 6;
        var room = NegotiatedConformance.HasFlag(Conformance.MultipleReferences) ? (MaxPlain - headSize) / itemSize : 1;
        _chunk = Math.Min(_targets.Count - _results.Count, Math.Clamp(room, 1, Limits.MaxListItems));
        _target = _targets[_results.Count];
        if (_chunk == 1) GetRequest.WriteNormal(_request, _invokeId, _target, 0, default);
        else
        {
            GetRequest.WriteListHead(_request, _invokeId, _chunk);
            for (var i = 0; i < _chunk; i++) GetRequest.WriteItem(_request, _targets[_results.Count + i], 0, default);
        }

        return Send(output);
    }

    private ClientStep OnGetResponse(ReadOnlySpan<byte> plain, IBufferWriter<byte> output)
    {
        if (!GetResponse.TryRead(plain, out var response, out var error)) return Refuse(new RequestFailure.Malformed(error));
        if (WrongInvokeId(response.InvokeId) is { } wrong) return Refuse(wrong);
        return (response.Kind, IsList: _service == Service.GetList && _chunk > 1) switch
        {
            (GetResponseKind.WithDatablock, _) => OnGetBlock(response, output),
            (GetResponseKind.Normal, false) when _answer.Length == 0 => OnValue(response.Result, response.Data, output),
            (GetResponseKind.Normal, true) when _answer.Length == 0 && response.Result != DataAccessResult.Success => OnListRefused(response.Result, output),
            (GetResponseKind.WithList, true) when _answer.Length == 0 => OnList(response.Items, output),
            _ => Refuse(new RequestFailure.OutOfPlace(_answer.Length == 0 ? "the get-response that was asked for" : "the next datablock", $"get-response {response.Kind}")),
        };
    }

    private ClientStep OnGetBlock(in GetResponse response, IBufferWriter<byte> output)
    {
        if (response.Result != DataAccessResult.Success)
            return _service == Service.GetList && _chunk > 1 ? OnListRefused(response.Result, output) : OnValue(response.Result, default, output);
        if (response.BlockNumber != _block + 1)
        {
            var quirk = response.BlockNumber <= 1 ? Quirk.BlockNumbersRestart : Quirk.None; // any other number means that a block was lost
            if (quirk == Quirk.None || !Accepts(quirk)) return Refuse(new RequestFailure.OutOfPlace($"datablock {_block + 1}", $"datablock {response.BlockNumber}", quirk));
        }

        if (_answer.Length + response.Data.Length > Limits.MaxReassembly)
            return Refuse(new RequestFailure.TooLong("the answer", _answer.Length + response.Data.Length, Limits.MaxReassembly));
        _answer.Append(response.Data);
        _block = response.BlockNumber;
        if (response.LastBlock) return OnLastGetBlock(output);
        _request.Clear();
        GetRequest.WriteNext(_request, _invokeId, _block);
        return Send(output);
    }

    private ClientStep OnLastGetBlock(IBufferWriter<byte> output)
    {
        if (_service == Service.GetList && _chunk > 1)
            return DataResultList.TryRead(_answer.Span, out var items, out var listError) ? OnList(items, output) : Refuse(new RequestFailure.Malformed(listError));
        var reader = new AxdrReader(_answer.Span);
        return reader.TrySkip(out _) && reader.TryEnd()
            ? OnReassembledValue(output)
            : Refuse(new RequestFailure.Malformed(reader.Error));
    }

    private ClientStep OnReassembledValue(IBufferWriter<byte> output) =>
        _service == Service.GetList ? AddToList(new(_answer.Span.ToArray(), null), output) : Answer(new(_answer.Memory, null));

    private ClientStep OnValue(DataAccessResult result, ReadOnlySpan<byte> data, IBufferWriter<byte> output)
    {
        if (result != DataAccessResult.Success)
        {
            var refused = RequestResult.Failed(new RequestFailure.Refused(_target, result));
            return _service == Service.GetList ? AddToList(refused, output) : Answer(refused);
        }

        _answer.Append(data);
        return OnReassembledValue(output);
    }

    private ClientStep AddToList(RequestResult result, IBufferWriter<byte> output)
    {
        _results.Add(result);
        return NextChunk(output);
    }

    private ClientStep OnList(in DataResultList items, IBufferWriter<byte> output)
    {
        if (items.Count != _chunk) return Refuse(new RequestFailure.OutOfPlace($"{_chunk} results", $"{items.Count}"));
        foreach (var item in items)
        {
            _results.Add(item.Result == DataAccessResult.Success
                ? new(item.Data.ToArray(), null)
                : RequestResult.Failed(new RequestFailure.Refused(_targets[_results.Count], item.Result)));
        }

        return NextChunk(output);
    }

    /// <summary>One refusal for a whole list.</summary>
    private ClientStep OnListRefused(DataAccessResult result, IBufferWriter<byte> output)
    {
        for (var i = 0; i < _chunk; i++) _results.Add(RequestResult.Failed(new RequestFailure.Refused(_targets[_results.Count], result)));
        return NextChunk(output);
    }
}
