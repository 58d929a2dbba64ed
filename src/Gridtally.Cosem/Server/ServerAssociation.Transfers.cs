using System.Buffers;
using Gridtally.Cosem.Acse;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Security;

namespace Gridtally.Cosem.Server;

/// <content>Long requests and answers in blocks, each known by its invoke id.</content>
public sealed partial class ServerAssociation
{
    /// <summary>One transfer, and one that a request of high priority overtakes it with. A third ends the one begun first.</summary>
    private const int MaxTransfers = 2;

    private readonly BlockTransfer?[] _transfers = new BlockTransfer?[MaxTransfers];
    private uint _transfersBegun;

    /// <summary>
    /// A new request ends what was under way, for its client has given that up; unless it overtakes: with priority management, a request of high
    /// priority and another invoke id.
    /// </summary>
    private void EndTransfersBefore(InvokeIdAndPriority invokeId)
    {
        var overtakes = invokeId.HighPriority && Grants(Conformance.PriorityMgmtSupported);
        foreach (var transfer in _transfers)
        {
            if (transfer is not null && !(overtakes && transfer.InvokeId != invokeId.Id)) transfer.End();
        }
    }

    private void EndTransfers()
    {
        foreach (var transfer in _transfers) transfer?.End();
    }

    private BlockTransfer? Find(BlockTransfer.Purpose purpose, InvokeIdAndPriority invokeId)
    {
        foreach (var transfer in _transfers)
        {
            if (transfer is not null && transfer.For == purpose && transfer.InvokeId == invokeId.Id) return transfer;
        }

        return null;
    }

    private BlockTransfer Begin(BlockTransfer.Purpose purpose, InvokeIdAndPriority invokeId, Wrapping wrapping)
    {
        var chosen = 0;
        for (var i = 1; i < MaxTransfers; i++)
        {
            if (Rank(_transfers[i]) < Rank(_transfers[chosen])) chosen = i;
        }

        var transfer = _transfers[chosen] ??= new();
        transfer.Begin(purpose, invokeId.Id, ++_transfersBegun, wrapping, _received);
        return transfer;

        static long Rank(BlockTransfer? transfer) => transfer is null ? 0 : transfer.For == BlockTransfer.Purpose.None ? -1 : 1L + transfer.Begun;
    }

    /// <summary>Sends what is in the answer buffer, in blocks where it does not fit and the client takes blocks.</summary>
    /// <param name="purpose">Whose answer it is.</param>
    /// <param name="headLength">Octets that blocks leave out, as they have a head of their own.</param>
    /// <param name="invokeId">The request's.</param>
    /// <param name="wrapping">How it is to be protected.</param>
    /// <param name="response">Receives one APDU.</param>
    /// <param name="answersBlock">Number of the request's last block; 0 where it came whole.</param>
    private void SendWholeOrInBlocks(
        BlockTransfer.Purpose purpose, int headLength, InvokeIdAndPriority invokeId, Wrapping wrapping, IBufferWriter<byte> response, uint answersBlock = 0)
    {
        var needed = purpose == BlockTransfer.Purpose.ActionAnswer ? Conformance.BlockTransferWithAction : Conformance.BlockTransferWithGetOrRead;
        if (_answer.Length <= MaxPlain(wrapping) || _silent) Send(_answer.Span, wrapping, response);
        else if (!Grants(needed)) Refuse(PduTooLong, response);
        else
        {
            var transfer = Begin(purpose, invokeId, wrapping);
            (_answer, transfer.Octets) = (transfer.Octets, _answer);
            transfer.BeginAnswer(headLength, answersBlock);
            SendNextBlock(transfer, invokeId, wrapping, response);
        }
    }

    /// <summary>Goes on with an answer after the block that the client names. False where there is no such answer or block; then it is over.</summary>
    private bool TrySendBlockAfter(BlockTransfer.Purpose purpose, uint received, InvokeIdAndPriority invokeId, Wrapping wrapping, IBufferWriter<byte> response, out bool inProgress)
    {
        var transfer = Find(purpose, invokeId);
        inProgress = transfer is not null;
        if (transfer is not null && transfer.TryGoTo(received))
        {
            SendNextBlock(transfer, invokeId, wrapping with { Protection = wrapping.Protection | transfer.Wrapping.Protection }, response);
            return true;
        }

        transfer?.End();
        return false;
    }

    private void SendNextBlock(BlockTransfer transfer, InvokeIdAndPriority invokeId, Wrapping wrapping, IBufferWriter<byte> response)
    {
        var max = MaxPlain(wrapping);
        var head = transfer.For switch
        {
            BlockTransfer.Purpose.GetAnswer => GetResponse.BlockHeadSize,
            BlockTransfer.Purpose.ReadAnswer => ReadResponse.BlockHeadSize,
            _ => ActionResponse.BlockHeadSize,
        };
        var room = max - head - Ber.LengthSize(max);
        if (room < 1)
        {
            // The client takes hardly more than what keys, titles and signatures alone take.
            transfer.End();
            Refuse(PduTooLong, response);
            return;
        }

        var raw = transfer.TakeBlock(room, out var last);
        _block.Clear();
        switch (transfer.For)
        {
            case BlockTransfer.Purpose.GetAnswer: GetResponse.WriteBlock(_block, invokeId, last, transfer.Number, raw); break;
            case BlockTransfer.Purpose.ReadAnswer: ReadResponse.WriteBlock(_block, last, (ushort)transfer.Number, raw); break;
            default: ActionResponse.WriteBlock(_block, invokeId, last, transfer.Number, raw); break;
        }

        Send(_block.Span, wrapping, response);
        if (last) transfer.End();
    }
}
