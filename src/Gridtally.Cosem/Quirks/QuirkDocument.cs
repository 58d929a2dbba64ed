using System.Text;

namespace Gridtally.Cosem.Quirks;

/// <summary>The quirks for users: docs/quirks.md, written from <see cref="QuirkTable"/>.</summary>
public static class QuirkDocument
{
    /// <summary>The whole page.</summary>
    public static string Write()
    {
        var text = new StringBuilder("""
            # Meters that deviate from the standard

            Generated from the table in `src/Gridtally.Cosem/Quirks`; do not edit.

            The codecs are strict. Where a meter's answer is refused, but a known deviation would explain it, the message ends with
            "the quirk '...' would accept this". Then write a file for that kind of meter and give it with `--quirks file`:

            ```json
            { "name": "Example maker X1, firmware 2.3", "accept": ["short-aare", "odd-scaler"], "responseTimeoutMilliseconds": 8000, "pauseMilliseconds": 200 }
            ```

            `responseTimeoutMilliseconds` is for meters that answer late, `pauseMilliseconds` the rest that a slow line needs before each request. Programs
            give the same profile as `AssociationOptions.Quirks`. Nothing is accepted that is not listed in the file.

            | quirk | what it does | seen |
            |---|---|---|

            """.ReplaceLineEndings("\n"));
        foreach (var row in QuirkTable.Rows) text.Append($"| `{row.Name}` | {row.Accepts} | {row.Seen} |\n");
        return text.ToString();
    }
}
