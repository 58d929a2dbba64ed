using System.Buffers.Binary;
using Gridtally.Cosem.Data;

namespace Gridtally.Fuzz;

internal sealed class DateTimeTarget : Target
{
    public override string Name => "date-time";

    public override string What => "date, time, date-time: octets come back; moments, intervals and patterns agree with each other";

    // Text of three values.
    public override Bound Allocation => new(4096, 8);

    public override int MaxInput => 32;

    public override string[] VectorKinds => ["datetime"];

    public override IEnumerable<(string Name, byte[] Octets)> OwnSeeds =>
    [
        ("every field a wildcard", Convert.FromHexString("FFFFFFFFFFFFFFFFFF8000FF")),
        ("every last Sunday of October, 03:00", Convert.FromHexString("FFFF0AFE0703000000800000")),
        ("a moment, then a pattern", Convert.FromHexString("07EA010F040A0F00008000000000FFFFFFFE FF000000008000FF".Replace(" ", ""))),
    ];

    public override bool Try(ReadOnlySpan<byte> input)
    {
        if (input.Length < CosemDateTime.Size) return false;
        var time = CosemDateTime.Read(input);
        Span<byte> written = stackalloc byte[CosemDateTime.Size];
        time.Write(written);
        Require(written.SequenceEqual(input[..CosemDateTime.Size]), "the octets come back");
        Require(new CosemDateTime(time.Date, time.Time, time.DeviationMinutes, time.Status) == time, "date and time make the date-time again");
        var isMoment = time.TryToUtc(out var utc);
        if (time.TryGetInterval(out var first, out var last))
        {
            Require(first <= last, "an interval does not run backwards");
            if (isMoment && time.IsValid) Require(first <= utc && utc <= last, "a moment lies in its own interval");
        }

        Search(time, input);
        _ = time.ToString();
        return isMoment;
    }

    private static void Search(in CosemDateTime pattern, ReadOnlySpan<byte> input)
    {
        var ticks = input.Length >= CosemDateTime.Size + 4 ? BinaryPrimitives.ReadUInt32BigEndian(input[CosemDateTime.Size..]) : 0;
        var after = new DateTime(2000, 1, 1).AddSeconds(ticks % (60L * 365 * 86_400));
        if (pattern.TryGetNext(after, out var next))
        {
            Require(next > after, "the next occurrence is later");
            Require(pattern.Matches(next), "the next occurrence matches the pattern");
        }

        if (!pattern.TryGetPrevious(after, out var previous)) return;
        Require(previous <= after, "the previous occurrence is not later");
        Require(pattern.Matches(previous), "the previous occurrence matches the pattern");
    }
}
