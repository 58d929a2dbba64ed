using Gridtally.Cosem;
using Gridtally.Cosem.Data;
using Gridtally.Cosem.Security;
using Gridtally.Meter.Metrology;
using Gridtally.Meter.Profiles;

namespace Gridtally.Meter.Tests;

/// <summary>What survives a restart and a kill.</summary>
public sealed class MemoryTests : MemoryBed
{
    [Fact]
    public void A_restarted_fleet_goes_on_where_it_was_with_the_outage_marked()
    {
        long exact;
        using (var fleet = TestFleets.Open(Config, Clock))
        {
            Pass(fleet, TimeSpan.FromMinutes(100));
            exact = fleet.Meters[0].Core.Energy.Exact(EnergyChannel.ImportActive);
        }

        Clock.Advance(TimeSpan.FromMinutes(5));
        using (var fleet = TestFleets.Open(Config, Clock))
        {
            var meter = fleet.Meters[0].Core;
            Assert.Equal(exact, meter.Energy.Exact(EnergyChannel.ImportActive));
            Assert.Equal(3, meter.Profile.Rows.Count);
            Pass(fleet, TimeSpan.FromMinutes(75));

            Assert.Equal(6, meter.Profile.Rows.Count);
            Assert.Equal(
                [ProfileStatus.None, ProfileStatus.None, ProfileStatus.None, ProfileStatus.PowerDown | ProfileStatus.DataNotValid, ProfileStatus.None, ProfileStatus.None],
                meter.Profile.Rows.Between(0, uint.MaxValue).Select(n => meter.Profile.Rows[n].Status));
            Assert.True(meter.Energy.Exact(EnergyChannel.ImportActive) > exact);
        }
    }

    [Fact]
    public void Everything_that_clients_can_change_survives()
    {
        using (var fleet = TestFleets.Open(Config, Clock))
        {
            Pass(fleet, TimeSpan.FromMinutes(10));
            var meter = fleet.Meters[0].Core;
            Assert.Equal(DataAccessResult.Success, meter.Set("8/0-0:1.0.0.255:3", w => w.WriteLong(-60)));
            Assert.Equal(DataAccessResult.Success, meter.Set("8/0-0:1.0.0.255:8", w => w.WriteBoolean(true)));
            Assert.Equal(DataAccessResult.Success, meter.Set("7/1-0:99.1.0.255:4", w => w.WriteDoubleLongUnsigned(900)));
            Assert.Equal(DataAccessResult.Success, meter.Set("5/1-0:1.4.0.255:8", w => w.WriteDoubleLongUnsigned(300)));
            Assert.Equal(DataAccessResult.Success, meter.Set("70/0-0:96.3.10.255:4", w => w.WriteEnum(4)));
            Assert.Equal(ActionResult.Success, meter.Invoke("70/0-0:96.3.10.255!1"));
            Assert.Equal(ActionResult.Success, meter.Invoke("8/0-0:1.0.0.255!6", w => w.WriteLong(100)));
            Assert.Equal(ActionResult.Success, meter.Invoke("64/0-0:43.0.2.255!2", w => KeyParameters.WriteTransfer(w, TestMeters.MasterKey,
                new(KeyId.GlobalUnicastEncryption, TestMeters.Key(0x60)), new(KeyId.GlobalBroadcastEncryption, TestMeters.Key(0x70)), new(KeyId.Master, TestMeters.Key(0x50)))));
        }

        using (var fleet = TestFleets.Open(Config, Clock))
        {
            var meter = fleet.Meters[0].Core;
            Assert.Equal((900, 300), (meter.Number("7/1-0:99.1.0.255:4"), meter.Number("5/1-0:1.4.0.255:8")));
            Assert.Equal((-60, 1), (meter.Number("8/0-0:1.0.0.255:3"), meter.Number("8/0-0:1.0.0.255:8")));
            Assert.Equal((0, 4), (meter.Number("70/0-0:96.3.10.255:2"), meter.Number("70/0-0:96.3.10.255:4")));
            Assert.Equal(TestMeters.Midnight + 700, meter.Time.Utc);
            Assert.Equal(TestMeters.Key(0x60), meter.Read.Keys.Encryption);
            Assert.Equal(TestMeters.Key(0x70), meter.Read.Keys.Broadcast);
            Assert.Equal(ActionResult.Success, meter.Invoke("64/0-0:43.0.2.255!2", w => KeyParameters.WriteTransfer(w, TestMeters.Key(0x50), new NewKey(KeyId.Authentication, TestMeters.Key(0x11)))));
        }
    }

