using System.Text.Json;
using Gridtally.Cosem.Explain;

namespace Gridtally.Fuzz;

internal sealed class ExplainTarget : Target
{
    private static readonly ExplainOptions Options = new() { Keys = Peers.Keys, ClientTitle = Peers.Client, ServerTitle = Peers.Server };

    public override string Name => "explain";

    public override string What => "the explainer: any octets have an explanation, as text and as JSON, whose parts lie inside the octets";

    // A node of the tree takes some 200 octets, and there may be one for each octet; then the same again as text.
    public override Bound Allocation => new(256 * 1024, 6000);

    public override int MaxInput => 1024;

    public override string[] VectorKinds => ["hdlc-frame", "gcm", "general-glo", "wrapper", "push", "aarq", "aare", "apdu", "block-transfer", "data", "compact-array", "general-ciphering"];

    public override bool Try(ReadOnlySpan<byte> input)
    {
        var explained = Explainer.Explain(input.ToArray(), Options);
        using var text = new StringWriter();
        ExplainText.Write(text, explained);
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer)) ExplainText.Write(json, explained);
        return !explained.Problems.Any();
    }
}
