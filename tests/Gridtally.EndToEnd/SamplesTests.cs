using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Gridtally.EndToEnd;

/// <summary>The samples of the library, as a reader would run them.</summary>
public sealed class SamplesTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task A_served_device_is_read_with_our_transport_and_with_ones_own()
    {
        var port = FreePort();
        using var server = Start("ServeMeter", $"tcp://127.0.0.1:{port}");
        try
        {
            Assert.StartsWith("Serving on ", await server.StandardOutput.ReadLineAsync().WaitAsync(Patience));

            var read = await RunAsync("ReadMeter", $"tcp://127.0.0.1:{port}");
            Assert.Contains("Active energy import: 123456 Wh", read);
            Assert.EndsWith(" 123456", read.TrimEnd()); // the newest row
            Assert.Contains("123456", await RunAsync("OwnTransport", "127.0.0.1", $"{port}"));
        }
        finally
        {
            server.Kill();
            await server.WaitForExitAsync();
        }
    }

    private static async Task<string> RunAsync(string sample, params string[] arguments)
    {
        using var process = Start(sample, arguments);
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(Patience);
        Assert.Equal((0, ""), (process.ExitCode, await errors));
        return await output;
    }

    private static Process Start(string sample, params string[] arguments)
    {
        var own = new DirectoryInfo(AppContext.BaseDirectory);
        var program = Path.Combine(own.Parent!.Parent!.FullName, sample, own.Name, sample);
        return Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
