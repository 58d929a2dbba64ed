using System.Diagnostics;
using Gridtally.Testing;

namespace Gridtally.Links.Tests;

public sealed class SerialTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Every_octet_goes_through_unchanged_both_ways()
    {
        using var cable = new SocatCable(_folder);
        await using var a = SerialChannel.Open(new() { Path = cable.A });
        await using var b = SerialChannel.Open(new() { Path = cable.B });

        await a.WriteAsync(Support.AllOctets, Support.Soon());
        Assert.Equal(Support.AllOctets, await b.ReadExactlyAsync(256));
        await b.WriteAsync(Support.AllOctets, Support.Soon());
        Assert.Equal(Support.AllOctets, await a.ReadExactlyAsync(256));
    }

    [Fact]
    public async Task More_than_the_driver_buffers_arrives_whole_and_in_order()
    {
        using var cable = new SocatCable(_folder);
        await using var a = SerialChannel.Open(new() { Path = cable.A });
        await using var b = SerialChannel.Open(new() { Path = cable.B });
        var bytes = new byte[200_000];
        new Random(1).NextBytes(bytes);

        var writing = a.WriteAsync(bytes, Support.Soon()).AsTask();

        Assert.Equal(bytes, await b.ReadExactlyAsync(bytes.Length));
        await writing;
    }

    [Theory]
    [InlineData(300)]
    [InlineData(9600)]
    [InlineData(115200)]
    [InlineData(921600)]
    public async Task The_port_has_the_baud_rate_that_was_asked_for(int baud)
    {
        using var cable = new SocatCable(_folder);
        await using var port = SerialChannel.Open(new() { Path = cable.A, Settings = new(baud) });

        using var stty = Process.Start(new ProcessStartInfo("stty", ["-F", cable.A]) { RedirectStandardOutput = true })!;
        var said = await stty.StandardOutput.ReadToEndAsync(Support.Soon());

        Assert.Contains($"speed {baud} baud", said);
    }

    [Fact]
    public async Task What_was_received_before_the_port_was_opened_is_thrown_away()
    {
        await using var line = PseudoTerminal.Create();
        await line.WriteAsync(new byte[] { 1, 2, 3 }, Support.Soon());
        await using var port = SerialChannel.Open(new() { Path = line.SlavePath });

        await line.WriteAsync(new byte[] { 4 }, Support.Soon());

        Assert.Equal([4], await port.ReadExactlyAsync(1));
    }

    [Fact]
    public async Task A_port_that_vanishes_is_a_lost_link_for_whoever_reads()
    {
        using var cable = new SocatCable(_folder);
        await using var port = SerialChannel.Open(new() { Path = cable.A });
        var reading = port.ReadAsync(new byte[1], Support.Soon()).AsTask();

        cable.Pull();

        var error = await Assert.ThrowsAsync<LinkException>(() => reading);
        Assert.StartsWith($"serial {cable.A} 9600 8N1: the port is gone", error.Message);
    }

    [Fact]
    public async Task Disposing_of_a_port_wakes_its_reader_and_frees_the_port()
    {
        using var cable = new SocatCable(_folder);
        var port = SerialChannel.Open(new() { Path = cable.A });
        var reading = port.ReadAsync(new byte[1], Support.Soon()).AsTask();

        await port.DisposeAsync();

        Assert.Contains("closed on this side", (await Assert.ThrowsAsync<LinkException>(() => reading)).Message);
        await using var again = SerialChannel.Open(new() { Path = cable.A });
    }

    [Fact]
    public async Task A_cancelled_read_loses_nothing()
    {
        using var cable = new SocatCable(_folder);
        await using var a = SerialChannel.Open(new() { Path = cable.A });
        await using var b = SerialChannel.Open(new() { Path = cable.B });
        using var cancel = new CancellationTokenSource();
        var reading = a.ReadAsync(new byte[1], cancel.Token).AsTask();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);

        await b.WriteAsync(new byte[] { 5 }, Support.Soon());

        Assert.Equal([5], await a.ReadExactlyAsync(1));
    }

    [Fact]
    public async Task A_port_in_use_is_not_opened_twice()
    {
        using var cable = new SocatCable(_folder);
        await using var first = SerialChannel.Open(new() { Path = cable.A });

        var error = Assert.Throws<LinkException>(() => SerialChannel.Open(new() { Path = cable.A }));

        Assert.Contains("the port is in use by another program; stop it", error.Message);
    }

    [Fact]
    public void A_port_that_is_not_there_is_named()
    {
        var error = Assert.Throws<LinkException>(() => SerialChannel.Open(new() { Path = "/dev/ttyNOSUCH0" }));

        Assert.Equal("serial /dev/ttyNOSUCH0 9600 8N1: there is no /dev/ttyNOSUCH0. Check that the adapter is plugged in; `ls /dev/tty*` lists the ports.", error.Message);
    }

    [Fact]
    public void A_file_that_is_no_port_is_said_to_be_none()
    {
        var path = _folder.File("notes.txt");
        File.WriteAllText(path, "");

        Assert.Contains("is not a serial port", Assert.Throws<LinkException>(() => SerialChannel.Open(new() { Path = path })).Message);
    }

    [Fact]
    public async Task A_driver_without_RS485_says_so()
    {
        await using var line = PseudoTerminal.Create();

        var error = Assert.Throws<LinkException>(() => SerialChannel.Open(new() { Path = line.SlavePath, Rs485 = Rs485Direction.Driver }));

        Assert.Contains("can't switch an RS-485 transmitter (TIOCSRS485)", error.Message);
    }
}
