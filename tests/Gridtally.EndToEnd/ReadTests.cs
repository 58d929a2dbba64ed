using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace Gridtally.EndToEnd;

/// <summary><c>gridtally read</c> against the meters of a running demo, and against what is no meter.</summary>
public sealed class ReadTests(RunningDemo demo) : IClassFixture<RunningDemo>
{
    // Enough for a meter on this machine under load where an answer comes; short where none ever will.
    private static readonly string[] Patient = ["--timeout", "30"];
    private static readonly string[] Impatient = ["--timeout", "0.5", "--retries", "1"];

    [Fact]
    public async Task The_name_of_a_meter_is_public_over_tcp_and_over_its_serial_port()
    {
        foreach (var address in new string[][] { [demo.Tcp], [demo.ServicePort, "--physical", demo.PhysicalAddress] })
        {
            var (code, output, errors) = await GridtallyProcess.RunAsync(["read", .. address, .. Patient]);
            Assert.Equal((0, ""), (code, errors));
            Assert.Contains($"Logical device name: \"GTM000{demo.Meter}\"", output);
        }
    }

    [Fact]
    public async Task With_its_keys_the_read_client_reads_clock_energy_and_profile_over_tcp_and_over_the_serial_port()
    {
        foreach (var address in new string[][] { [demo.Tcp], [demo.ServicePort, "--physical", demo.PhysicalAddress] })
        {
            var (code, output, errors) = await ReadAsync([.. address, "clock", "energy", "profile", "--rows", "2"]);
            Assert.Equal((0, ""), (code, errors));
            Assert.Contains("Clock: ", output);
            Assert.Matches(@"Active energy import \(\+A\): \d+ Wh", output);
            Assert.Contains("2 rows, one every 1800 s", output);
        }
    }

    [Fact]
    public async Task The_object_list_has_what_the_meter_measures()
    {
        var (code, output, errors) = await ReadAsync([demo.Tcp, "objects"]);
        Assert.Equal((0, ""), (code, errors));
        Assert.Matches(@"7\s+1-0:99\.1\.0\.255\s+Profile generic\s+Energy load profile", output);
        Assert.Matches(@"3\s+1-0:1\.8\.0\.255\s+Register\s+Active energy import", output);
    }

    [Fact]
    public async Task Json_has_values_with_units_and_rows_with_times()
    {
        var (code, output, errors) = await ReadAsync([demo.Tcp, "--json", "energy", "profile", "--rows", "1"]);
        Assert.Equal((0, ""), (code, errors));
        using var document = JsonDocument.Parse(output);
        var (energy, profile) = (document.RootElement[0], document.RootElement[1]);
        Assert.Equal("Wh", energy.GetProperty("unit").GetString());
        Assert.True(energy.GetProperty("value").GetDecimal() > 0);
        var row = Assert.Single(profile.GetProperty("rows").EnumerateArray());
        Assert.Equal(0, row[0].GetDateTime().Minute % 30);
        Assert.Equal(profile.GetProperty("columns").GetArrayLength(), row.GetArrayLength());
    }

    [Fact]
    public async Task An_object_that_the_meter_does_not_have_is_named()
    {
        var (code, _, errors) = await ReadAsync([demo.Tcp, "1-0:99.99.99"]);
        Assert.Equal(1, code);
        Assert.Contains("1-0:99.99.99.255: the meter's object list does not have it", errors);
    }

    [Fact]
    public async Task A_wrong_key_is_refused_without_harm_to_the_others()
    {
        var file = demo.KeysOf("0011539401");
        var (code, output, errors) = await GridtallyProcess.RunAsync(["read", demo.Tcp, "clock", "--client", "read", "--keys", file, .. Patient]);
        Assert.Equal((1, ""), (code, output));
        Assert.Contains(demo.Tcp["tcp://".Length..], errors);
        Assert.Contains("check password, keys and client address", errors);
        Assert.Contains("deciphering-error", errors);
        using var keys = JsonDocument.Parse(File.ReadAllText(file));
        Assert.DoesNotContain(keys.RootElement.GetProperty("encryptionKey").GetString()!, errors);
        await demo.GoesOnAsync();
    }

