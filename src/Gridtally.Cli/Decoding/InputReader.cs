using Gridtally.Cli.Commands;
using Gridtally.Cosem.Explain;

namespace Gridtally.Cli.Decoding;

/// <summary>The octets to decode, from wherever the user has them.</summary>
internal static class InputReader
{
    /// <summary>Octets of the longest input that is held whole: a day of a busy bus. Longer ones are for <c>--lines</c>, or are cut first.</summary>
    public const int MaxOctets = 256 * 1024 * 1024;

    // Enough to tell a text from anything else.
    private const int Sample = 4096;

    /// <summary>Takes the words of the command line for hexadecimal digits or for the path of a file; none, and '-', for standard input.</summary>
    public static ReadOnlyMemory<byte> Read(string[] words, FileInfo? file, Func<Stream> openInput)
    {
        if (file is not null) return ReadFile(file);
        if (words is [] or ["-"])
        {
            using var input = openInput();
            return Octets(ReadAll(input, "standard input"), "standard input");
        }

        var text = System.Text.Encoding.UTF8.GetBytes(string.Concat(words));
        var isPath = words.Length == 1 && words[0].AsSpan().ContainsAny('/', '.', '\\');
        return words.Length == 1 && (isPath || !IsHex(text)) && (isPath || File.Exists(words[0])) ? ReadFile(new(words[0])) : Octets(text, "the octets");
    }

    /// <summary>Opens a file, or standard input where there is none, to be read line by line.</summary>
    public static Stream Open(string[] words, FileInfo? file, Func<Stream> openInput)
    {
        if (file is null && words is [] or ["-"]) return openInput();
        if (file is null && words.Length > 1) throw new CommandException("--lines reads a file or standard input; give the path of one file, or '-'.", ExitCodes.Usage);
        file ??= new(words[0]);
        return File.Exists(file.FullName) ? file.OpenRead() : throw new CommandException($"{file.FullName} does not exist; --lines reads a file or standard input.", ExitCodes.Usage);
    }

    private static ReadOnlyMemory<byte> ReadFile(FileInfo file)
    {
        if (!file.Exists) throw new CommandException($"{file.FullName} does not exist; expected hexadecimal digits or the path of a file.", ExitCodes.Usage);
        using var stream = file.OpenRead();
        return Octets(ReadAll(stream, file.FullName), file.FullName);
    }

    private static Memory<byte> ReadAll(Stream stream, string what)
    {
        var octets = new byte[stream is FileStream { CanSeek: true } sized ? (int)Math.Min(sized.Length + 1, MaxOctets + 1L) : 64 * 1024];
        var count = 0;
        while (true)
        {
            var read = stream.Read(octets, count, octets.Length - count);
            if (read == 0) return octets.AsMemory(0, count);
            count += read;
            if (count > MaxOctets) throw new CommandException($"{what}: more than {MaxOctets >> 20} MiB; cut the capture, or decode it with --lines.", ExitCodes.Usage);
            if (count == octets.Length) Array.Resize(ref octets, (int)Math.Min(2L * count, MaxOctets + 1L));
        }
    }

    /// <summary>Text is hexadecimal digits; anything else is the octets themselves.</summary>
    private static ReadOnlyMemory<byte> Octets(Memory<byte> input, string what)
    {
        if (input.IsEmpty) throw Nothing(what);
        if (Explainer.IsCaptureFile(input.Span) || !HexText.LooksLikeText(input.Span[..Math.Min(Sample, input.Length)])) return input;
        if (!HexText.TryParse(input.Span, out var count, out var fault)) throw new CommandException($"{what}: {fault}.", ExitCodes.Usage);
        return count > 0 ? input[..count] : throw Nothing(what);
    }

    private static CommandException Nothing(string what) => new($"{what}: nothing to decode; give hexadecimal digits, a file, or octets on standard input.", ExitCodes.Usage);

    private static bool IsHex(ReadOnlySpan<byte> text)
    {
        Span<byte> copy = text.Length <= 1024 ? stackalloc byte[text.Length] : new byte[text.Length];
        text.CopyTo(copy);
        return HexText.TryParse(copy, out _, out _);
    }
}
