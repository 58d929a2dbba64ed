using System.Buffers;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Data;
using Gridtally.Cosem.Quirks;

namespace Gridtally.Cosem.Client;

/// <content>GET, with block transfer.</content>
public sealed partial class ClientAssociation
{
    private IReadOnlyList<AttributeRef> _targets = [];

    private ClientStep StartGet(in AttributeRef target, SelectiveAccess? access, IBufferWriter<byte> output)
    {
        Begin(Service.Get);
        _target = target;
        return SendGet(access, output);
    }

    private ClientStep SendGet(SelectiveAccess? access, IBufferWriter<byte> output)
    {
        if (UsesShortNames) return GetNamed(access, output);
        if (Missing(ServiceForms.NeededBy(GetRequestKind.Normal) | Selecting(access) | AllAttributes(ApduTag.GetRequest, _target)) is { } missing) return RefuseOne(missing, output);
        GetRequest.WriteNormal(_request, _invokeId, _target, access?.Selector ?? 0, ParametersOf(access));
        return _request.Length > MaxPlain ? RefuseOne(new RequestFailure.TooLong("the get-request", _request.Length, MaxPlain), output) : Send(output);
    }

    private ClientStep StartGetList(IReadOnlyList<AttributeRef> targets, IBufferWriter<byte> output)
    {
        _targets = targets;
        return StartList(Service.GetList, targets.Count, output);
    }

    /// <summary>Asks for as many of the attributes that are left as one request holds; for one alone where lists are not negotiated.</summary>
    private ClientStep NextGets(IBufferWriter<byte> output)
    {
        if (UsesShortNames) return NextReads(output);
        const int itemSize = AttributeRef.Size + 1, headSize = 6;
        _target = _targets[_results.Count];
        var room = Missing(ServiceForms.NeededBy(GetRequestKind.WithList)) is null ? Math.Min((MaxPlain - headSize) / itemSize, Limits.MaxListItems) : 1;
        _chunk = 0;
        while (_chunk < room && _results.Count + _chunk < _targets.Count && Missing(AllAttributes(ApduTag.GetRequest, _targets[_results.Count + _chunk])) is null) _chunk++;
        if (_chunk <= 1)
        {
            _chunk = 1;
            return SendGet(null, output);
        }

        GetRequest.WriteListHead(_request, _invokeId, _chunk);
        for (var i = 0; i < _chunk; i++) GetRequest.WriteItem(_request, _targets[_results.Count + i], 0, default);
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
        if (response.BlockNumber != _receivedBlocks + 1)
        {
            var quirk = response.BlockNumber <= 1 ? Quirk.BlockNumbersRestart : Quirk.None; // any other number means that a block was lost
            if (quirk == Quirk.None || !Accepts(quirk))
            {
                return IsRepeated(response.BlockNumber, response.Data)
                    ? ClientStep.Ignored
                    : Refuse(new RequestFailure.OutOfPlace($"datablock {_receivedBlocks + 1}", $"datablock {response.BlockNumber}", quirk));
            }
        }

        if (TooLong(response.Data.Length) is { } tooLong) return Refuse(tooLong);
        _answer.Append(response.Data);
        _receivedBlocks = response.BlockNumber;
        return response.LastBlock ? OnLastGetBlock(output) : SendOrSuspend(output);
    }

    private ClientStep OnLastGetBlock(IBufferWriter<byte> output)
    {
        if (_service == Service.GetList && _chunk > 1)
            return ApduLists.TryRead<DataResultItem>(_answer.Span, "Get-Response-With-List", out var items, out var listError) ? OnList(items, output) : Refuse(new RequestFailure.Malformed(listError));
        var reader = new AxdrReader(_answer.Span);
        return reader.TrySkip(out _) && reader.TryEnd()
            ? OnReassembledValue(output)
            : Refuse(new RequestFailure.Malformed(reader.Error));
    }

    private ClientStep OnReassembledValue(IBufferWriter<byte> output) => AnswerOne(new(_answer.Memory, null), output);

    private ClientStep OnValue(DataAccessResult result, ReadOnlySpan<byte> data, IBufferWriter<byte> output)
    {
        if (result != DataAccessResult.Success) return RefuseOne(new RequestFailure.Refused(_target, result), output);
        _answer.Append(data);
        return OnReassembledValue(output);
    }

    private ClientStep OnList(in ApduList<DataResultItem> items, IBufferWriter<byte> output)
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
