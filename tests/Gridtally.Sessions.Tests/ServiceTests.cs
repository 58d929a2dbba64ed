using System.Buffers;
using Gridtally.Cosem;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Client;
using Gridtally.Cosem.Framing;
using Gridtally.Cosem.Security;
using Gridtally.Cosem.Server;
using Gridtally.Links;
using Gridtally.Testing;
using static Gridtally.Testing.Bytes;

namespace Gridtally.Sessions.Tests;

/// <summary>Lists, ACCESS, requests without an answer, and notifications, over lines.</summary>
public sealed class ServiceTests
{
    private readonly Bench _bench = new();

    public static TheoryData<ushort, bool> Links => new()
    {
        { TestMeter.Public, false }, { TestMeter.Management, false }, { TestMeter.Public, true }, { TestMeter.Management, true },
    };

    [Theory, MemberData(nameof(Links)), Shows("set.with-list.client", "action.with-list.client", "access.client")]
    public Task Lists_and_access_go_over_every_line(ushort client, bool hdlc) => _bench.RunAsync(async () =>
    {
        await using var session = await ConnectAsync(client, hdlc);
        var written = await session.SetListAsync([new(TestMeter.Setting, Hex("1105")), new(TestMeter.Register, Hex("1106"))]);
        Assert.Equal([true, false], written.Select(r => r.Succeeded));
        Assert.Equal(Hex("1105"), _bench.Meter.Stored);

        var invoked = await session.InvokeListAsync([new(TestMeter.Method), new(TestMeter.Method with { MethodId = 2 })]);
        Assert.Equal([true, false], invoked.Select(r => r.Succeeded));
        Assert.Equal(1, _bench.Meter.Invocations);

        var accessed = await session.AccessAsync([AccessItem.Set(TestMeter.Setting, Hex("1107")), AccessItem.Get(TestMeter.Setting), AccessItem.Invoke(TestMeter.Method)]);
        Assert.All(accessed, r => Assert.True(r.Succeeded, r.ToString()));
        Assert.Equal(Hex("1107"), accessed[1].Data.ToArray());
    });

    [Fact, Shows("unconfirmed.client")]
    public Task A_request_without_an_answer_is_sent_and_not_waited_for() => _bench.RunAsync(async () =>
    {
        await using var session = await ConnectAsync(TestMeter.Management, hdlc: false);
        Assert.True((await session.SetUnconfirmedAsync(TestMeter.Setting, Hex("1105"))).Succeeded);
        Assert.True((await session.InvokeUnconfirmedAsync(TestMeter.Method, default)).Succeeded);
        Assert.Equal(4711u, await session.ReadRegisterAsync());

        Assert.Equal(Hex("1105"), _bench.Meter.Stored);
        Assert.Equal(1, _bench.Meter.Invocations);
        var failure = (await session.SetUnconfirmedAsync(TestMeter.Setting, Support.OctetString(new byte[5000]))).Failure;
        Assert.IsType<RequestFailure.TooLong>(failure);
    });

    [Fact, Shows("data-notification.client", "data-notification.confirm.client")]
    public Task A_notification_before_an_answer_is_handed_over_and_confirmed() => _bench.RunAsync(async () =>
    {
        await using var server = new PushingServer(_bench.Meter);
        await using var session = await DlmsClient.ConnectAsync(server.Channel, TestMeter.Client(TestMeter.Public), _bench.Counters, _bench.Clock, default);
        var heard = Listen(session);
        server.PushBeforeAnswer = true;

        Assert.Equal(4711u, await session.ReadRegisterAsync());
        Assert.Equal(["0F40000001001105"], heard);
        Assert.Equal(4711u, await session.ReadRegisterAsync());
        Assert.Equal([1u], server.Confirmed);
    });

