using System.Buffers;
using Gridtally.Cosem.Apdus;

namespace Gridtally.Cosem.Client;

/// <content>ACTION.</content>
public sealed partial class ClientAssociation
{
    private ClientStep StartInvoke(in MethodRef target, ReadOnlySpan<byte> parameter, IBufferWriter<byte> output)
    {
        Begin(Service.Invoke);
        _method = target;
        if (Missing(Conformance.Action) is { } missing) return Refuse(missing);
        ActionRequest.WriteNormal(_request, _invokeId, target, parameter);
        return _request.Length > MaxPlain ? Refuse(new RequestFailure.TooLong("the action-request", _request.Length, MaxPlain)) : Send(output);
    }

    private ClientStep OnActionResponse(ReadOnlySpan<byte> plain)
    {
        if (!ActionResponse.TryRead(plain, out var response, out var error)) return Refuse(new RequestFailure.Malformed(error));
        if (WrongInvokeId(response.InvokeId) is { } wrong) return Refuse(wrong);
        if (response.Result != ActionResult.Success) return Refuse(new RequestFailure.MethodRefused(_method, response.Result));
        if (response.ReturnResult != DataAccessResult.Success) return Refuse(new RequestFailure.MethodRefused(_method, (ActionResult)response.ReturnResult));
        _answer.Append(response.Data);
        return Answer(new(_answer.Memory, null));
    }
}
