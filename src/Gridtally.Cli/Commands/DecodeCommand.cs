using System.CommandLine;
using System.Security.Cryptography;
using Gridtally.Cli.Decoding;
using Gridtally.Cli.Reading;
using Gridtally.Cosem.Explain;
using Gridtally.Cosem.Security;

namespace Gridtally.Cli.Commands;

/// <summary><c>gridtally decode</c></summary>
internal static class DecodeCommand
{
    private static readonly Argument<string[]> Input = new("input")
    {
        Description = "Captured octets in hexadecimal digits (blanks, colons and 0x are left out), or the path of a file: digits, octets, pcap or pcapng. "
            + "'-' or nothing reads standard input.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private static readonly Option<FileInfo?> InputFile = new("--file", "-f") { Description = "Read this file, whatever its name looks like." };

    private static readonly Option<ExplainFormat> Format = new("--format")
    {
        Description = "What the octets are: Auto, Hdlc, Wrapper, MBus, Apdu, Data, Capture.",
        DefaultValueFactory = _ => ExplainFormat.Auto,
    };

    private static readonly Option<ushort?> Port = new("--port") { Description = "Capture files: only this TCP or UDP port. Default: every connection that begins like DLMS." };

    private static readonly Option<FileInfo?> Keys = new("--keys") { Description = "JSON file with the keys, as for 'gridtally read'; see docs/reading-meters.md." };

    private static readonly Option<string?> Ek = new("--ek") { Description = "Global unicast encryption key, 32 hexadecimal digits (64 in suite 2). Others may see a command line: prefer --keys." };

    private static readonly Option<string?> Ak = new("--ak") { Description = "Authentication key. Without it ciphertext is read and tags are not verified." };

    private static readonly Option<string?> BroadcastKey = new("--broadcast-key") { Description = "Global broadcast encryption key." };

    private static readonly Option<string?> DedicatedKey = new("--dedicated-key") { Description = "Dedicated key; one inside the octets is found by itself." };

    private static readonly Option<FileInfo?> DedicatedKeyFile = new("--dedicated-key-file") { Description = "File with the dedicated key." };

    private static readonly Option<string?> SystemTitle = new("--system-title") { Description = "System title of the sender, 16 hexadecimal digits, where the octets do not have it." };

    private static readonly Option<string?> ClientTitle = new("--client-title") { Description = "System title of the client, where that of the meter is another." };

    private static readonly Option<string?> ServerTitle = new("--server-title") { Description = "System title of the meter." };

    private static readonly Option<bool> ShowSecrets = new("--show-secrets") { Description = "Show passwords and keys that are in the octets." };

    private static readonly Option<bool> Lines = new("--lines") { Description = "Decode each line of a file or of standard input by itself, to one JSON object per line." };

    private static readonly Option<bool> NoTree = new("--no-tree") { Description = "With --lines: leave the tree out, print values and problems only." };

    private static readonly Option<bool> Json = new("--json") { Description = "Print the tree as JSON." };

    public static Command Create()
    {
        const string Examples =
            "Finds the framing by itself, puts segments and blocks together, names objects, scales values. Says where the first wrong octet is and why;\n"
            + "exit code 1 then.\n\n"
            + "  gridtally decode 7EA00802232193BD647E\n"
            + "  gridtally decode push.bin --ek 000102030405060708090A0B0C0D0E0F\n"
            + "  gridtally decode capture.pcapng --port 4059 --keys meter.json --json\n"
            + "  tail -f pushes.hex | gridtally decode --lines --no-tree --keys meter.json";
        var command = new ExampledCommand("decode", "Explains captured DLMS frames: HDLC, TCP/UDP wrapper, M-Bus, APDUs, Data, pcap files.", Examples)
        {
            Input, InputFile, Format, Port, Keys, Ek, Ak, BroadcastKey, DedicatedKey, DedicatedKeyFile, SystemTitle, ClientTitle, ServerTitle, ShowSecrets, Lines, NoTree, Json,
        };
        command.SetAction((parsed, cancellationToken) => Task.Run(() => Run(parsed, cancellationToken), CancellationToken.None));
        return command;
    }

    private static int Run(ParseResult parsed, CancellationToken cancellationToken)
    {
        using var keys = KeysOf(parsed);
        var options = OptionsOf(parsed, keys);
        var (words, file) = (parsed.GetValue(Input) ?? [], parsed.GetValue(InputFile));
        var output = parsed.InvocationConfiguration.Output;
        if (parsed.GetValue(Lines))
        {
            using var input = InputReader.Open(words, file, Console.OpenStandardInput);
            using var lines = new TextStream(output);
            return Ended(new LineDecoder(options, !parsed.GetValue(NoTree)).Run(input, lines, cancellationToken));
        }

        var octets = InputReader.Read(words, file, Console.OpenStandardInput);
        if (!parsed.GetValue(Json)) return Ended(DecodeOutput.WriteText(output, octets, options));
        using var stream = new TextStream(output);
        return Ended(DecodeOutput.WriteJson(stream, octets, options));
    }

    private static int Ended(bool good) => good ? ExitCodes.Done : ExitCodes.Failed;

    private static ExplainOptions OptionsOf(ParseResult parsed, SecurityKeys? keys)
    {
        var sender = TitleOf(parsed, SystemTitle);
        return new()
        {
            Format = parsed.GetValue(Format),
            Port = parsed.GetValue(Port),
            Keys = keys,
            VerifiesTags = parsed.GetValue(Keys) is not null || parsed.GetValue(Ak) is not null,
            HasEncryptionKey = parsed.GetValue(Keys) is not null || parsed.GetValue(Ek) is not null,
            DedicatedKey = parsed.GetValue(DedicatedKeyFile) is { } path ? KeyOf(File.ReadAllText(path.FullName).Trim(), DedicatedKeyFile.Name) : KeyOf(parsed.GetValue(DedicatedKey), DedicatedKey.Name),
            ClientTitle = TitleOf(parsed, ClientTitle) ?? sender,
            ServerTitle = TitleOf(parsed, ServerTitle) ?? sender,
            ShowSecrets = parsed.GetValue(ShowSecrets),
        };
    }

    private static SecurityKeys? KeysOf(ParseResult parsed)
    {
        var (ek, ak, broadcast) = (parsed.GetValue(Ek), parsed.GetValue(Ak), parsed.GetValue(BroadcastKey));
        if (parsed.GetValue(Keys) is { } file)
        {
            return ek is null && ak is null && broadcast is null ? KeyFile.Load(file) : throw new CommandException("--keys has all keys; leave out --ek, --ak and --broadcast-key.", ExitCodes.Usage);
        }

        if (ek is null && ak is null && broadcast is null) return null;
        byte[][] given = [KeyOf(ek, Ek.Name), KeyOf(ak, Ak.Name), KeyOf(broadcast, BroadcastKey.Name)];
        var size = given.Max(key => key.Length);
        if (given.Any(key => key.Length > 0 && key.Length != size)) throw new CommandException("--ek, --ak and --broadcast-key: expected keys of one suite, all of 32 or all of 64 hexadecimal digits.", ExitCodes.Usage);
        var none = new byte[size];
        var suite = size == SecuritySuites.MaxKeySize ? SecuritySuite.Suite2 : SecuritySuite.Suite0;
        var keys = new SecurityKeys(suite, ek is null ? none : given[0], ak is null ? none : given[1], given[2]);
        foreach (var key in given) CryptographicOperations.ZeroMemory(key);
        return keys;
    }

    private static byte[] KeyOf(string? text, string option)
    {
        if (text is null) return [];
        return text.Length is SecurityKeys.KeyDigits or 2 * SecuritySuites.MaxKeySize && text.All(char.IsAsciiHexDigit)
            ? Convert.FromHexString(text)
            : throw new CommandException($"{option}: expected {SecurityKeys.KeyDigits} hexadecimal digits (64 in suite 2), got {SecurityKeys.Describe(text)}.", ExitCodes.Usage);
    }

    private static SystemTitle? TitleOf(ParseResult parsed, Option<string?> option) =>
        parsed.GetValue(option) is not { } text ? null
        : Cosem.Security.SystemTitle.TryParse(text, out var title) ? title
        : throw new CommandException($"{option.Name}: expected 16 hexadecimal digits.", ExitCodes.Usage);
}