    [Fact]
    public Task A_client_that_asks_nothing_listens() => _bench.RunAsync(async () =>
    {
        await using var server = new PushingServer(_bench.Meter);
        await using var session = await DlmsClient.ConnectAsync(server.Channel, TestMeter.Client(TestMeter.Public), _bench.Counters, _bench.Clock, default);
        var heard = Listen(session);
        using var stop = new CancellationTokenSource();
        var listening = session.ReceiveNotificationsAsync(stop.Token);
        await server.PushAsync();
        await server.HeardAsync();
        stop.Cancel();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => listening);
        Assert.Single(heard);
        Assert.Equal([1u], server.Confirmed);
        Assert.Equal(4711u, await session.ReadRegisterAsync());
    });

    private static List<string> Listen(DlmsClient session)
    {
        var heard = new List<string>();
        session.Notified += apdu => heard.Add(Convert.ToHexString(apdu.Span));
        return heard;
    }

    private Task<DlmsClient> ConnectAsync(ushort client, bool hdlc)
    {
        var options = TestMeter.Client(client);
        return hdlc ? _bench.ConnectAsync(_bench.Hdlc(), Bench.OverHdlc(options)) : _bench.ConnectAsync(_bench.Wrapper(), options);
    }

    /// <summary>A server of one association over the wrapper that pushes.</summary>
    private sealed class PushingServer : IAsyncDisposable
    {
        private readonly IByteChannel _far;
        private readonly ServerAssociation _association;
        private readonly Watcher _device;
        private readonly Task _serving;
        private readonly TaskCompletionSource _heard = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private uint _pushes;

        public PushingServer(TestMeter meter)
        {
            _device = new(meter, () => _heard.TrySetResult());
            (Channel, _far) = MemoryLine.CreatePair("line", false);
            _association = new(new(), TestMeter.Public, _device, new InMemoryInvocationCounters());
            _serving = ServeAsync();
        }

        public IByteChannel Channel { get; }

        public bool PushBeforeAnswer { get; set; }

        public List<uint> Confirmed => _device.Confirmed;

        public Task HeardAsync() => _heard.Task;

        public async Task PushAsync()
        {
            var push = new ArrayBufferWriter<byte>();
            Assert.Equal(NotifyResult.Written, _association.Notify(LongInvokeIdAndPriority.Of(++_pushes), null, Hex("1105"), push));
            await SendAsync(push.WrittenMemory);
        }

        public async ValueTask DisposeAsync()
        {
            await _far.DisposeAsync();
            await _serving;
            _association.Dispose();
        }

        private async Task ServeAsync()
        {
            try
            {
                var header = new byte[WrapperHeader.Size];
                while (await FillAsync(header))
                {
                    var apdu = new byte[header[6] << 8 | header[7]];
                    await FillAsync(apdu);
                    if (PushBeforeAnswer)
                    {
                        PushBeforeAnswer = false;
                        await PushAsync();
                    }

                    var answer = new ArrayBufferWriter<byte>();
                    _association.Handle(apdu, answer);
                    if (answer.WrittenCount > 0) await SendAsync(answer.WrittenMemory);
                }
            }
            catch (LinkException)
            {
                // The test is over.
            }
        }

        private async Task<bool> FillAsync(Memory<byte> buffer)
        {
            while (buffer.Length > 0)
            {
                var count = await _far.ReadAsync(buffer, default);
                if (count == 0) return false;
                buffer = buffer[count..];
            }

            return true;
        }

        private ValueTask SendAsync(ReadOnlyMemory<byte> apdu)
        {
            var frame = new ArrayBufferWriter<byte>();
            WrapperHeader.WriteApdu(frame, 1, TestMeter.Public, apdu.Span);
            return _far.WriteAsync(frame.WrittenMemory, default);
        }
    }

    /// <summary>The meter, and what clients confirm.</summary>
    private sealed class Watcher(TestMeter meter, Action confirmed) : ILogicalDevice
    {
        public List<uint> Confirmed { get; } = [];

        public DataAccessResult Get(in AttributeRef target, in RequestContext context, IBufferWriter<byte> output) => meter.Get(target, context, output);

        public DataAccessResult Set(in AttributeRef target, in RequestContext context, ReadOnlySpan<byte> data) => meter.Set(target, context, data);

        public ActionResult Invoke(in MethodRef target, in RequestContext context, ReadOnlySpan<byte> parameter, IBufferWriter<byte> output) =>
            meter.Invoke(target, context, parameter, output);

        public void NotificationConfirmed(LongInvokeIdAndPriority invokeId, ushort clientSap)
        {
            Confirmed.Add(invokeId.Id);
            confirmed();
        }
    }
}