    [Fact]
    public async Task A_password_where_the_meter_wants_keys_is_refused_and_not_shown()
    {
        var file = Path.Combine(demo.Folder, "wrong-password.log");
        File.WriteAllText(file, "open-sesame\n");
        var (code, output, errors) = await GridtallyProcess.RunAsync(["read", demo.Tcp, "clock", "--client", "read", "--password", file, .. Patient]);
        Assert.Equal((1, ""), (code, output));
        Assert.Contains(demo.Tcp["tcp://".Length..], errors);
        Assert.Contains("Check the client address, the authentication mechanism and the password", errors);
        Assert.DoesNotContain("open-sesame", errors);
        await demo.GoesOnAsync();
    }

    [Fact]
    public async Task A_wrong_address_on_the_line_is_no_answer_and_the_address_is_named()
    {
        var (code, output, errors) = await GridtallyProcess.RunAsync(["read", demo.ServicePort, "--physical", "99", .. Impatient]);
        Assert.Equal((1, ""), (code, output));
        Assert.Contains($"serial {demo.ServicePort}", errors);
        Assert.Contains("no answer within 0.5 s, asked 2 times", errors);
        Assert.Contains("1/99", errors);
        await demo.GoesOnAsync();
    }

    [Fact]
    public async Task Noise_from_a_tcp_port_is_not_the_wrapper_and_the_port_is_named()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var noise = SendNoiseAsync(listener);
        var (code, output, errors) = await GridtallyProcess.RunAsync(["read", $"tcp://{listener.LocalEndpoint}", .. Patient]);
        Assert.Equal((1, ""), (code, output));
        Assert.Contains($"tcp {listener.LocalEndpoint}: expected the DLMS wrapper (version 0001), got something else", errors);
        await noise;
    }

    [Fact]
    public async Task Noise_on_a_serial_line_is_no_hdlc_and_the_line_is_named()
    {
        using var folder = new Testing.TemporaryFolder();
        using var cable = new Testing.SocatCable(folder);
        using var stop = new CancellationTokenSource();
        var noise = Task.Run(() => MakeNoiseAsync(cable.B, stop.Token));
        var (code, output, errors) = await GridtallyProcess.RunAsync(["read", cable.A, .. Impatient]);
        Assert.Equal((1, ""), (code, output));
        Assert.Contains($"serial {cable.A}", errors);
        Assert.Contains("expected HDLC frames, got octets that are none", errors);
        await stop.CancelAsync();
        await noise;
    }

    [Fact]
    public async Task A_port_that_nobody_listens_at_is_named()
    {
        // Bound and not listening: nobody else gets this port meanwhile.
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var (code, output, errors) = await GridtallyProcess.RunAsync("read", $"tcp://{socket.LocalEndPoint}");
        Assert.Equal((1, ""), (code, output));
        Assert.Contains($"tcp {socket.LocalEndPoint}: connection refused: nothing listens there", errors);
    }

    [Fact]
    public async Task A_serial_port_that_is_not_there_is_named()
    {
        var (code, output, errors) = await GridtallyProcess.RunAsync("read", "/dev/ttyNOWHERE7");
        Assert.Equal((1, ""), (code, output));
        Assert.Contains("there is no /dev/ttyNOWHERE7", errors);
    }

    private Task<(int ExitCode, string Output, string Errors)> ReadAsync(string[] arguments) =>
        GridtallyProcess.RunAsync(["read", "--client", "read", "--keys", demo.KeysOf(demo.Meter), .. Patient, .. arguments]);

    private static async Task SendNoiseAsync(TcpListener listener)
    {
        using var client = await listener.AcceptTcpClientAsync();
        var noise = new byte[2000];
        // Every octet but the wrapper's first: none of it can be taken for a frame.
        for (var i = 0; i < noise.Length; i++) noise[i] = (byte)(1 + i * 37 % 255);
        try
        {
            await client.GetStream().WriteAsync(noise);
            while (await client.GetStream().ReadAsync(noise) > 0) { }
        }
        catch (IOException)
        {
            // It hung up on us, as it should.
        }
    }

    private static async Task MakeNoiseAsync(string port, CancellationToken stop)
    {
        var random = new Random(11);
        var noise = new byte[64];
        await using var line = new FileStream(port, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        while (!stop.IsCancellationRequested)
        {
            random.NextBytes(noise);
            await line.WriteAsync(noise, CancellationToken.None);
            await Task.Delay(20, CancellationToken.None);
        }
    }
}
