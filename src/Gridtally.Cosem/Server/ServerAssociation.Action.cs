using System.Buffers;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Security;

namespace Gridtally.Cosem.Server;

/// <content>ACTION. The device sees whole values only.</content>
public sealed partial class ServerAssociation
{
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
}
