using Gridtally.Companion;
using Gridtally.HeadEnd.Acquisition;
using Gridtally.Sessions;
using Gridtally.Testing;
using static Gridtally.HeadEnd.Tests.Journals;

namespace Gridtally.HeadEnd.Tests;

/// <summary>Concentrators and a head end in one process, over real TCP.</summary>
public sealed class AcquisitionTests : IDisposable
{
    private const string Serial = "5500000001";

    private readonly TemporaryFolder _folder = new();
    private readonly ManualTimeProvider _clock = new(new DateTimeOffset(Midnight.AddHours(12)));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Rows_reach_the_head_end_octet_by_octet()
    {
        await using var headEnd = HeadEnd(Serial);
        await using var concentrator = Concentrator().Dial(headEnd.Port);
        concentrator.Store("17", Rows(48));
        concentrator.Store("18", Rows(20));

        await Eventually.Holds(() => headEnd.Services.Store.Figures().Rows == 68, "68 rows at the head end");

        Assert.Equal(concentrator.Export(), headEnd.Export());
        Assert.Equal(ConcentratorState.Online, headEnd.Services.Acquisition.StatusOf(Serial).State);
    }

    [Fact]
    public async Task Rows_that_are_read_later_follow_on_the_same_connection()
    {
        await using var headEnd = HeadEnd(Serial);
        await using var concentrator = Concentrator().Dial(headEnd.Port);
        concentrator.Store("17", Rows(10));
        await Eventually.Holds(() => headEnd.Services.Store.Figures().Rows == 10, "the first rows");

        concentrator.Store("17", Rows(5, first: 11));
        await Eventually.Holds(() => headEnd.Services.Store.Figures().Rows == 15, "the later rows");

        Assert.Single(headEnd.Services.Store.Events.List(new()), e => e.Event.Code == HeadEndEvents.ConcentratorConnected);
        await Eventually.Holds(() => concentrator.Services.Journal.Backlog(Gridtally.Concentrator.Uplink.UplinkService.CursorName) == 0, "no backlog");
    }

    [Fact]
    public async Task The_archive_and_the_device_information_are_read()
    {
        await using var headEnd = HeadEnd(Serial);
        await using var concentrator = Concentrator().Dial(headEnd.Port);
        concentrator.Store("17", Rows(1));

        await Eventually.Holds(() => headEnd.Services.Store.Archive.Find("17") is not null, "the archive");

        var entry = headEnd.Services.Store.Archive.Find("17")!;
        Assert.Equal((Serial, true, "meter_tcp", "three_phase"), (entry.Concentrator, entry.Entry.Enabled, entry.Entry.Channel, entry.Entry.Task));
        Assert.NotNull(headEnd.Services.Registry.Find(Serial)!.Software);
    }

    [Fact]
    public async Task Events_of_the_concentrator_reach_the_head_end()
    {
        await using var headEnd = HeadEnd(Serial);
        await using var concentrator = Concentrator().Dial(headEnd.Port);
        concentrator.Store("17", Rows(1));
        concentrator.Services.Events.Add(Gridtally.Concentrator.Events.EventCode.MeterUnreachable, "no answer", "17");

        await Eventually.Holds(() => headEnd.Services.Store.Events.List(new() { Meter = "17" }).Any(e => e.Event.Code == EventCodes.MeterUnreachable), "the event");
    }

    [Fact]
    public async Task Several_concentrators_are_read_at_once()
    {
        string[] serials = ["5500000001", "5500000002", "5500000003"];
        await using var headEnd = HeadEnd(serials);
        var concentrators = serials.Select(s => Concentrator(s)).ToList();
        try
        {
            for (var i = 0; i < concentrators.Count; i++)
            {
                concentrators[i].Store($"1{i}", Rows(48));
                concentrators[i].Dial(headEnd.Port);
            }

            await Eventually.Holds(() => headEnd.Services.Store.Figures().Rows == 144, "the rows of all three");
            Assert.Equal(string.Concat(concentrators.Select(c => c.Export())), headEnd.Export());
        }
        finally
        {
            foreach (var concentrator in concentrators) await concentrator.DisposeAsync();
        }
    }

    [Theory, InlineData(1), InlineData(2), InlineData(3)]
    public async Task Connections_cut_at_random_places_lose_nothing_and_double_nothing(int seed)
    {
        await using var headEnd = HeadEnd(Serial);
        await using var proxy = new CuttingProxy(() => headEnd.Port, cuts: 12, maxOctets: 20_000, seed);
        await using var concentrator = Concentrator();
        concentrator.Set("tcp_client", "reconnect.max", "1");
        for (var meter = 10; meter < 20; meter++) concentrator.Store($"{meter}", Rows(96));
        concentrator.Dial(proxy.Port);

        await Eventually.Holds(() => headEnd.Services.Store.Figures().Rows == 960, "all rows in spite of the cuts");

        Assert.Equal(concentrator.Export(), headEnd.Export());
        Assert.True(proxy.Cut > 0);
        Assert.Equal(0, headEnd.Services.Store.Figures().Discrepancies + headEnd.Services.Store.Figures().Quarantined);
    }

