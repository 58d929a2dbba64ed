using Gridtally.Companion;
using Gridtally.Concentrator.Events;
using Gridtally.Cosem;
using Gridtally.Cosem.Acse;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Client;
using Gridtally.Cosem.Data;
using Gridtally.Cosem.Framing;
using Gridtally.Cosem.Security;
using Gridtally.HeadEnd.Acquisition;
using Gridtally.HeadEnd.Commands;
using Gridtally.Links;
using Gridtally.Metering;
using Gridtally.Sessions;
using Gridtally.Testing;
using static Gridtally.HeadEnd.Tests.Journals;

namespace Gridtally.HeadEnd.Tests;

/// <summary>The gateway, from the head end through a concentrator to a meter.</summary>
public sealed class MeterCommandTests : IDisposable
{
    private const string Serial = "5500000001";
    private static readonly AttributeRef Energy = new(3, ObisCode.Parse("1-0:1.8.0.255"), 2);

    private readonly TemporaryFolder _folder = new();
    private readonly ManualTimeProvider _clock = new(new DateTimeOffset(Midnight.AddHours(12)));
    private readonly TestMeter _meter = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_register_is_read_from_the_meter_itself_with_scaler_and_unit()
    {
        await using var headEnd = HeadEnd();
        await using var concentrator = await ConnectedAsync(headEnd);
        var steps = new Steps();

        var outcome = await headEnd.Services.Commands.ReadAsync("17", Energy, "admin", steps);

        Assert.Null(outcome.Failure);
        Assert.Equal("06000004D2", Convert.ToHexString(outcome.Reading!.Data.Span));
        Assert.Equal(12_340m, outcome.Reading.Scale!.Value.Scale(1234));
        Assert.Equal([CommandStep.Waiting, CommandStep.Associating, CommandStep.Reading, CommandStep.Finished], steps.Seen);
        Assert.Contains(headEnd.Services.Store.Events.List(new() { Meter = "17" }), e => e.Event is { Code: HeadEndEvents.CommandDone, User: "admin" });
    }

    [Fact]
    public async Task Commands_follow_one_another_while_journals_are_read()
    {
        await using var headEnd = HeadEnd();
        await using var concentrator = await ConnectedAsync(headEnd);
        var commands = Enumerable.Range(0, 8).Select(_ => headEnd.Services.Commands.ReadAsync("17", Energy)).ToList();
        concentrator.Store("17", Rows(40, first: 2));

        Assert.All(await Task.WhenAll(commands), outcome => Assert.Null(outcome.Failure));
        await Eventually.Holds(() => headEnd.Services.Store.Figures().Rows == 41, "the rows beside the commands");
    }

    [Fact]
    public async Task After_a_restart_no_invocation_counter_comes_again_whatever_the_meter_says()
    {
        _meter.Forgets = true;
        for (var start = 0; start < 2; start++)
        {
            await using var headEnd = HeadEnd();
            await using var concentrator = await ConnectedAsync(headEnd);
            await Eventually.Holds(() => headEnd.Services.Acquisition.ConnectionOf(Serial) is not null, "the connection");
            Assert.Null((await headEnd.Services.Commands.ReadAsync("17", Energy)).Failure);
        }

        Assert.NotEmpty(_meter.Accepted);
        Assert.Equal(_meter.Accepted.Distinct(), _meter.Accepted);
    }

    [Fact]
    public async Task A_meter_that_does_not_answer_is_the_channels_fault_and_an_event_of_the_concentrator()
    {
        await using var headEnd = HeadEnd();
        await using var concentrator = await ConnectedAsync(headEnd);
        _meter.Answers = false;

        var outcome = await headEnd.Services.Commands.ReadAsync("17", Energy);

        Assert.Equal(CommandBlame.Channel, outcome.Failure!.Blame);
        Assert.Contains(concentrator.Services.Events.Latest(50), e => e.Code == EventCode.GatewayRefused && e.Text.Contains("did not answer"));
    }

