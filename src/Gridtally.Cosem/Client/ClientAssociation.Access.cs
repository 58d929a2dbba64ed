using System.Buffers;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Data;

namespace Gridtally.Cosem.Client;

/// <content>ACCESS.</content>
public sealed partial class ClientAssociation
{
    private IReadOnlyList<AccessItem> _accessItems = [];
    private LongInvokeIdAndPriority _longInvokeId;
    private int _specificationsStart;

    /// <summary>When the server made the last access-response, where it says so.</summary>
    public CosemDateTime? AccessTime { get; private set; }

    /// <summary>ACCESS has no glo-* tag: in a ciphered association it needs the general ones.</summary>
    private Conformance NeededByAccess => ServiceForms.NeededBy(ApduTag.AccessRequest, 0) | (_options.IsCiphered ? Conformance.GeneralProtection : Conformance.None);

    private ClientStep StartAccess(IReadOnlyList<AccessItem> items, AccessOptions options, IBufferWriter<byte> output)
    {
        Begin(Service.Access);
        (_accessItems, _items, AccessTime) = (items, items.Count, null);
        _results.Clear();
        _longInvokeId = LongInvokeIdAndPriority.Of(_longInvokeId.Id + 1, confirmed: true, HighPriority, options.SelfDescriptive, options.BreakOnError);
        var needed = NeededByAccess;
        foreach (var item in items) needed |= Selecting(item.Selection);
        if (Missing(needed) is { } missing) return Refuse(missing);
        WriteAccess(items);
        return _request.Length > MaxPlain ? Refuse(new RequestFailure.TooLong("the access-request", _request.Length, MaxPlain)) : Send(output);
    }

    private void WriteAccess(IReadOnlyList<AccessItem> items)
    {
        AccessRequest.WriteHead(_request, _longInvokeId, null, items.Count);
        _specificationsStart = _request.Length;
        foreach (var item in items) AccessSpecification.Write(_request, item.Kind, item.Attribute, item.Selection?.Selector ?? 0, ParametersOf(item.Selection));
        _outgoing.Clear();
        _outgoing.Append(_request.Span[_specificationsStart..]);
        _request.WriteLength(items.Count);
        foreach (var item in items)
        {
            if (item.Data.IsEmpty) _request.WriteNull();
            else _request.Append(item.Data.Span);
        }
    }

    private ClientStep OnAccessResponse(ReadOnlySpan<byte> plain)
    {
        if (!AccessResponse.TryRead(plain, out var response, out var error)) return Refuse(new RequestFailure.Malformed(error));
        if (response.InvokeId.Id != _longInvokeId.Id)
            return Refuse(new RequestFailure.OutOfPlace($"an access-response with long invoke id {_longInvokeId.Id}", $"one with {response.InvokeId.Id}"));
        if (response.Results.Count != _items) return Refuse(new RequestFailure.OutOfPlace($"{_items} results", $"{response.Results.Count}"));
        if (response.HasSpecifications && !response.Specifications.Octets.SequenceEqual(_outgoing.Span))
            return Refuse(new RequestFailure.OutOfPlace("the specifications that were sent", "others"));
        AccessTime = response.DateTime;
        var index = 0;
        foreach (var item in response.Values)
        {
            if (response.Results.FamilyAt(index) != AccessResultList.FamilyOf(_accessItems[index].Kind))
                return Refuse(new RequestFailure.OutOfPlace($"the result of a {AccessResultList.FamilyOf(_accessItems[index].Kind)}", $"that of a {response.Results.FamilyAt(index)}"));
            _results.Add(ResultOf(_accessItems[index], response.Results.ResultAt(index), item.Data));
            index++;
        }

        return Answer(default);
    }

    private static RequestResult ResultOf(in AccessItem item, byte result, ReadOnlySpan<byte> data)
    {
        var isAction = item.Kind == AccessKind.Action;
        if (result != 0)
        {
            return RequestResult.Failed(isAction
                ? new RequestFailure.MethodRefused(item.Method, (ActionResult)result)
                : new RequestFailure.Refused(item.Attribute, (DataAccessResult)result));
        }

        // Null-data stands for nothing to return, but it is a value that an attribute may have.
        var isNothing = data is [(byte)DataTag.NullData] && item.Kind is not (AccessKind.Get or AccessKind.GetWithSelection);
        return new(isNothing ? default : data.ToArray(), null);
    }

    private bool IsLateAccess(ReadOnlySpan<byte> plain)
    {
        var reader = new AxdrReader(plain[1..]);
        if (!reader.TryReadLongInvokeId(out var invokeId)) return false;
        return _service == Service.Access
            ? invokeId.Id != _longInvokeId.Id && invokeId.Id == ((_longInvokeId.Id - 1) & LongInvokeIdAndPriority.MaxId)
            : invokeId.Id == _longInvokeId.Id;
    }
}
