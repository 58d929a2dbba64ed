namespace Gridtally.Cli.Decoding;

/// <summary>Octets written as hexadecimal digits, in the ways that people and tools write them.</summary>
/// <remarks>
/// Blanks, colons, hyphens, commas, semicolons, apostrophes and 0x are left out; # begins a comment to the end of the line. Lines of
/// <c>--trace</c> are taken too: what stands before their arrow is left out.
/// </remarks>
internal static class HexText
{
    /// <summary>What stopped the reading.</summary>
    /// <param name="Line">Line, from 1.</param>
    /// <param name="Column">Character in the line, from 1.</param>
    /// <param name="Reason">What is wrong there.</param>
    public readonly record struct Fault(int Line, int Column, string Reason)
    {
        public override string ToString() => $"{(Line > 1 ? $"line {Line}, " : "")}column {Column}: {Reason}";
    }

    /// <summary>True for octets that are text: no control characters but those that end lines and indent.</summary>
    public static bool LooksLikeText(ReadOnlySpan<byte> octets)
    {
        foreach (var octet in octets)
        {
            if (octet is < 0x20 and not ((byte)'\t' or (byte)'\r' or (byte)'\n') or 0x7F) return false;
        }

        return true;
    }

    /// <summary>Turns digits into octets in place.</summary>
    /// <param name="text">ASCII or UTF-8; overwritten from its start.</param>
    /// <param name="count">Octets at the start of <paramref name="text"/>.</param>
    /// <param name="fault">What is wrong, where false is returned.</param>
    public static bool TryParse(Span<byte> text, out int count, out Fault fault)
    {
        (count, fault) = (0, default);
        var (line, lineStart, lineCount) = (1, 0, 0);
        var high = -1;
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            var digit = DigitOf(c);
            if (digit >= 0)
            {
                if (c == '0' && high < 0 && i + 1 < text.Length && text[i + 1] is (byte)'x' or (byte)'X')
                {
                    i++;
                }
                else if (high < 0)
                {
                    high = digit;
                }
                else
                {
                    text[count++] = (byte)(high << 4 | digit);
                    high = -1;
                }

                continue;
            }

            switch (c)
            {
                case (byte)'\n':
                    (line, lineStart, lineCount) = (line + 1, i + 1, count);
                    continue;
                case (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)':' or (byte)'-' or (byte)',' or (byte)';' or (byte)'\'':
                    continue;
                case (byte)'#':
                    while (i + 1 < text.Length && text[i + 1] != '\n') i++;
                    continue;
            }

            // Not a digit: fine where an arrow follows in the same line, as in a trace.
            var arrow = ArrowAfter(text[lineStart..]);
            if (arrow > i - lineStart)
            {
                (count, high, i) = (lineCount, -1, lineStart + arrow - 1);
                continue;
            }

            if (ArrowAfter(text[i..]) == ArrowSize)
            {
                (count, high, i) = (lineCount, -1, i + ArrowSize - 1);
                continue;
            }

            fault = new(line, i - lineStart + 1, $"{Show(c)} is not a hexadecimal digit");
            return false;
        }

        if (high < 0) return true;
        fault = new(line, text.Length - lineStart, $"{2 * count + 1} hexadecimal digits are not whole octets; one is missing or too many");
        return false;
    }

    private const int ArrowSize = 3;

    // Behind the first arrow of the line, U+2190 or U+2192; 0 where there is none.
    private static int ArrowAfter(ReadOnlySpan<byte> text)
    {
        var end = text.IndexOf((byte)'\n');
        if (end >= 0) text = text[..end];
        var at = text.IndexOf((ReadOnlySpan<byte>)[0xE2, 0x86]);
        return at >= 0 && at + 2 < text.Length && text[at + 2] is 0x90 or 0x92 ? at + ArrowSize : 0;
    }

    private static string Show(byte c) => c is >= 0x20 and < 0x7F ? $"'{(char)c}'" : $"octet {c:X2}";

    private static int DigitOf(byte c) => c switch
    {
        >= (byte)'0' and <= (byte)'9' => c - '0',
        >= (byte)'A' and <= (byte)'F' => c - 'A' + 10,
        >= (byte)'a' and <= (byte)'f' => c - 'a' + 10,
        _ => -1,
    };
}
