using Gridtally.Cli.Demo;

namespace Gridtally.Cli.Tests;

public sealed class StageStatusTests
{
    [Fact]
    public void A_status_line_is_read_as_it_was_written()
    {
        var status = new StageStatus
        {
            Time = new(2026, 1, 1, 7, 30, 0, TimeSpan.Zero),
            Rows = 1_234_567_890_123,
            Expected = 1_234_567_890_124,
            Devices = 20,
            Reachable = 19,
            Errors = 3,
            LastError = "0011539401: \"no answer\"\nfrom 127.0.0.1:8446",
            State = "reading",
            ResidentBytes = 90_000_000,
            CompleteMeters = 7,
        };
        Assert.DoesNotContain('\n', status.ToJson());
        Assert.Equal(status, StageStatus.TryParse(status.ToJson()));
    }

    [Fact]
    public void What_is_left_out_has_its_default() =>
        Assert.Equal(new() { Time = DateTimeOffset.UnixEpoch }, StageStatus.TryParse("""{"time":"1970-01-01T00:00:00Z"}"""));

    [Theory]
    [InlineData("")]
    [InlineData("2026-01-01 07:30:00 info: Gridtally.Meter[2020] 20 meters run, 2 buses.")]
    [InlineData("{")]
    [InlineData("{}")]
    [InlineData("{ rows = 5 }")]
    [InlineData("""{"time":"soon"}""")]
    public void Any_other_line_is_none(string line) => Assert.Null(StageStatus.TryParse(line));
}
