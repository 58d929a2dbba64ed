using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Security;

namespace Gridtally.Cosem.Server;

/// <summary>What a server holds between two blocks of one long request or answer.</summary>
/// <remarks>
/// A request is gathered as the APDU that it would be if it had fitted into one: its head first, then the raw data of each block. An answer is
/// kept whole, and cut as it is asked for.
/// </remarks>
internal sealed class BlockTransfer
{
    private int _headLength;
    private int _lastBlockStart;

    public enum Purpose : byte
    {
        None,
        GetAnswer,
        SetRequest,
        ActionRequest,
        ActionAnswer,
        ReadRequest,
        ReadAnswer,
        WriteRequest,
    }

    /// <summary>What a block that has arrived comes to.</summary>
    public enum Arrival : byte
    {
        More,
        Complete,
        /// <summary>Not the next one.</summary>
        OutOfOrder,
        /// <summary>More octets than the server keeps.</summary>
        TooLong,
    }

    /// <summary>None for a transfer that is over.</summary>
    public Purpose For { get; private set; }

    /// <summary>0..15: requests with this invoke id belong to the transfer.</summary>
    public byte InvokeId { get; private set; }

    /// <summary>Orders transfers: the one begun first gives way.</summary>
    public uint Begun { get; private set; }

    /// <summary>The block received or sent last; 0 before the first.</summary>
    public uint Number { get; private set; }

    /// <summary>The least protection of every answer.</summary>
    public Wrapping Wrapping { get; private set; }

    /// <summary>How the first request came.</summary>
    private Wrapping Received { get; set; }

    /// <summary>The request so far, or the whole answer.</summary>
    public ApduBuffer Octets { get; set; } = ApduBuffer.Pooled();

    /// <summary>Where the next block's raw data start in an answer.</summary>
    public int Offset { get; private set; }

    /// <summary>Of an answer to a request in blocks: the number of that request's last block; 0 where it came whole.</summary>
    public uint AnswersBlock { get; private set; }

    public void Begin(Purpose purpose, byte invokeId, uint begun, Wrapping wrapping, Wrapping received)
    {
        (For, InvokeId, Begun, Wrapping, Received, Number) = (purpose, invokeId, begun, wrapping, received, 0);
        Octets.Clear();
    }

    /// <summary>An answer's raw data start after its head.</summary>
    public void BeginAnswer(int headLength, uint answersBlock) => (Offset, _lastBlockStart, AnswersBlock) = (headLength, headLength, answersBlock);

    /// <summary>What is in <see cref="Octets"/> already is the head of a request.</summary>
    public void EndHead() => _headLength = Octets.Length;

    /// <summary>Takes in one block of a request. The same block once more is acknowledged once more: its acknowledgement was lost.</summary>
    /// <param name="number">Its number.</param>
    /// <param name="last">True for the last one.</param>
    /// <param name="raw">Its octets.</param>
    /// <param name="maximum">Octets that all blocks may add up to.</param>
    /// <param name="received">How it came: protected as the first one was and under the same key, or it is none of this request's.</param>
    public Arrival Gather(uint number, bool last, ReadOnlySpan<byte> raw, int maximum, Wrapping received)
    {
        if ((received.Protection, received.Key) != (Received.Protection, Received.Key)) return Arrival.OutOfOrder;
        if (number == Number && number > 0 && !last && Octets.Span[_lastBlockStart..].SequenceEqual(raw)) return Arrival.More;
        if (number != Number + 1) return Arrival.OutOfOrder;
        if (Octets.Length - _headLength + raw.Length > maximum) return Arrival.TooLong;
        _lastBlockStart = Octets.Length;
        Octets.Append(raw);
        Number = number;
        return last ? Arrival.Complete : Arrival.More;
    }

    /// <summary>
    /// Makes ready for the block after the one that the client has, 0 for none. False where that is neither the next one nor, its answer being lost,
    /// the one sent last.
    /// </summary>
    public bool TryGoTo(uint received)
    {
        if (received == Number) return true;
        if (received + 1 != Number) return false;
        (Number, Offset) = (received, _lastBlockStart);
        return true;
    }

    /// <summary>The raw data of the next block of an answer.</summary>
    public ReadOnlySpan<byte> TakeBlock(int room, out bool last)
    {
        var rest = Octets.Span[Offset..];
        last = rest.Length <= room;
        _lastBlockStart = Offset;
        Offset += last ? rest.Length : room;
        Number++;
        return last ? rest : rest[..room];
    }

    public void End()
    {
        For = Purpose.None;
        Octets.Recycle();
    }
}
