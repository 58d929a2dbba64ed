using Gridtally.Cosem.Data;
using Gridtally.Cosem.Security;

namespace Gridtally.Cosem.Explain;

/// <summary>The fields of general-ciphering and general-signing, and signatures.</summary>
internal static class ExplainGeneral
{
    /// <summary>general-signing: the signed APDU, and whether the signature verifies.</summary>
    public static void ReadSigning(ExplainCursor cursor, ExplainNode node, ExplainSession session, int depth)
    {
        var whole = cursor.Rest.ToArray();
        ReadHead(cursor, node);
        var start = cursor.Position;
        var length = cursor.Length(node, "content");
        if (length > cursor.Remaining) cursor.Fail(node, $"content: its length says {length} octets, {cursor.Remaining} are left", start);
        if (cursor.Failed) return;
        ExplainApdu.Read(cursor.Slice(length), node, session, depth + 1);
        cursor.LengthPrefixed(node, "signature");
        if (cursor.Failed) return;
        var signature = node.Children[^1];
        if (session.Options.Keys?.Elliptic is not { CanVerify: true } keys) signature.Note = "Not verified: needs the public signing key of its sender.";
        else if (SignedApdu.TryRead(whole, out var signed, out _) && keys.Verify(signed.Covered, signed.Signature)) signature.Value += ", good";
        else signature.Problem = "Does not verify: another sender's key, or octets changed on the way.";
    }

    /// <summary>Tag and five fields; the originator's title, where it is one.</summary>
    public static SystemTitle? ReadHead(ExplainCursor cursor, ExplainNode node)
    {
        cursor.Take(node, 1, "tag");
        cursor.LengthPrefixed(node, "transaction-id");
        var originator = cursor.LengthPrefixed(node, "originator-system-title", octets => ExplainServices.TitleText(octets.Span));
        cursor.LengthPrefixed(node, "recipient-system-title", octets => ExplainServices.TitleText(octets.Span));
        cursor.LengthPrefixed(node, "date-time", octets => octets.Length == CosemDateTime.Size ? CosemDateTime.Read(octets.Span).ToString() : ExplainServices.TextOrHex(octets.Span));
        cursor.LengthPrefixed(node, "other-information");
        return originator.Length == SystemTitle.Size ? SystemTitle.Read(originator.Span) : null;
    }

    /// <summary>key-info OPTIONAL of general-ciphering.</summary>
    public static void ReadKeyInfo(ExplainCursor cursor, ExplainNode parent)
    {
        if (!ExplainServices.Present(cursor, parent, "key-info")) return;
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
                cursor.LengthPrefixed(node, "key-parameters", octets => octets.Span switch { [1] => "01 one-pass C(1e,1s)", [2] => "02 static unified C(0e,2s)", _ => ExplainCursor.Show(octets.Span) });
                cursor.LengthPrefixed(node, "key-ciphered-data");
                break;
            default:
                cursor.Fail(node, "key-info: 0 identified-key, 1 wrapped-key or 2 agreed-key expected", start);
                break;
        }

        cursor.Close(node, start);
    }
}
