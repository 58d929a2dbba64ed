using System.Buffers;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.GeneralBlocks;

namespace Gridtally.Cosem.Client;

/// <content>General block transfer around all other services: long requests are cut, answers put together.</content>
public sealed partial class ClientAssociation
{
    private GeneralBlockTransfer? _blocks;

    private GeneralBlockTransfer Blocks => _blocks ??= new(GeneralBlockRole.Initiator, _options.GeneralBlockWindow, Limits.MaxReassembly);

    /// <summary>True while the request goes on in another APDU: a stream of general blocks, taken with <see cref="TryNext"/>.</summary>
    public bool HasNext => _blocks is { HasNext: true };

    private bool UsesGeneralBlocks => (NegotiatedConformance & Conformance.GeneralBlockTransfer) != 0 && State is ClientState.Ready or ClientState.Busy;

    private int OctetsInBlocks => _blocks is { IsActive: true } ? _blocks.Received.Length : 0;

    /// <summary>Writes the next APDU of what the last call has begun to send; false where it is the server's turn.</summary>
    public bool TryNext(IBufferWriter<byte> output) => _blocks is { } blocks && blocks.TryNext(output);

    /// <summary>
    /// No answer has come in time. In the middle of a general block transfer, writes what makes the server go on: the blocks that it has
    /// not acknowledged, or what the client has received last.
    /// </summary>
    /// <returns>
    /// False where no such transfer is under way, or after <see cref="GeneralBlockTransfer.MaxRepeats"/>: then it is for the caller to send
    /// the same APDU again, or to give up.
    /// </returns>
    public bool TryRepeat(IBufferWriter<byte> output) => State == ClientState.Busy && _blocks is { } blocks && blocks.Repeat() && blocks.TryNext(output);

    private static bool IsGeneralBlock(ReadOnlySpan<byte> apdu) => !apdu.IsEmpty && (ApduTag)apdu[0] == ApduTag.GeneralBlockTransfer;

    /// <summary>Protects the request and begins to send it in blocks.</summary>
    private ClientStep SendInBlocks(IBufferWriter<byte> output)
    {
        Blocks.Reset();
        if (!TrySend(Blocks.Outgoing, dedicated: true)) return Refuse(new RequestFailure.Security(_sendFault));
        if (!Blocks.TryBegin(MaxApdu)) return Refuse(new RequestFailure.TooLong("the request", Blocks.OutgoingLength, Math.Max(0, GeneralBlock.DataRoom(MaxApdu)) * ushort.MaxValue));
        Blocks.TryNext(output);
        return ClientStep.Send;
    }

    private ClientStep OnGeneralBlock(ReadOnlySpan<byte> apdu, IBufferWriter<byte> output)
    {
        if (!UsesGeneralBlocks)
        {
            return State == ClientState.Busy ? Refuse(new RequestFailure.OutOfPlace(ExpectedResponse, "a general block, though general block transfer was not negotiated"))
                : State == ClientState.Ready ? ClientStep.Ignored
                : ReceiveWhole(apdu, output);
        }

        if (!GeneralBlock.TryRead(apdu, out var block, out var error)) return State == ClientState.Busy ? Refuse(new RequestFailure.Malformed(error)) : ClientStep.Ignored;
        switch (Blocks.Take(block))
        {
            case GeneralBlockStep.Wait: return State == ClientState.Busy ? ClientStep.Receiving : ClientStep.Ignored;
            case GeneralBlockStep.Received: return OnLastGeneralBlock(output);
            case GeneralBlockStep.Send when State == ClientState.Busy:
                Blocks.TryNext(output);
                return ClientStep.Send;
            case GeneralBlockStep.Failed when State == ClientState.Busy: return Refuse(Explain(Blocks.Fault));
            default: return ClientStep.Ignored;
        }
    }

    private ClientStep OnLastGeneralBlock(IBufferWriter<byte> output)
    {
        var step = !IsGeneralBlock(Blocks.Received) ? ReceiveWhole(Blocks.Received, output)
            : State == ClientState.Busy ? Refuse(new RequestFailure.OutOfPlace(ExpectedResponse, "general blocks within general blocks"))
            : ClientStep.Ignored;
        if (State == ClientState.Ready) _blocks?.Reset(); // the next one may be a notification
        return step;
    }

    private static RequestFailure Explain(GeneralBlockFault fault) => fault == GeneralBlockFault.TooLong
        ? new RequestFailure.TooLong("the answer", Limits.MaxReassembly + 1, Limits.MaxReassembly)
        : new RequestFailure.OutOfPlace("the next general block", fault == GeneralBlockFault.Aborted ? "an abort of the transfer" : "the same blocks over and over");
}
