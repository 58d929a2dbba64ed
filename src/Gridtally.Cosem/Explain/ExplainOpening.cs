using System.Text;

namespace Gridtally.Cosem.Explain;

/// <summary>The lines of IEC 62056-21 that open an optical port before HDLC: request, identification, option select.</summary>
internal static class ExplainOpening
{
    private const int MaxLine = 64;

    /// <summary>Reads one line that ends in CR LF; false, and nothing read, where there is none.</summary>
    /// <remarks>Captures of 7E1 as 8N1 have the parity in bit 7; it is left out of account.</remarks>
    public static bool TryRead(ExplainCursor input, ExplainNode root)
    {
        Span<char> line = stackalloc char[MaxLine];
        var length = 0;
        while (length < MaxLine && input.Peek(length) >= 0)
        {
            var octet = input.Peek(length) & 0x7F;
            line[length++] = (char)octet;
            if (octet == '\n') break;
            if (octet is < 0x20 or > 0x7E && octet != '\r' && !(length == 1 && octet == 0x06)) return false;
        }

        if (length < 3 || line[length - 1] != '\n' || line[length - 2] != '\r' || line[0] is not ('/' or '\u0006')) return false;
        var text = line[..(length - 2)];
        var node = input.Open(root, "IEC 62056-21", Describe(text));
        node.Length = length;
        input.Skip(length);
        return true;
    }

    private static string Describe(ReadOnlySpan<char> line)
    {
        if (line[0] == '\u0006') return line.Length == 4 ? $"option select: protocol {line[1]}, {Baud(line[2])}, mode {Mode(line[3])}" : "option select";
        if (line.Length > 1 && line[1] == '?') return line.Length > 3 ? $"request to {Printable(line[2..^1])}" : "request to any device";
        return line.Length > 4 ? $"identification: maker {Printable(line[1..4])}, up to {Baud(line[4])}, {Printable(line[5..])}" : "identification";
    }

    private static string Printable(ReadOnlySpan<char> text) => new StringBuilder().Append(text).ToString();

    private static string Baud(char z) => z is >= '0' and <= '6' ? $"{300 << (z - '0')} Bd" : $"baud character {z}";

    private static string Mode(char y) => y switch { '0' => "data readout", '1' => "programming", '2' => "binary (HDLC)", _ => $"{y}" };
}
