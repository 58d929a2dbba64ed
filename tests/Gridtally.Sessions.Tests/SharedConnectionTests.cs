using System.Buffers;
using System.Text;
using Gridtally.Cosem.Framing;
using Gridtally.Links;

namespace Gridtally.Sessions.Tests;

/// <summary>Several clients on one connection, and meters behind a gateway.</summary>
public sealed class SharedConnectionTests
{
    private readonly Bench _bench = new();

    [Fact]
    public Task Two_clients_share_one_connection_and_talk_at_the_same_time() => _bench.RunAsync(async () =>
    {
        await using var connection = new WrapperConnection(_bench.Wrapper("latency=100ms"), _bench.Clock);
        await using var everyone = await ConnectAsync(connection, TestMeter.Client(TestMeter.Public));
        await using var manager = await ConnectAsync(connection, TestMeter.Client(TestMeter.Management) with { ReadInvocationCounter = false });
        var start = _bench.Clock.GetUtcNow();

        var values = await Task.WhenAll(everyone.ReadRegisterAsync(), manager.ReadRegisterAsync());

        Assert.Equal([4711u, 4711u], values);
        Assert.Equal(200, (_bench.Clock.GetUtcNow() - start).TotalMilliseconds); // one round trip, not two
    });

    [Fact]
    public Task A_second_session_of_the_same_client_and_device_is_refused_until_the_first_is_over() => _bench.RunAsync(async () =>
    {
        await using var connection = new WrapperConnection(_bench.Wrapper(), _bench.Clock);
        var first = await ConnectAsync(connection, TestMeter.Client(TestMeter.Public));

        await Assert.ThrowsAsync<InvalidOperationException>(() => ConnectAsync(connection, TestMeter.Client(TestMeter.Public)));
        await first.DisposeAsync();

        await using var second = await ConnectAsync(connection, TestMeter.Client(TestMeter.Public));
        Assert.Equal(4711u, await second.ReadRegisterAsync());
    });

    [Fact]
    public Task A_connection_that_is_lost_while_idle_is_noticed_at_once() => _bench.RunAsync(async () =>
    {
        var (near, far) = MemoryLine.CreatePair();
        await using var connection = new WrapperConnection(near, _bench.Clock);

        await far.DisposeAsync();

        await connection.Completion;
        Assert.Contains("the other side closed the connection", connection.Lost!.Message);
        await Assert.ThrowsAsync<LinkException>(() => ConnectAsync(connection, TestMeter.Client(TestMeter.Public)));
    });

    [Fact]
    public Task Meters_behind_a_gateway_are_read_over_the_connection_of_the_gateway() => _bench.RunAsync(async () =>
    {
        var gateway = new TestGateway(_bench.Clock) { Meters = { ["A1"] = new(value: 1), ["B2"] = new(value: 2) } };
        await using var connection = new WrapperConnection(_bench.Wrapper("", o => o with { CreateGateway = () => gateway }), _bench.Clock);
        await using var itself = await ConnectAsync(connection, TestMeter.Client(TestMeter.Public));
        await using var a = await ConnectAsync(connection.Gateway(1, "A1"u8.ToArray()), TestMeter.Client(TestMeter.Management));
        await using var b = await ConnectAsync(connection.Gateway(1, "B2"u8.ToArray()), TestMeter.Client(TestMeter.Public));

        Assert.Equal(4711u, await itself.ReadRegisterAsync());
        Assert.Equal(1u, await a.ReadRegisterAsync());
        Assert.Equal(2u, await b.ReadRegisterAsync());
        Assert.Contains("gateway network 1 address A1", a.Name);
        Assert.Equal([1], gateway.Networks.Distinct());
    });

    [Fact]
    public Task A_slow_meter_behind_the_gateway_holds_up_nobody() => _bench.RunAsync(async () =>
    {
        var gateway = new TestGateway(_bench.Clock) { Meters = { ["slow"] = new(value: 1), ["fast"] = new(value: 2) } };
        await using var connection = new WrapperConnection(_bench.Wrapper("", o => o with { CreateGateway = () => gateway }), _bench.Clock);
        await using var itself = await ConnectAsync(connection, TestMeter.Client(TestMeter.Public));
        await using var slow = await ConnectAsync(connection.Gateway(1, "slow"u8.ToArray()), TestMeter.Client(TestMeter.Public) with { ResponseTimeout = TimeSpan.FromMinutes(2) });
        await using var fast = await ConnectAsync(connection.Gateway(1, "fast"u8.ToArray()), TestMeter.Client(TestMeter.Public));
        gateway.Delays["slow"] = TimeSpan.FromMinutes(1);
        var start = _bench.Clock.GetUtcNow();

        var waiting = slow.ReadRegisterAsync();
        Assert.Equal(2u, await fast.ReadRegisterAsync());
        Assert.Equal(4711u, await itself.ReadRegisterAsync());
        Assert.Equal(start, _bench.Clock.GetUtcNow());

        Assert.Equal(1u, await waiting);
        Assert.Equal(1, (_bench.Clock.GetUtcNow() - start).TotalMinutes);
    });

