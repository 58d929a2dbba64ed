using Gridtally.Cosem.Data;

namespace Gridtally.Cosem.Explain;

/// <summary>general-ciphering and general-signing: their fields; what they protect with agreed keys is not deciphered.</summary>
internal static class ExplainGeneral
{
    public static void ReadCiphering(ExplainCursor cursor, ExplainNode node)
    {
        ReadHead(cursor, node);
        if (ExplainServices.Present(cursor, node, "key-info")) ReadKeyInfo(cursor, node);
        var length = cursor.Length(node, "ciphered-content");
        if (!cursor.Failed && length != cursor.Remaining) cursor.Fail(node, $"ciphered-content: its length says {length} octets, {cursor.Remaining} follow");
        cursor.Byte(node, "security-control", value => $"{value:X2}");
        cursor.UInt32(node, "invocation-counter");
        cursor.Bytes(node, "ciphered-content", cursor.Remaining);
        if (!cursor.Failed) node.Children[^1].Note = "General ciphering is not deciphered.";
    }

    public static void ReadSigning(ExplainCursor cursor, ExplainNode node, ExplainSession session, int depth)
    {
        ReadHead(cursor, node);
        var start = cursor.Position;
        var length = cursor.Length(node, "content");
        if (length > cursor.Remaining) cursor.Fail(node, $"content: its length says {length} octets, {cursor.Remaining} are left", start);
        if (cursor.Failed) return;
        ExplainApdu.Read(cursor.Slice(length), node, session, depth + 1);
        cursor.LengthPrefixed(node, "signature");
        if (!cursor.Failed) node.Children[^1].Note = "Signatures are not verified.";
    }

    private static void ReadHead(ExplainCursor cursor, ExplainNode node)
    {
        cursor.Take(node, 1, "tag");
        cursor.LengthPrefixed(node, "transaction-id");
        cursor.LengthPrefixed(node, "originator-system-title", octets => ExplainServices.TitleText(octets.Span));
        cursor.LengthPrefixed(node, "recipient-system-title", octets => ExplainServices.TitleText(octets.Span));
        cursor.LengthPrefixed(node, "date-time", octets => octets.Length == CosemDateTime.Size ? CosemDateTime.Read(octets.Span).ToString() : ExplainServices.TextOrHex(octets.Span));
        cursor.LengthPrefixed(node, "other-information");
    }

    private static void ReadKeyInfo(ExplainCursor cursor, ExplainNode parent)
    {
        var start = cursor.Position;
        var node = cursor.Open(parent, "key-info");
        switch (cursor.Byte(node, "choice", value => value switch { 0 => "identified-key", 1 => "wrapped-key", 2 => "agreed-key", _ => value.ToString() }))
        {
            case 0:
                cursor.Byte(node, "key-id", value => value switch { 0 => "global unicast encryption key", 1 => "global broadcast encryption key", _ => value.ToString() });
                break;
            case 1:
                cursor.Byte(node, "kek-id", value => value == 0 ? "master key" : value.ToString());
                cursor.LengthPrefixed(node, "key-ciphered-data");
                break;
            case 2:
                cursor.LengthPrefixed(node, "key-parameters");
                cursor.LengthPrefixed(node, "key-ciphered-data");
                break;
            default:
                cursor.Fail(node, "key-info: 0 identified-key, 1 wrapped-key or 2 agreed-key expected", start);
                break;
        }

        cursor.Close(node, start);
    }
}
