using Gridtally.Cli.Commands;

namespace Gridtally.Cli.Tests;

/// <summary>What is refused before any line is opened; reading itself is tested with real processes.</summary>
public sealed class ReadCommandTests
{
    [Theory]
    [InlineData("'10.0.0.7' is not an address: expected tcp://host:port", "10.0.0.7")]
    [InlineData("'high' is not a port", "tcp://10.0.0.7:high")]
    [InlineData("'speed' is not a serial setting: expected baud", "/dev/ttyUSB0?speed=9600")]
    [InlineData("'everything' is nothing to read", "tcp://10.0.0.7", "everything")]
    [InlineData("--client: '128' is no client", "tcp://10.0.0.7", "--client", "128")]
    [InlineData("--framing: 'ppp' is not a framing; expected wrapper or hdlc", "tcp://10.0.0.7", "--framing", "ppp")]
    [InlineData("--auth: 'hls' is not known; expected none, lls, hls2, md5, sha1, hls5, sha256, ecdsa, or 0 to 7", "tcp://10.0.0.7", "--auth", "hls")]
    [InlineData("--auth lls needs --password", "tcp://10.0.0.7", "--auth", "lls")]
    [InlineData("--auth hls5 needs --keys", "tcp://10.0.0.7", "--auth", "hls5")]
    [InlineData("--timeout: expected 0.1 to 600 seconds", "tcp://10.0.0.7", "--timeout", "0")]
    [InlineData("--timeout: expected 0.1 to 600 seconds", "tcp://10.0.0.7", "--timeout", "NaN")]
    [InlineData("--timeout: expected 0.1 to 600 seconds", "tcp://10.0.0.7", "--timeout", "1e12")]
    [InlineData("--retries: expected 0 to 100", "tcp://10.0.0.7", "--retries", "-1")]
    [InlineData("--address-length: expected 1, 2 or 4", "tcp://10.0.0.7", "--address-length", "3")]
    [InlineData("--physical: expected 0 to 16383", "tcp://10.0.0.7", "--physical", "16384")]
    [InlineData("--device 1 with --physical 200 does not fit in an HDLC address of 2 octets; expected at most 127 and 127.", "/dev/ttyUSB0", "--physical", "200", "--address-length", "2")]
    [InlineData("--device 200 with --physical 0 does not fit in an HDLC address of 1 octets; expected at most 127 and 0.", "/dev/ttyUSB0", "--device", "200")]
    [InlineData("--rows: expected 1 or more", "tcp://10.0.0.7", "--rows", "0")]
    [InlineData("--auth md5 needs --password", "tcp://10.0.0.7", "--auth", "3")]
    [InlineData("--window: expected 1 to 7", "tcp://10.0.0.7", "--window", "8")]
    [InlineData("--info-length: expected 32 to 2030", "tcp://10.0.0.7", "--info-length", "16")]
    [InlineData("--max-pdu: expected 12 to 65535", "tcp://10.0.0.7", "--max-pdu", "11")]
    [InlineData("--conformance: 'got' is not known; expected general-protection", "tcp://10.0.0.7", "--conformance", "got")]
    [InlineData("--envelope: 'ded' is not known; expected glo, general, general-ciphering", "tcp://10.0.0.7", "--envelope", "ded")]
    [InlineData("--key: 'my' is not known; expected global, broadcast", "tcp://10.0.0.7", "--key", "my")]
    [InlineData("--mode-e goes before HDLC", "tcp://10.0.0.7", "--mode-e")]
    [InlineData("--device-address is for --mode-e", "/dev/ttyUSB0", "--device-address", "12")]
    [InlineData("--mode-e, --device-address: ", "/dev/ttyUSB0", "--mode-e", "9601")]
    [InlineData("--protection needs --keys", "tcp://10.0.0.7", "--protection", "encrypted")]
    [InlineData("--protection: 'some' is not known", "tcp://10.0.0.7", "--protection", "some")]
    [InlineData("--baud and --parity are for serial ports", "tcp://10.0.0.7", "--baud", "300")]
    [InlineData("--parity: '9X1': expected data bits, parity and stop bits", "/dev/ttyUSB0", "--parity", "9X1")]
    [InlineData("'4711' is not a baud rate", "/dev/ttyUSB0", "--baud", "4711")]
    [InlineData("The window of general blocks must be 1 to 63, not 64", "tcp://10.0.0.7", "--gbt", "64")]
    [InlineData("--profile: 'curve' is not an OBIS code", "tcp://10.0.0.7", "--profile", "curve")]
    [InlineData("--entries: '5-2': expected first-last", "tcp://10.0.0.7", "--profile", "1-0:99.1.0", "--entries", "5-2")]
    [InlineData("--entries and --from or --to exclude each other", "tcp://10.0.0.7", "--profile", "1-0:99.1.0", "--entries", "1-2", "--to", "2026-01-01")]
    [InlineData("--json and --csv exclude each other", "tcp://10.0.0.7", "--json", "--csv")]
    [InlineData("--from is after --to", "tcp://10.0.0.7", "profile", "--from", "2026-01-02T00:00Z", "--to", "2026-01-01T00:00Z")]
    public async Task A_wrong_argument_is_a_usage_error_that_names_it(string expected, params string[] arguments)
    {
        var (code, output, errors) = await RunAsync(arguments);
        Assert.Equal((2, ""), (code, output));
        Assert.Contains(expected, errors);
    }

    [Theory]
    [InlineData("--keys")]
    [InlineData("--password")]
    public async Task A_secret_file_that_is_not_there_is_named(string option)
    {
        var (code, _, errors) = await RunAsync("tcp://10.0.0.7", option, "/nowhere/secret");
        Assert.Equal(1, code);
        Assert.Contains("/nowhere/secret", errors);
    }

    private static Task<(int Code, string Output, string Errors)> RunAsync(params string[] arguments) => Runs.RunAsync(new("Root.") { ReadCommand.Create() }, ["read", .. arguments]);
}
