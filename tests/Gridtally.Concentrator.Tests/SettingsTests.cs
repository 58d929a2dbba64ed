using Gridtally.Concentrator.Settings;
using Gridtally.Concentrator.Store;
using Gridtally.Storage;
using Gridtally.Testing;

namespace Gridtally.Concentrator.Tests;

public sealed class SettingsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Database _database;
    private readonly SecretBox _secrets;
    private readonly SettingsStore _settings;
    private readonly List<SettingChange> _audit = [];

    public SettingsTests()
    {
        _database = Database.Open(_folder.File("c.db"), ConcentratorSchema.Migrations);
        _secrets = SecretBox.Open(_folder.File("key"));
        _settings = new(_database, _secrets);
        _settings.Changed += _audit.AddRange;
    }

    public void Dispose()
    {
        _database.Dispose();
        _secrets.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_new_concentrator_has_the_rows_of_the_manual()
    {
        Assert.Equal(["empty_task", "upload_task", "down_device_task", "single_phase", "three_phase", "sync_time"], Names(SettingTables.Task));
        Assert.Equal(["485_1", "tcp_server", "tcp_client", "reading_module", "485_2", "485_3", "tcp_server_gui", "tcp_server_im"], Names(SettingTables.Channel).Take(8));
        Assert.Equal("80", Value(SettingTables.ProtocolAttribute, "protocol", "dlms_down", "max.bytes"));
        Assert.Equal("2", Value(SettingTables.ProtocolAttribute, "protocol", "dlms_down", "send.silent"));
        Assert.Equal("1024", Value(SettingTables.ProtocolAttribute, "protocol", "dlms_up", "max.bytes"));
        Assert.Equal("1", Value(SettingTables.ChannelAttribute, "channel", "tcp_client", "ip.size"));
        var energy = _settings.Current.Items.Single(i => i is { Task: "single_phase", Name: "energy profile" });
        Assert.Equal((120, 864_000, 2, "0 */4 * * *"), ((int)energy.Interval.TotalSeconds, (int)energy.MaxRecall.TotalSeconds, energy.Priority, energy.Cron.Text));
    }

    [Fact]
    public void Every_built_in_value_is_one_that_a_user_could_enter() => _settings.Import(SettingsTemplate.Parse(SettingsTemplate.Export(_settings)), "test");

    [Fact]
    public void A_template_brings_the_same_settings_to_another_concentrator()
    {
        Change(SettingTables.System, "key", "time.zone", "value", "Europe/Riga");
        Change(SettingTables.Channel, "name", "485_1", "readTimeout", "7");
        using var folder = new TemporaryFolder();
        using var database = Database.Open(folder.File("c.db"), ConcentratorSchema.Migrations);
        var other = new SettingsStore(database, _secrets);
        other.Import(SettingsTemplate.Parse(SettingsTemplate.Export(_settings)), "test");
        Assert.Equal(SettingsTemplate.Export(_settings), SettingsTemplate.Export(other));
        Assert.Equal("Europe/Riga", other.Current.Zone.Id);
    }

    [Fact]
    public void A_change_is_stored_audited_and_there_after_a_restart()
    {
        Change(SettingTables.TaskItem, "name", "energy profile", "cron", "*/15 * * * *");
        var change = Assert.Single(_audit);
        Assert.Equal("anna", change.User);
        Assert.Contains("Cron '0 */4 * * *' → '*/15 * * * *'", change.Text);
        Assert.Equal("*/15 * * * *", new SettingsStore(_database, _secrets).Current.Items.First(i => i.Name == "energy profile").Cron.Text);
    }

    [Theory]
    [InlineData("time.zone", "Mars/Olympus", "a time zone")]
    [InlineData("store.days", "3", "a whole number 7..3700 d")]
    [InlineData("store.days", "ninety", "a whole number")]
    [InlineData("up.device", "pigeon", "ethernet or gprs")]
    [InlineData("ftp.ip", "not a host", "an IP address or host name")]
    public void A_wrong_value_is_refused_with_table_key_value_and_what_is_allowed(string key, string value, string expected)
    {
        var error = Assert.Throws<SettingsException>(() => Change(SettingTables.System, "key", key, "value", value));
        var one = Assert.Single(error.Errors);
        Assert.Equal(("system", key, value), (one.Table, one.Row, one.Value));
        Assert.Contains(expected, one.Expected);
        Assert.Contains($"system, {key}: value is '{value}'", error.Message);
        Assert.Empty(_audit);
    }

    [Fact]
    public void A_wrong_cron_says_which_field() =>
        Assert.Contains("field 'hour' has '25'", Assert.Throws<SettingsException>(() => Change(SettingTables.TaskItem, "name", "energy profile", "cron", "0 25 * * *")).Message);

    [Fact]
    public void The_empty_task_stays()
    {
        var id = Row(SettingTables.Task, "name", "empty_task").Id;
        Assert.Contains("can't be deleted", Assert.Throws<SettingsException>(() => _settings.Remove(SettingTables.Task, id, "anna")).Message);
        Assert.Contains("can't be deleted", Assert.Throws<SettingsException>(() => Change(SettingTables.Task, "name", "empty_task", "name", "other")).Message);
    }

    [Fact]
    public void A_task_that_a_channel_uses_can_not_be_removed()
    {
        var error = Assert.Throws<SettingsException>(() => _settings.Remove(SettingTables.Task, Row(SettingTables.Task, "name", "upload_task").Id, "anna"));
        Assert.Contains("channel, tcp_client: task is 'upload_task'", error.Message);
    }

    [Fact]
    public void Renaming_a_task_takes_its_items_along()
    {
        Change(SettingTables.Task, "name", "three_phase", "name", "three_wire");
        Assert.Equal(12, _settings.Current.Items.Count(i => i.Task == "three_wire"));
    }

    [Fact]
    public void A_new_channel_comes_with_its_keys_and_takes_them_along_when_it_goes()
    {
        var id = _settings.Add(SettingTables.Channel, new Dictionary<string, string> { ["name"] = "pool", ["protocol"] = "dlms_tcp_down", ["commType"] = "20" }, "anna");
        Assert.Equal(4, _settings.Current.Channels["pool"].Attributes.Number("concurrency"));
        _settings.Remove(SettingTables.Channel, id, "anna");
        Assert.DoesNotContain(_settings.Rows(SettingTables.ChannelAttribute), r => r["channel"] == "pool");
    }

    [Fact]
    public void What_this_version_does_not_serve_can_not_be_enabled()
    {
        Assert.Contains("not served by this version", Assert.Throws<SettingsException>(() => Change(SettingTables.Channel, "name", "reading_module", "status", "Enable")).Message);
        Assert.Contains("not served by this version", Assert.Throws<SettingsException>(() => Change(SettingTables.TaskItem, "name", "path discovery", "status", "Enable")).Message);
    }

    [Fact]
    public void A_secret_is_stored_sealed_and_never_shown()
    {
        const string secret = "correct horse";
        Change(SettingTables.System, "key", "ftp.password", "value", secret);
        Assert.Equal(SettingsStore.Hidden, Row(SettingTables.System, "key", "ftp.password")["value"]);
        Assert.Equal(secret, _settings.Secret("ftp.password"));
        Assert.DoesNotContain(secret, SettingsTemplate.Export(_settings));
        Assert.DoesNotContain(_audit, a => a.Text.Contains(secret, StringComparison.Ordinal) || a.Text.Contains("sealed", StringComparison.Ordinal));
        Assert.DoesNotContain(_database.Read(s => s.Query("SELECT cells FROM setting", r => r.GetString(0))), c => c.Contains(secret, StringComparison.Ordinal));
        Change(SettingTables.System, "key", "ftp.password", "value", SettingsStore.Hidden);
        Assert.Equal(secret, _settings.Secret("ftp.password"));
        _settings.Import(SettingsTemplate.Parse(SettingsTemplate.Export(_settings)), "anna");
        Assert.Equal(secret, _settings.Secret("ftp.password"));
    }

    [Theory]
    [InlineData("{", "not valid JSON at line 1")]
    [InlineData("[]", "expected an object with \"format\"")]
    [InlineData("""{"format": "gridtally-settings", "version": 2}""", "expected \"version\": 1")]
    [InlineData("""{"format": "gridtally-settings", "version": 1, "tusk": []}""", "there is no table 'tusk'; the tables are system, task")]
    [InlineData("""{"format": "gridtally-settings", "version": 1, "task": {}}""", "task: expected an array")]
    [InlineData("""{"format": "gridtally-settings", "version": 1, "task": [{"name": true}]}""", "task, row 1, name: expected a text or a number")]
    [InlineData("""{"format": "gridtally-settings", "version": 1, "system": [{"key": "up.devise", "value": "gprs"}]}""", "system, up.devise: key is 'up.devise'; expected one of up.device")]
    [InlineData("""{"format": "gridtally-settings", "version": 1, "channel-attribute": [{"channel": "485_9", "key": "device", "value": "/dev/ttyS1"}]}""", "channel is '485_9'; expected one of 485_1")]
    [InlineData("""{"format": "gridtally-settings", "version": 1, "task": [{"name": "empty_task", "colour": "red"}]}""", "colour is 'red'; expected only the columns name, status")]
    [InlineData("""{"format": "gridtally-settings", "version": 1, "system": [{"key": "store.days", "value": 2}]}""", "store.days: value is '2'; expected a whole number 7..3700")]
    public void A_bad_template_is_refused_with_the_place_and_changes_nothing(string json, string expected)
    {
        var before = SettingsTemplate.Export(_settings);
        var error = Assert.Throws<SettingsException>(() => _settings.Import(SettingsTemplate.Parse(json, "lab.json"), "anna", "lab.json"));
        Assert.Contains(expected, error.Message);
        Assert.Contains("lab.json", error.Message);
        Assert.Equal(before, SettingsTemplate.Export(_settings));
    }

    [Fact]
    public void A_template_that_leaves_keys_out_leaves_them_as_they_are()
    {
        Change(SettingTables.System, "key", "store.days", "value", "40");
        _settings.Import(SettingsTemplate.Parse("""{"format": "gridtally-settings", "version": 1, "system": [{"key": "time.zone", "value": "Europe/Riga"}]}"""), "anna");
        Assert.Equal((40, "Europe/Riga"), (_settings.Current.System.Number("store.days"), _settings.Current.Zone.Id));
    }

    private List<string> Names(TableSpec table) => [.. _settings.Rows(table).Select(r => r["name"])];

    private SettingRow Row(TableSpec table, string column, string value) => _settings.Rows(table).First(r => r[column] == value);

    private string Value(TableSpec table, string column, string owner, string key) => _settings.Rows(table).First(r => r[column] == owner && r["key"] == key)["value"];

    private void Change(TableSpec table, string by, string name, string column, string value) =>
        _settings.Change(table, [(Row(table, by, name).Id, new Dictionary<string, string> { [column] = value })], "anna");
}
