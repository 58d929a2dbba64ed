using Gridtally.Cosem.Acse;
using Gridtally.Cosem.Apdus;

namespace Gridtally.Cosem.Explain;

/// <summary>AARQ, AARE, RLRQ, RLRE: BER fields, each with what the standard puts into it.</summary>
internal static class ExplainAcse
{
    private enum Content { Raw, Context, Mechanism, OctetString, Title, Integer, Requirements, Authentication, Result, Diagnostic, Reason, UserInformation }

    private static readonly Dictionary<byte, (string Name, Content Content)> RequestFields = new()
    {
        [0x80] = ("protocol-version", Content.Raw),
        [0xA1] = ("application-context-name", Content.Context),
        [0xA2] = ("called-AP-title", Content.OctetString),
        [0xA3] = ("called-AE-qualifier", Content.OctetString),
        [0xA4] = ("called-AP-invocation-id", Content.Integer),
        [0xA5] = ("called-AE-invocation-id", Content.Integer),
        [0xA6] = ("calling-AP-title", Content.Title),
        [0xA7] = ("calling-AE-qualifier", Content.OctetString),
        [0xA8] = ("calling-AP-invocation-id", Content.Integer),
        [0xA9] = ("calling-AE-invocation-id", Content.Integer),
        [0x8A] = ("sender-acse-requirements", Content.Requirements),
        [0x8B] = ("mechanism-name", Content.Mechanism),
        [0xAC] = ("calling-authentication-value", Content.Authentication),
        [0xBD] = ("implementation-information", Content.Raw),
        [0xBE] = ("user-information", Content.UserInformation),
    };

    private static readonly Dictionary<byte, (string Name, Content Content)> ResponseFields = new()
    {
        [0x80] = ("protocol-version", Content.Raw),
        [0xA1] = ("application-context-name", Content.Context),
        [0xA2] = ("result", Content.Result),
        [0xA3] = ("result-source-diagnostic", Content.Diagnostic),
        [0xA4] = ("responding-AP-title", Content.Title),
        [0xA5] = ("responding-AE-qualifier", Content.OctetString),
        [0xA6] = ("responding-AP-invocation-id", Content.Integer),
        [0xA7] = ("responding-AE-invocation-id", Content.Integer),
        [0x88] = ("responder-acse-requirements", Content.Requirements),
        [0x89] = ("mechanism-name", Content.Mechanism),
        [0xAA] = ("responding-authentication-value", Content.Authentication),
        [0xBD] = ("implementation-information", Content.Raw),
        [0xBE] = ("user-information", Content.UserInformation),
    };

    private static readonly Dictionary<byte, (string Name, Content Content)> ReleaseFields = new()
    {
        [0x80] = ("reason", Content.Reason),
        [0xBE] = ("user-information", Content.UserInformation),
    };

    public static void Read(ExplainCursor cursor, ExplainNode node, ApduTag tag, ExplainSession session, int depth)
    {
        var fields = tag switch { ApduTag.Aarq => RequestFields, ApduTag.Aare => ResponseFields, _ => ReleaseFields };
        cursor.Take(node, 1, "tag");
        var lengthAt = cursor.Position;
        var length = cursor.Length(node, "length");
        if (length > cursor.Remaining) cursor.Fail(node, $"the length says {length} octets, {cursor.Remaining} are left", lengthAt);
        if (cursor.Failed) return;
        var body = cursor.Slice(length);
        var password = false;
        while (body.Remaining > 0) ReadField(body, node, fields, tag, session, depth, ref password);
    }

    private static void ReadField(
        ExplainCursor body, ExplainNode parent, Dictionary<byte, (string Name, Content Content)> fields, ApduTag apdu, ExplainSession session, int depth, ref bool password)
    {
        var start = body.Position;
        var tag = (byte)body.Peek();
        var known = fields.TryGetValue(tag, out var field);
        var node = body.Open(parent, known ? field.Name : $"field {tag:X2}");
        if (!known) node.Note = "The standard has no such field here.";
        body.Take(node, 1, "tag");
        var lengthAt = body.Position;
        var length = body.Length(node, "length");
        if (length > body.Remaining) body.Fail(node, $"{node.Name}: its length says {length} octets, {body.Remaining} are left", lengthAt);
        if (body.Failed) return;
        var content = body.Slice(length);
        body.Close(node, start);
        switch (field.Content)
        {
            case Content.Context: node.Value = ReadContext(content, node); break;
            case Content.Mechanism: node.Value = ReadMechanism(content, node, out password); break;
            case Content.Requirements: node.Value = ReadRequirements(content, node); break;
            case Content.Integer: node.Value = ReadInteger(content, node).ToString(); break;
            case Content.Result: node.Value = ReadResult(content, node); break;
            case Content.Diagnostic: ReadDiagnostic(content, node); break;
            case Content.Reason: node.Value = ReadReason(content, node, apdu); break;
            case Content.OctetString: node.Value = ExplainCursor.Show(Nested(content, node, 0x04).Span); break;
            case Content.Title: ReadTitle(content, node, apdu, session); break;
            case Content.Authentication: ReadAuthentication(content, node, password, session); break;
            case Content.UserInformation: ReadUserInformation(content, node, session, depth); break;
            default: node.Value = ExplainCursor.Show(content.Take(node, content.Remaining, "octets").Span); break;
        }

        content.End(node);
    }

