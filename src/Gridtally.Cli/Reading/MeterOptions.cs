using System.CommandLine;
using System.Globalization;
using Gridtally.Cli.Commands;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Client;
using Gridtally.Cosem.Framing;
using Gridtally.Cosem.LocalPort;
using Gridtally.Cosem.Quirks;
using Gridtally.Cosem.Security;
using Gridtally.Links;
using Gridtally.Sessions;

namespace Gridtally.Cli.Reading;

/// <summary>How to reach a meter and as whom: the options that read, write and invoke share.</summary>
internal sealed partial class MeterOptions
{
    private const string Framings = "wrapper or hdlc";

    public Argument<string> Address { get; } = new("address")
    {
        Description = "Where the meter is: tcp://host:4059, udp://host:4059, serial:///dev/ttyUSB0?baud=9600&parity=N, or just the path of a serial port.",
    };

    private readonly Option<string> _client = new("--client") { Description = "Who asks: public (16), read (2), management (1), or a client SAP.", DefaultValueFactory = _ => "public" };
    private readonly Option<ushort> _device = new("--device") { Description = "Logical device (server SAP).", DefaultValueFactory = _ => 1 };
    private readonly Option<ushort> _physical = new("--physical") { Description = "HDLC physical address on a bus; 0 for one-octet addresses.", DefaultValueFactory = _ => 0 };
    private readonly Option<int?> _addressLength = new("--address-length") { Description = "Octets of the HDLC server address: 1, 2 or 4. Default: 1 without --physical, else 4." };
    private readonly Option<string?> _framing = new("--framing") { Description = $"{Framings}. Default: hdlc on a serial port, wrapper otherwise." };
    private readonly Option<int?> _baud = new("--baud") { Description = "Baud rate of a serial port. Default: 9600." };
    private readonly Option<string?> _parity = new("--parity") { Description = "Serial data bits, parity and stop bits, such as 8N1 or 7E1. Default: 8N1." };
    private readonly Option<int?> _modeE = new("--mode-e") { Description = "Open an optical port by IEC 62056-21 mode E first, at 300 Bd 7E1, then go to HDLC at this rate at most. Default: 19200.", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<string?> _deviceAddress = new("--device-address") { Description = "With --mode-e: the meter's address in the opening, where several share the line." };
    private readonly Option<int> _window = new("--window") { Description = "HDLC window size to offer, 1 to 7.", DefaultValueFactory = _ => 1 };
    private readonly Option<int> _info = new("--info-length") { Description = "HDLC information field length to offer, 32 to 2030 octets.", DefaultValueFactory = _ => 128 };
    private readonly Option<int> _maxPdu = new("--max-pdu") { Description = "Largest APDU to take, in octets; 0 for no limit.", DefaultValueFactory = _ => AssociationOptions.DefaultMaxReceivePdu };
    private readonly Option<string?> _conformance = new("--conformance") { Description = "Services to propose: names of the standard with commas between, or six hexadecimal digits. Default: all that is known here." };
    private readonly Option<byte?> _gbt = new("--gbt") { Description = "Propose general block transfer, with this window (1 to 63, default 8).", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<double> _timeout = new("--timeout") { Description = "Seconds to wait for an answer.", DefaultValueFactory = _ => 3 };
    private readonly Option<int> _retries = new("--retries") { Description = "How often to ask again.", DefaultValueFactory = _ => 3 };
    private readonly Option<FileInfo?> _quirks = new("--quirks") { Description = "Quirk profile of a meter that deviates from the standard; see docs/quirks.md." };
    private readonly Option<bool> _trace = new("--trace") { Description = "Show every frame on standard error; 'gridtally decode' explains them." };

    /// <summary>True where standard error has frames on it, so that progress is not drawn over them.</summary>
    public bool Traces(ParseResult parsed) => parsed.GetValue(_trace);

    /// <summary>Adds the argument and the options to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (var option in new Option[]
        {
            _client, _device, _physical, _addressLength, _framing, _baud, _parity, _modeE, _deviceAddress, _auth, _keys, _password, _title, _serverTitle, _protection, _responseProtection, _dedicated, _envelope, _key, _shortNames, _userId,
            _noCounter, _window, _info, _maxPdu, _conformance, _gbt, _timeout, _retries, _quirks, _trace,
        }) command.Add(option);
        Check(_timeout, seconds => seconds is >= 0.1 and <= 600, "--timeout: expected 0.1 to 600 seconds.");
        Check(_retries, times => times is >= 0 and <= 100, "--retries: expected 0 to 100.");
        Check(_addressLength, octets => octets is null or 1 or 2 or 4, "--address-length: expected 1, 2 or 4.");
        Check(_physical, address => address <= HdlcAddress.All14, $"--physical: expected 0 to {HdlcAddress.All14}.");
        Check(_window, size => size is >= 1 and <= 7, "--window: expected 1 to 7.");
        Check(_info, octets => octets is >= 32 and <= 2030, "--info-length: expected 32 to 2030.");
        Check(_maxPdu, octets => octets is 0 or (>= 12 and <= ushort.MaxValue), "--max-pdu: expected 12 to 65535, or 0 for no limit.");
    }

