using Gridtally.HeadEnd.Registry;
using Gridtally.HeadEnd.Store;
using Gridtally.Storage;
using Gridtally.Testing;

namespace Gridtally.HeadEnd.Tests;

public class HeadEndConfigTests
{
    private const string Valid = """
        {
          // comments are allowed
          "listen": { "address": "127.0.0.1", "port": 5034 },
          "concentrators": [ { "serial": "C1", "logicalDeviceName": "GTCC1",
            "encryptionKey": "000102030405060708090A0B0C0D0E0F", "authenticationKey": "D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF" } ],
          "meters": [ { "number": "17", "encryptionKey": "000102030405060708090A0B0C0D0E0F", "authenticationKey": "D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF" } ],
        }
        """;

    [Fact]
    public void A_configuration_needs_only_what_differs_from_the_defaults()
    {
        var config = HeadEndConfig.Parse(Valid, "test");

        Assert.Equal(10, config.Acquisition.PollSeconds);
        Assert.Equal("C1", Assert.Single(config.Concentrators).Serial);
    }

    [Fact]
    public void What_is_written_can_be_read_again() =>
        Assert.Equal(HeadEndConfig.Parse(Valid, "test").ToJson(), HeadEndConfig.Parse(HeadEndConfig.Parse(Valid, "test").ToJson(), "again").ToJson());

    [Theory]
    [InlineData("\"port\": 5034", "\"port\": 70000", "listen.port: expected 0..65535, got '70000'")]
    [InlineData("\"127.0.0.1\"", "\"here\"", "listen.address: expected an IP address such as 0.0.0.0, got 'here'")]
    [InlineData("\"logicalDeviceName\": \"GTCC1\"", "\"logicalDeviceName\": \"GTC0123456789ABCDEF\"", "concentrators[0].logicalDeviceName: expected 1..16")]
    [InlineData("\"number\": \"17\"", "\"number\": \"\"", "meters[0].number: expected 1..32 printable characters")]
    [InlineData("\"serial\": \"C1\"", "\"serial\": \"C1\", \"serail\": 1", "serail")]
    [InlineData("\"serial\": \"C1\"", "\"serial\": 1", "line 4")]
    [InlineData("\"listen\": {", "\"listen\": [", "line 3")]
    public void What_is_wrong_is_said_with_its_place(string valid, string broken, string expected)
    {
        var failure = Assert.Throws<HeadEndConfigException>(() => HeadEndConfig.Parse(Valid.Replace(valid, broken), "test.json"));

        Assert.Contains("test.json", failure.Message);
        Assert.Contains(expected, failure.Message);
    }

    [Fact]
    public void A_key_of_the_wrong_length_is_not_shown()
    {
        var failure = Assert.Throws<HeadEndConfigException>(() => HeadEndConfig.Parse(Valid.Replace("000102030405060708090A0B0C0D0E0F", "00010203"), "test"));

        Assert.Contains("concentrators[0].encryptionKey: expected 32 hexadecimal digits, got '8 characters'", failure.Message);
        Assert.DoesNotContain("00010203", failure.Message);
    }

    [Fact]
    public void Two_concentrators_with_one_serial_number_are_refused()
    {
        var config = new HeadEndConfig { Concentrators = [TestRegistry.Concentrator("C1"), TestRegistry.Concentrator("C1")] };

        Assert.Contains("serial 'C1' is there 2 times", Assert.Throws<HeadEndConfigException>(() => HeadEndConfig.Parse(config.ToJson(), "test")).Message);
    }

    [Fact]
    public void A_file_that_is_missing_is_named()
    {
        Assert.Contains("/nowhere/headend.json", Assert.Throws<HeadEndConfigException>(() => HeadEndConfig.Load("/nowhere/headend.json")).Message);
    }

    [Fact]
    public void Imported_keys_are_kept_sealed_and_survive_a_configuration_without_keys()
    {
        using var folder = new TemporaryFolder();
        using (var store = HeadEndStore.Open(folder.Path))
        using (var secrets = SecretBox.Open(folder.File("device.key")))
        {
            var registry = new HeadEndRegistry(store, secrets);
            registry.Import(HeadEndConfig.Parse(Valid, "test"), Journals.Midnight);
            registry.Import(new() { Concentrators = [new() { Serial = "C1", LogicalDeviceName = "GTCC1", Name = "Cellar" }] }, Journals.Midnight);

            Assert.Equal("Cellar", registry.FindByName("GTCC1")!.Name);
            Assert.Equal(TestRegistry.EncryptionKey, Convert.ToHexString(registry.ConcentratorKeys("C1").Encryption));
            Assert.Equal(TestRegistry.AuthenticationKey, Convert.ToHexString(registry.Meter("17")!.Keys.Authentication));
            Assert.True(registry.HasMeterKeys("17"));
            Assert.False(registry.HasMeterKeys("18"));
        }

        var file = File.ReadAllBytes(folder.File(HeadEndStore.FileName));
        Assert.Equal(-1, file.AsSpan().IndexOf(Convert.FromHexString(TestRegistry.EncryptionKey)));
    }

    [Fact]
    public void A_new_concentrator_without_keys_is_refused_by_name()
    {
        using var folder = new TemporaryFolder();
        using var store = HeadEndStore.Open(folder.Path);
        using var secrets = SecretBox.Open(folder.File("device.key"));

        var failure = Assert.Throws<HeadEndConfigException>(() => new HeadEndRegistry(store, secrets).Import(
            new() { Concentrators = [new() { Serial = "C9", LogicalDeviceName = "GTCC9" }] }, Journals.Midnight));

        Assert.Contains("'C9'", failure.Message);
    }
}