    [Fact]
    public Task A_meter_that_the_gateway_does_not_know_is_no_answer_with_its_address_in_the_message() => _bench.RunAsync(async () =>
    {
        var gateway = new TestGateway(_bench.Clock);
        await using var connection = new WrapperConnection(_bench.Wrapper("", o => o with { CreateGateway = () => gateway }), _bench.Clock);

        var error = await Assert.ThrowsAsync<AssociationException>(() => ConnectAsync(connection.Gateway(0, new byte[] { 1, 2 }), TestMeter.Client(TestMeter.Public)));

        Assert.Equal(AssociationReason.NoAnswer, error.Reason);
        Assert.Contains("behind gateway network 0 address 0102 (hex)", error.Message);
    });

    [Fact]
    public Task The_gateway_of_a_connection_ends_with_it_and_what_it_was_doing_is_cancelled() => _bench.RunAsync(async () =>
    {
        var gateway = new TestGateway(_bench.Clock) { Meters = { ["A1"] = new() }, Delays = { ["A1"] = TimeSpan.FromMinutes(10) } };
        var connection = new WrapperConnection(_bench.Wrapper("", o => o with { CreateGateway = () => gateway }), _bench.Clock);
        var connecting = ConnectAsync(connection.Gateway(1, "A1"u8.ToArray()), TestMeter.Client(TestMeter.Public));

        await connection.DisposeAsync();

        await Assert.ThrowsAsync<LinkException>(() => connecting);
        await gateway.Disposed.WaitAsync(Support.Soon());
        Assert.Equal(1, gateway.Cancelled);
    });

    [Fact]
    public Task A_fault_in_the_gateway_is_reported_and_the_connection_goes_on() => _bench.RunAsync(async () =>
    {
        var gateway = new TestGateway(_bench.Clock) { Meters = { ["A1"] = null! } };
        await using var connection = new WrapperConnection(_bench.Wrapper("", o => o with { CreateGateway = () => gateway }), _bench.Clock);

        await Assert.ThrowsAsync<AssociationException>(() => ConnectAsync(connection.Gateway(1, "A1"u8.ToArray()), TestMeter.Client(TestMeter.Public) with { SendRetry = 0 }));

        Assert.IsType<NullReferenceException>(Assert.Single(_bench.Faults));
        await using var itself = await ConnectAsync(connection, TestMeter.Client(TestMeter.Public));
        Assert.Equal(4711u, await itself.ReadRegisterAsync());
    });

    private Task<DlmsClient> ConnectAsync(IApduRoute route, DlmsClientOptions options) => DlmsClient.ConnectAsync(route, options, _bench.Counters, _bench.Clock, default);

    /// <summary>Passes APDUs to meters by their number, each as slowly as the test wants.</summary>
    private sealed class TestGateway(TimeProvider clock) : IGatewayHandler
    {
        private readonly Dictionary<(string, PeerAddress), ServedAssociation> _associations = [];
        private readonly TaskCompletionSource _disposed = new();

        public Dictionary<string, TestMeter> Meters { get; } = [];

        public Dictionary<string, TimeSpan> Delays { get; } = [];

        public List<byte> Networks { get; } = [];

        public int Cancelled { get; private set; }

        public Task Disposed => _disposed.Task;

        public async ValueTask<ReadOnlyMemory<byte>> HandleAsync(
            PeerAddress peer, byte network, ReadOnlyMemory<byte> address, ReadOnlyMemory<byte> apdu, CancellationToken cancellationToken)
        {
            Networks.Add(network);
            var number = Encoding.ASCII.GetString(address.Span);
            if (!Meters.TryGetValue(number, out var meter)) return default;
            if (!_associations.TryGetValue((number, peer), out var served)) _associations[(number, peer)] = served = meter.Resolve(peer)!;
            try
            {
                await Task.Delay(Delays.GetValueOrDefault(number), clock, cancellationToken);
            }
            catch (OperationCanceledException)
            {
                Cancelled++;
                throw;
            }

            var answer = new ArrayBufferWriter<byte>();
            served.Association.Handle(apdu.Span, answer);
            return answer.WrittenMemory;
        }

        public ValueTask DisposeAsync()
        {
            _disposed.TrySetResult();
            return ValueTask.CompletedTask;
        }
    }
}
