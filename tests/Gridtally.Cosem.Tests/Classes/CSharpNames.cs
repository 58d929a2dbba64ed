using System.Text;
using System.Text.RegularExpressions;

namespace Gridtally.Cosem.Tests.Classes;

/// <summary>Makes C# names of the standard's.</summary>
internal static partial class CSharpNames
{
    /// <summary><c>daylight_savings_begin</c> to <c>DaylightSavingsBegin</c>, <c>client_SAP</c> to <c>ClientSap</c>, <c>300 baud</c> to <c>Baud300</c>.</summary>
    public static string Pascal(string name)
    {
        var words = Words().Matches(name).Select(m => m.Value).ToList();

        // A name can't begin with a digit: the number goes last. "6LoWPAN" is no number.
        if (words.Count > 1 && words[0].All(char.IsAsciiDigit)) words = [.. words.Skip(1), words[0]];
        var result = new StringBuilder();
        foreach (var word in words)
        {
            var lowered = Capitals().Replace(word, static m => m.Value[..1] + m.Value[1..].ToLowerInvariant());
            result.Append(char.ToUpperInvariant(lowered[0])).Append(lowered, 1, lowered.Length - 1);
        }

        return result.ToString();
    }

    [GeneratedRegex("[A-Za-z0-9]+")]
    private static partial Regex Words();

    [GeneratedRegex("[A-Z]{2,}")]
    private static partial Regex Capitals();
}
