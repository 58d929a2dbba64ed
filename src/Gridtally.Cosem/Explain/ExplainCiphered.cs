using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Security;

namespace Gridtally.Cosem.Explain;

/// <summary>glo-*, ded-*, general-glo- and general-ded-ciphered APDUs.</summary>
internal static class ExplainCiphered
{
    public static void Read(ExplainCursor cursor, ExplainNode node, ApduTag tag, ExplainSession session, int depth)
    {
        var whole = cursor.Rest.ToArray();
        SystemTitle? title = null;
        cursor.Take(node, 1, "tag");
        if (tag is ApduTag.GeneralGloCiphering or ApduTag.GeneralDedCiphering)
        {
            var octets = cursor.LengthPrefixed(node, "system-title", value => ExplainServices.TitleText(value.Span));
            if (octets.Length == SystemTitle.Size) title = SystemTitle.Read(octets.Span);
            else if (octets.Length != 0) cursor.Fail(node, $"system-title: 0 or {SystemTitle.Size} octets expected, got {octets.Length}");
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
        var verdict = !CipheredApdu.TryRead(whole, out var received, out _)
            ? new Verdict("This form of ciphering is not deciphered.")
            : Unprotect(received, title, session, plain);
        ReadContent(cursor, node, control, verdict, plain, session, depth);
        if (tagSize == 0) return;
        cursor.Bytes(node, "authentication-tag", tagSize, octets => $"{Convert.ToHexString(octets.Span)}{(verdict.Good ? ", good" : "")}");
        if (verdict.Wrong) node.Children[^1].Problem = "Does not verify: a wrong key, a wrong system title, or octets changed on the way.";
    }

    /// <summary>The octets of what is enciphered stand one for one where the plain ones would, so their places in the input are known.</summary>
    private static void ReadContent(
        ExplainCursor cursor, ExplainNode node, SecurityControl control, Verdict verdict, byte[] plain, ExplainSession session, int depth)
    {
        var encrypted = control.Protection.HasFlag(Protection.Encrypted);
        var readable = !encrypted || verdict.Good;
        var start = cursor.Position;
        var content = cursor.Open(node, encrypted ? "ciphertext" : "authenticated", readable ? null : ExplainCursor.Show(cursor.Rest[..plain.Length]));
        var inner = encrypted ? cursor.InPlaceOf(plain) : cursor.Slice(plain.Length);
        if (encrypted) cursor.Take(content, plain.Length, "ciphertext");
        cursor.Close(content, start);
        if (verdict.Missing is { } missing) content.Note = encrypted ? missing : $"Not verified. {missing}";
        if (readable) ExplainApdu.Read(inner, content, session, depth + 1);
        if (verdict.Good && control.Protection == Protection.Encrypted && content.Problems.Any())
            content.Note = "Enciphered without a tag: with a wrong key this is what comes out.";
    }

    private static Verdict Unprotect(scoped in CipheredApdu received, SystemTitle? title, ExplainSession session, byte[] plain)
    {
        var control = received.Control;
        if (control.Suite > SecuritySuite.Suite1) return new($"Security suite {(byte)control.Suite} is not deciphered, only suites 0 and 1 (AES-GCM-128 both).");
        if (control.Compressed) return new("Compressed content is not deciphered.");
        if (control.Protection == Protection.None) return new();
        var keys = session.Options.Keys;
        var dedicated = ApduTags.IsDedicated(received.Tag);
        var encryption = dedicated ? session.DedicatedKey : keys is null ? default : control.Broadcast ? keys.Broadcast : keys.Encryption;
        var name = dedicated ? "dedicated key" : control.Broadcast ? "global broadcast encryption key" : "global unicast encryption key";
        if (encryption.IsEmpty) return new($"Needs the {name} to be read or verified.");
        if (keys is null && control.Protection != Protection.Encrypted) return new("Needs the authentication key to be verified.");

        var candidates = Candidates(received.Tag, title, session);
        if (candidates.Count == 0) return new("Needs the system title of its sender.");
        Span<byte> none = stackalloc byte[SecurityKeys.KeySize];
        using var key = new GcmKey(encryption, keys is null ? none : keys.Authentication);
        foreach (var candidate in candidates)
        {
            if (key.TryUnprotect(received, candidate, plain)) return new() { Good = true };
        }

        return new() { Wrong = true };
    }

    /// <summary>Whose title may belong to it: the one inside, else the client's for requests and the server's for responses, then the other.</summary>
    private static List<SystemTitle> Candidates(ApduTag tag, SystemTitle? inside, ExplainSession session)
    {
        if (inside is { } title) return [title];
        var fromServer = ApduTags.Plain(tag) is ApduTag.InitiateResponse or ApduTag.GetResponse or ApduTag.SetResponse or ApduTag.ActionResponse
            or ApduTag.ConfirmedServiceError or ApduTag.EventNotificationRequest;
        SystemTitle?[] order = fromServer ? [session.ServerTitle, session.ClientTitle] : [session.ClientTitle, session.ServerTitle];
        return [.. order.OfType<SystemTitle>()];
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

    /// <summary>What came of deciphering: good, wrong, or what is missing for it.</summary>
    private readonly record struct Verdict(string? Missing = null)
    {
        public bool Good { get; init; }

        public bool Wrong { get; init; }
    }
}
