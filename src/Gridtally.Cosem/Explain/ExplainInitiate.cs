using Gridtally.Cosem.Apdus;

namespace Gridtally.Cosem.Explain;

/// <summary>xDLMS Initiate: request and response.</summary>
internal static class ExplainInitiate
{
    public static void ReadRequest(ExplainCursor cursor, ExplainNode node, ExplainSession session)
    {
        cursor.Take(node, 1, "tag");
        if (ExplainServices.Present(cursor, node, "dedicated-key"))
        {
            var key = cursor.LengthPrefixed(node, "dedicated-key", octets => Secret(octets, session));
            session.LearnDedicatedKey(key.Span);
        }

        if (cursor.Peek() == 0) cursor.Bytes(node, "response-allowed", 1, _ => "true (default)");
        else if (ExplainServices.Present(cursor, node, "response-allowed")) cursor.Byte(node, "response-allowed", ExplainServices.Boolean);
        if (ExplainServices.Present(cursor, node, "proposed-quality-of-service")) cursor.Byte(node, "proposed-quality-of-service");
        cursor.Byte(node, "proposed-dlms-version-number");
        ReadConformance(cursor, node, "proposed-conformance");
        cursor.UInt16(node, "client-max-receive-pdu-size", value => value == 0 ? "0 (no limit)" : value.ToString());
    }

    public static void ReadResponse(ExplainCursor cursor, ExplainNode node)
    {
        cursor.Take(node, 1, "tag");
        if (ExplainServices.Present(cursor, node, "negotiated-quality-of-service")) cursor.Byte(node, "negotiated-quality-of-service");
        cursor.Byte(node, "negotiated-dlms-version-number");
        ReadConformance(cursor, node, "negotiated-conformance");
        cursor.UInt16(node, "server-max-receive-pdu-size");
        cursor.UInt16(node, "vaa-name", value => value switch { 0x0007 => "0007 (logical names)", 0xFA00 => "FA00 (short names)", _ => $"{value:X4}" });
    }

    /// <summary>Hides passwords and keys unless they were asked for.</summary>
    public static string Secret(ReadOnlyMemory<byte> octets, ExplainSession session) =>
        session.Options.ShowSecrets ? ExplainServices.TextOrHex(octets.Span) : $"{octets.Length} octets (hidden)";

    private static void ReadConformance(ExplainCursor cursor, ExplainNode parent, string name)
    {
        var start = cursor.Position;
        var node = cursor.Open(parent, name);
        var oldForm = cursor.Peek() == 0x5F && cursor.Peek(1) == 0x04;
        var header = cursor.Take(node, oldForm ? 3 : 4, name);
        if (cursor.Failed) return;
        if (!header.Span.SequenceEqual(oldForm ? [0x5F, 0x04, 0x00] : [0x5F, 0x1F, 0x04, 0x00]))
        {
            cursor.Fail(node, $"5F 1F 04 00 expected before the conformance bits, got {Convert.ToHexString(header.Span)}", start);
            return;
        }

        if (oldForm) node.Note = "Deviation: the old one-octet form of the tag.";
        var octets = cursor.Take(node, 3, name);
        if (cursor.Failed) return;
        cursor.Close(node, start);
        var bits = (Conformance)(octets.Span[0] << 16 | octets.Span[1] << 8 | octets.Span[2]);
        node.Value = $"{Convert.ToHexString(octets.Span)} {string.Join(", ", ConformanceBits.NamesOf(bits))}".TrimEnd();
    }
}
