using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using Gridtally.Cli.Reading;
using Gridtally.Cosem.Acse;
using Gridtally.Cosem.Client;
using Gridtally.Cosem.Framing;
using Gridtally.Cosem.Security;
using Gridtally.Links;
using Gridtally.Sessions;

namespace Gridtally.Cli.Commands;

/// <summary><c>gridtally read</c></summary>
internal static class ReadCommand
{
    private static readonly Argument<string> Address = new("address")
    {
        Description = "Where the meter is: tcp://host:4059, udp://host:4059, serial:///dev/ttyUSB0?baud=9600&parity=N, or just the path of a serial port.",
    };

    private static readonly Argument<string[]> What = new("what")
    {
        Description = $"What to read: {string.Join(", ", ReadTarget.Words.Keys)}, an OBIS code (1-0:1.8.0) or class/OBIS:attribute (3/1-0:1.8.0.255:2). Default: name.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private static readonly Option<string> Client = new("--client")
    {
        Description = "Who asks: public (16), read (2), management (1), or a client SAP.",
        DefaultValueFactory = _ => "public",
    };

    private static readonly Option<ushort> Device = new("--device") { Description = "Logical device (server SAP).", DefaultValueFactory = _ => 1 };

    private static readonly Option<ushort> Physical = new("--physical") { Description = "HDLC physical address on a bus; 0 for one-octet addresses.", DefaultValueFactory = _ => 0 };

    private static readonly Option<int?> AddressLength = new("--address-length") { Description = "Octets of the HDLC server address: 1, 2 or 4. Default: 1 without --physical, else 4." };

    private static readonly Option<string?> Framing = new("--framing") { Description = "wrapper or hdlc. Default: hdlc on a serial port, wrapper otherwise." };

    private static readonly Option<string?> Auth = new("--auth") { Description = "none, lls or hls5. Default: hls5 with --keys, lls with --password, else none." };

    private static readonly Option<FileInfo?> Keys = new("--keys") { Description = "JSON file with encryptionKey and authenticationKey, 32 hexadecimal digits each." };

    private static readonly Option<FileInfo?> Password = new("--password") { Description = "File that holds the LLS password." };

    private static readonly Option<string?> Title = new("--system-title")
    {
        Description = "Own system title, 16 hexadecimal digits, where the meter knows its client by it. Default: a fresh one each time.",
    };

    private static readonly Option<bool> Dedicated = new("--dedicated-key") { Description = "Use a fresh dedicated key for this association." };

    private static readonly Option<DateTimeOffset?> From = new("--from") { Description = "Profiles: first time (UTC where no offset is given), such as 2026-01-15T00:00." };

    private static readonly Option<DateTimeOffset?> To = new("--to") { Description = "Profiles: last time." };

    private static readonly Option<uint> Rows = new("--rows") { Description = "Profiles without --from and --to: the last so many rows.", DefaultValueFactory = _ => 10 };

    private static readonly Option<double> Timeout = new("--timeout") { Description = "Seconds to wait for an answer.", DefaultValueFactory = _ => 3 };

    private static readonly Option<int> Retries = new("--retries") { Description = "How often to ask again.", DefaultValueFactory = _ => 3 };

    private static readonly Option<bool> Trace = new("--trace") { Description = "Show every frame on standard error; 'gridtally decode' explains them." };

    private static readonly Option<bool> Json = new("--json") { Description = "Print JSON." };

    public static Command Create()
    {
        const string Examples =
            "  gridtally read tcp://10.0.0.7 name\n"
            + "  gridtally read tcp://10.0.0.7 --client read --keys meter.json clock energy profile --rows 48\n"
            + "  gridtally read /dev/ttyUSB0 --physical 17 --client read --keys meter.json objects";
        var command = new ExampledCommand("read", "Reads any DLMS meter: registers, profiles, its list of objects.", Examples)
        {
            Address, What, Client, Device, Physical, AddressLength, Framing, Auth, Keys, Password, Title, Dedicated, From, To, Rows, Timeout, Retries, Trace, Json,
        };
        Check(Timeout, seconds => seconds is >= 0.1 and <= 600, "--timeout: expected 0.1 to 600 seconds.");
        Check(Retries, times => times is >= 0 and <= 100, "--retries: expected 0 to 100.");
        Check(AddressLength, octets => octets is null or 1 or 2 or 4, "--address-length: expected 1, 2 or 4.");
        Check(Physical, address => address <= HdlcAddress.All14, $"--physical: expected 0 to {HdlcAddress.All14}.");
        Check(Rows, rows => rows > 0, "--rows: expected 1 or more.");
        command.Validators.Add(result =>
        {
            if (result.GetValue(From) > result.GetValue(To)) result.AddError("--from is after --to.");
        });
        command.SetAction(RunAsync);
        return command;
    }

    private static void Check<T>(Option<T> option, Func<T?, bool> isAllowed, string expected)
    {
        option.Validators.Clear();
        option.Validators.Add(result =>
        {
            if (!isAllowed(result.GetValueOrDefault<T>())) result.AddError(expected);
        });
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var targets = parsed.GetValue(What) is { Length: > 0 } words ? words.Select(ReadTarget.Parse).ToArray() : [ReadTarget.Words["name"]];
        var address = parsed.GetValue(Address)!;
        if (address.StartsWith('/')) address = "serial://" + address;
        var options = OptionsOf(parsed, address.StartsWith("serial", StringComparison.OrdinalIgnoreCase));
        var factory = LinkAddress.TryParse(address, TimeProvider.System, out var found, out var error) ? found! : throw new CommandException(error!, ExitCodes.Usage);
        await using var channel = await factory.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using var client = await DlmsClient.ConnectAsync(channel, options, new InMemoryInvocationCounters(), TimeProvider.System, cancellationToken).ConfigureAwait(false);
        return await ReadAsync(parsed, new MeterReader(client), targets, cancellationToken).ConfigureAwait(false);
    }

    private static async Task<int> ReadAsync(ParseResult parsed, MeterReader reader, ReadTarget[] targets, CancellationToken cancellationToken)
    {
        var json = parsed.GetValue(Json);
        var all = new List<object>();
        var failed = false;
        foreach (var target in targets)
        {
            var attribute = await reader.ResolveAsync(target, cancellationToken).ConfigureAwait(false);
            object read;
            if (target.IsObjectList)
            {
                read = await reader.ObjectsAsync(cancellationToken).ConfigureAwait(false);
            }
            else if (attribute is { ClassId: 7, AttributeId: 2 })
            {
                read = await reader.ReadProfileAsync(
                    attribute.Instance, parsed.GetValue(From)?.UtcDateTime, parsed.GetValue(To)?.UtcDateTime, parsed.GetValue(Rows), cancellationToken).ConfigureAwait(false);
            }
            else
            {
                var value = await reader.ReadAsync(attribute, cancellationToken).ConfigureAwait(false);
                failed |= value.Failure is not null;
                read = value;
            }

            all.Add(read);
            if (!json) WriteText(read);
        }

        if (json) ReadOutput.WriteJson(Console.Out, all);
        return failed ? ExitCodes.Failed : ExitCodes.Done;
    }

    private static void WriteText(object read)
    {
        switch (read)
        {
            case ValueRead value: ReadOutput.WriteText(Console.Out, value); break;
            case ProfileRead profile: ReadOutput.WriteText(Console.Out, profile); break;
            case IReadOnlyList<ListedObject> objects: ReadOutput.WriteText(Console.Out, objects); break;
        }
    }

    private static DlmsClientOptions OptionsOf(ParseResult parsed, bool serial)
    {
        var framing = parsed.GetValue(Framing) switch
        {
            null => serial ? FramingKind.Hdlc : FramingKind.Wrapper,
            "hdlc" => FramingKind.Hdlc,
            "wrapper" => FramingKind.Wrapper,
            var other => throw new CommandException($"--framing: '{other}' is not a framing; expected wrapper or hdlc.", ExitCodes.Usage),
        };
        var (device, physical) = (parsed.GetValue(Device), parsed.GetValue(Physical));
        var length = parsed.GetValue(AddressLength) ?? (physical == 0 ? 1 : 4);
        if (framing == FramingKind.Hdlc) CheckFits(device, physical, length);
        return new()
        {
            Peer = new(SapOf(parsed.GetValue(Client)!), device, physical),
            Framing = framing,
            Hdlc = new() { AddressLength = length },
            Association = AssociationOf(parsed),
            UseDedicatedKey = parsed.GetValue(Dedicated),
            ResponseTimeout = TimeSpan.FromSeconds(parsed.GetValue(Timeout)),
            SendRetry = parsed.GetValue(Retries),
            Trace = parsed.GetValue(Trace) ? frame => Console.Error.WriteLine($"{frame.At:HH:mm:ss.fff} {(frame.Direction == TraceDirection.Sent ? "→" : "←")} {Convert.ToHexString(frame.Bytes.Span)}") : null,
        };
    }

    private static void CheckFits(ushort device, ushort physical, int length)
    {
        var most = length == 4 ? HdlcAddress.All14 : HdlcAddress.All7;
        var mostPhysical = length == 1 ? 0 : most;
        if (device <= most && physical <= mostPhysical) return;
        throw new CommandException(
            $"--device {device} with --physical {physical} does not fit in an HDLC address of {length} octets; expected at most {most} and {mostPhysical}. See --address-length.",
            ExitCodes.Usage);
    }

    private static AssociationOptions AssociationOf(ParseResult parsed)
    {
        var (keys, password) = (parsed.GetValue(Keys), parsed.GetValue(Password));
        var auth = parsed.GetValue(Auth) ?? (keys is not null ? "hls5" : password is not null ? "lls" : "none");
        switch (auth)
        {
            case "none":
                return new();
            case "lls":
                if (password is null) throw new CommandException("--auth lls needs --password.", ExitCodes.Usage);
                return new() { Mechanism = AuthenticationMechanism.LowLevel, Password = System.Text.Encoding.ASCII.GetBytes(File.ReadAllText(password.FullName).TrimEnd('\r', '\n')) };
            case "hls5":
                if (keys is null) throw new CommandException("--auth hls5 needs --keys.", ExitCodes.Usage);
                if (!TryGetTitle(parsed, out var title)) throw new CommandException("--system-title: expected 16 hexadecimal digits.", ExitCodes.Usage);
                return new()
                {
                    Mechanism = AuthenticationMechanism.HighLevelGmac,
                    Keys = KeyFile.Load(keys),
                    Protection = Protection.AuthenticatedEncrypted,
                    SystemTitle = title,
                };
            default:
                throw new CommandException($"--auth: '{auth}' is not known; expected none, lls or hls5.", ExitCodes.Usage);
        }
    }

    // This command remembers no counters, and what a meter says of them is not authentic; a fresh title keeps initialization vectors
    // from repeating all the same.
    private static bool TryGetTitle(ParseResult parsed, out SystemTitle title)
    {
        title = SystemTitle.Of("GTY", BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong))));
        return parsed.GetValue(Title) is not { } text || SystemTitle.TryParse(text, out title);
    }

    private static ushort SapOf(string client) => client switch
    {
        "public" => 16,
        "read" => 2,
        "management" => 1,
        _ => ushort.TryParse(client, NumberStyles.None, CultureInfo.InvariantCulture, out var sap) && sap is > 0 and < 128
            ? sap
            : throw new CommandException($"--client: '{client}' is no client; expected public, read, management or a SAP from 1 to 127.", ExitCodes.Usage),
    };
}
