using System.Buffers;
using Gridtally.Cosem;
using Gridtally.Cosem.Data;
using Gridtally.Cosem.Security;
using Gridtally.Cosem.Server;
using Gridtally.Meter.Fleet;
using Gridtally.Meter.Metrology;
using Gridtally.Meter.Persistence;
using Gridtally.Meter.Profiles;
using Gridtally.Testing;

namespace Gridtally.Meter.Tests;

public sealed class MemoryTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ManualTimeProvider _clock = new(TestFleets.Start);
    private readonly FleetConfig _config;

    public MemoryTests() => _config = TestFleets.Config(_folder.Path, meters: 2);

    private string MemoryPath => Path.Combine(_config.DataFolder, MemoryFile.FileName);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_restarted_fleet_goes_on_where_it_was_with_the_outage_marked()
    {
        long exact;
        using (var fleet = TestFleets.Open(_config, _clock))
        {
            Pass(fleet, TimeSpan.FromMinutes(100));
            exact = fleet.Meters[0].Core.Energy.Exact(EnergyChannel.ImportActive);
        }

        _clock.Advance(TimeSpan.FromMinutes(5));
        using (var fleet = TestFleets.Open(_config, _clock))
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
        using (var fleet = TestFleets.Open(_config, _clock))
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
            Assert.True(meter.TransferKeys(meter.Read,
                [(0, KeyWrap.Wrap(TestMeters.MasterKey, TestMeters.Key(0x60))), (1, KeyWrap.Wrap(TestMeters.MasterKey, TestMeters.Key(0x70))), (3, KeyWrap.Wrap(TestMeters.MasterKey, TestMeters.Key(0x50)))]));
        }

        using (var fleet = TestFleets.Open(_config, _clock))
        {
            var meter = fleet.Meters[0].Core;
            Assert.Equal((900, 300), (meter.Number("7/1-0:99.1.0.255:4"), meter.Number("5/1-0:1.4.0.255:8")));
            Assert.Equal((-60, 1), (meter.Number("8/0-0:1.0.0.255:3"), meter.Number("8/0-0:1.0.0.255:8")));
            Assert.Equal((0, 4), (meter.Number("70/0-0:96.3.10.255:2"), meter.Number("70/0-0:96.3.10.255:4")));
            Assert.Equal(TestMeters.Midnight + 700, meter.Time.Utc);
            Assert.Equal(TestMeters.Key(0x60), meter.Read.Keys.Encryption);
            Assert.Equal(TestMeters.Key(0x70), meter.Read.Keys.Broadcast);
            Assert.True(meter.TransferKeys(meter.Read, [(2, KeyWrap.Wrap(TestMeters.Key(0x50), TestMeters.Key(0x11)))]));
        }
    }

    [Fact]
    public void Keys_are_not_in_the_memory_file()
    {
        using (var fleet = TestFleets.Open(_config, _clock)) Pass(fleet, TimeSpan.FromMinutes(1));

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
            var fleet = TestFleets.Open(_config, _clock);
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

        using var after = TestFleets.Open(_config, _clock);
        Assert.Equal(last, after.Meters[0].Core.Management.Counters.LastAccepted);
        Assert.Equal(client, after.Meters[0].Core.Management.Counters.LastOriginator);
    }

    [Fact]
    public void What_a_request_has_seen_is_there_after_a_kill_at_once()
    {
        var fleet = TestFleets.Open(_config, _clock);
        Pass(fleet, TimeSpan.FromMinutes(95));
        _clock.Advance(TimeSpan.FromMilliseconds(1000));
        var device = fleet.Meters[1];
        lock (fleet.Gate)
        {
            // A second goes by that no round has remembered yet.
            device.TickTo(_clock.GetUtcNow().ToUnixTimeSeconds());
        }

        var seen = Read(device, "8/0-0:1.0.0.255:2");
        var energy = device.Core.Energy.Exact(EnergyChannel.ImportActive);
        Kill(fleet);

        using var after = TestFleets.Open(_config, _clock);
        Assert.Equal(energy, after.Meters[1].Core.Energy.Exact(EnergyChannel.ImportActive));
        Assert.Equal(seen, Read(after.Meters[1], "8/0-0:1.0.0.255:2"));
    }

    [Fact]
    public void A_file_cut_at_any_octet_of_its_last_records_restores_a_state_that_was_there()
    {
        var states = new Dictionary<long, string>();
        using (var fleet = TestFleets.Open(_config, _clock))
        {
            for (var i = 0; i < 8; i++)
            {
                Pass(fleet, TimeSpan.FromMinutes(15));
                Assert.True(fleet.RememberAll());
                states[new FileInfo(MemoryPath).Length] = Describe(fleet);
            }
        }

        var whole = File.ReadAllBytes(MemoryPath);
        var ends = states.Keys.Order().ToArray();
        var random = new Random(5);

        // Every octet of the last record of each meter, and a random sample of all before.
        var cuts = Enumerable.Range((int)ends[^2], (int)(ends[^1] - ends[^2]) + 1).Concat(Enumerable.Range(0, 60).Select(_ => random.Next((int)ends[0], (int)ends[^2])));
        foreach (var cut in cuts)
        {
            File.WriteAllBytes(MemoryPath, whole[..cut]);
            var memories = MemoryFile.Read(_config.DataFolder);
            using var memory = MemoryFile.Open(_config.DataFolder, out var opened, out var torn);
            Assert.Equal(memories.Keys, opened.Keys);
            Assert.Equal(cut, memory.Length + torn);
            var before = ends.Last(end => end <= cut);
            var between = memory.Length > before;
            foreach (var number in (string[])["1001", "1002"])
            {
                var restored = Describe(opened[number]);
                Assert.True(states[before].Contains(restored, StringComparison.Ordinal)
                    || between && states[ends.First(end => end > cut)].Contains(restored, StringComparison.Ordinal), $"cut at {cut}: meter {number} is in a state that never was");
            }
        }
    }

    [Fact]
    public void A_fleet_opened_on_a_cut_file_writes_on_and_can_be_opened_again()
    {
        using (var fleet = TestFleets.Open(_config, _clock)) Pass(fleet, TimeSpan.FromMinutes(40));
        using (var file = new FileStream(MemoryPath, FileMode.Open)) file.SetLength(file.Length - 7);

        using (var fleet = TestFleets.Open(_config, _clock)) Pass(fleet, TimeSpan.FromMinutes(40));
        using var again = TestFleets.Open(_config, _clock);

        Assert.All(again.Meters, meter => Assert.InRange(meter.Core.Profile.Rows.Count, 1, 2));
    }

    [Fact]
    public void No_row_is_ever_captured_twice_with_another_content()
    {
        var random = new Random(11);
        var seen = new Dictionary<string, string>();
        for (var round = 0; round < 12; round++)
        {
            var fleet = TestFleets.Open(_config, _clock);
            Pass(fleet, TimeSpan.FromSeconds(random.Next(600, 4000)));
            _ = Read(fleet.Meters[random.Next(2)], "7/1-0:99.1.0.255:2");
            Kill(fleet);
            foreach (var line in TestFleets.Rows(_config).Split('\n', StringSplitOptions.RemoveEmptyEntries))
            {
                var at = line.LastIndexOf(';');
                if (!seen.TryAdd(line[..at], line[at..])) Assert.Equal(seen[line[..at]], line[at..]);
            }

            _clock.Advance(TimeSpan.FromSeconds(random.Next(1, 100)));
        }

        Assert.True(seen.Count > 10);
        Assert.Equal(seen.Count, TestFleets.Rows(_config).Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Fact]
    public void A_damaged_file_is_an_error_that_names_file_and_offset()
    {
        long first;
        using (var fleet = TestFleets.Open(_config, _clock))
        {
            Pass(fleet, TimeSpan.FromMinutes(1));
            Assert.True(fleet.RememberAll());
            first = new FileInfo(MemoryPath).Length;
            Pass(fleet, TimeSpan.FromMinutes(1));
        }

        var octets = File.ReadAllBytes(MemoryPath);
        foreach (var at in (int[])[9, 15, 30, (int)first + 2, (int)first + 40])
        {
            var damaged = (byte[])octets.Clone();
            damaged[at] ^= 0x10;
            File.WriteAllBytes(MemoryPath, damaged);

            var error = Assert.Throws<MemoryFileException>(() => TestFleets.Open(_config, _clock));

            Assert.Contains(MemoryPath, error.Message, StringComparison.Ordinal);
            Assert.InRange(error.Offset, 8, at);
            Assert.Equal(damaged, File.ReadAllBytes(MemoryPath));
        }
    }

    [Fact]
    public void A_file_of_another_kind_is_refused_and_left_alone()
    {
        Directory.CreateDirectory(_config.DataFolder);
        File.WriteAllText(MemoryPath, "SQLite format 3 and much more");

        var error = Assert.Throws<MemoryFileException>(() => TestFleets.Open(_config, _clock));

        Assert.Equal(0, error.Offset);
        Assert.Equal("SQLite format 3 and much more", File.ReadAllText(MemoryPath));
    }

    [Fact]
    public void Two_processes_can_not_run_the_same_meters()
    {
        using var fleet = TestFleets.Open(_config, _clock);

        var error = Assert.Throws<MemoryFileException>(() => TestFleets.Open(_config, _clock));

        Assert.Contains(_config.DataFolder, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_master_key_than_the_one_at_the_first_start_is_said()
    {
        using (var fleet = TestFleets.Open(_config, _clock)) Pass(fleet, TimeSpan.FromMinutes(1));
        _config.Meters[0].MasterKey = new string('0', 32);

        var error = Assert.Throws<MemoryFileException>(() => TestFleets.Open(_config, _clock));

        Assert.Contains("1001", error.Message, StringComparison.Ordinal);
        Assert.Contains("masterKey", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_full_disk_puts_requests_off_metering_goes_on_and_nothing_is_corrupted()
    {
        var disk = new SmallDisk();
        using (var fleet = TestFleets.Open(_config, _clock, disk.Open))
        {
            Pass(fleet, TimeSpan.FromMinutes(31));
            Assert.True(fleet.RememberAll());
            disk.Room = 100;
            var before = fleet.Meters[0].Core.Energy.Exact(EnergyChannel.ImportActive);
            Pass(fleet, TimeSpan.FromMinutes(10));

            Assert.True(fleet.MemoryFailed);
            Assert.True(fleet.Meters[0].Core.Energy.Exact(EnergyChannel.ImportActive) > before);
            Assert.True(fleet.Meters[0].Core.InternalStatus.HasFlag(InternalStatus.MemoryError));
            Assert.Equal(DataAccessResult.TemporaryFailure, TryRead(fleet.Meters[0], "3/1-0:1.8.0.255:2", out _));
            Assert.Equal(31 * 60, MemoryFile.Read(_config.DataFolder).Count == 2 ? Recalled("1001").Now - TestMeters.Midnight : -1);

            disk.Room = long.MaxValue;
            Pass(fleet, TimeSpan.FromMinutes(20));

            Assert.False(fleet.MemoryFailed);
            Assert.Equal(DataAccessResult.Success, TryRead(fleet.Meters[0], "3/1-0:1.8.0.255:2", out _));
        }

        using var again = TestFleets.Open(_config, _clock);
        var rows = again.Meters[0].Core.Profile.Rows;
        Assert.Equal([ProfileStatus.None, ProfileStatus.CriticalError | ProfileStatus.DataNotValid], rows.Between(0, uint.MaxValue).Select(n => rows[n].Status));
    }

    [Fact]
    public void A_full_disk_hands_out_no_counter_that_is_not_on_it()
    {
        var disk = new SmallDisk();
        using var fleet = TestFleets.Open(_config, _clock, disk.Open);
        Pass(fleet, TimeSpan.FromMinutes(1));
        disk.Room = 0;

        Assert.Throws<IOException>(() => fleet.Meters[0].Core.Management.Counters.TryTakeSend(KeyRole.GlobalUnicast, out _));
        disk.Room = long.MaxValue;
        Assert.True(fleet.Meters[0].Core.Management.Counters.TryTakeSend(KeyRole.GlobalUnicast, out var counter));
        Assert.Equal(0u, counter);
    }

    [Fact]
    public void The_file_is_rewritten_when_most_of_it_is_history()
    {
        using var memory = MemoryFile.Open(_config.DataFolder, out _, out _);
        var meter = TestMeters.New();
        meter.Run(7200, TestMeters.Constant(100));
        var record = new ArrayBufferWriter<byte>();
        MeterMemory.WriteMeter(record, meter, 0);
        var again = new ArrayBufferWriter<byte>();
        MeterMemory.WriteMeter(again, meter, meter.Profile.Rows.Next);
        memory.Append(record.WrittenSpan);
        while (!memory.WantsRewrite) memory.Append(again.WrittenSpan);

        memory.Rewrite([record.WrittenMemory]);
        meter.Run(1800, TestMeters.Constant(100));
        record.ResetWrittenCount();
        MeterMemory.WriteMeter(record, meter, 4);
        memory.Append(record.WrittenSpan);

        Assert.Equal(memory.Length, new FileInfo(MemoryPath).Length);
        Assert.True(memory.Length < 4096);
        Assert.Equal(5, MemoryFile.Read(_config.DataFolder)["1001"].Rows.Count);
    }

    [Fact]
    public void A_meter_left_out_of_the_configuration_keeps_its_memory()
    {
        using (var fleet = TestFleets.Open(_config, _clock)) Pass(fleet, TimeSpan.FromMinutes(40));
        var second = _config.Meters[1];
        _config.Meters.RemoveAt(1);
        using (var fleet = TestFleets.Open(_config, _clock)) Pass(fleet, TimeSpan.FromMinutes(1));
        _config.Meters.Add(second);

        using var again = TestFleets.Open(_config, _clock);

        Assert.Equal(1, again.Meters[1].Core.Profile.Rows.Count);
    }

    [Fact]
    public void A_cleared_buffer_stays_cleared()
    {
        using (var fleet = TestFleets.Open(_config, _clock))
        {
            Pass(fleet, TimeSpan.FromMinutes(100));
            Assert.Equal(ActionResult.Success, fleet.Meters[0].Core.Invoke("7/1-0:99.1.0.255!1"));
            Pass(fleet, TimeSpan.FromMinutes(30));
        }

        using var again = TestFleets.Open(_config, _clock);
        Assert.Equal([1, 4], again.Meters.Select(meter => meter.Core.Profile.Rows.Count));
    }

    [Fact]
    public void The_export_prints_each_row_as_a_client_receives_it()
    {
        string row;
        using (var fleet = TestFleets.Open(_config, _clock))
        {
            Pass(fleet, TimeSpan.FromMinutes(30));
            row = Convert.ToHexString(Read(fleet.Meters[0], "7/1-0:99.1.0.255:2")[2..]);
        }

        var lines = TestFleets.Rows(_config).Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.Equal(2, lines.Length);
        Assert.Equal($"1001;1-0:99.1.0.255;2026-01-15T00:30:00Z;{row}", lines[0]);
        Assert.StartsWith("1002;", lines[1], StringComparison.Ordinal);
    }

    private VirtualMeter Recalled(string number)
    {
        var meter = TestMeters.New(number);
        MemoryFile.Read(_config.DataFolder)[number].Restore(meter);
        return meter;
    }

    private void Pass(MeterFleet fleet, TimeSpan time)
    {
        _clock.Advance(time);
        fleet.Advance();
    }

    // The process is gone: nothing is written any more, and its lock on the folder is.
    private static void Kill(MeterFleet fleet) => fleet.Abandon();

    private static DataAccessResult TryRead(FleetMeter meter, string target, out byte[] data)
    {
        var output = new ArrayBufferWriter<byte>();
        var result = meter.Get(TestMeters.Attribute(target), new RequestContext { ClientSap = 2 }, output);
        data = output.WrittenSpan.ToArray();
        return result;
    }

    private static byte[] Read(FleetMeter meter, string target)
    {
        Assert.Equal(DataAccessResult.Success, TryRead(meter, target, out var data));
        return data;
    }

    private static string Describe(MeterFleet fleet) => string.Join('\n', fleet.Meters.Select(m => Describe(m.Core)));

    private static string Describe(MeterMemory memory)
    {
        var meter = TestMeters.New(memory.Number);
        memory.Restore(meter);
        return Describe(meter);
    }

    private static string Describe(VirtualMeter meter) =>
        $"{meter.Identity.Number} {meter.Now} {meter.Energy.Exact(EnergyChannel.ImportActive)} {Convert.ToHexString(meter.Get("7/1-0:99.1.0.255:2"))}";

    /// <summary>A disk that takes so many octets and then fails in the middle of a write.</summary>
    private sealed class SmallDisk
    {
        public long Room { get; set; } = long.MaxValue;

        public Stream Open(string path) => new File(this, new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite, 0));

        private sealed class File(SmallDisk disk, FileStream inner) : Stream
        {
            public override bool CanRead => true;

            public override bool CanSeek => true;

            public override bool CanWrite => true;

            public override long Length => inner.Length;

            public override long Position { get => inner.Position; set => inner.Position = value; }

            public override void Flush() => inner.Flush();

            public override int Read(byte[] buffer, int offset, int count) => inner.Read(buffer, offset, count);

            public override long Seek(long offset, SeekOrigin origin) => inner.Seek(offset, origin);

            public override void SetLength(long value) => inner.SetLength(value);

            public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

            public override void Write(ReadOnlySpan<byte> buffer)
            {
                var part = (int)Math.Min(disk.Room, buffer.Length);
                inner.Write(buffer[..part]);
                disk.Room -= part;
                if (part < buffer.Length) throw new IOException("No space left on device");
            }

            protected override void Dispose(bool disposing)
            {
                if (disposing) inner.Dispose();
                base.Dispose(disposing);
            }
        }
    }
}