    /// <summary>The content of an inner field that must have this tag.</summary>
    private static ReadOnlyMemory<byte> Nested(ExplainCursor content, ExplainNode node, byte tag)
    {
        var start = content.Position;
        if (content.Peek() != tag) content.Fail(node, $"{node.Name}: tag {tag:X2} expected, got {(content.Peek() < 0 ? "nothing" : $"{content.Peek():X2}")}");
        content.Take(node, 1, "tag");
        var length = content.Length(node, "length");
        if (!content.Failed && length != content.Remaining) content.Fail(node, $"{node.Name}: its inner length says {length} octets, {content.Remaining} are left", start + 1);
        return content.Take(node, length, node.Name);
    }

    /// <summary>An object identifier 2.16.756.5.8.family.n; -1 where it is another.</summary>
    private static int ReadName(ReadOnlySpan<byte> octets, byte family)
    {
        ReadOnlySpan<byte> prefix = [0x60, 0x85, 0x74, 0x05, 0x08, family];
        return octets.Length == prefix.Length + 1 && octets.StartsWith(prefix) ? octets[^1] : -1;
    }

    private static string ReadContext(ExplainCursor content, ExplainNode node)
    {
        var octets = Nested(content, node, 0x06);
        return ReadName(octets.Span, 1) switch
        {
            1 => "LN referencing, no ciphering (1)",
            2 => "SN referencing, no ciphering (2)",
            3 => "LN referencing, with ciphering (3)",
            4 => "SN referencing, with ciphering (4)",
            _ => $"{Convert.ToHexString(octets.Span)} (not of COSEM)",
        };
    }

    private static string ReadMechanism(ExplainCursor content, ExplainNode node, out bool password)
    {
        string[] names = ["lowest", "LLS", "HLS, manufacturer's own", "HLS MD5", "HLS SHA-1", "HLS GMAC", "HLS SHA-256", "HLS ECDSA"];
        var octets = content.Take(node, content.Remaining, "mechanism-name");
        var number = ReadName(octets.Span, 2);
        password = number == 1;
        return number >= 0 && number < names.Length ? $"{names[number]} ({number})" : $"{Convert.ToHexString(octets.Span)} (not of COSEM)";
    }

    private static string ReadRequirements(ExplainCursor content, ExplainNode node)
    {
        var octets = content.Take(node, content.Remaining, "requirements").Span;
        return octets is [0x07, 0x80, ..] ? "authentication" : Convert.ToHexString(octets);
    }

    private static int ReadInteger(ExplainCursor content, ExplainNode node)
    {
        var value = 0;
        foreach (var octet in Nested(content, node, 0x02).Span) value = value << 8 | octet;
        return value;
    }

    private static string ReadResult(ExplainCursor content, ExplainNode node) => ReadInteger(content, node) switch
    {
        0 => "accepted (0)",
        1 => "rejected-permanent (1)",
        2 => "rejected-transient (2)",
        var other => $"{other} (not in the standard)",
    };

    private static void ReadDiagnostic(ExplainCursor content, ExplainNode node)
    {
        var source = content.Peek();
        if (source is not (0xA1 or 0xA2)) content.Fail(node, "A1 (service user) or A2 (service provider) expected");
        content.Take(node, 1, "source");
        var length = content.Length(node, "length");
        if (content.Failed) return;
        var inner = content.Slice(length);
        var diagnostic = new AcseDiagnostic(source == 0xA2, (byte)ReadInteger(inner, node));
        node.Value = $"{diagnostic} ({diagnostic.Value}), says the service {(diagnostic.ByProvider ? "provider" : "user")}";
    }

    private static string ReadReason(ExplainCursor content, ExplainNode node, ApduTag apdu)
    {
        var octets = content.Take(node, content.Remaining, "reason").Span;
        return octets switch
        {
            [0] => "normal (0)",
            [1] => apdu == ApduTag.Rlrq ? "urgent (1)" : "not-finished (1)",
            [30] => "user-defined (30)",
            _ => Convert.ToHexString(octets),
        };
    }

    private static void ReadTitle(ExplainCursor content, ExplainNode node, ApduTag apdu, ExplainSession session)
    {
        var title = Nested(content, node, 0x04).Span;
        node.Value = ExplainServices.TitleText(title);
        if (apdu == ApduTag.Aarq) session.LearnClientTitle(title);
        else session.LearnServerTitle(title);
    }

    private static void ReadAuthentication(ExplainCursor content, ExplainNode node, bool password, ExplainSession session)
    {
        var value = Nested(content, node, 0x80);
        node.Value = password ? $"password, {ExplainInitiate.Secret(value, session)}" : ExplainServices.TextOrHex(value.Span);
    }

    private static void ReadUserInformation(ExplainCursor content, ExplainNode node, ExplainSession session, int depth)
    {
        if (content.Peek() != 0x04) content.Fail(node, "user-information: tag 04 (octet-string) expected");
        content.Take(node, 1, "tag");
        var lengthAt = content.Position;
        var length = content.Length(node, "length");
        if (!content.Failed && length != content.Remaining) content.Fail(node, $"user-information: its inner length says {length} octets, {content.Remaining} are left", lengthAt);
        if (!content.Failed) ExplainApdu.Read(content.Slice(length), node, session, depth + 1);
    }
}
