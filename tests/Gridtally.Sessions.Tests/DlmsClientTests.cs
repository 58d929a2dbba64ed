using Gridtally.Cosem;
using Gridtally.Cosem.Client;
using Gridtally.Cosem.Security;
using Gridtally.Cosem.Server;
using Gridtally.Links;
using Gridtally.Testing;

namespace Gridtally.Sessions.Tests;

public sealed class DlmsClientTests
{
    private readonly Bench _bench = new();

    [Fact]
    public Task The_public_client_reads_a_register_over_the_wrapper() => _bench.RunAsync(async () =>
    {
        await using var client = await _bench.ConnectAsync(_bench.Wrapper(), TestMeter.Client(TestMeter.Public));

        Assert.Equal(4711u, await client.ReadRegisterAsync());
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public Task The_management_client_reads_writes_and_invokes_under_protection(bool hdlc) => _bench.RunAsync(async () =>
    {
        var options = TestMeter.Client(TestMeter.Management) with { UseDedicatedKey = true };
        await using var client = hdlc
            ? await _bench.ConnectAsync(_bench.Hdlc(), Bench.OverHdlc(options))
            : await _bench.ConnectAsync(_bench.Wrapper(), options);

        var written = await client.SetAsync(TestMeter.Setting, Bytes.Hex("11 2A"), default);
        var invoked = await client.InvokeAsync(TestMeter.Method, Bytes.Hex("0F 00"), default);
        var list = await client.GetListAsync([TestMeter.Register, TestMeter.Setting], default);
        var table = await client.GetAsync(TestMeter.Table, default);

        Assert.True(written.Succeeded && invoked.Succeeded, $"{written} {invoked}");
        Assert.Equal(1, _bench.Meter.Invocations);
        Assert.Equal(Support.Unsigned32(4711), list[0].Data.ToArray());
        Assert.Equal(Bytes.Hex("11 2A"), list[1].Data.ToArray());
        Assert.Equal(Support.OctetString(_bench.Meter.TableOctets), table.Data.ToArray());
        Assert.Empty(_bench.Meter.Incidents);
        Assert.Empty(_bench.Faults);
    });

    [Fact]
    public Task A_refusal_is_a_value_and_the_association_goes_on() => _bench.RunAsync(async () =>
    {
        await using var client = await _bench.ConnectAsync(_bench.Wrapper(), TestMeter.Client(TestMeter.Public));

        var result = await client.GetAsync(TestMeter.Register with { ClassId = 4 }, default);

        Assert.Equal(DataAccessResult.ObjectUndefined, Assert.IsType<RequestFailure.Refused>(result.Failure).Result);
        Assert.Equal(4711u, await client.ReadRegisterAsync());
    });

    [Theory]
    [InlineData(0x1000_0000u, true)] // the last value used: one more than the limit is next
    [InlineData(0x1000_0001u, false)]
    [InlineData(0xFFFF_FFFEu, false)]
    [InlineData(0xFFFF_FFFFu, false)]
    [Shows("counter.read-first")]
    public Task A_counter_that_is_too_far_above_our_own_is_not_believed_as_nobody_authenticates_it(uint shown, bool believed) => _bench.RunAsync(async () =>
    {
        var counters = new InMemoryInvocationCounters(1);
        _bench.Meter.ForgedCounter = shown;
        Task<DlmsClient> Connect() => DlmsClient.ConnectAsync(_bench.Wrapper(), TestMeter.Client(TestMeter.Management), counters, _bench.Clock, default);

        if (believed) await (await Connect()).DisposeAsync();
        else Assert.Equal(AssociationReason.Security, (await Assert.ThrowsAsync<AssociationException>(Connect)).Reason);

        Assert.True(counters.TryTakeSend(KeyRole.GlobalUnicast, out var next));
        Assert.Equal(believed, next > 3); // a forged counter has not moved our own
    });

    [Fact]
    [Shows("counter.read-first")]
    public Task A_program_that_forgot_its_counters_goes_on_above_the_meters() => _bench.RunAsync(async () =>
    {
        for (var run = 0; run < 3; run++)
        {
            var counters = new InMemoryInvocationCounters();
            await using var client = await DlmsClient.ConnectAsync(_bench.Wrapper(), TestMeter.Client(TestMeter.Management), counters, _bench.Clock, default);
            Assert.Equal(4711u, await client.ReadRegisterAsync());
        }

        Assert.Empty(_bench.Meter.Incidents);
    });

    [Fact]
    public Task A_counter_that_the_meter_has_seen_is_refused_with_advice() => _bench.RunAsync(async () =>
    {
        var options = TestMeter.Client(TestMeter.Management) with { ReadInvocationCounter = false };
        await using (await DlmsClient.ConnectAsync(_bench.Wrapper(), options, new InMemoryInvocationCounters(), _bench.Clock, default))
        {
        }

        var error = await Assert.ThrowsAsync<AssociationException>(
            () => DlmsClient.ConnectAsync(_bench.Wrapper(), options, new InMemoryInvocationCounters(), _bench.Clock, default));

        Assert.Equal(AssociationReason.Security, error.Reason);
        Assert.Contains("read its counter first", error.Message);
        Assert.Equal([AssociationIncident.Replay], _bench.Meter.Incidents);
    });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public Task A_wrong_key_is_said_to_be_one_and_is_not_shown(bool encryptionKey) => _bench.RunAsync(async () =>
    {
        var wrong = new byte[] { 0xDE, 0xAD, 0xBE, 0xEF, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 };
        var options = TestMeter.Client(TestMeter.Management);
        options = options with
        {
            Association = options.Association with { Keys = encryptionKey ? new(wrong, TestMeter.Ak) : new(TestMeter.Ek, wrong) },
        };

        var error = await Assert.ThrowsAsync<AssociationException>(() => _bench.ConnectAsync(_bench.Wrapper(), options));

        Assert.Equal(AssociationReason.Security, error.Reason);
        Assert.Contains("client 1 → device 1", error.Message);
        Assert.Contains("keys", error.Message);
        Assert.DoesNotContain("DEADBEEF", error.ToString(), StringComparison.OrdinalIgnoreCase);
    });

    [Fact]
    public Task A_wrong_password_is_said_to_be_one_and_is_not_shown() => _bench.RunAsync(async () =>
    {
        var options = TestMeter.Client(TestMeter.WithPassword);
        options = options with { Association = options.Association with { Password = "letmein9"u8.ToArray() } };

        var error = await Assert.ThrowsAsync<AssociationException>(() => _bench.ConnectAsync(_bench.Wrapper(), options));

        Assert.Contains(error.Reason, new[] { AssociationReason.Refused, AssociationReason.Security });
        Assert.Contains("password", error.Message);
        Assert.DoesNotContain("letmein9", error.ToString());

        await using var right = await _bench.ConnectAsync(_bench.Wrapper(), TestMeter.Client(TestMeter.WithPassword));
        Assert.Equal(4711u, await right.ReadRegisterAsync());
    });

    [Fact]
    public Task A_logical_device_that_is_not_there_is_given_up_after_all_retries() => _bench.RunAsync(async () =>
    {
        var options = TestMeter.Client(TestMeter.Public) with { Peer = new(16, 9), ResponseTimeout = TimeSpan.FromSeconds(2), SendRetry = 2 };
        var start = _bench.Clock.GetUtcNow();

        var error = await Assert.ThrowsAsync<AssociationException>(() => _bench.ConnectAsync(_bench.Wrapper(), options));

        Assert.Equal(AssociationReason.NoAnswer, error.Reason);
        Assert.Equal(6, (_bench.Clock.GetUtcNow() - start).TotalSeconds);
        Assert.Contains("client 16 → device 9: no answer within 2 s, asked 3 times. Check that the device is on, and the client and logical device addresses", error.Message);
    });

    [Fact]
    public Task A_meter_address_that_is_not_on_the_bus_is_given_up_after_all_retries() => _bench.RunAsync(async () =>
    {
        var options = Bench.OverHdlc(TestMeter.Client(TestMeter.Public, physical: 99)) with { ResponseTimeout = TimeSpan.FromSeconds(1), SendRetry = 3 };
        var start = _bench.Clock.GetUtcNow();

        var error = await Assert.ThrowsAsync<AssociationException>(() => _bench.ConnectAsync(_bench.Hdlc(), options));

        Assert.Equal(AssociationReason.NoAnswer, error.Reason);
        Assert.InRange((_bench.Clock.GetUtcNow() - start).TotalSeconds, 4, 4.1);
        Assert.Contains("at 99: no answer within 1 s, asked 4 times. Check that the meter is on, its HDLC address (here 1/99, 2 octets), baud rate and parity", error.Message);
    });

    [Fact]
    public Task After_a_request_that_was_not_answered_in_time_the_next_one_gets_its_own_answer() => _bench.RunAsync(async () =>
    {
        var slow = new DelayingChannel(_bench.Wrapper(), _bench.Clock);
        await using var client = await _bench.ConnectAsync(slow, TestMeter.Client(TestMeter.Public) with { SendRetry = 0, ResponseTimeout = TimeSpan.FromSeconds(1) });
        slow.Delay = TimeSpan.FromSeconds(1.5);
        var late = await Assert.ThrowsAsync<AssociationException>(() => client.GetAsync(TestMeter.Register, default));
        Assert.Equal(AssociationReason.NoAnswer, late.Reason);
        slow.Delay = TimeSpan.Zero;

        var next = await client.GetAsync(TestMeter.Setting, default);

        Assert.Equal(_bench.Meter.Stored, next.Data.ToArray());
        Assert.True(client.IsOpen);
    });

    [Fact]
    public Task Answers_that_come_twice_because_the_request_was_repeated_confuse_nobody() => _bench.RunAsync(async () =>
    {
        var slow = new DelayingChannel(_bench.Wrapper(), _bench.Clock);
        await using var client = await _bench.ConnectAsync(slow, TestMeter.Client(TestMeter.Public) with { SendRetry = 3, ResponseTimeout = TimeSpan.FromSeconds(1) });
        slow.Delay = TimeSpan.FromSeconds(2.5); // asked three times, answered three times

        Assert.Equal(4711u, await client.ReadRegisterAsync());
        Assert.Equal(2, client.Statistics.Retries);
        slow.Delay = TimeSpan.Zero;

        Assert.Equal(_bench.Meter.Stored, (await client.GetAsync(TestMeter.Setting, default)).Data.ToArray());
        Assert.Equal(4711u, await client.ReadRegisterAsync());
    });

    [Fact]
    public Task A_meter_that_stops_in_mid_block_is_given_up_and_says_no_answer() => _bench.RunAsync(async () =>
    {
        var failing = new DelayingChannel(_bench.Wrapper(), _bench.Clock) { SilentAfterReads = 6 };
        await using var client = await _bench.ConnectAsync(failing, TestMeter.Client(TestMeter.Public) with { ResponseTimeout = TimeSpan.FromSeconds(1), SendRetry = 1 });

        var error = await Assert.ThrowsAsync<AssociationException>(() => client.GetAsync(TestMeter.Table, default));

        Assert.Equal(AssociationReason.NoAnswer, error.Reason);
        failing.SilentAfterReads = int.MaxValue;
        Assert.Equal(4711u, await client.ReadRegisterAsync());
        Assert.Equal(Support.OctetString(_bench.Meter.TableOctets), (await client.GetAsync(TestMeter.Table, default)).Data.ToArray());
    });

    [Fact]
    public Task A_meter_on_a_bus_that_stops_in_mid_block_closes_the_association() => _bench.RunAsync(async () =>
    {
        var failing = new DelayingChannel(_bench.Hdlc(), _bench.Clock) { SilentAfterReads = 8 };
        await using var client = await _bench.ConnectAsync(failing, Bench.OverHdlc(TestMeter.Client(TestMeter.Public)) with { ResponseTimeout = TimeSpan.FromSeconds(1), SendRetry = 1 });

        var error = await Assert.ThrowsAsync<AssociationException>(() => client.GetAsync(TestMeter.Table, default));

        Assert.Equal(AssociationReason.NoAnswer, error.Reason);
        Assert.False(client.IsOpen);
        var next = await Assert.ThrowsAsync<AssociationException>(() => client.GetAsync(TestMeter.Register, default));
        Assert.Contains("there is no association: the link was lost. Connect anew.", next.Message);
    });

    [Fact]
    public Task A_request_cancelled_in_mid_way_closes_the_association() => _bench.RunAsync(async () =>
    {
        await using var client = await _bench.ConnectAsync(_bench.Wrapper("latency=500ms"), TestMeter.Client(TestMeter.Public));
        using var cancel = new CancellationTokenSource(TimeSpan.FromMilliseconds(700), _bench.Clock);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.GetAsync(TestMeter.Register, cancel.Token));

        Assert.False(client.IsOpen);
        var error = await Assert.ThrowsAsync<AssociationException>(() => client.GetAsync(TestMeter.Register, default));
        Assert.Contains("a request was cancelled in mid-way", error.Message);
    });

    [Fact]
    public Task A_request_cancelled_before_its_turn_changes_nothing() => _bench.RunAsync(async () =>
    {
        await using var client = await _bench.ConnectAsync(_bench.Wrapper(), TestMeter.Client(TestMeter.Public));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.GetAsync(TestMeter.Register, new CancellationToken(true)));

        Assert.Equal(4711u, await client.ReadRegisterAsync());
    });

