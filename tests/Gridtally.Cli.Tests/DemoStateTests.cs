using Gridtally.Cli.Commands;
using Gridtally.Cli.Demo;
using Gridtally.Testing;

namespace Gridtally.Cli.Tests;

public sealed class DemoStateTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static DemoState State => new()
    {
        Meters = 5,
        Speed = 600,
        CivilStart = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero),
        CivilNow = new(2026, 1, 1, 7, 30, 0, 125, TimeSpan.Zero),
        StoppedCleanly = true,
        FirstPort = 8443,
    };

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_is_saved_is_loaded()
    {
        State.Save(_folder.Path);
        Assert.Equal(State, DemoState.Load(_folder.Path));
    }

    [Fact]
    public void Saving_again_leaves_one_file_with_the_newer_state()
    {
        State.Save(_folder.Path);
        (State with { StoppedCleanly = false }).Save(_folder.Path);
        Assert.False(DemoState.Load(_folder.Path)!.StoppedCleanly);
        Assert.Single(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void A_folder_without_a_demo_has_no_state() => Assert.Null(DemoState.Load(_folder.Path));

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("{ \"meters\": 5, \"spe")]
    [InlineData("{ \"meters\": \"five\", \"speed\": 60, \"civilStart\": \"2026-01-01T00:00:00Z\", \"civilNow\": \"2026-01-01T00:00:00Z\", \"stoppedCleanly\": true, \"firstPort\": 1 }")]
    [InlineData("{ \"meters\": 0, \"speed\": 60, \"civilStart\": \"2026-01-01T00:00:00Z\", \"civilNow\": \"2026-01-01T00:00:00Z\", \"stoppedCleanly\": true, \"firstPort\": 8443 }")]
    [InlineData("{ \"meters\": 5, \"speed\": 60, \"civilStart\": \"2026-01-01T00:00:00Z\", \"civilNow\": \"2026-01-01T00:00:00Z\", \"stoppedCleanly\": true, \"firstPort\": 65530 }")]
    [InlineData("{ \"meters\": 5, \"speed\": 60, \"civilStart\": \"2026-01-01T00:00:00Z\", \"civilNow\": \"2025-01-01T00:00:00Z\", \"stoppedCleanly\": true, \"firstPort\": 8443 }")]
    public void A_damaged_file_is_named_with_what_to_do(string text)
    {
        File.WriteAllText(DemoState.PathIn(_folder.Path), text);
        var error = Assert.Throws<CommandException>(() => DemoState.Load(_folder.Path));
        Assert.Equal(ExitCodes.Failed, error.ExitCode);
        Assert.StartsWith(DemoState.PathIn(_folder.Path), error.Message);
        Assert.Contains("Remove the folder to begin a new demo", error.Message);
    }

    [Fact]
    public void Each_product_and_each_meter_has_a_port_of_its_own()
    {
        int[] ports = [State.ConcentratorPort, State.HeadEndPort, State.UplinkPort, .. Enumerable.Range(0, State.Meters).Select(State.MeterPort)];
        Assert.Equal(Enumerable.Range(State.FirstPort, DemoState.PortsFor(State.Meters)), ports);
    }
}
