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
    [InlineData("--auth: 'hls' is not known; expected none, lls or hls5", "tcp://10.0.0.7", "--auth", "hls")]
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