    /// <summary>Fails the command line where a value is not allowed.</summary>
    public static void Check<T>(Option<T> option, Func<T?, bool> isAllowed, string expected)
    {
        option.Validators.Clear();
        option.Validators.Add(result =>
        {
            if (!isAllowed(result.GetValueOrDefault<T>())) result.AddError(expected);
        });
    }

    /// <summary>Checks everything that can be checked without a meter.</summary>
    /// <exception cref="CommandException">An option is wrong; the message names it.</exception>
    public MeterConnection Prepare(ParseResult parsed)
    {
        var address = AddressOf(parsed);
        var isSerial = address.StartsWith("serial", StringComparison.OrdinalIgnoreCase);
        var options = OptionsOf(parsed, isSerial);
        if (!LinkAddress.TryParse(address, TimeProvider.System, out var factory, out var error)) throw new CommandException(error!, ExitCodes.Usage);
        try
        {
            options.Association.Validate();
        }
        catch (ArgumentException e)
        {
            throw new CommandException($"These options do not fit together: {e.Message}", ExitCodes.Usage);
        }

        return new(factory!, options);
    }

    private string AddressOf(ParseResult parsed)
    {
        var address = parsed.GetValue(Address)!;
        if (address.StartsWith('/')) address = "serial://" + address;
        var (baud, parity) = (parsed.GetValue(_baud), parsed.GetValue(_parity));
        if (baud is null && parity is null) return address;
        if (!address.StartsWith("serial", StringComparison.OrdinalIgnoreCase)) throw new CommandException("--baud and --parity are for serial ports.", ExitCodes.Usage);
        if (parity is not null and not [>= '5' and <= '8', _, '1' or '2']) throw new CommandException($"--parity: '{parity}': expected data bits, parity and stop bits, such as 8N1.", ExitCodes.Usage);
        List<string> settings = [];
        if (baud is not null) settings.Add(string.Create(CultureInfo.InvariantCulture, $"baud={baud}"));
        if (parity is not null) settings.Add($"data={parity[0]}&parity={parity[1]}&stop={parity[2]}");
        return $"{address}{(address.Contains('?', StringComparison.Ordinal) ? '&' : '?')}{string.Join('&', settings)}";
    }

