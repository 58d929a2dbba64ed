using Gridtally.Concentrator.Events;
using Gridtally.Concentrator.History;
using Gridtally.Concentrator.Settings;
using Gridtally.Concentrator.Store;

namespace Gridtally.Concentrator.Tests;

/// <summary>The concentrator's main job against real associations over in-memory lines.</summary>
#pragma warning disable CA1001 // IAsyncLifetime disposes of it
public sealed class ReadingTests : IAsyncLifetime
{
    private static readonly TimeSpan Quarter = TimeSpan.FromMinutes(15);

    private readonly Lab _lab = new();

    public Task InitializeAsync()
    {
        _lab.Open();
        return Task.CompletedTask;
    }

    public Task DisposeAsync() => _lab.DisposeAsync().AsTask();

    [Fact]
    public async Task Meters_on_tcp_and_on_a_bus_are_read_row_by_row_octet_for_octet()
    {
        ProfileMeter[] meters = [_lab.AddTcp("1001"), _lab.AddTcp("1002"), _lab.AddOnBus("2001", 17), _lab.AddOnBus("2002", 18)];
        foreach (var meter in meters) meter.Capture(Lab.Start.AddDays(-2), Lab.Start);
        _lab.Run();
        await _lab.UntilAsync(() => _lab.HasAll(meters));
        foreach (var meter in meters) _lab.AssertSame(meter);

        await AdvanceAsync(meters, Quarter);
        await _lab.UntilAsync(() => _lab.HasAll(meters));
        foreach (var meter in meters) _lab.AssertSame(meter);
        Assert.All(meters, m => Assert.True(_lab.Services.Archive.StatusOf(_lab.Archived(m).Id).Reachable));
        Assert.Equal("TST2001", _lab.Services.Archive.StatusOf(_lab.Archived(meters[2]).Id).LogicalDeviceName);
    }

    [Fact]
    public async Task The_journal_gives_the_layout_then_every_row_once()
    {
        var meter = _lab.AddTcp("1001", m => m.Capture(Lab.Start.AddDays(-1), Lab.Start));
        _lab.Run();
        await _lab.UntilAsync(() => _lab.HasAll(meter));
        var journal = _lab.Services.Journal;
        var entries = journal.Read(1, long.MaxValue).Where(e => e.Kind != JournalKind.Event).ToList();
        Assert.Equal(JournalKind.Layout, entries[0].Kind);
        Assert.All(entries, e => Assert.Equal("1001", e.MeterNumber));
        Assert.Equal(meter.Rows.Keys, entries.Skip(1).SelectMany(e => journal.RowsOf(e)).Select(r => r.Utc));
        Assert.Equal(journal.Bounds().Last, journal.Backlog("head end"));
        journal.MoveCursor("head end", entries[1].Sequence, _lab.Now);
        journal.MoveCursor("head end", 1, _lab.Now);
        Assert.Equal(entries[1].Sequence, journal.Cursor("head end"));
    }

    [Fact]
    public async Task Only_what_is_lacking_is_asked_for()
    {
        var meter = _lab.AddTcp("1001", m => m.Capture(Lab.Start.AddDays(-1), Lab.Start));
        _lab.Run();
        await _lab.UntilAsync(() => _lab.HasAll(meter));
        await AdvanceAsync([meter], Quarter);
        await _lab.UntilAsync(() => _lab.HasAll(meter));
        Assert.Equal((Lab.Start.AddSeconds(1), Lab.Start + Quarter), meter.Asked[^1]);
        Assert.Equal(1, meter.LayoutReads);
    }

