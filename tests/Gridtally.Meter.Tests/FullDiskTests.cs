using Gridtally.Cosem;
using Gridtally.Cosem.Security;
using Gridtally.Meter.Metrology;
using Gridtally.Meter.Persistence;
using Gridtally.Meter.Profiles;

namespace Gridtally.Meter.Tests;

/// <summary>A disk that is full puts requests off and loses nothing.</summary>
public sealed class FullDiskTests : MemoryBed
{
    [Fact]
    public void A_full_disk_puts_requests_off_metering_goes_on_and_nothing_is_corrupted()
    {
        var disk = new SmallDisk();
        using (var fleet = TestFleets.Open(Config, Clock, disk.Open))
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
            Assert.Equal(31 * 60, MemoryFile.Read(Config.DataFolder).Count == 2 ? Recalled("1001").Now - TestMeters.Midnight : -1);

            disk.Room = long.MaxValue;
            Pass(fleet, TimeSpan.FromMinutes(20));

            Assert.False(fleet.MemoryFailed);
            Assert.Equal(DataAccessResult.Success, TryRead(fleet.Meters[0], "3/1-0:1.8.0.255:2", out _));
        }

        using var again = TestFleets.Open(Config, Clock);
        var rows = again.Meters[0].Core.Profile.Rows;
        Assert.Equal([ProfileStatus.None, ProfileStatus.CriticalError | ProfileStatus.DataNotValid], rows.Between(0, uint.MaxValue).Select(n => rows[n].Status));
    }

    [Fact]
    public void A_full_disk_hands_out_no_counter_that_is_not_on_it()
    {
        var disk = new SmallDisk();
        using var fleet = TestFleets.Open(Config, Clock, disk.Open);
        Pass(fleet, TimeSpan.FromMinutes(1));
        disk.Room = 0;

        Assert.Throws<IOException>(() => fleet.Meters[0].Core.Management.Counters.TryTakeSend(KeyRole.GlobalUnicast, out _));
        disk.Room = long.MaxValue;
        Assert.True(fleet.Meters[0].Core.Management.Counters.TryTakeSend(KeyRole.GlobalUnicast, out var counter));
        Assert.Equal(0u, counter);
    }

    private VirtualMeter Recalled(string number)
    {
        var meter = TestMeters.New(number);
        MemoryFile.Read(Config.DataFolder)[number].Restore(meter);
        return meter;
    }

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
