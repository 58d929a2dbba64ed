using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Security;

namespace Gridtally.Cosem.Explain;

/// <summary>glo-*, ded-*, general-glo-, general-ded- and general-ciphered APDUs.</summary>
internal static class ExplainCiphered
{
    public static void Read(ExplainCursor cursor, ExplainNode node, ApduTag tag, ExplainSession session, int depth)
    {
        var whole = cursor.Rest.ToArray();
        SystemTitle? title = null;
        if (tag == ApduTag.GeneralCiphering)
        {
            title = ExplainGeneral.ReadHead(cursor, node);
            ExplainGeneral.ReadKeyInfo(cursor, node);
        }
        else
        {
            cursor.Take(node, 1, "tag");
            if (tag is ApduTag.GeneralGloCiphering or ApduTag.GeneralDedCiphering) title = ReadTitle(cursor, node);
        }

        var lengthAt = cursor.Position;
        var length = cursor.Length(node, "length");
        if (!cursor.Failed && length != cursor.Remaining) cursor.Fail(node, $"the length says {length} octets, {cursor.Remaining} follow", lengthAt);
        var control = new SecurityControl(cursor.Byte(node, "security-control", value => Describe(new(value))));
        cursor.UInt32(node, "invocation-counter");
        if (cursor.Failed) return;

        var tagSize = control.Protection.HasFlag(Protection.Authenticated) ? CipheredApdu.TagSize : 0;
        var contentSize = cursor.Remaining - tagSize;
        if (contentSize < 0)
        {
            cursor.Fail(node, $"an authentication tag of {CipheredApdu.TagSize} octets is expected, {cursor.Remaining} octets are left");
            return;
        }

        var plain = new byte[contentSize];
        var verdict = CipheredApdu.TryRead(whole, out var received, out var error)
            ? ExplainKeys.Unprotect(received, Candidates(received.Tag, title, session), session, plain)
            : new ExplainVerdict($"Not deciphered: {error}.");
        ReadContent(cursor, node, control, verdict, plain, session, depth);
        if (tagSize == 0) return;
        cursor.Bytes(node, "authentication-tag", tagSize, octets => $"{Convert.ToHexString(octets.Span)}{(verdict.IsGood ? ", good" : "")}");
        if (verdict.IsWrong) node.Children[^1].Problem = "Does not verify: a wrong key, a wrong system title, or octets changed on the way.";
    }

    private static SystemTitle? ReadTitle(ExplainCursor cursor, ExplainNode node)
    {
        var octets = cursor.LengthPrefixed(node, "system-title", value => ExplainServices.TitleText(value.Span));
        if (octets.Length == SystemTitle.Size) return SystemTitle.Read(octets.Span);
        if (octets.Length != 0) cursor.Fail(node, $"system-title: 0 or {SystemTitle.Size} octets expected, got {octets.Length}");
        return null;
    }

    /// <summary>The octets of what is enciphered stand one for one where the plain ones would, so their places in the input are known.</summary>
    private static void ReadContent(
        ExplainCursor cursor, ExplainNode node, SecurityControl control, ExplainVerdict verdict, byte[] plain, ExplainSession session, int depth)
    {
        var encrypted = control.Protection.HasFlag(Protection.Encrypted);
        var readable = !encrypted || verdict.IsReadable;
        var start = cursor.Position;
        var content = cursor.Open(node, encrypted ? "ciphertext" : "authenticated", readable ? null : ExplainCursor.Show(cursor.Rest[..plain.Length]));
        var inner = encrypted ? cursor.InPlaceOf(plain) : cursor.Slice(plain.Length);
        if (encrypted) cursor.Take(content, plain.Length, "ciphertext");
        cursor.Close(content, start);
        if (verdict.Missing is { } missing) content.Note = encrypted ? missing : $"Not verified. {missing}";
        if (!readable) return;
        ExplainApdu.Read(inner, content, session, depth + 1);
        if (encrypted && (!verdict.IsGood || control.Protection == Protection.Encrypted) && content.Problems.Any())
            content.Note = "Deciphered without a tag that was verified: with a wrong key or title this is what comes out.";
    }

    /// <summary>Whose title may belong to it: the one inside, else the client's for requests and the server's for responses, then the other.</summary>
    private static List<SystemTitle> Candidates(ApduTag tag, SystemTitle? inside, ExplainSession session)
    {
        if (inside is { } title) return [title];
        var fromServer = ApduTags.Plain(tag) is ApduTag.InitiateResponse or ApduTag.GetResponse or ApduTag.SetResponse or ApduTag.ActionResponse
            or ApduTag.ConfirmedServiceError or ApduTag.EventNotificationRequest or ApduTag.ReadResponse or ApduTag.WriteResponse or ApduTag.InformationReportRequest;
        SystemTitle?[] order = fromServer ? [session.ServerTitle, session.ClientTitle] : [session.ClientTitle, session.ServerTitle];
        return [.. order.OfType<SystemTitle>().Distinct()];
    }

    private static string Describe(SecurityControl control)
    {
        var protection = control.Protection switch
        {
            Protection.AuthenticatedEncrypted => "authenticated and encrypted",
            Protection.Authenticated => "authenticated only",
            Protection.Encrypted => "encrypted only",
            _ => "not protected",
        };
        return $"{control} {protection}, suite {(byte)control.Suite}{(control.Broadcast ? ", broadcast key" : "")}{(control.Compressed ? ", compressed" : "")}";
    }
}