    private DlmsClientOptions OptionsOf(ParseResult parsed, bool serial)
    {
        var framing = parsed.GetValue(_framing) switch
        {
            null => serial ? FramingKind.Hdlc : FramingKind.Wrapper,
            "hdlc" => FramingKind.Hdlc,
            "wrapper" => FramingKind.Wrapper,
            var other => throw new CommandException($"--framing: '{other}' is not a framing; expected {Framings}.", ExitCodes.Usage),
        };
        var (device, physical) = (parsed.GetValue(_device), parsed.GetValue(_physical));
        var length = parsed.GetValue(_addressLength) ?? (physical == 0 ? 1 : 4);
        if (framing == FramingKind.Hdlc) CheckFits(device, physical, length);
        var (info, window) = (parsed.GetValue(_info), parsed.GetValue(_window));
        return new()
        {
            Peer = new(SapOf(parsed.GetValue(_client)!), device, physical),
            Framing = framing,
            Opening = OpeningOf(parsed, framing),
            Hdlc = new() { AddressLength = length, Parameters = new(info, info, window, window) },
            Association = AssociationOf(parsed),
            UseDedicatedKey = parsed.GetValue(_dedicated),
            ReadInvocationCounter = !parsed.GetValue(_noCounter),
            ResponseTimeout = TimeSpan.FromSeconds(parsed.GetValue(_timeout)),
            SendRetry = parsed.GetValue(_retries),
            Trace = parsed.GetValue(_trace) ? frame => Console.Error.WriteLine($"{frame.At:HH:mm:ss.fff} {(frame.Direction == TraceDirection.Sent ? "→" : "←")} {Convert.ToHexString(frame.Bytes.Span)}") : null,
        };
    }

    private OpeningOptions? OpeningOf(ParseResult parsed, FramingKind framing)
    {
        if (parsed.GetResult(_modeE) is null)
            return parsed.GetValue(_deviceAddress) is null ? null : throw new CommandException("--device-address is for --mode-e; the address of an HDLC meter is --physical.", ExitCodes.Usage);
        if (framing != FramingKind.Hdlc) throw new CommandException("--mode-e goes before HDLC; add --framing hdlc, or give a serial port.", ExitCodes.Usage);
        var opening = new OpeningOptions { DeviceAddress = parsed.GetValue(_deviceAddress) ?? "", MaxBaud = parsed.GetValue(_modeE) ?? BaudCharacters.MaxBaud };
        try
        {
            opening.Validate();
            return opening;
        }
        catch (ArgumentException e)
        {
            throw new CommandException($"--mode-e, --device-address: {e.Message}", ExitCodes.Usage);
        }
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

    private Conformance ConformanceOf(ParseResult parsed)
    {
        var conformance = Conformance.Supported;
        if (parsed.GetValue(_conformance) is { } text)
        {
            conformance = text.Length == 6 && uint.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var bits)
                ? (Conformance)bits
                : text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Aggregate(Conformance.None, (all, name) => all | BitOf(name));
        }

        return parsed.GetResult(_gbt) is null ? conformance : conformance | Conformance.GeneralBlockTransfer;
    }

    private static Conformance BitOf(string name)
    {
        foreach (var row in ConformanceBits.Table)
        {
            if (row.Name == name) return row.Flag;
        }

        throw new CommandException($"--conformance: '{name}' is not known; expected {string.Join(", ", ConformanceBits.Table.Select(row => row.Name))}, or six hexadecimal digits.", ExitCodes.Usage);
    }

    private QuirkProfile QuirksOf(ParseResult parsed)
    {
        if (parsed.GetValue(_quirks) is not { } file) return QuirkProfile.Strict;
        return QuirkProfile.TryParse(File.ReadAllBytes(file.FullName), out var profile, out var error) ? profile : throw new CommandException($"{file.FullName}: {error}");
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

/// <summary>A meter that can be connected to.</summary>
internal sealed record MeterConnection(IChannelFactory Factory, DlmsClientOptions Options)
{
    /// <summary>Connects, does something, says goodbye.</summary>
    public async Task<T> UseAsync<T>(Func<DlmsClient, Task<T>> use, CancellationToken cancellationToken)
    {
        await using var channel = await Factory.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using var client = await DlmsClient.ConnectAsync(channel, Options, new InMemoryInvocationCounters(), TimeProvider.System, cancellationToken).ConfigureAwait(false);
        return await use(client).ConfigureAwait(false);
    }
}