    [Fact]
    public async Task What_was_captured_while_the_concentrator_was_off_is_made_up_for_after_the_restart()
    {
        var meter = _lab.AddTcp("1001", m => m.Capture(Lab.Start.AddHours(-2), Lab.Start));
        _lab.Run();
        await _lab.UntilAsync(() => _lab.HasAll(meter));
        await _lab.StopAsync();
        _lab.Clock.Advance(TimeSpan.FromDays(3));
        meter.Capture(Lab.Start, _lab.Now);
        _lab.Open();
        _lab.Run();
        await _lab.UntilAsync(() => _lab.HasAll(meter));
        _lab.AssertSame(meter);
        Assert.Equal(1, meter.LayoutReads);
    }

    [Fact]
    public async Task A_gap_in_the_meters_own_memory_is_not_asked_for_again()
    {
        var meter = _lab.AddTcp("1001", m => m.Capture(Lab.Start.AddHours(-9), Lab.Start.AddHours(-6)));
        meter.Capture(Lab.Start.AddHours(-2), Lab.Start);
        _lab.Run();
        await _lab.UntilAsync(() => _lab.HasAll(meter));
        var covered = Assert.Single(_lab.Services.Store.Covered(_lab.Archived(meter).Id, ProfileMeter.Profile));
        Assert.Equal(Lab.Start, covered.UpTo);
        await AdvanceAsync([meter], Quarter);
        await _lab.UntilAsync(() => _lab.HasAll(meter));
        Assert.Equal(Lab.Start.AddSeconds(1), meter.Asked[^1].From);
    }

    [Fact]
    public async Task A_dead_meter_a_wrong_key_and_a_wrong_address_are_named_and_the_others_go_on()
    {
        _lab.SetKey(SettingTables.ProtocolAttribute, "485_test_fis", "send.retry", "0");
        var good = _lab.AddOnBus("2001", 17, m => m.Capture(Lab.Start.AddHours(-2), Lab.Start));
        var goodTcp = _lab.AddTcp("1001", m => m.Capture(Lab.Start.AddHours(-2), Lab.Start));
        var wrongKey = _lab.AddTcp("1002");
        var dead = _lab.AddTcp("1003");
        var wrongAddress = _lab.AddOnBus("2002", 18);
        _lab.Broken["1003"] = true;
        _lab.Services.Archive.Change(_lab.Archived(wrongKey), new() { EncryptionKey = new byte[16] }, "test");
        _lab.Services.Archive.Change(_lab.Archived(wrongAddress) with { Address = "99" }, null, "test");
        _lab.Run();
        await _lab.UntilAsync(() => _lab.HasAll(good, goodTcp) && Failed(wrongKey) && Failed(dead) && Failed(wrongAddress), lineMoves: TimeSpan.FromMilliseconds(20));

        Assert.Contains(_lab.History(wrongKey), c => c.Reason is FailureReason.Security or FailureReason.Refused);
        Assert.Contains(_lab.History(dead), c => c is { Reason: FailureReason.NoAnswer } && c.Text.Contains("connection refused", StringComparison.Ordinal));
        Assert.Contains(_lab.History(wrongAddress), c => c is { Reason: FailureReason.NoAnswer } && c.Text.Contains("HDLC address", StringComparison.Ordinal));
        Assert.All((ProfileMeter[])[wrongKey, dead, wrongAddress], m => Assert.True(_lab.HasEvent(EventCode.MeterUnreachable, m.Number)));
        Assert.All(_lab.Services.Events.Latest(100), e => Assert.DoesNotContain(Convert.ToHexString(good.Ek), e.Text, StringComparison.OrdinalIgnoreCase));
        Assert.False(_lab.Services.Archive.StatusOf(_lab.Archived(dead).Id).Reachable);
    }

    [Fact]
    public async Task A_meter_that_comes_back_is_read_after_its_back_off()
    {
        var meter = _lab.AddTcp("1001", m => m.Capture(Lab.Start.AddHours(-2), Lab.Start));
        _lab.Broken["1001"] = true;
        _lab.Run();
        await _lab.UntilAsync(() => Failed(meter));
        _lab.Broken.Clear();
        await _lab.UntilAsync(() => _lab.HasAll(meter), lineMoves: TimeSpan.FromMilliseconds(100));
        await _lab.UntilAsync(() => _lab.HasEvent(EventCode.MeterReachable, "1001"));
    }

