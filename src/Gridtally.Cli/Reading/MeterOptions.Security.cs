using System.CommandLine;
using System.Security.Cryptography;
using System.Text;
using Gridtally.Cli.Commands;
using Gridtally.Cosem.Acse;
using Gridtally.Cosem.Client;
using Gridtally.Cosem.Security;

namespace Gridtally.Cli.Reading;

/// <content>Who asks, and how requests are protected.</content>
internal sealed partial class MeterOptions
{
    // The word of each mechanism; its number in the standard is its place.
    private static readonly string[] Mechanisms = ["none", "lls", "hls2", "md5", "sha1", "hls5", "sha256", "ecdsa"];

    private static readonly Dictionary<string, Envelope> Envelopes = new() { ["glo"] = Envelope.Service, ["general"] = Envelope.General, ["general-ciphering"] = Envelope.GeneralCiphering };

    private static readonly Dictionary<string, KeyChoice> Choices = new()
    {
        ["global"] = KeyChoice.GlobalUnicast,
        ["broadcast"] = KeyChoice.GlobalBroadcast,
        ["wrapped"] = KeyChoice.Wrapped,
        ["one-pass"] = KeyChoice.OnePass,
        ["static"] = KeyChoice.StaticUnified,
    };

    private readonly Option<string?> _auth = new("--auth")
    {
        Description = $"Authentication mechanism: {string.Join(", ", Mechanisms)}, or its number 0 to 7. Default: hls5 with --keys, lls with --password, else none.",
    };

    private readonly Option<FileInfo?> _keys = new("--keys") { Description = "JSON file with encryptionKey and authenticationKey, 32 hexadecimal digits each (64 in suite 2); see docs/reading-meters.md for more in it." };
    private readonly Option<FileInfo?> _password = new("--password") { Description = "File that holds the password of LLS, or the secret of hls2, md5, sha1 and sha256." };
    private readonly Option<string?> _title = new("--system-title") { Description = "Own system title, 16 hexadecimal digits, where the meter knows its client by it. Default: a fresh one each time." };
    private readonly Option<string?> _serverTitle = new("--server-title") { Description = "The meter's system title, where it does not tell it." };
    private readonly Option<string?> _protection = new("--protection") { Description = "Protection of requests: none, authenticated, encrypted, both; with + signed where there is a signing key. Default: both with --keys." };
    private readonly Option<string?> _responseProtection = new("--response-protection") { Description = "The least protection that is accepted of responses. Default: that of requests." };
    private readonly Option<bool> _dedicated = new("--dedicated-key") { Description = "Use a fresh dedicated key for this association." };
    private readonly Option<string> _envelope = new("--envelope")
    {
        Description = $"How ciphered requests are wrapped: {string.Join(", ", Envelopes.Keys)}. Default: glo (glo- and ded- tags).",
        DefaultValueFactory = _ => "glo",
    };

    private readonly Option<string> _key = new("--key")
    {
        Description = $"Key of requests: {string.Join(", ", Choices.Keys)}; the last three make one for each request, with general-ciphering. Default: global.",
        DefaultValueFactory = _ => "global",
    };
    private readonly Option<bool> _shortNames = new("--sn") { Description = "Short name referencing, for old meters: objects are found through the object list of Association SN." };
    private readonly Option<byte?> _userId = new("--user-id") { Description = "User id, for meters with an association user list." };
    private readonly Option<bool> _noCounter = new("--no-counter-read") { Description = "Do not read the invocation counter as public client first. Only with a system title of its own: counters then begin at 0." };

