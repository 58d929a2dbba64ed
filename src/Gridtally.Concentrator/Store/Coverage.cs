using Gridtally.Metering;
using Gridtally.Storage;

namespace Gridtally.Concentrator.Store;

/// <summary>A stretch of time: later than <paramref name="After"/>, not later than <paramref name="UpTo"/> (UTC).</summary>
/// <param name="After">Beginning, not included: as with intervals, whose row carries their end.</param>
/// <param name="UpTo">End, included.</param>
public readonly record struct Span(DateTime After, DateTime UpTo)
{
    /// <summary>True where nothing lies within.</summary>
    public bool IsEmpty => UpTo <= After;

    /// <summary>How long it is.</summary>
    public TimeSpan Length => UpTo - After;
}

/// <summary>For which time the store has everything that a meter has of a profile.</summary>
/// <remarks>
/// A range that was asked and answered is covered up to the newest row received. Rows after a gap prove that the gap is the meter's own:
/// asking again would bring nothing. The time after the newest row is not covered: its rows may still come.
/// </remarks>
public static class Coverage
{
    /// <summary>What is not covered within <paramref name="wanted"/>, oldest first.</summary>
    public static IReadOnlyList<Span> Gaps(Span wanted, IEnumerable<Span> covered)
    {
        var gaps = new List<Span>();
        var from = wanted.After;
        foreach (var span in covered.OrderBy(s => s.After))
        {
            if (span.UpTo <= from) continue;
            if (span.After >= wanted.UpTo) break;
            if (span.After > from) gaps.Add(new(from, span.After));
            from = span.UpTo;
        }

        if (from < wanted.UpTo) gaps.Add(new(from, wanted.UpTo));
        return gaps;
    }

    /// <summary>Adds a span; spans that touch become one.</summary>
    public static IReadOnlyList<Span> Add(IEnumerable<Span> covered, Span added)
    {
        if (added.IsEmpty) return [.. covered];
        var kept = new List<Span>();
        foreach (var span in covered)
        {
            if (span.UpTo < added.After || span.After > added.UpTo) kept.Add(span);
            else added = new(span.After < added.After ? span.After : added.After, span.UpTo > added.UpTo ? span.UpTo : added.UpTo);
        }

        kept.Add(added);
        return kept;
    }

    /// <summary>Cuts spans into slices of at most a length, oldest first.</summary>
    public static IEnumerable<Span> Slice(IEnumerable<Span> spans, TimeSpan longest)
    {
        foreach (var span in spans)
        {
            var after = span.After;
            while (after < span.UpTo)
            {
                var upTo = span.UpTo - after > longest ? after + longest : span.UpTo;
                yield return new(after, upTo);
                after = upTo;
            }
        }
    }

    internal static List<Span> Load(DbSession session, long meter, ObisCode profile) => session.Query(
        "SELECT after, upto FROM coverage WHERE meter=?1 AND profile=?2 ORDER BY after", r => new Span(r.Time(0), r.Time(1)), meter, (long)profile.ToUInt64());

    internal static void Store(DbSession session, long meter, ObisCode profile, Span added)
    {
        if (added.IsEmpty) return;
        var merged = Add(Load(session, meter, profile), added);
        session.Execute("DELETE FROM coverage WHERE meter=?1 AND profile=?2", meter, (long)profile.ToUInt64());
        foreach (var span in merged)
            session.Execute("INSERT INTO coverage(meter, profile, after, upto) VALUES(?1, ?2, ?3, ?4)", meter, (long)profile.ToUInt64(), span.After.ToUnix(), span.UpTo.ToUnix());
    }
}