    [Fact]
    public async Task Both_sides_may_be_stopped_and_opened_again_while_rows_come_in()
    {
        var port = 0;
        var random = new Random(7);
        var stored = 0;
        for (var round = 0; round < 4; round++)
        {
            await using var headEnd = HeadEnd(port, Serial);
            port = headEnd.Port;
            await using var concentrator = Concentrator().Dial(port);
            for (var i = 0; i < 5; i++) concentrator.Store("17", Rows(20, first: 1 + 20 * stored++));
            var some = random.Next(0, 100);
            await Eventually.Holds(() => headEnd.Services.Store.Figures().Rows >= round * 100 - 99 + some, "some rows of this round");
        }

        await using var last = HeadEnd(port, Serial);
        await using var whole = Concentrator().Dial(port);
        await Eventually.Holds(() => last.Services.Store.Figures().Rows == 400, "all rows");
        Assert.Equal(whole.Export(), last.Export());
    }

    [Fact]
    public async Task A_concentrator_with_a_new_store_and_new_keys_is_read_from_its_beginning()
    {
        const string newKey = "FF0102030405060708090A0B0C0D0E0F";
        await using (var headEnd = HeadEnd(Serial))
        await using (var before = Concentrator().Dial(headEnd.Port))
        {
            before.Store("17", Rows(10));
            await Eventually.Holds(() => headEnd.Services.Store.Figures().Rows == 10, "rows of the old store");
        }

        var config = TestHeadEnd.Knowing(Serial);
        config.Concentrators[0].EncryptionKey = newKey;
        await using var later = TestHeadEnd.Start(_folder.File("headend"), _clock, config);
        await using var after = TestConcentrator.Open(_folder.File("replaced"), Serial, _clock, encryptionKey: newKey).Dial(later.Port);
        after.Store("17", Rows(12));
        await Eventually.Holds(() => later.Services.Store.Figures().Rows == 12, "rows of the new store");

        Assert.Equal(after.Export(), later.Export());
        Assert.Contains(later.Services.Store.Events.List(new()), e => e.Event.Code == HeadEndEvents.JournalReplaced);
    }

    [Fact]
    public async Task A_new_store_that_goes_on_with_the_old_keys_is_refused()
    {
        // Its counters begin anew: the same key would see the same initialization vectors twice.
        await using var headEnd = HeadEnd(Serial);
        await using (var before = Concentrator().Dial(headEnd.Port))
        {
            before.Store("17", Rows(10));
            await Eventually.Holds(() => headEnd.Services.Store.Figures().Rows == 10, "rows of the old store");
        }

        await using var after = TestConcentrator.Open(_folder.File("replaced"), Serial, _clock).Dial(headEnd.Port);
        await Eventually.Holds(() => headEnd.Services.Acquisition.StatusOf(Serial) is { State: ConcentratorState.Refused, LastError.Reason: AssociationReason.Security }, "refused");
    }

    [Fact]
    public async Task The_next_head_end_is_dialled_when_the_first_is_not_there()
    {
        await using var headEnd = HeadEnd(Serial);
        await using var concentrator = Concentrator();
        concentrator.Store("17", Rows(3));
        concentrator.Dial(1, headEnd.Port);

        await Eventually.Holds(() => headEnd.Services.Store.Figures().Rows == 3, "rows at the second head end");
        Assert.Equal($"127.0.0.1:{headEnd.Port}", concentrator.Uplink.Status.Master);
    }

    [Fact]
    public async Task An_unknown_concentrator_is_shown_and_refused()
    {
        await using var headEnd = HeadEnd("5500000002");
        await using var concentrator = Concentrator().Dial(headEnd.Port);

        await Eventually.Holds(() => headEnd.Services.Acquisition.Unknown.Count > 0, "the stranger is noted");

        var stranger = headEnd.Services.Acquisition.Unknown[0];
        Assert.Equal("GTC5500000001", stranger.LogicalDeviceName);
        Assert.Contains("not in the registry", stranger.Reason);
        await Eventually.Holds(() => concentrator.Uplink.Status.LastError?.Contains("Check that it knows this concentrator") == true, "the concentrator says why");
        Assert.Single(headEnd.Services.Store.Events.List(new()), e => e.Event.Code == HeadEndEvents.UnknownConcentrator);
    }