    [Fact]
    public Task Something_that_is_not_the_wrapper_is_said_to_be_so() => _bench.RunAsync(async () =>
    {
        var (near, far) = MemoryLine.CreatePair();
        await far.WriteAsync("HTTP/1.1 400 Bad Request\r\n"u8.ToArray(), default);

        var error = await Assert.ThrowsAsync<LinkException>(() => _bench.ConnectAsync(near, TestMeter.Client(TestMeter.Public)));

        Assert.Contains("expected the DLMS wrapper (version 0001), got something else", error.Message);
    });

    [Fact]
    public Task Garbage_and_nothing_else_on_a_bus_points_to_baud_rate_and_parity() => _bench.RunAsync(async () =>
    {
        var (near, far) = MemoryLine.CreatePair();
        _ = AnswerWithGarbageAsync(far);

        var error = await Assert.ThrowsAsync<AssociationException>(() => _bench.ConnectAsync(near, Bench.OverHdlc(TestMeter.Client(TestMeter.Public))));

        Assert.Equal(AssociationReason.LineError, error.Reason);
        Assert.Contains("Check baud rate and parity", error.Message);

        static async Task AnswerWithGarbageAsync(IByteChannel line)
        {
            var buffer = new byte[1000];
            while (await line.ReadAsync(buffer, default) > 0) await line.WriteAsync(Bytes.Hex("F8 00 F8 80 1C"), default);
        }
    });