    private AssociationOptions AssociationOf(ParseResult parsed)
    {
        var (keyFile, passwordFile) = (parsed.GetValue(_keys), parsed.GetValue(_password));
        var mechanism = MechanismOf(parsed.GetValue(_auth), keyFile is not null, passwordFile is not null);
        var needsPassword = mechanism is not (AuthenticationMechanism.None or AuthenticationMechanism.HighLevelGmac or (AuthenticationMechanism)7);
        if (needsPassword && passwordFile is null) throw new CommandException($"--auth {Mechanisms[(int)mechanism]} needs --password.", ExitCodes.Usage);
        if (mechanism is AuthenticationMechanism.HighLevelGmac or (AuthenticationMechanism)7 && keyFile is null) throw new CommandException($"--auth {Mechanisms[(int)mechanism]} needs --keys.", ExitCodes.Usage);
        var keys = keyFile is null ? null : KeyFile.Load(keyFile);
        return new()
        {
            Mechanism = mechanism,
            Password = passwordFile is null ? default : Encoding.ASCII.GetBytes(File.ReadAllText(passwordFile.FullName).TrimEnd('\r', '\n')),
            Keys = keys,
            Protection = ProtectionOf(parsed.GetValue(_protection), keys is not null, "--protection"),
            ResponseProtection = parsed.GetValue(_responseProtection) is { } least ? ProtectionOf(least, keys is not null, "--response-protection") : null,
            SystemTitle = OwnTitle(parsed, keys is not null || mechanism > AuthenticationMechanism.HighLevelGmac),
            ServerSystemTitle = TitleOf(parsed.GetValue(_serverTitle), "--server-title"),
            Envelope = WordOf(parsed.GetValue(_envelope)!, Envelopes, "--envelope"),
            Key = WordOf(parsed.GetValue(_key)!, Choices, "--key"),
            Random = RandomNumberGenerator.Fill,
            UserId = parsed.GetValue(_userId),
            Challenge = mechanism > AuthenticationMechanism.LowLevel ? RandomNumberGenerator.GetBytes(32) : default,
            UseShortNames = parsed.GetValue(_shortNames),
            ProposedConformance = ConformanceOf(parsed),
            MaxReceivePdu = (ushort)parsed.GetValue(_maxPdu),
            GeneralBlockWindow = parsed.GetValue(_gbt) ?? Cosem.Server.AssociationSpec.DefaultGeneralBlockWindow,
            Quirks = QuirksOf(parsed),
        };
    }

    private static AuthenticationMechanism MechanismOf(string? text, bool hasKeys, bool hasPassword)
    {
        if (text is null) return hasKeys ? AuthenticationMechanism.HighLevelGmac : hasPassword ? AuthenticationMechanism.LowLevel : AuthenticationMechanism.None;
        var number = text == "gmac" ? 5 : text.Length == 1 && char.IsAsciiDigit(text[0]) ? text[0] - '0' : Array.IndexOf(Mechanisms, text);
        return number >= 0 && number < Mechanisms.Length
            ? (AuthenticationMechanism)number
            : throw new CommandException($"--auth: '{text}' is not known; expected {string.Join(", ", Mechanisms)}, or 0 to 7.", ExitCodes.Usage);
    }

    private static T WordOf<T>(string text, Dictionary<string, T> words, string option) =>
        words.TryGetValue(text, out var value) ? value : throw new CommandException($"{option}: '{text}' is not known; expected {string.Join(", ", words.Keys)}.", ExitCodes.Usage);

    private static Protection ProtectionOf(string? text, bool hasKeys, string option)
    {
        if (text is null) return hasKeys ? Protection.AuthenticatedEncrypted : Protection.None;
        var protection = text.Split('+', StringSplitOptions.TrimEntries).Aggregate(Protection.None, (all, word) => all | word switch
        {
            "none" => Protection.None,
            "authenticated" => Protection.Authenticated,
            "encrypted" => Protection.Encrypted,
            "both" => Protection.AuthenticatedEncrypted,
            "signed" => Protection.Signed,
            _ => throw new CommandException($"{option}: '{word}' is not known; expected none, authenticated, encrypted, both, and + signed.", ExitCodes.Usage),
        });
        return protection == Protection.None || hasKeys ? protection : throw new CommandException($"{option} needs --keys.", ExitCodes.Usage);
    }

    // This command remembers no counters, and what a meter says of them is not authentic; a fresh title keeps initialization vectors
    // from repeating all the same.
    private SystemTitle OwnTitle(ParseResult parsed, bool isNeeded) =>
        TitleOf(parsed.GetValue(_title), "--system-title") ?? (isNeeded ? SystemTitle.Of("GTY", BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong)))) : default);

    private static SystemTitle? TitleOf(string? text, string option) =>
        text is null ? null
        : SystemTitle.TryParse(text, out var title) ? title
        : throw new CommandException($"{option}: expected 16 hexadecimal digits.", ExitCodes.Usage);
}