    [Fact]
    public async Task A_wrong_key_is_named_on_both_sides_and_does_not_stop_the_others()
    {
        await using var headEnd = HeadEnd(Serial, "5500000002");
        await using var wrong = TestConcentrator.Open(_folder.File("wrong"), Serial, _clock, encryptionKey: "FF0102030405060708090A0B0C0D0E0F").Dial(headEnd.Port);
        await using var right = Concentrator("5500000002");
        right.Store("17", Rows(3));
        right.Dial(headEnd.Port);

        await Eventually.Holds(() => headEnd.Services.Acquisition.StatusOf(Serial).State == ConcentratorState.Refused, "the wrong one is refused");
        await Eventually.Holds(() => headEnd.Services.Store.Figures().Rows == 3, "the other's rows");

        var failure = headEnd.Services.Acquisition.StatusOf(Serial).LastError!;
        Assert.True(failure.Reason is AssociationReason.Security or AssociationReason.Refused, failure.Text);
        Assert.DoesNotContain(TestRegistry.EncryptionKey, failure.Text);
        await Eventually.Holds(() => wrong.Services.Events.Latest(50).Any(e => e.Code == Gridtally.Concentrator.Events.EventCode.UplinkNotAuthentic), "the concentrator's event");
    }

    [Fact]
    public async Task A_disabled_concentrator_is_refused()
    {
        var config = TestHeadEnd.Knowing(Serial);
        config.Concentrators[0].Enabled = false;
        await using var headEnd = TestHeadEnd.Start(_folder.File("headend"), _clock, config);
        await using var concentrator = Concentrator().Dial(headEnd.Port);

        await Eventually.Holds(() => headEnd.Services.Acquisition.StatusOf(Serial).State == ConcentratorState.Refused, "refused");
        Assert.Contains("disabled", headEnd.Services.Acquisition.StatusOf(Serial).LastError!.Text);
    }

    [Fact]
    public async Task A_full_disk_at_the_head_end_loses_nothing()
    {
        var concentrator = Concentrator();
        for (var meter = 10; meter < 20; meter++) concentrator.Store($"{meter}", Rows(1920));
        var config = TestHeadEnd.Knowing(Serial);
        await using (var full = TestHeadEnd.Start(_folder.File("headend"), _clock, config, options: new() { MaxPages = 60 }))
        {
            concentrator.Dial(full.Port);
            await Eventually.Holds(() => full.Services.Acquisition.StatusOf(Serial).LastError?.Text.Contains("no room") == true, "the full disk is named");
            await concentrator.DisposeAsync();
        }

        await using var roomy = TestHeadEnd.Start(_folder.File("headend"), _clock, config);
        await using var again = Concentrator().Dial(roomy.Port);
        await Eventually.Holds(() => roomy.Services.Store.Figures().Rows == 19_200, "all rows once there is room");
        Assert.Equal(again.Export(), roomy.Export());
    }

    [Fact]
    public async Task A_second_head_end_in_the_same_folder_is_refused()
    {
        await using var first = HeadEnd(Serial);

        Assert.Contains("Stop the other head end", Assert.Throws<Storage.StorageException>(() => HeadEnd(Serial)).Message);
    }

    [Fact]
    public async Task A_port_in_use_is_named()
    {
        await using var first = HeadEnd(Serial);

        var failure = Assert.Throws<Links.LinkException>(() => TestHeadEnd.Start(_folder.File("other"), _clock, TestHeadEnd.Knowing(Serial), first.Port));
        Assert.Contains(first.Port.ToString(), failure.Message);
    }

    [Fact]
    public async Task Somebody_who_does_not_speak_DLMS_is_turned_away()
    {
        await using var headEnd = HeadEnd(Serial);
        using var client = new System.Net.Sockets.TcpClient();
        await client.ConnectAsync("127.0.0.1", headEnd.Port);
        await client.GetStream().WriteAsync("GET / HTTP/1.1\r\n\r\n"u8.ToArray());

        await Eventually.Holds(() => headEnd.Services.Acquisition.Unknown.Any(u => u.LogicalDeviceName.Length == 0), "noted without a name");
        Assert.Contains("wrapper", headEnd.Services.Acquisition.Unknown[0].Reason);
    }

    private TestConcentrator Concentrator(string serial = Serial) => TestConcentrator.Open(_folder.File("c" + serial), serial, _clock);

    private TestHeadEnd HeadEnd(params string[] serials) => HeadEnd(0, serials);

    private TestHeadEnd HeadEnd(int port, params string[] serials) => TestHeadEnd.Start(_folder.File("headend"), _clock, TestHeadEnd.Knowing(serials), port);
}