    [Fact]
    public async Task A_meter_that_stops_in_mid_block_loses_nothing_and_keeps_nobody_waiting()
    {
        var silent = true;
        var passed = 0;
        _lab.SetKey(SettingTables.ProtocolAttribute, "dlms_tcp_down", "send.retry", "0");
        _lab.Wrap = (name, channel) => name != "1001" ? channel : new TamperedChannel(channel, bytes => silent && (passed += bytes.Length) > 3_000 ? null : bytes);
        var stops = _lab.AddTcp("1001", m => m.Capture(Lab.Start.AddDays(-3), Lab.Start));
        var other = _lab.AddTcp("1002", m => m.Capture(Lab.Start.AddDays(-3), Lab.Start));
        _lab.Run();
        await _lab.UntilAsync(() => _lab.HasAll(other) && Failed(stops), lineMoves: TimeSpan.FromMilliseconds(20));
        Assert.Contains(_lab.History(stops), c => c is { Reason: FailureReason.NoAnswer } && c.Text.Contains("no answer within", StringComparison.Ordinal));
        silent = false;
        await _lab.UntilAsync(() => _lab.HasAll(stops), lineMoves: TimeSpan.FromMilliseconds(100));
        _lab.AssertSame(stops);
    }

    [Fact]
    public async Task Garbage_on_the_bus_is_a_line_error_and_the_bus_is_read_when_it_is_quiet_again()
    {
        var noisy = true;
        var random = new Random(1);
        _lab.SetKey(SettingTables.ProtocolAttribute, "485_test_fis", "send.retry", "0");
        _lab.Wrap = (_, channel) => new TamperedChannel(channel, bytes =>
        {
            if (Volatile.Read(ref noisy)) random.NextBytes(bytes);
            return bytes;
        });
        var meter = _lab.AddOnBus("2001", 17, m => m.Capture(Lab.Start.AddHours(-6), Lab.Start));
        _lab.Run();
        await _lab.UntilAsync(() => Failed(meter), lineMoves: TimeSpan.FromMilliseconds(20));
        Assert.Contains(_lab.History(meter), c => c.Reason is FailureReason.LineError or FailureReason.NoAnswer);
        Volatile.Write(ref noisy, false);
        await _lab.UntilAsync(() => _lab.HasAll(meter), lineMoves: TimeSpan.FromMilliseconds(100));
        _lab.AssertSame(meter);
    }

    [Fact]
    public async Task A_bus_that_can_not_be_opened_is_one_event_and_works_when_it_is_back()
    {
        _lab.Broken["485_1"] = true;
        var meter = _lab.AddOnBus("2001", 17, m => m.Capture(Lab.Start.AddHours(-6), Lab.Start));
        _lab.Run();
        await _lab.UntilAsync(() => _lab.HasEvent(EventCode.ChannelLost));
        Line(seconds: 30);
        _lab.Broken.Clear();
        await _lab.UntilAsync(() => _lab.HasAll(meter), lineMoves: TimeSpan.FromMilliseconds(100));
        Assert.Single(_lab.Services.Events.Latest(100), e => e.Code == EventCode.ChannelLost);
        Assert.True(_lab.HasEvent(EventCode.ChannelWorks));
    }

    [Fact]
    public async Task A_reprogrammed_meter_gets_a_new_layout_and_keeps_the_rows_of_the_old_one()
    {
        var meter = _lab.AddTcp("1001", m => m.Capture(Lab.Start.AddHours(-2), Lab.Start));
        _lab.Run();
        await _lab.UntilAsync(() => _lab.HasAll(meter));
        lock (meter.Gate) meter.HasReactive = true;
        await AdvanceAsync([meter], Quarter);
        await _lab.UntilAsync(() => _lab.HasAll(meter));
        _lab.AssertSame(meter);
        Assert.Equal(2, _lab.Stored(meter).Select(r => r.LayoutId).Distinct().Count());
        Assert.True(_lab.HasEvent(EventCode.LayoutChange, "1001"));
    }

