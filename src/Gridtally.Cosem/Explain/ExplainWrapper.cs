using Gridtally.Cosem.Framing;

namespace Gridtally.Cosem.Explain;

/// <summary>Wrapped APDUs, one after the other.</summary>
internal static class ExplainWrapper
{
    private const int HeaderSize = 8;

    /// <summary>Reads all that the cursor has.</summary>
    public static void Read(ExplainCursor cursor, ExplainNode root, ExplainSession session)
    {
        while (cursor.Remaining > 0)
        {
            var start = cursor.Position;
            var node = cursor.Open(root, "wrapper");
            if (cursor.Remaining >= 2 && (cursor.Peek() << 8 | cursor.Peek(1)) != WrapperHeader.Version)
            {
                cursor.Fail(node, $"version {WrapperHeader.Version:X4} expected, got {cursor.Peek():X2}{cursor.Peek(1):X2}: the stream is out of step");
                session.Deliver(root);
                return;
            }

            cursor.UInt16(node, "version");
            var source = cursor.UInt16(node, "source wPort", Sap);
            var destination = cursor.UInt16(node, "destination wPort", Sap);
            var lengthAt = cursor.Position;
            var length = cursor.UInt16(node, "length");
            if (cursor.Failed) return;
            node.Value = $"{source} → {destination}, {length} octets";
            session.Dialogue.Way = (source, destination);
            if (length > cursor.Remaining)
                node.Children[^1].Problem = $"The length says {length} octets, {cursor.Remaining} follow (octet {cursor.OffsetOf(lengthAt)}).";
            ExplainApdu.Read(cursor.Slice(length), node, session);
            cursor.Close(node, start);
            session.Deliver(root);
        }
    }

    /// <summary>Octets of the next wrapped APDU; 0 where more must come, everything where there is none.</summary>
    public static int Cut(ReadOnlySpan<byte> octets)
    {
        if (octets.Length >= 2 && (octets[0] << 8 | octets[1]) != WrapperHeader.Version) return octets.Length;
        if (octets.Length < HeaderSize) return 0;
        var whole = HeaderSize + (octets[6] << 8 | octets[7]);
        return octets.Length >= whole ? whole : 0;
    }

    private static string Sap(ushort port) => port switch
    {
        1 => "1 (management)",
        16 => "16 (public client, or a logical device)",
        WrapperHeader.AllDevices => "127 (all logical devices)",
        _ => port.ToString(),
    };
}
