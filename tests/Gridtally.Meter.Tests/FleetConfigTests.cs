using Gridtally.Meter.Fleet;
using Gridtally.Testing;

namespace Gridtally.Meter.Tests;

public class FleetConfigTests
{
    [Fact]
    public void A_configuration_that_was_saved_is_read_back_and_only_its_owner_may_read_it()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("meters.json");
        TestFleets.Config(folder.Path, meters: 2).Save(path);

        var config = FleetConfig.Load(path);

        Assert.Equal(["1001", "1002"], config.Meters.Select(m => m.Number));
        Assert.Equal(Path.Combine(folder.Path, "data"), config.DataFolder);
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
    }

    [Fact]
    public void Relative_paths_are_relative_to_the_folder_of_the_file()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("meters.json"), Json());

        var config = FleetConfig.Load(folder.File("meters.json"));

        Assert.Equal(folder.File("data"), config.DataFolder);
        Assert.Equal(folder.File("load.csv"), config.LoadFile);
        Assert.Equal(folder.File("ttyBus"), config.Buses[0].Path);
    }

    [Theory]
    [InlineData("\"number\": \"1001\"", "\"number\": \"10a1\"", "meters[0].number: expected 1 to 12 digits, got \"10a1\"")]
    [InlineData("\"number\": \"1001\"", "\"number\": \"1002\"", "meters[1].number: expected a number that no other meter has")]
    [InlineData("\"tcpPort\": 4059,", "", "meters[0]: expected tcpPort, bus or both, got neither")]
    [InlineData("\"bus\": \"b1\", \"physicalAddress\": 17", "\"bus\": \"b2\", \"physicalAddress\": 17", "meters[1].bus: expected one of the buses (b1), got \"b2\"")]
    [InlineData("\"physicalAddress\": 17", "\"physicalAddress\": 3", "meters[1].physicalAddress: expected 16 to 16381, got 3")]
    [InlineData("\"conditions\": \"baud=9600\"", "\"conditions\": \"baud=fast\"", "buses[0].conditions: expected line conditions")]
    [InlineData("\"dataFolder\": \"data\"", "\"dataFolder\": \"\"", "dataFolder: expected a folder")]
    [InlineData("\"dataFolder\": \"data\"", "\"dataFolder\": \"data\", \"bind\": \"here\"", "bind: expected an IP address such as 127.0.0.1, got \"here\"")]
    public void What_is_wrong_is_said_with_property_expectation_and_finding(string from, string to, string message)
    {
        Assert.Contains(from, Json(), StringComparison.Ordinal);

        var error = Assert.Throws<FleetConfigException>(() => FleetConfig.Parse(Json().Replace(from, to, StringComparison.Ordinal), "meters.json"));

        Assert.StartsWith("meters.json", error.Message, StringComparison.Ordinal);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_typing_error_is_said_with_its_line()
    {
        var error = Assert.Throws<FleetConfigException>(() => FleetConfig.Parse("{\n  \"dataFolder\": \"data\",\n  \"loadFile\": }", "meters.json"));

        Assert.StartsWith("meters.json, line 3", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_property_that_does_not_exist_is_named()
    {
        var error = Assert.Throws<FleetConfigException>(() => FleetConfig.Parse(Json().Replace("\"loadFile\"", "\"lodeFile\"", StringComparison.Ordinal), "meters.json"));

        Assert.Contains("lodeFile", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("000102030405060708090A0B0C0D0E0F", "00010203", "8 characters")]
    [InlineData("000102030405060708090A0B0C0D0E0F", "zz0102030405060708090A0B0C0D0E0F", "32 characters, not all of them such digits")]
    public void A_bad_key_is_named_and_never_shown(string from, string to, string got)
    {
        var error = Assert.Throws<FleetConfigException>(() => FleetConfig.Parse(Json().Replace(from, to, StringComparison.Ordinal), "meters.json"));

        Assert.Contains($"meters[0].management.encryptionKey: expected 32 hexadecimal digits, got {got}", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(to, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_of_the_wrong_type_is_not_shown_either()
    {
        var error = Assert.Throws<FleetConfigException>(() => FleetConfig.Parse(Json().Replace("\"000102030405060708090A0B0C0D0E0F\"", "1234567890", StringComparison.Ordinal), "meters.json"));

        Assert.Contains("encryptionKey", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("1234567890", error.Message, StringComparison.Ordinal);
    }

    private static string Json() => """
        {
          // the meters of a laboratory
          "dataFolder": "data",
          "loadFile": "load.csv",
          "startUtc": "2026-01-15T00:00:00Z",
          "clock": { "speed": 60, "realAnchorUtc": "2026-11-21T00:00:00Z", "civilAnchorUtc": "2026-01-15T00:00:00Z" },
          "meters": [
            {
              "number": "1001", "tcpPort": 4059, "seed": 1, "masterKey": "404142434445464748494A4B4C4D4E4F",
              "management": { "encryptionKey": "000102030405060708090A0B0C0D0E0F", "authenticationKey": "101112131415161718191A1B1C1D1E1F" },
              "read": { "encryptionKey": "202122232425262728292A2B2C2D2E2F", "authenticationKey": "303132333435363738393A3B3C3D3E3F" }
            },
            {
              "number": "1002", "bus": "b1", "physicalAddress": 17, "masterKey": "404142434445464748494A4B4C4D4E4F",
              "management": { "encryptionKey": "000102030405060708090A0B0C0D0E0E", "authenticationKey": "101112131415161718191A1B1C1D1E1F" },
              "read": { "encryptionKey": "202122232425262728292A2B2C2D2E2F", "authenticationKey": "303132333435363738393A3B3C3D3E3F" }
            },
          ],
          "buses": [ { "name": "b1", "path": "ttyBus", "conditions": "baud=9600" } ]
        }
        """;
}
