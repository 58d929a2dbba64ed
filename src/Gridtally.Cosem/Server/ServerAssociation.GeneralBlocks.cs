using System.Buffers;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.GeneralBlocks;
using Gridtally.Cosem.Security;

namespace Gridtally.Cosem.Server;

/// <content>General block transfer around all other services: requests are put together, long answers cut.</content>
public sealed partial class ServerAssociation
{
    /// <summary>Octets that a request in blocks may have beyond those of its data: its names, its list, its protection.</summary>
    private const int MaxRequestOverhead = 16 * 1024;

    private GeneralBlockTransfer? _blocks;
    private GeneralBlockTransfer? _pushed;

    private GeneralBlockTransfer Blocks =>
        _blocks ??= new(GeneralBlockRole.Responder, _active.GeneralBlockWindow, _active.MaxSetOctets + MaxRequestOverhead);

    /// <summary>True while the answer, or the notification, goes on in another APDU: a stream of general blocks, taken with <see cref="TryNext"/>.</summary>
    public bool HasNext => _blocks is { HasNext: true } || _pushed is { HasNext: true };

    private bool UsesGeneralBlocks => State == ServerAssociationState.Associated && Grants(Conformance.GeneralBlockTransfer);

    /// <summary>Writes the next APDU of an answer that <see cref="Handle"/> has begun, or of a notification; false where it is the client's turn.</summary>
    public bool TryNext(IBufferWriter<byte> response) =>
        (_blocks is { } blocks && blocks.TryNext(response)) || (_pushed is { } pushed && pushed.TryNext(response));

    private void OnGeneralBlock(ReadOnlySpan<byte> apdu, IBufferWriter<byte> response)
    {
        if (_silent) return; // who broadcasts can't hear which blocks were lost
        if (State != ServerAssociationState.Associated) NotPossible.WriteTo(response);
        else if (!UsesGeneralBlocks) NotSupported.WriteTo(response);
        else if (!GeneralBlock.TryRead(apdu, out var block, out _)) NotDecodable.WriteTo(response);
        else
        {
            switch (Blocks.Take(block))
            {
                case GeneralBlockStep.Send: Blocks.TryNext(response); break;
                case GeneralBlockStep.Received: AnswerBlocks(response); break;
                case GeneralBlockStep.Failed when Blocks.Fault == GeneralBlockFault.TooLong: PduTooLong.WriteTo(response); break;
                case GeneralBlockStep.Failed when Blocks.Fault == GeneralBlockFault.NoProgress: GeneralBlock.WriteAbort(response); break;
                case GeneralBlockStep.Ignored when !Blocks.IsActive && !block.IsAbort: GeneralBlock.WriteAbort(response); break; // of a transfer that is over
                default: break;
            }
        }
    }

    /// <summary>A request that came in blocks is answered in blocks: they acknowledge it.</summary>
    private void AnswerBlocks(IBufferWriter<byte> response)
    {
        var request = Blocks.Received;
        var tag = request.IsEmpty ? ApduTag.None : (ApduTag)request[0];
        if (tag is ApduTag.GeneralBlockTransfer or ApduTag.Aarq or ApduTag.Rlrq) UnknownService.WriteTo(Blocks.Outgoing);
        else HandleWhole(tag, request, Blocks.Outgoing);
        if (Blocks.OutgoingLength == 0) Blocks.Reset(); // nothing to say to an unconfirmed request
        else SendBlocks(response);
    }

    /// <summary>Serves a request that came whole; an answer that does not fit into one APDU is cut.</summary>
    private void HandleWithLongAnswer(ReadOnlySpan<byte> apdu, IBufferWriter<byte> response)
    {
        Blocks.Reset();
        HandleWhole(apdu.IsEmpty ? ApduTag.None : (ApduTag)apdu[0], apdu, Blocks.Outgoing);
        if (Blocks.OutgoingLength > MaxApdu)
        {
            SendBlocks(response);
            return;
        }

        response.Write(Blocks.OutgoingOctets);
        Blocks.Reset();
    }

    /// <summary>Cuts a notification into one stream. Nobody acknowledges it; a transfer that is under way is not disturbed.</summary>
    private NotifyResult PushInBlocks(ReadOnlySpan<byte> plain, Wrapping wrapping, IBufferWriter<byte> output)
    {
        _pushed ??= new(GeneralBlockRole.Responder, _active.GeneralBlockWindow, 0);
        _pushed.Reset();
        if (wrapping.Protection == Protection.None) _pushed.Outgoing.Write(plain);
        else if (_cipher!.Protect(plain, wrapping, _pushed.Outgoing) is not null) return NotifyResult.CounterExhausted;
        if (!_pushed.TryBegin(MaxApdu, unconfirmed: true)) return NotifyResult.TooLong;
        _pushed.TryNext(output);
        return NotifyResult.Written;
    }

    private void SendBlocks(IBufferWriter<byte> response)
    {
        if (Blocks.TryBegin(MaxApdu))
        {
            Blocks.TryNext(response);
            return;
        }

        Blocks.Reset();
        PduTooLong.WriteTo(response);
    }
}
