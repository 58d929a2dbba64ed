using System.Buffers;
using Gridtally.Meter.Fleet;
using Gridtally.Meter.Metrology;
using Gridtally.Meter.Persistence;

namespace Gridtally.Meter.Tests;

/// <summary>The file under the memory: cut, damaged, foreign, locked, rewritten.</summary>
public sealed class MemoryFileTests : MemoryBed
{
    [Fact]
    public void A_file_cut_at_any_octet_of_its_last_records_restores_a_state_that_was_there()
    {
        var states = new Dictionary<long, string>();
        using (var fleet = TestFleets.Open(Config, Clock))
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
            var memories = MemoryFile.Read(Config.DataFolder);
            using var memory = MemoryFile.Open(Config.DataFolder, out var opened, out var torn);
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
        using (var fleet = TestFleets.Open(Config, Clock)) Pass(fleet, TimeSpan.FromMinutes(40));
        using (var file = new FileStream(MemoryPath, FileMode.Open)) file.SetLength(file.Length - 7);

        using (var fleet = TestFleets.Open(Config, Clock)) Pass(fleet, TimeSpan.FromMinutes(40));
        using var again = TestFleets.Open(Config, Clock);

        Assert.All(again.Meters, meter => Assert.InRange(meter.Core.Profile.Rows.Count, 1, 2));
    }

    [Fact]
    public void A_damaged_file_is_an_error_that_names_file_and_offset()
    {
        long first;
        using (var fleet = TestFleets.Open(Config, Clock))
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

            var error = Assert.Throws<MemoryFileException>(() => TestFleets.Open(Config, Clock));

            Assert.Contains(MemoryPath, error.Message, StringComparison.Ordinal);
            Assert.InRange(error.Offset, 8, at);
            Assert.Equal(damaged, File.ReadAllBytes(MemoryPath));
        }
    }

    [Fact]
    public void A_file_of_another_kind_is_refused_and_left_alone()
    {
        Directory.CreateDirectory(Config.DataFolder);
        File.WriteAllText(MemoryPath, "SQLite format 3 and much more");

        var error = Assert.Throws<MemoryFileException>(() => TestFleets.Open(Config, Clock));

        Assert.Equal(0, error.Offset);
        Assert.Equal("SQLite format 3 and much more", File.ReadAllText(MemoryPath));
    }

    [Fact]
    public void Two_processes_can_not_run_the_same_meters()
    {
        using var fleet = TestFleets.Open(Config, Clock);

        var error = Assert.Throws<MemoryFileException>(() => TestFleets.Open(Config, Clock));

        Assert.Contains(Config.DataFolder, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_master_key_than_the_one_at_the_first_start_is_said()
    {
        using (var fleet = TestFleets.Open(Config, Clock)) Pass(fleet, TimeSpan.FromMinutes(1));
        Config.Meters[0].MasterKey = new string('0', 32);

        var error = Assert.Throws<MemoryFileException>(() => TestFleets.Open(Config, Clock));

        Assert.Contains("1001", error.Message, StringComparison.Ordinal);
        Assert.Contains("masterKey", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_file_is_rewritten_when_most_of_it_is_history()
    {
        using var memory = MemoryFile.Open(Config.DataFolder, out _, out _);
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
        Assert.Equal(5, MemoryFile.Read(Config.DataFolder)["1001"].Rows.Count);
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
}