    [Fact]
    public async Task An_attribute_that_the_meter_does_not_have_is_refused_by_the_meter()
    {
        await using var headEnd = HeadEnd();
        await using var concentrator = await ConnectedAsync(headEnd);

        var outcome = await headEnd.Services.Commands.ReadAsync("17", new(3, ObisCode.Parse("1-0:2.8.0.255"), 2));

        Assert.Equal((CommandBlame.Meter, AssociationReason.Refused), (outcome.Failure!.Blame, outcome.Failure.Reason!.Value));
        Assert.Contains("ObjectUndefined", outcome.Failure.Text);
    }

    [Fact]
    public async Task A_wrong_meter_key_is_the_meters_refusal_for_security()
    {
        await using var headEnd = HeadEnd(meterKey: "FF0102030405060708090A0B0C0D0E0F");
        await using var concentrator = await ConnectedAsync(headEnd);

        var outcome = await headEnd.Services.Commands.ReadAsync("17", Energy);

        Assert.Equal(CommandBlame.Meter, outcome.Failure!.Blame);
        Assert.DoesNotContain("FF0102030405060708090A0B0C0D0E0F", outcome.Failure.Text);
    }

    [Fact]
    public async Task A_meter_that_nobody_reports_is_the_requests_fault()
    {
        await using var headEnd = HeadEnd();

        Assert.Equal(CommandBlame.Request, (await headEnd.Services.Commands.ReadAsync("99", Energy)).Failure!.Blame);
    }

    [Fact]
    public async Task A_meter_without_keys_is_the_head_ends_fault()
    {
        await using var headEnd = HeadEnd();
        await using var concentrator = await ConnectedAsync(headEnd);
        concentrator.Store("18", Rows(1));
        await Eventually.Holds(() => headEnd.Services.Store.Archive.Find("18") is not null, "the second meter");

        Assert.Equal(CommandBlame.HeadEnd, (await headEnd.Services.Commands.ReadAsync("18", Energy)).Failure!.Blame);
    }

    [Fact]
    public async Task An_offline_concentrator_is_the_concentrators_fault()
    {
        await using var headEnd = HeadEnd();
        await (await ConnectedAsync(headEnd)).DisposeAsync();
        await Eventually.Holds(() => headEnd.Services.Acquisition.StatusOf(Serial).State == ConcentratorState.Offline, "the concentrator is gone");

        var outcome = await headEnd.Services.Commands.ReadAsync("17", Energy);

        Assert.Equal(CommandBlame.Concentrator, outcome.Failure!.Blame);
        Assert.Contains(Serial, outcome.Failure.Text);
    }

    [Fact]
    public async Task Network_0_answers_for_the_meter_from_the_store()
    {
        await using var concentrator = Listening(out var port);
        concentrator.Store("17", Rows(48));
        await using var connection = await ConnectAsync(concentrator, port);
        await using var own = await DlmsClient.ConnectAsync(connection, Options(), new InMemoryInvocationCounters(), TimeProvider.System, default);
        await using var stored = await DlmsClient.ConnectAsync(
            connection.Gateway(GatewayNetworks.Store, "17"u8.ToArray()), Options(), new InMemoryInvocationCounters(), TimeProvider.System, default);

        var number = await stored.GetAsync(new(1, ConcentratorObjects.SerialNumber, 2), default);
        var range = await stored.GetAsync(new(7, LoadProfile, 2), SelectiveAccess.ByClock(
            CosemDateTime.From(Midnight.AddHours(1)), CosemDateTime.From(Midnight.AddHours(2))), default);
        var entries = await stored.GetAsync(new(7, LoadProfile, 2), SelectiveAccess.By(new EntryDescriptor(47, 0, 3, 3)), default);
        var count = await stored.GetAsync(new(7, LoadProfile, 7), default);

        Assert.Equal("09023137", Convert.ToHexString(number.Data.Span));
        Assert.Equal("0103" + string.Concat(Rows(3, first: 2).Select(Convert.ToHexString)), Convert.ToHexString(range.Data.Span));
        Assert.Equal("0102" + "0201060000002F" + "02010600000030", Convert.ToHexString(entries.Data.Span));
        Assert.Equal("0600000030", Convert.ToHexString(count.Data.Span));
        Assert.Equal(0, _meter.Exchanges);
    }

