using Gridtally.Concentrator.Store;

namespace Gridtally.Concentrator.Tests;

public sealed class CoverageTests
{
    private static readonly DateTime Day = new(2026, 1, 15, 0, 0, 0, DateTimeKind.Utc);

    [Fact]
    public void Nothing_covered_leaves_all_of_it() => Assert.Equal([Of(0, 24)], Coverage.Gaps(Of(0, 24), []));

    [Fact]
    public void Gaps_lie_before_between_and_after_what_is_covered() =>
        Assert.Equal([Of(0, 2), Of(4, 6), Of(8, 24)], Coverage.Gaps(Of(0, 24), [Of(6, 8), Of(2, 4)]));

    [Fact]
    public void What_is_covered_beyond_both_ends_leaves_nothing() => Assert.Empty(Coverage.Gaps(Of(4, 6), [Of(0, 24)]));

    [Fact]
    public void Spans_that_touch_become_one() => Assert.Equal([Of(0, 6)], Coverage.Add([Of(0, 2), Of(4, 6)], Of(2, 4)));

    [Fact]
    public void Spans_that_do_not_touch_stay_apart() => Assert.Equal([Of(0, 2), Of(4, 6)], Coverage.Add([Of(0, 2)], Of(4, 6)));

    [Fact]
    public void An_empty_span_adds_nothing() => Assert.Equal([Of(0, 2)], Coverage.Add([Of(0, 2)], Of(5, 5)));

    [Fact]
    public void Slices_are_no_longer_than_asked_and_leave_nothing_out() =>
        Assert.Equal([Of(0, 5), Of(5, 10), Of(10, 12), Of(20, 21)], Coverage.Slice([Of(0, 12), Of(20, 21)], TimeSpan.FromHours(5)));

    [Fact]
    public void A_slice_without_limit_is_the_whole_span() => Assert.Equal([Of(0, 12)], Coverage.Slice([Of(0, 12)], TimeSpan.MaxValue));

    private static Span Of(int from, int to) => new(Day.AddHours(from), Day.AddHours(to));
}
