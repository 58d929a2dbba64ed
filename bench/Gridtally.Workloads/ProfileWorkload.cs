using System.Security.Cryptography;
using Gridtally.Cosem;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Client;
using Gridtally.Cosem.Profiles;

namespace Gridtally.Workloads;

/// <summary>Workloads d: 96 rows of a profile by range, from the client's call to columns of numbers.</summary>
internal sealed class ProfileWorkload : IWorkload
{
    private const string ArrayDigest = "9622363BB704D7CFA4359CCA23D3198DD90BC91226B9E1554201BEA86D063C85";
    private const int ArrayOctets = 5570;

    private static readonly AttributeRef Target = new(7, MeterModel.Profile, 2);

    private readonly Conversation _talk;
    private readonly SelectiveAccess _day = SelectiveAccess.ByClock(RowStore.TimeOf(0), RowStore.TimeOf(RowStore.DayRows - 1));
    private readonly DayColumns _columns = new();

    public ProfileWorkload(Link link, Cover cover, int held = RowStore.DayRows, bool generalBlocks = false)
    {
        var (options, spec) = (Peers.Options(cover), Peers.Spec(cover));
        if (generalBlocks)
        {
            options = options with { ProposedConformance = options.ProposedConformance | Conformance.GeneralBlockTransfer, GeneralBlockWindow = 1 };
            spec = spec with { Conformance = spec.Conformance | Conformance.GeneralBlockTransfer, GeneralBlockWindow = 1 };
        }

        _talk = new(link, options, spec, MeterModel.Create(held));
        _talk.Open();
        Check(link, cover, generalBlocks);
    }

    public int Units => RowStore.DayRows;

    public void Run()
    {
        _talk.Finish(_talk.Client.Get(Target, _day, _talk.Request), ClientStep.Answered);
        if (!_columns.TryRead(_talk.Client.Result.Data.Span)) throw new WorkloadException($"No rows came: {_talk.Client.Result.Failure}.");
    }

    public void Dispose() => _talk.Dispose();

    private void Check(Link link, Cover cover, bool generalBlocks)
    {
        var seen = new List<(bool Up, byte[] Octets)>();
        _talk.Watch = (up, octets) => seen.Add((up, octets));
        Run();
        _talk.Watch = null;
        var array = _talk.Client.Result.Data.Span;
        Golden.Same("octets of the array", ArrayOctets, array.Length);
        Golden.Same("SHA-256 of the array", ArrayDigest, SHA256.HashData(array));
        _columns.Check();
        if (link != Link.Wrapper) return;
        Golden.Same("frames of one read", 12, seen.Count);
        if (generalBlocks) CheckGeneralBlocks(cover, seen);
        else if (cover == Cover.Plain) CheckPlain(seen);
        else Golden.Begins("first response, ciphered, 1,024 octets", "CC8203FC30", seen[1].Octets.AsSpan(8));
    }

    private static void CheckGeneralBlocks(Cover cover, List<(bool Up, byte[] Octets)> seen)
    {
        // The incumbent puts 1,017 octets into a block, whose APDU is then longer than the 1,024 that were agreed on.
        Golden.Begins("first block", cover == Cover.Plain ? "E001000100008203F7C401C1000160020A090C" : "E001000100008203F7DB08424E4D3030303031", seen[1].Octets.AsSpan(8));
        Golden.Same("acknowledgement", "0001001000010007E0810001000100", seen[2].Octets);
        Golden.Same("octets both ways", cover == Cover.Plain ? 5823 : 5881, seen.Sum(frame => frame.Octets.Length));
    }

    private static void CheckPlain(List<(bool Up, byte[] Octets)> seen)
    {
        Golden.Same("request", "0001001000010040C001C100070100630100FF0201010204020412000809060000010000FF0F02120000090C07EA010FFF000000FF000000090C07EA010FFF172D00FF0000000100", seen[0].Octets);
        Golden.Begins("first response", "0001000100100400C402C10000000001008203F40160020A090C07EA010FFF000000FF0000001100060010C8E006", seen[1].Octets);
        Golden.Same("second request", "0001001000010007C002C100000001", seen[2].Octets);
        Golden.Same("octets both ways", 5837, seen.Sum(frame => frame.Octets.Length));
    }
}

/// <summary>What a caller has of its own to receive a day: a column of times, one of status words, eight of counters.</summary>
internal sealed class DayColumns
{
    private readonly DateTimeOffset[] _times = new DateTimeOffset[RowStore.DayRows];
    private readonly long[] _status = new long[RowStore.DayRows];
    private readonly long[][] _values = [.. Enumerable.Range(0, RowStore.Channels).Select(_ => new long[RowStore.DayRows])];
    private readonly ColumnSet _columns;

    public DayColumns()
    {
        _columns = new ColumnSet(RowStore.Columns).Time(0, _times).Int64(1, _status);
        for (var c = 0; c < RowStore.Channels; c++) _columns.Int64(2 + c, _values[c]);
    }

    /// <summary>Reads the array of rows into the columns.</summary>
    public bool TryRead(ReadOnlySpan<byte> array) => _columns.TryReadRows(array, out var rows, out _) && rows == RowStore.DayRows;

    /// <summary>Fails unless the columns hold the day of bench/README.md.</summary>
    public void Check()
    {
        for (var k = 0; k < RowStore.DayRows; k++)
        {
            RowStore.TimeOf(k).TryToUtc(out var time);
            Golden.Same($"time of row {k}", time.Ticks, _times[k].UtcTicks);
            Golden.Same($"status of row {k}", k & 0x0F, _status[k]);
            for (var c = 0; c < RowStore.Channels; c++) Golden.Same($"column {c} of row {k}", RowStore.ValueOf(k, c), _values[c][k]);
        }
    }
}