    [Fact]
    public async Task The_gateway_stays_shut_until_the_head_end_has_proved_itself()
    {
        await using var concentrator = Listening(out var port);
        concentrator.Store("17", Rows(1));
        await using var connection = await ConnectAsync(concentrator, port);

        var failure = await Assert.ThrowsAsync<AssociationException>(() => DlmsClient.ConnectAsync(
            connection.Gateway(GatewayNetworks.Meters, "17"u8.ToArray()), Options(), new InMemoryInvocationCounters(), TimeProvider.System, default));

        Assert.IsType<AssociationFailure.Exception>(failure.Failure);
        Assert.Equal(0, _meter.Exchanges);
        Assert.Contains(concentrator.Services.Events.Latest(10), e => e.Code == EventCode.GatewayRefused && e.Text.Contains("proved itself"));
    }

    [Theory, InlineData(7, "17", "network 7"), InlineData(1, "99", "'99' is not in the archive")]
    public async Task An_unknown_network_or_meter_is_an_exception_response_and_an_event(byte network, string meter, string expected)
    {
        await using var concentrator = Listening(out var port);
        concentrator.Store("17", Rows(1));
        await using var connection = await ConnectAsync(concentrator, port);
        await using var own = await DlmsClient.ConnectAsync(connection, Options(), new InMemoryInvocationCounters(), TimeProvider.System, default);

        var failure = await Assert.ThrowsAsync<AssociationException>(() => DlmsClient.ConnectAsync(
            connection.Gateway(network, System.Text.Encoding.ASCII.GetBytes(meter)), Options(), new InMemoryInvocationCounters(), TimeProvider.System, default));

        Assert.IsType<AssociationFailure.Exception>(failure.Failure);
        Assert.Contains(concentrator.Services.Events.Latest(10), e => e.Code == EventCode.GatewayRefused && e.Text.Contains(expected));
    }

    private async Task<TestConcentrator> ConnectedAsync(TestHeadEnd headEnd)
    {
        var concentrator = TestConcentrator.Open(_folder.File("concentrator"), Serial, _clock, _meter);
        concentrator.Store("17", Rows(1));
        concentrator.Dial(headEnd.Port);
        await Eventually.Holds(() => headEnd.Services.Store.Archive.Find("17") is not null, "the meter in the archive");
        return concentrator;
    }

    private TestHeadEnd HeadEnd(string meterKey = TestRegistry.EncryptionKey)
    {
        var config = TestHeadEnd.Knowing(Serial) with { Meters = [new() { Number = "17", EncryptionKey = meterKey, AuthenticationKey = TestRegistry.AuthenticationKey }] };
        return TestHeadEnd.Start(_folder.File("headend"), _clock, config);
    }

    private TestConcentrator Listening(out int port)
    {
        var concentrator = TestConcentrator.Open(_folder.File("concentrator"), Serial, _clock, _meter);
        using (var free = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0))
        {
            free.Start();
            port = ((System.Net.IPEndPoint)free.LocalEndpoint).Port;
        }

        concentrator.Enable("tcp_server");
        concentrator.Set("tcp_server", "port", port.ToString());
        return concentrator.Run();
    }

    private static async Task<WrapperConnection> ConnectAsync(TestConcentrator concentrator, int port)
    {
        await Eventually.Holds(() => concentrator.Uplink.Listening is not null, "the concentrator listens");
        return new(await TcpChannel.ConnectAsync("127.0.0.1", port, null, null, default), TimeProvider.System);
    }

    private static DlmsClientOptions Options() => new()
    {
        Peer = new PeerAddress(ConcentratorObjects.HeadEndClient, ConcentratorObjects.LogicalDevice),
        ResponseTimeout = TimeSpan.FromSeconds(10),
        SendRetry = 0,
        Association = new()
        {
            Mechanism = AuthenticationMechanism.HighLevelGmac,
            Protection = Protection.AuthenticatedEncrypted,
            Keys = new(Convert.FromHexString(TestRegistry.EncryptionKey), Convert.FromHexString(TestRegistry.AuthenticationKey)),
            SystemTitle = SystemTitle.Of("GTH", 1),
        },
    };

    private sealed class Steps : IProgress<CommandStep>
    {
        public List<CommandStep> Seen { get; } = [];

        public void Report(CommandStep value) => Seen.Add(value);
    }
}
