using System.Buffers;
using System.CommandLine;
using System.Text;
using System.Text.Json;
using Gridtally.Cli.Reading;
using Gridtally.Cosem.Explain;
using Gridtally.Cosem.Security;

namespace Gridtally.Cli.Commands;

/// <summary><c>gridtally decode</c></summary>
internal static class DecodeCommand
{
    // A day of a busy bus; more belongs into a file that is cut first.
    private const int MaxHexDigits = 32 * 1024 * 1024;

    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789ABCDEFabcdef");

    private static readonly Argument<string[]> Hex = new("hex")
    {
        Description = "Captured octets in hexadecimal digits; blanks, colons and 0x are left out. '-' or nothing reads standard input.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private static readonly Option<ExplainFormat> Format = new("--format")
    {
        Description = "What the octets are: Auto, Hdlc, Wrapper, Apdu, Data.",
        DefaultValueFactory = _ => ExplainFormat.Auto,
    };

    private static readonly Option<FileInfo?> Keys = new("--keys") { Description = "JSON file with encryptionKey and authenticationKey, for ciphered APDUs." };

    private static readonly Option<string?> DedicatedKey = new("--dedicated-key-file") { Description = "File with the dedicated key, 32 hexadecimal digits; one inside the octets is found by itself." };

    private static readonly Option<string?> ClientTitle = new("--client-title") { Description = "System title of the client, 16 hexadecimal digits, where the octets do not have it." };

    private static readonly Option<string?> ServerTitle = new("--server-title") { Description = "System title of the meter." };

    private static readonly Option<bool> ShowSecrets = new("--show-secrets") { Description = "Show passwords and keys that are in the octets." };

    private static readonly Option<bool> Json = new("--json") { Description = "Print the tree as JSON." };

    public static Command Create()
    {
        const string Examples =
            "Says where the first wrong octet is and why; exit code 1 then.\n\n"
            + "  gridtally decode 7EA00802232193BD647E\n"
            + "  gridtally decode --keys meter.json - < capture.hex";
        var command = new ExampledCommand("decode", "Explains captured DLMS frames: HDLC, TCP/UDP wrapper, one APDU or bare Data.", Examples)
        {
            Hex, Format, Keys, DedicatedKey, ClientTitle, ServerTitle, ShowSecrets, Json,
        };
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult parsed)
    {
        var words = parsed.GetValue(Hex) ?? [];
        var text = words is [] or ["-"] ? Console.In.ReadToEnd() : string.Concat(words);
        var options = new ExplainOptions
        {
            Format = parsed.GetValue(Format),
            Keys = parsed.GetValue(Keys) is { } file ? KeyFile.Load(file) : null,
            DedicatedKey = parsed.GetValue(DedicatedKey) is { } path ? Octets(File.ReadAllText(path), "--dedicated-key-file") : default,
            ClientTitle = TitleOf(parsed.GetValue(ClientTitle), "--client-title"),
            ServerTitle = TitleOf(parsed.GetValue(ServerTitle), "--server-title"),
            ShowSecrets = parsed.GetValue(ShowSecrets),
        };
        var explained = Explainer.Explain(Octets(text, "the octets"), options);
        var output = parsed.InvocationConfiguration.Output;
        if (parsed.GetValue(Json)) WriteJson(output, explained);
        else ExplainText.Write(output, explained);
        return explained.Problems.Any() ? ExitCodes.Failed : ExitCodes.Done;
    }

    private static void WriteJson(TextWriter output, ExplainNode explained)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true })) ExplainText.Write(json, explained);
        output.WriteLine(Encoding.UTF8.GetString(buffer.WrittenSpan));
    }

    private static byte[] Octets(string text, string what)
    {
        var digits = string.Concat(text.Replace("0x", "", StringComparison.OrdinalIgnoreCase).Where(c => !char.IsWhiteSpace(c) && c is not (':' or '-' or ',')));
        if (digits.Length > MaxHexDigits) throw new CommandException($"{what}: more than {MaxHexDigits / 2} octets; cut the capture.", ExitCodes.Usage);
        var wrong = digits.AsSpan().IndexOfAnyExcept(HexDigits);
        if (wrong >= 0) throw new CommandException($"{what}: '{digits[wrong]}' (digit {wrong + 1}) is not a hexadecimal digit.", ExitCodes.Usage);
        if (digits.Length == 0) throw new CommandException($"{what}: nothing to decode.", ExitCodes.Usage);
        return digits.Length % 2 == 0
            ? Convert.FromHexString(digits)
            : throw new CommandException($"{what}: {digits.Length} hexadecimal digits are not whole octets; one is missing or too many.", ExitCodes.Usage);
    }

    private static SystemTitle? TitleOf(string? text, string option) =>
        text is null ? null
        : SystemTitle.TryParse(text, out var title) ? title
        : throw new CommandException($"{option}: expected 16 hexadecimal digits.", ExitCodes.Usage);
}
