using System.Buffers;
using Gridtally.Cosem.Data;
using Gridtally.Storage.Blocks;
using Gridtally.Testing;

namespace Gridtally.Storage.Tests;

public sealed class DayBlockTests
{
    private static readonly DateTimeOffset Midnight = new(2026, 1, 15, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_block_without_rows_is_a_block() => Assert.Empty(DayBlock.Decode(DayBlock.Encode([])));

    [Fact]
    public void A_day_of_the_energy_profile_takes_less_than_one_octet_per_value()
    {
        var rows = EnergyDay(new Random(7));
        var block = DayBlock.Encode(rows);
        AssertSame(rows, DayBlock.Decode(block));
        Assert.InRange(block.Length, 1, rows.Count * 9);
    }

    [Theory]
    [InlineData("0202 0600000001 0600000002", "0202 0600000002 0600000001")]
    [InlineData("0201 11FF", "0201 1100")]
    [InlineData("0201 158000000000000000", "0201 157FFFFFFFFFFFFFFF")]
    [InlineData("0201 1700000000", "0201 17FFC00001")]
    [InlineData("0201 00", "0201 0600000001")]
    [InlineData("0202 00 1101", "0202 00 1102")]
    [InlineData("0201 090C 07EA010F04000F000000000080", "0201 090C 07EA010F0400FF00FF8000FF")]
    [InlineData("0201 090C 07EA010F05000F0000000000", "0201 090C 07EA010F04001E0000000000")]
    [InlineData("0201 090C FFFFFFFFFFFFFFFFFF8000FF", "0201 090C 07EA010F04001E0000000000")]
    [InlineData("0201 0904 01020304", "0201 0902 0102")]
    [InlineData("0201 09810401020304", "0201 0902 0102")]
    [InlineData("028101 1101", "0201 1102")]
    [InlineData("0200", "0200")]
    [InlineData("0201 1101", "0202 1101 1102")]
    [InlineData("1101", "0600000001")]
    [InlineData("0201 0202 1101 1202 03", "0201 0202 1102 1202 04")]
    [InlineData("FFFFFFFF", "02")]
    public void Rows_of_any_shape_come_back_octet_for_octet(string first, string second)
    {
        ReadOnlyMemory<byte>[] rows = [Bytes.Hex(first), Bytes.Hex(second), Bytes.Hex(first)];
        AssertSame(rows, DayBlock.Decode(DayBlock.Encode(rows)));
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Random_rows_come_back_octet_for_octet(int seed)
    {
        var random = new Random(seed);
        var shape = Enumerable.Range(0, random.Next(1, 12)).Select(_ => random.Next(8)).ToArray();
        var rows = Enumerable.Range(0, random.Next(1, 60)).Select(i => RandomRow(random, shape, i)).ToArray();
        AssertSame(rows, DayBlock.Decode(DayBlock.Encode(rows)));
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_damaged_block_is_refused_or_read_but_never_crashes(int seed)
    {
        var random = new Random(seed);
        var block = DayBlock.Encode(EnergyDay(random));
        for (var flips = random.Next(1, 4); flips > 0; flips--) block[random.Next(block.Length)] ^= (byte)random.Next(1, 256);
        var cut = block.AsSpan(0, random.Next(2) == 0 ? block.Length : random.Next(block.Length)).ToArray();
        try
        {
            DayBlock.Decode(cut);
        }
        catch (InvalidDataException)
        {
            // The only exception that may come.
        }
    }

    [Fact]
    public void A_block_of_another_version_is_refused_by_number() =>
        Assert.Contains("version 9", Assert.Throws<InvalidDataException>(() => DayBlock.Decode([9, 0, 0])).Message);

    public static TheoryData<int> Seeds() => new(Enumerable.Range(1, 60));

    private static void AssertSame(IReadOnlyList<ReadOnlyMemory<byte>> expected, IReadOnlyList<ReadOnlyMemory<byte>> got) =>
        Assert.Equal(expected.Select(r => Convert.ToHexString(r.Span)), got.Select(r => Convert.ToHexString(r.Span)));

    // Nine columns as in the energy profile: clock, status, four demands and two apparent ones of a household, meter status.
    private static List<ReadOnlyMemory<byte>> EnergyDay(Random random)
    {
        var rows = new List<ReadOnlyMemory<byte>>();
        var load = 300.0;
        for (var i = 1; i <= 96; i++)
        {
            load = Math.Clamp(load * (0.7 + 0.7 * random.NextDouble()), 120, 6000);
            var (active, reactive) = ((uint)load, (uint)(load * 0.2));
            rows.Add(Bytes.Written(w =>
            {
                w.WriteStructure(9);
                w.WriteDateTime(CosemDateTime.From(Midnight.AddMinutes(15 * i)));
                w.WriteUnsigned(0);
                w.WriteDoubleLongUnsigned(active);
                w.WriteDoubleLongUnsigned(0);
                w.WriteDoubleLongUnsigned(reactive);
                w.WriteDoubleLongUnsigned(0);
                w.WriteDoubleLongUnsigned((uint)Math.Sqrt((double)active * active + (double)reactive * reactive));
                w.WriteDoubleLongUnsigned(0);
                w.WriteLongUnsigned(0);
            }));
        }

        return rows;
    }

    private static ReadOnlyMemory<byte> RandomRow(Random random, int[] shape, int row) => Bytes.Written(w =>
    {
        w.WriteStructure(shape.Length);
        foreach (var kind in shape) WriteCell(w, random, kind, row);
    });

    private static void WriteCell(IBufferWriter<byte> w, Random random, int kind, int row)
    {
        switch (kind)
        {
            case 0: w.WriteDoubleLongUnsigned((uint)random.NextInt64(1L << 32)); break;
            case 1: w.WriteLong64(random.NextInt64(long.MinValue, long.MaxValue)); break;
            case 2: w.WriteInteger((sbyte)random.Next(-128, 128)); break;
            case 3: w.WriteDateTime(CosemDateTime.From(new DateTimeOffset(2026, 3, 29, 0, 0, 0, TimeSpan.FromHours(random.Next(3))).AddMinutes(row * 15), (ClockStatus)random.Next(256))); break;
            case 4: w.WriteOctetString(RandomBytes(random, 12)); break;
            case 5: if (random.Next(2) == 0) w.WriteNull(); else w.WriteLongUnsigned((ushort)row); break;
            case 6: w.WriteVisibleString("same"); break;
            default: w.WriteOctetString(RandomBytes(random, random.Next(0, 200))); break;
        }
    }

    private static byte[] RandomBytes(Random random, int count)
    {
        var bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }
}
