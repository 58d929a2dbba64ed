using Gridtally.Cosem.Acse;
using Gridtally.Cosem.Client;
using Gridtally.Cosem.Framing;
using Gridtally.Cosem.Security;
using Gridtally.Cosem.Server;
using Gridtally.Cosem.ShortNames;
using Gridtally.Links;
using Gridtally.Metering;
using Gridtally.Testing;

namespace Gridtally.Sessions.Tests;

/// <summary>An old meter through the same client as any other.</summary>
public sealed class ShortNameTests
{
    private static readonly ShortNameMap Map = new(
    [
        new(0x7530, TestMeter.Register.ClassId, 0, TestMeter.Register.Instance),
        new(0x0200, TestMeter.Table.ClassId, 0, TestMeter.Table.Instance),
        new(0x0300, TestMeter.Setting.ClassId, 0, TestMeter.Setting.Instance),
        new(0x0400, 1, 0, ObisCode.Parse("0-0:43.1.1.255")),
        new(0x0500, TestMeter.Method.ClassId, 0, TestMeter.Method.Instance),
    ]);

    private readonly Bench _bench = new();
    private readonly InMemoryInvocationCounters _serverCounters = new();

    [Theory]
    [InlineData(TestMeter.Public, false)]
    [InlineData(TestMeter.Public, true)]
    [InlineData(TestMeter.Management, false)]
    [Shows("sn.by-logical-name.client", "sn.by-logical-name.server")]
    public Task It_is_read_written_and_invoked_by_logical_names(ushort sap, bool hdlc) => _bench.RunAsync(async () =>
    {
        await using var client = await _bench.ConnectAsync(Serve(hdlc), Client(sap, hdlc));

        Assert.Equal(6, client.ShortNames!.Objects.Count);
        Assert.Equal(4711u, await client.ReadRegisterAsync());
        Assert.Equal(Support.OctetString(_bench.Meter.TableOctets), (await client.GetAsync(TestMeter.Table, default)).Data.ToArray());
        var value = Support.OctetString(_bench.Meter.TableOctets[..3000]);
        Assert.True((await client.SetAsync(TestMeter.Setting, value, default)).Succeeded);
        Assert.Equal(value, _bench.Meter.Stored);
        Assert.True((await client.InvokeAsync(TestMeter.Method, Bytes.Hex("0F00"), default)).Succeeded);
        Assert.Equal(1, _bench.Meter.Invocations);

        var results = await client.GetListAsync([TestMeter.Register, TestMeter.Broken with { AttributeId = 3 }, TestMeter.Register], default);
        Assert.Equal([true, false, true], results.Select(r => r.Succeeded));
        Assert.Equal(Support.Unsigned32(4711), (await client.ReadShortNameAsync(0x7538)).Data.ToArray());
        Assert.IsType<RequestFailure.NameRefused>((await client.WriteShortNameAsync(0x7538, Bytes.Hex("0600000000"))).Failure);
        Assert.Empty(_bench.Faults);
    });

    [Fact]
    public Task Known_short_names_need_no_list() => _bench.RunAsync(async () =>
    {
        var options = Client(TestMeter.Public, hdlc: false);
        await using var client = await _bench.ConnectAsync(Serve(hdlc: false), options with { Association = options.Association with { ShortNames = Map } });

        Assert.Equal(1, client.Statistics.RoundTrips);
        Assert.Equal(4711u, await client.ReadRegisterAsync());
    });

    [Fact]
    public Task After_a_missing_answer_the_client_is_closed_lest_it_be_taken_for_the_next() => _bench.RunAsync(async () =>
    {
        var channel = new DelayingChannel(Serve(hdlc: false), _bench.Clock);
        await using var client = await _bench.ConnectAsync(channel, Client(TestMeter.Public, hdlc: false) with { ResponseTimeout = TimeSpan.FromSeconds(1), SendRetry = 0 });
        channel.Delay = TimeSpan.FromSeconds(3);

        await Assert.ThrowsAsync<AssociationException>(() => client.GetAsync(TestMeter.Register, default));
        Assert.False(client.IsOpen);
    });

    private static IServerFraming Framing(bool hdlc) => hdlc
        ? new HdlcServerLine(new() { Serves = (device, physical) => device == 1 && physical == 17 })
        : new WrapperServer();

    private IByteChannel Serve(bool hdlc) => _bench.Serve(
        new() { Resolve = Resolve, CreateFraming = _ => Framing(hdlc), IdleTimeout = TimeSpan.Zero, OnFault = (_, e) => _bench.Faults.Add(e) }, "", datagrams: false);

    private ServedAssociation Resolve(PeerAddress peer)
    {
        var spec = peer.Client == TestMeter.Public ? new AssociationSpec() : new()
        {
            Mechanism = AuthenticationMechanism.HighLevelGmac,
            Keys = new(TestMeter.Ek, TestMeter.Ak),
            RequiredProtection = Protection.AuthenticatedEncrypted,
            SystemTitle = SystemTitle.Of("TST", 1),
            Challenge = () => Bytes.Hex("000102030405060708090A0B0C0D0E0F"),
        };
        return new(new(spec with { ShortNames = Map }, peer.Client, _bench.Meter, _serverCounters));
    }

    private static DlmsClientOptions Client(ushort sap, bool hdlc)
    {
        var options = TestMeter.Client(sap);
        options = options with { Association = options.Association with { UseShortNames = true } };
        return hdlc ? Bench.OverHdlc(options) : options;
    }
}
