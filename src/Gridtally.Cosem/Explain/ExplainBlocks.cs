using Gridtally.Cosem.Apdus;

namespace Gridtally.Cosem.Explain;

/// <summary>Blocks of the services and general blocks: each as it is, and after the last one the whole.</summary>
internal static class ExplainBlocks
{
    /// <summary>The raw data of one block. Blocks count from 1.</summary>
    /// <param name="cursor">At the length of the raw data.</param>
    /// <param name="node">The APDU.</param>
    /// <param name="session">Holds the blocks that came before.</param>
    /// <param name="service">Tag of the APDU, and its invoke id: what belongs together.</param>
    /// <param name="invokeId">See <paramref name="service"/>.</param>
    /// <param name="number">Block number.</param>
    /// <param name="last">True for the last block.</param>
    /// <param name="explain">Reads what all blocks make.</param>
    public static void Take(
        ExplainCursor cursor, ExplainNode node, ExplainSession session, ApduTag service, uint invokeId, uint number, bool last, Action<ExplainCursor, ExplainNode> explain)
    {
        var start = cursor.Position;
        var raw = cursor.Open(node, service == ApduTag.GeneralBlockTransfer ? "block-data" : "raw-data");
        var length = cursor.Length(raw, raw.Name);
        if (length > cursor.Remaining) cursor.Fail(raw, $"{raw.Name}: its length says {length} octets, {cursor.Remaining} are left", start);
        if (cursor.Failed) return;
        var part = cursor.Slice(length);
        cursor.Close(raw, start);
        if (number == 1 && last)
        {
            explain(part, raw);
            return;
        }

        raw.Value = ExplainCursor.Show(part.Rest);
        var way = session.Dialogue.Way;
        if (session.Assemblies.Of(way, service, invokeId, number == 1) is not { } assembly)
        {
            raw.Note = "The blocks before this one are not in the input.";
            return;
        }

        if (number == assembly.LastNumber)
        {
            raw.Note = "The same block as before, sent again.";
            return;
        }

        if (number != assembly.LastNumber + 1)
        {
            raw.Note = $"Block {assembly.LastNumber + 1} expected; what is missing may be sent again.";
            return;
        }

        if (!assembly.Take(part))
        {
            raw.Problem = $"More than {Limits.MaxReassembly} octets in blocks: not put together.";
            session.Assemblies.Done(way, service, invokeId);
            return;
        }

        assembly.LastNumber = number;
        if (!last) return;
        session.Assemblies.Done(way, service, invokeId);
        var whole = assembly.Whole();
        var reassembled = whole.Open(node, "reassembled", $"{assembly.Length} octets from {assembly.Parts} blocks");
        reassembled.Length = assembly.Length;
        explain(whole, reassembled);
    }

    /// <summary>general-block-transfer: control, numbers, and a part of an APDU of any kind.</summary>
    public static void ReadGeneral(ExplainCursor cursor, ExplainNode node, ExplainSession session, int depth)
    {
        cursor.Take(node, 1, "tag");
        var control = cursor.Byte(node, "block-control", value => $"{((value & 0x80) != 0 ? "last block, " : "")}{((value & 0x40) != 0 ? "streaming, " : "")}window {value & 0x3F}");
        var number = cursor.UInt16(node, "block-number");
        cursor.UInt16(node, "block-number-ack");
        if (cursor.Failed) return;
        if (cursor.Peek() == 0)
        {
            cursor.Bytes(node, "block-data", 1, _ => "(empty: an acknowledgement)");
            return;
        }

        Take(cursor, node, session, ApduTag.GeneralBlockTransfer, 0, number, (control & 0x80) != 0, (whole, parent) => ExplainApdu.Read(whole, parent, session, depth + 1));
    }
}