    [Fact]
    public Task Statistics_and_trace_show_what_went_over_the_line() => _bench.RunAsync(async () =>
    {
        var frames = new List<string>();
        var options = TestMeter.Client(TestMeter.Public) with { Trace = f => frames.Add($"{f.Direction} {Convert.ToHexString(f.Bytes.Span)}") };
        await using var client = await _bench.ConnectAsync(_bench.Wrapper(), options);
        frames.Clear();
        var before = client.Statistics;

        await client.ReadRegisterAsync();

        // Wrapper 0001 0010 0001 000D, get-request-normal C0 01 C1, class 3, 1-0:1.8.0.255, attribute 2, no selection.
        Assert.Equal(["Sent 000100100001000DC001C100030100010800FF0200", "Received 0001000100100009C401C1000600001267"], frames);
        Assert.Equal((21, 17, 1), (client.Statistics.BytesSent - before.BytesSent, client.Statistics.BytesReceived - before.BytesReceived, client.Statistics.RoundTrips - before.RoundTrips));
    });

    [Fact]
    public Task Several_callers_take_turns() => _bench.RunAsync(async () =>
    {
        await using var client = await _bench.ConnectAsync(_bench.Wrapper("latency=20ms"), TestMeter.Client(TestMeter.Public) with { ResponseTimeout = TimeSpan.FromMinutes(1) });

        var values = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => client.ReadRegisterAsync()));

        Assert.All(values, v => Assert.Equal(4711u, v));
    });

    [Fact]
    public Task A_released_bus_can_be_used_for_the_next_meter() => _bench.RunAsync(async () =>
    {
        var bus = _bench.Hdlc("baud=9600", (17, new TestMeter(1)), (18, new TestMeter(2)), (19, new TestMeter(3)));
        for (ushort i = 0; i < 3; i++)
        {
            await using var client = await _bench.ConnectAsync(bus, Bench.OverHdlc(TestMeter.Client(TestMeter.Public, (ushort)(17 + i))));
            Assert.Equal(i + 1u, await client.ReadRegisterAsync());
            await client.ReleaseAsync(default);
        }
    });
}