    [Fact]
    public async Task A_profile_that_the_meter_does_not_have_is_refused_once_in_the_log_and_the_meter_stays_reachable()
    {
        _lab.Set(SettingTables.TaskItem, "task", "three_phase", "status", "Enable", r => r["name"] == "fraud event");
        var meter = _lab.AddTcp("1001", m => m.Capture(Lab.Start.AddHours(-2), Lab.Start));
        _lab.Run();
        await _lab.UntilAsync(() => _lab.HasAll(meter) && _lab.HasEvent(EventCode.MeterRefused, "1001"));
        Assert.Contains(_lab.History(meter), c => c is { Item: "fraud event", Reason: FailureReason.Refused } && c.Text.Contains("ObjectUndefined", StringComparison.Ordinal));
        Assert.True(_lab.Services.Archive.StatusOf(_lab.Archived(meter).Id).Reachable);
    }

    [Fact]
    public async Task A_person_reads_a_register_while_a_long_job_is_under_way()
    {
        using var asked = new SemaphoreSlim(0);
        using var goOn = new SemaphoreSlim(0);
        var first = true;
        var busy = _lab.AddOnBus("2001", 17, m =>
        {
            m.Capture(Lab.Start.AddDays(-8), Lab.Start);
            m.OnAsked = () =>
            {
                if (!first) return;
                first = false;
                asked.Release();
                goOn.Wait();
            };
        });
        var other = _lab.AddOnBus("2002", 18);
        _lab.Run();
        await asked.WaitAsync();
        var answer = _lab.Services.Scheduler.ReadAttributesAsync(_lab.Archived(other), [ProfileMeter.Energy], CancellationToken.None);
        goOn.Release();
        Assert.Null(Assert.Single(await answer).Refusal);
        await _lab.UntilAsync(() => _lab.HasAll(busy));
        var order = _lab.Services.History.Latest(_lab.Archived(busy).Id).Reverse().ToList();
        Assert.Contains(order, c => c.Outcome == CommunicationOutcome.Partial && c.Text.Contains("made way", StringComparison.Ordinal));
        _lab.AssertSame(busy);
    }

    [Fact]
    public async Task Reading_now_does_not_wait_for_the_interval_and_finds_nothing_to_do_twice()
    {
        var meter = _lab.AddTcp("1001", m => m.Capture(Lab.Start.AddHours(-2), Lab.Start));
        _lab.Run();
        await _lab.UntilAsync(() => _lab.HasAll(meter));
        var asked = meter.Asked.Count;
        Assert.Equal(["energy profile"], _lab.Services.Scheduler.ReadNow(_lab.Archived(meter)));
        await _lab.UntilAsync(() => _lab.Services.Scheduler.PendingJobs == 0);
        Assert.Equal(asked, meter.Asked.Count);
    }

    [Fact]
    public async Task Completeness_counts_from_the_first_known_row_and_by_what_is_due_now()
    {
        var meter = _lab.AddTcp("1001", m => m.Capture(Lab.Start.AddHours(-3), Lab.Start));
        _lab.Run();
        await _lab.UntilAsync(() => _lab.HasAll(meter));
        var yesterday = DateOnly.FromDateTime(Lab.Start.AddDays(-1));
        Assert.Equal(new(12, 12), _lab.Services.Completeness.Of(_lab.Archived(meter), yesterday));
        for (var quarter = 0; quarter < 4; quarter++)
        {
            // One by one: a job that began a moment before a run makes that run superfluous for the item's interval.
            await AdvanceAsync([meter], Quarter);
            await _lab.UntilAsync(() => _lab.HasAll(meter));
        }

        Assert.Equal(new(4, 4), _lab.Services.Completeness.Of(_lab.Archived(meter), yesterday.AddDays(1)));
        var home = Assert.Single(_lab.Services.Completeness.Home());
        Assert.Equal(("energyProfile", new RowCount(4, 4)), (home.Kind.Key, home.Count));
    }

