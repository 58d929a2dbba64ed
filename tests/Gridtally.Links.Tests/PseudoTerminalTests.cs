using Gridtally.Testing;

namespace Gridtally.Links.Tests;

public sealed class PseudoTerminalTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_program_opens_the_port_under_its_link_and_talks()
    {
        var link = _folder.File("bus1");
        await using var line = PseudoTerminal.Create(link);
        await using var port = SerialChannel.Open(new() { Path = link });

        await port.WriteAsync(Support.AllOctets, Support.Soon());
        Assert.Equal(Support.AllOctets, await line.ReadExactlyAsync(256));
        await line.WriteAsync(Support.AllOctets, Support.Soon());
        Assert.Equal(Support.AllOctets, await port.ReadExactlyAsync(256));
    }

    [Fact]
    public async Task The_line_survives_the_port_being_closed_and_opened_again()
    {
        await using var line = PseudoTerminal.Create();
        var reading = line.ReadExactlyAsync(3);
        for (byte i = 1; i <= 3; i++)
        {
            await using var port = SerialChannel.Open(new() { Path = line.SlavePath });
            await port.WriteAsync(new[] { i }, Support.Soon());
        }

        Assert.Equal([1, 2, 3], await reading);
    }

    [Fact]
    public async Task A_link_left_over_from_an_earlier_run_is_replaced()
    {
        var link = _folder.File("bus1");
        File.CreateSymbolicLink(link, "/dev/pts/9999");

        await using var line = PseudoTerminal.Create(link);

        Assert.Equal(line.SlavePath, new FileInfo(link).LinkTarget);
        Assert.Equal([link], Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public async Task The_link_goes_with_the_line()
    {
        var link = _folder.File("bus1");
        var line = PseudoTerminal.Create(link);

        await line.DisposeAsync();

        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void A_file_is_not_replaced_by_a_link()
    {
        var path = _folder.File("precious");
        File.WriteAllText(path, "data");

        var error = Assert.Throws<LinkException>(() => PseudoTerminal.Create(path));

        Assert.Contains("there is a file of that name, and it is not a link", error.Message);
        Assert.Equal("data", File.ReadAllText(path));
    }

    [Fact]
    public async Task What_nobody_reads_is_lost_and_blocks_nobody()
    {
        var clock = new ManualTimeProvider();
        await using var line = PseudoTerminal.Create(lineTime: clock);

        var writing = line.WriteAsync(new byte[100_000], Support.Soon()).AsTask();
        while (!writing.IsCompleted)
        {
            clock.Advance(PseudoTerminal.MaxUnread);
            await Task.WhenAny(writing, Task.Yield().ToTask());
        }

        await writing;
    }

    [Fact]
    public async Task A_line_taken_away_is_a_lost_link_for_the_port()
    {
        var line = PseudoTerminal.Create();
        await using var port = SerialChannel.Open(new() { Path = line.SlavePath });
        var reading = port.ReadAsync(new byte[1], Support.Soon()).AsTask();

        await line.DisposeAsync();

        Assert.Contains("the port is gone", (await Assert.ThrowsAsync<LinkException>(() => reading)).Message);
    }
}

internal static class YieldTask
{
    public static async Task ToTask(this System.Runtime.CompilerServices.YieldAwaitable yield) => await yield;
}