    [Fact]
    public void Keys_are_not_in_the_memory_file()
    {
        using (var fleet = TestFleets.Open(Config, Clock)) Pass(fleet, TimeSpan.FromMinutes(1));

        var octets = File.ReadAllBytes(MemoryPath);
        Assert.All([0x00, 0x10, 0x20, 0x30, 0x40], first => Assert.Equal(-1, octets.AsSpan().IndexOf(TestMeters.Key((byte)first))));
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(MemoryPath));
    }

    [Fact]
    public void Invocation_counters_never_go_back_over_a_kill()
    {
        var client = new SystemTitle(0x4854450000000001);
        uint last = 0;
        for (var round = 0; round < 3; round++)
        {
            var fleet = TestFleets.Open(Config, Clock);
            Pass(fleet, TimeSpan.FromMinutes(1));
            var counters = fleet.Meters[0].Core.Management.Counters;
            Assert.Equal(round == 0 ? 0ul : last + 1ul, counters.ReceiveFloor(KeyRole.GlobalUnicast, client));
            for (var i = 0; i < 5; i++)
            {
                Assert.True(counters.TryTakeSend(KeyRole.GlobalUnicast, out var sent));
                Assert.True(sent > last || last == 0);
                last = sent;
                counters.Accept(KeyRole.GlobalUnicast, client, sent);
            }

            Kill(fleet);
        }

        using var after = TestFleets.Open(Config, Clock);
        Assert.Equal(last, after.Meters[0].Core.Management.Counters.LastAccepted);
        Assert.Equal(client, after.Meters[0].Core.Management.Counters.LastOriginator);
    }

    [Fact]
    public void What_a_request_has_seen_is_there_after_a_kill_at_once()
    {
        var fleet = TestFleets.Open(Config, Clock);
        Pass(fleet, TimeSpan.FromMinutes(95));
        Clock.Advance(TimeSpan.FromMilliseconds(1000));
        var device = fleet.Meters[1];
        lock (fleet.Gate)
        {
            // A second goes by that no round has remembered yet.
            device.TickTo(Clock.GetUtcNow().ToUnixTimeSeconds());
        }

        var seen = Read(device, "8/0-0:1.0.0.255:2");
        var energy = device.Core.Energy.Exact(EnergyChannel.ImportActive);
        Kill(fleet);

        using var after = TestFleets.Open(Config, Clock);
        Assert.Equal(energy, after.Meters[1].Core.Energy.Exact(EnergyChannel.ImportActive));
        Assert.Equal(seen, Read(after.Meters[1], "8/0-0:1.0.0.255:2"));
    }

    [Fact]
    public void No_row_is_ever_captured_twice_with_another_content()
    {
        var random = new Random(11);
        var seen = new Dictionary<string, string>();
        for (var round = 0; round < 12; round++)
        {
            var fleet = TestFleets.Open(Config, Clock);
            Pass(fleet, TimeSpan.FromSeconds(random.Next(600, 4000)));
            _ = Read(fleet.Meters[random.Next(2)], "7/1-0:99.1.0.255:2");
            Kill(fleet);
            foreach (var line in TestFleets.Rows(Config).Split('\n', StringSplitOptions.RemoveEmptyEntries))
            {
                var at = line.LastIndexOf(';');
                if (!seen.TryAdd(line[..at], line[at..])) Assert.Equal(seen[line[..at]], line[at..]);
            }

            Clock.Advance(TimeSpan.FromSeconds(random.Next(1, 100)));
        }

        Assert.True(seen.Count > 10);
        Assert.Equal(seen.Count, TestFleets.Rows(Config).Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Fact]
    public void A_meter_left_out_of_theConfiguration_keeps_its_memory()
    {
        using (var fleet = TestFleets.Open(Config, Clock)) Pass(fleet, TimeSpan.FromMinutes(40));
        var second = Config.Meters[1];
        Config.Meters.RemoveAt(1);
        using (var fleet = TestFleets.Open(Config, Clock)) Pass(fleet, TimeSpan.FromMinutes(1));
        Config.Meters.Add(second);

        using var again = TestFleets.Open(Config, Clock);

        Assert.Equal(1, again.Meters[1].Core.Profile.Rows.Count);
    }

    [Fact]
    public void A_cleared_buffer_stays_cleared()
    {
        using (var fleet = TestFleets.Open(Config, Clock))
        {
            Pass(fleet, TimeSpan.FromMinutes(100));
            Assert.Equal(ActionResult.Success, fleet.Meters[0].Core.Invoke("7/1-0:99.1.0.255!1"));
            Pass(fleet, TimeSpan.FromMinutes(30));
        }

        using var again = TestFleets.Open(Config, Clock);
        Assert.Equal([1, 4], again.Meters.Select(meter => meter.Core.Profile.Rows.Count));
    }

    [Fact]
    public void The_export_prints_each_row_as_a_client_receives_it()
    {
        string row;
        using (var fleet = TestFleets.Open(Config, Clock))
        {
            Pass(fleet, TimeSpan.FromMinutes(30));
            row = Convert.ToHexString(Read(fleet.Meters[0], "7/1-0:99.1.0.255:2")[2..]);
        }

        var lines = TestFleets.Rows(Config).Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.Equal(2, lines.Length);
        Assert.Equal($"1001;1-0:99.1.0.255;2026-01-15T00:30:00Z;{row}", lines[0]);
        Assert.StartsWith("1002;", lines[1], StringComparison.Ordinal);
    }
}
