using Gridtally.Cosem.Explain;
using Gridtally.Cosem.Security;
using Gridtally.Testing;

namespace Gridtally.Cosem.Tests.Explain;

/// <summary>Every captured frame and APDU is explained to its last octet.</summary>
public class ExplainVectorTests
{
    /// <summary>Captures that are wrong themselves; their notes say how. All others are good.</summary>
    private static readonly HashSet<string> Nonconformant = ["session-eo-15-client", "session-eo-17-client", "hdlc-jdlms-f3"];

    public static TheoryData<string> Whole =>
    [
        .. Vectors.OfKind("hdlc-frame", "wrapper", "push", "aarq", "aare", "apdu", "block-transfer", "data", "compact-array", "general-glo", "gcm", "gmac", "general-ciphering")
            .Where(v => !Nonconformant.Contains(v.Id)).Select(v => v.Id),
    ];

    public static TheoryData<string> Ciphered => [.. Vectors.OfKind("gcm", "gmac", "general-glo").Where(IsApdu).Select(v => v.Id)];

    [Theory, MemberData(nameof(Whole))]
    public void Every_good_capture_is_explained_without_a_problem(string id)
    {
        var vector = Vectors.ById(id);
        if (!IsApdu(vector)) return;
        var root = Explainer.Explain(vector.Octets, new() { Format = FormatOf(vector) });
        Assert.True(!root.Problems.Any(), Text(root));
        AssertCovers(root, vector.Octets.Length);
    }

    [Theory, MemberData(nameof(Whole))]
    public void What_a_capture_is_is_found_out(string id)
    {
        var vector = Vectors.ById(id);
        if (!IsApdu(vector)) return;
        var (told, found) = (Explainer.Explain(vector.Octets, new() { Format = FormatOf(vector) }), Explainer.Explain(vector.Octets));

        // Plain Data may begin like an APDU and even be one: 01 00 is an empty array as well as the start of an InitiateRequest.
        if (FormatOf(vector) == ExplainFormat.Data) Assert.Empty(found.Problems);
        else Assert.Equal(Text(told), Text(found));
    }

    [Theory]
    [InlineData("session-eo-15-client", "length says 49 octets, 37 follow")]
    [InlineData("session-eo-17-client", "length says 30 octets, 18 follow")]
    public void A_capture_that_is_wrong_is_explained_up_to_what_is_wrong(string id, string problem)
    {
        var root = Explainer.Explain(Vectors.ById(id).Octets);
        Assert.Contains(problem, Assert.Single(root.Problems).Problem);
        Assert.NotNull(root.Find("LLC"));
        Assert.Contains("good", root.Find("FCS")!.Value);
    }

    [Fact]
    public void A_capture_whose_lengths_are_one_too_short_is_told_at_the_octet_where_it_shows()
    {
        // The conformance tag was written in its two-octet form, but the lengths around it are those of the one-octet form.
        var root = Explainer.Explain(Vectors.ById("hdlc-jdlms-f3").Octets);
        var problem = root.Problems.First();
        Assert.Equal((53, "vaa-name: 2 octets expected, 1 left"), (problem.Offset, problem.Problem));
        Assert.Equal("2400", root.Find("server-max-receive-pdu-size")!.Value);
    }

    [Theory, MemberData(nameof(Ciphered))]
    public void With_the_keys_a_ciphered_capture_is_read_and_verified(string id)
    {
        var vector = Vectors.ById(id);
        if (vector.Key("encryption") is not { } encryption) return;
        using var keys = new SecurityKeys(encryption, vector.Key("authentication") ?? new byte[16]);
        var title = SystemTitle.TryParse(vector.Text("originator_system_title"), out var parsed) ? parsed : (SystemTitle?)null;
        var root = Explainer.Explain(vector.Octets, new() { Format = ExplainFormat.Apdu, Keys = keys, ClientTitle = title, ServerTitle = title, DedicatedKey = encryption });
        Assert.True(!root.Problems.Any(), Text(root));
        Assert.DoesNotContain(root.All, node => node.Note?.StartsWith("Needs", StringComparison.Ordinal) == true);

        // What comes out is what the vector says, tag for tag.
        if (vector.Text("plaintext-hex") is not { } plain) return;
        var expected = Explainer.Explain(Convert.FromHexString(plain), new() { Format = ExplainFormat.Apdu }).Children[0];
        Assert.NotNull(root.Find(expected.Name));
        Assert.Equal(Names(expected), Names(root.Find(expected.Name)!));
    }

    [Theory, MemberData(nameof(Ciphered))]
    public void Without_the_keys_it_is_said_what_is_missing(string id)
    {
        var root = Explainer.Explain(Vectors.ById(id).Octets, new() { Format = ExplainFormat.Apdu });
        Assert.Empty(root.Problems);
        Assert.Contains(root.All, node => node.Note?.Contains("Needs the", StringComparison.Ordinal) == true);
    }

    [Fact]
    public void A_whole_captured_session_is_read_with_the_titles_and_keys_it_brings()
    {
        // Live meter, HLS-5 GMAC, authenticated and encrypted; client and server titles come from AARQ and AARE.
        var frames = Vectors.OfKind("hdlc-frame").Where(v => v.Id.StartsWith("session-ae-", StringComparison.Ordinal)).OrderBy(v => v.Id, StringComparer.Ordinal).ToList();
        using var keys = new SecurityKeys(Convert.FromHexString("000102030405060708090A0B0C0D0E0F"), Convert.FromHexString("D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF"));
        var root = Explainer.Explain(frames.SelectMany(v => v.Octets).ToArray(), new() { Keys = keys });
        Assert.True(!root.Problems.Any(), Text(root));
        Assert.Equal(frames.Count, root.Children.Count);
        Assert.DoesNotContain(root.All, node => node.Note is not null);
        Assert.Equal(6, root.All.Count(node => node.Name == "authentication-tag" && node.Value!.EndsWith("good", StringComparison.Ordinal)));
    }

    /// <summary>Some examples of ciphering are bare ciphertext.</summary>
    private static bool IsApdu(Vector vector) => vector.Text("note") != "ciphertext without header"
        && (FormatOf(vector) != ExplainFormat.Apdu || Enum.IsDefined((Apdus.ApduTag)vector.Octets[0]));

    private static ExplainFormat FormatOf(Vector vector) => vector.Kind switch
    {
        "hdlc-frame" => ExplainFormat.Hdlc,
        "wrapper" => ExplainFormat.Wrapper,
        "data" or "compact-array" => ExplainFormat.Data,
        _ => ExplainFormat.Apdu,
    };

    private static string[] Names(ExplainNode node) => [.. node.All.Select(n => n.ToString())];

    private static string Text(ExplainNode root)
    {
        var writer = new StringWriter();
        ExplainText.Write(writer, root);
        return writer.ToString();
    }

    /// <summary>The parts lie inside the input, and its last octet belongs to one of them (or is the closing flag).</summary>
    private static void AssertCovers(ExplainNode root, int length)
    {
        Assert.All(root.All, node => Assert.InRange(node.Offset, 0, length));
        Assert.InRange(root.Children.Max(node => node.Offset + node.Length), length - 1, length);
    }
}
