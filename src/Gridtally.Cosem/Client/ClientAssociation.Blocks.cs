using System.Buffers;
using Gridtally.Cosem.Acse;
using Gridtally.Cosem.Apdus;

namespace Gridtally.Cosem.Client;

/// <content>Long values and parameters in the blocks of SET and ACTION; long answers in those of GET and ACTION.</content>
public sealed partial class ClientAssociation
{
    /// <summary>What is sent in blocks where nobody else keeps it: a list's values, a method's parameter.</summary>
    private readonly ApduBuffer _outgoing = new();

    private bool AllSent => _sent == _data.Length;

    /// <summary>Sends the next block of what is in <see cref="_data"/>; the first one with the head that names the targets.</summary>
    private ClientStep SendBlock(IBufferWriter<byte> output)
    {
        _request.Clear();
        var isSet = _service is Service.Set or Service.SetList;
        if (_sentBlocks == 0) WriteFirstBlockHead();
        else if (isSet) _request.WriteHead(ApduTag.SetRequest, (byte)SetRequestKind.WithDatablock, _invokeId);
        else _request.WriteHead(ApduTag.ActionRequest, (byte)ActionRequestKind.WithPblock, _invokeId);

        var head = _request.Length + SetRequest.BlockHeadSize + Ber.LengthSize(MaxPlain);
        var size = Math.Min(_data.Length - _sent, MaxPlain - head);
        if (size < 1) return Refuse(new RequestFailure.TooLong($"the smallest {RequestName}", head + 1, MaxPlain));
        var raw = _data.Span.Slice(_sent, size);
        _sent += size;
        _request.WriteBlock(AllSent, ++_sentBlocks, raw);
        return Send(output);
    }

    private void WriteFirstBlockHead()
    {
        switch (_service)
        {
            case Service.Set: SetRequest.WriteFirstBlockHead(_request, _invokeId, _target, _access?.Selector ?? 0, ParametersOf(_access)); break;
            case Service.SetList when _chunk == 1: SetRequest.WriteFirstBlockHead(_request, _invokeId, _target, NextSet.Access?.Selector ?? 0, ParametersOf(NextSet.Access)); break;
            case Service.SetList:
                SetRequest.WriteListFirstBlockHead(_request, _invokeId, _chunk);
                WriteSetTargets();
                break;
            case Service.InvokeList when _chunk > 1:
                ActionRequest.WriteListFirstBlockHead(_request, _invokeId, _chunk);
                WriteMethods();
                break;
            default:
                _request.WriteHead(ApduTag.ActionRequest, (byte)ActionRequestKind.WithFirstPblock, _invokeId);
                _method.WriteTo(_request);
                break;
        }
    }

    private static ReadOnlySpan<byte> ParametersOf(SelectiveAccess? access) => access is null ? default : access.Parameters.Span;

    /// <summary>
    /// True for a block that has come before, octet for octet: a link that repeats requests (UDP) gets some answers twice.
    /// </summary>
    private bool IsRepeated(uint number, ReadOnlySpan<byte> raw) => number != 0 && number == _receivedBlocks && raw.Length > 0 && _answer.Span.EndsWith(raw);

    /// <summary>True where the server acknowledges once more what it has acknowledged before.</summary>
    private bool IsAcknowledgedAgain(uint number) => number != 0 && number + 1 == _sentBlocks;
}