    [Fact]
    public async Task A_meter_that_was_never_reached_counts_as_missing_rows_since_it_came_into_the_archive()
    {
        var meter = _lab.AddTcp("1001", m => m.Capture(Lab.Start.AddHours(-3), Lab.Start));
        var dead = _lab.AddTcp("1002");
        _lab.Broken["1002"] = true;
        _lab.Run();
        await _lab.UntilAsync(() => _lab.HasAll(meter) && Failed(dead));
        await AdvanceAsync([meter], TimeSpan.FromHours(1));
        Assert.Equal(new(0, 4), _lab.Services.Completeness.Of(_lab.Archived(dead), DateOnly.FromDateTime(Lab.Start)));
    }

    [Fact]
    public async Task A_disabled_meter_is_left_alone()
    {
        var meter = _lab.AddTcp("1001", m => m.Capture(Lab.Start.AddHours(-2), Lab.Start));
        var other = _lab.AddTcp("1002", m => m.Capture(Lab.Start.AddHours(-2), Lab.Start));
        _lab.Services.Archive.Change(_lab.Archived(meter) with { Enabled = false }, null, "test");
        _lab.Run();
        await _lab.UntilAsync(() => _lab.HasAll(other) && _lab.Services.Scheduler.PendingJobs == 0);
        Assert.Empty(meter.Asked);
        Assert.Throws<Channels.MeterGateException>(() => _lab.Services.Scheduler.ReadNow(_lab.Archived(meter)));
    }

    [Fact]
    public async Task A_channel_whose_settings_change_goes_on_with_what_its_meters_still_lack()
    {
        _lab.Broken["1001"] = true;
        var meter = _lab.AddTcp("1001", m => m.Capture(Lab.Start.AddHours(-2), Lab.Start));
        _lab.Run();
        await _lab.UntilAsync(() => Failed(meter));
        _lab.Broken.Clear();
        _lab.SetKey(SettingTables.ChannelAttribute, "meter_tcp", "concurrency", "2");
        await _lab.UntilAsync(() => _lab.HasAll(meter)); // the new worker knows of no back-off, and line time stands still
    }

    [Fact]
    public async Task Rows_go_after_the_days_they_are_kept()
    {
        _lab.Set(SettingTables.System, "key", "store.days", "value", "12");
        var meter = _lab.AddTcp("1001", m => m.Capture(Lab.Start.AddHours(-2), Lab.Start));
        _lab.Run();
        await _lab.UntilAsync(() => _lab.HasAll(meter));
        _lab.Clock.Advance(TimeSpan.FromDays(20));
        await _lab.UntilAsync(() => _lab.Stored(meter).Count == 0);
    }

    private bool Failed(ProfileMeter meter) => _lab.History(meter).Any(c => c.Reason is not null);

    private void Line(int seconds)
    {
        for (var i = 0; i < seconds; i++) _lab.Line.Advance(TimeSpan.FromSeconds(1));
    }

    private Task AdvanceAsync(ProfileMeter[] meters, TimeSpan time)
    {
        var before = _lab.Now;
        foreach (var meter in meters) meter.Capture(before, before + time);
        return AdvanceAsync(before + time);
    }

    // The scheduler may not have gone to sleep yet: it notices that the clock was moved while it was about to.
    private async Task AdvanceAsync(DateTime to)
    {
        while (_lab.Now < to)
        {
            _lab.Clock.Advance(TimeSpan.FromMinutes(1));
            await Task.Yield();
        }
    }
}
