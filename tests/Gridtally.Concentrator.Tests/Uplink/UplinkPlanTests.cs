using Gridtally.Concentrator.Settings;
using Gridtally.Concentrator.Uplink;
using Gridtally.Storage;
using Gridtally.Testing;

namespace Gridtally.Concentrator.Tests.Uplink;

public sealed class UplinkPlanTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Database _database;
    private readonly SecretBox _secrets;
    private readonly SettingsStore _settings;

    public UplinkPlanTests()
    {
        _database = Database.Open(_folder.File("test.db"), Store.ConcentratorSchema.Migrations);
        _secrets = SecretBox.Open(_folder.File("device.key"));
        _settings = new(_database, _secrets);
    }

    public void Dispose()
    {
        _database.Dispose();
        _secrets.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Without_an_address_nobody_is_dialled_and_nobody_waited_for()
    {
        var plan = UplinkPlan.Of(_settings.Current);

        Assert.Empty(plan.Masters);
        Assert.Null(plan.Listen);
    }

    [Fact]
    public void With_ip_size_1_only_the_first_address_is_in_use()
    {
        Set("tcp_client", "ip.1", "10.0.0.1");
        Set("tcp_client", "ip.2", "10.0.0.2");

        Assert.Equal([("10.0.0.1", 4059)], UplinkPlan.Of(_settings.Current).Masters);
    }

    [Fact]
    public void With_ip_size_2_both_are_dialled_in_turn()
    {
        Set("tcp_client", "ip.1", "10.0.0.1");
        Set("tcp_client", "port.1", "5034");
        Set("tcp_client", "ip.2", "10.0.0.2");
        Set("tcp_client", "ip.size", "2");

        Assert.Equal([("10.0.0.1", 5034), ("10.0.0.2", 4059)], UplinkPlan.Of(_settings.Current).Masters);
    }

    [Fact]
    public void A_disabled_channel_is_not_dialled()
    {
        Set("tcp_client", "ip.1", "10.0.0.1");
        SetStatus("tcp_client", "Disable");

        Assert.Empty(UplinkPlan.Of(_settings.Current).Masters);
    }

    [Fact]
    public void An_enabled_server_channel_is_listened_on()
    {
        Set("tcp_server", "port", "4060");
        SetStatus("tcp_server", "Enable");

        Assert.Equal(("127.0.0.1", 4060), UplinkPlan.Of(_settings.Current).Listen);
    }

    [Fact]
    public void Settings_of_others_leave_the_plan_as_it_is()
    {
        Set("tcp_client", "ip.1", "10.0.0.1");
        var before = UplinkPlan.Of(_settings.Current);
        Set("meter_tcp", "concurrency", "8");

        Assert.Equal(before, UplinkPlan.Of(_settings.Current));
        Set("tcp_client", "port.1", "5035");
        Assert.NotEqual(before, UplinkPlan.Of(_settings.Current));
    }

    [Fact]
    public void Waits_double_up_to_the_longest_and_differ_by_a_quarter_at_most()
    {
        var backOff = new BackOff(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5));

        foreach (var expected in new[] { 1, 2, 4, 5, 5 }) Assert.InRange(backOff.Next().TotalSeconds, expected * 0.75, expected * 1.25);
    }

    private void Set(string channel, string key, string value)
    {
        var row = _settings.Rows(SettingTables.ChannelAttribute).Single(r => r.Cells["channel"] == channel && r.Cells["key"] == key);
        _settings.Change(SettingTables.ChannelAttribute, [(row.Id, new Dictionary<string, string> { ["value"] = value })], "test");
    }

    private void SetStatus(string channel, string status)
    {
        var row = _settings.Rows(SettingTables.Channel).Single(r => r.Cells["name"] == channel);
        _settings.Change(SettingTables.Channel, [(row.Id, new Dictionary<string, string> { ["status"] = status })], "test");
    }
}
