using System.Buffers;
using Gridtally.Cosem;
using Gridtally.Cosem.Classes;
using Gridtally.Cosem.Data;
using Gridtally.Cosem.Profiles;
using Gridtally.Cosem.Quirks;
using Gridtally.Cosem.Security;
using Gridtally.Cosem.Server;
using Gridtally.Metering;

namespace Gridtally.Sessions.Tests;

/// <summary>Rows as a stream, and what quirk profiles ask of the driver.</summary>
public sealed class ProfileReadingTests
{
    private static readonly ObisCode Profile = ObisCode.Parse("1-0:99.1.0.255");
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly Bench _bench = new();
    private readonly Device _device = new();

    [Fact]
    public Task Rows_of_three_days_come_in_order_one_request_a_day() => _bench.RunAsync(async () =>
    {
        await using var client = await ConnectAsync(QuirkProfile.Strict);

        var rows = await client.ReadRowsAsync(Profile, Start.AddSeconds(0.5), Start.AddDays(3)).ToListAsync();

        Assert.Equal(Enumerable.Range(0, 3 * 24 + 1).Select(hour => Start.UtcDateTime.AddHours(hour)), rows.Select(row => row.Utc));
        Assert.Equal([null, 0.7m], rows[7].Values());
        Assert.Equal(3, _device.BufferReads);
    });

    [Fact]
    public Task A_long_answer_tells_how_far_it_has_come() => _bench.RunAsync(async () =>
    {
        await using var client = await ConnectAsync(QuirkProfile.Strict);
        var steps = new List<TransferProgress>();

        await client.ReadRowsAsync(Profile, Start, Start.AddDays(3), new() { Step = TimeSpan.FromDays(9), Progress = new Recorder(steps) }).ToListAsync();

        Assert.True(steps.Count > 1, "the answer takes more than one block");
        Assert.Equal(steps.Order(Comparer<TransferProgress>.Create((a, b) => a.Octets.CompareTo(b.Octets))), steps);
        Assert.Equal(Enumerable.Range(1, steps.Count), steps.Select(step => step.RoundTrips));
    });

    [Fact]
    public Task A_meter_that_refuses_a_deviation_in_ranges_is_asked_without() => _bench.RunAsync(async () =>
    {
        _device.RefusesDeviation = true;
        await using (var strict = await ConnectAsync(QuirkProfile.Strict))
            await Assert.ThrowsAsync<RequestFailedException>(() => strict.ReadRowsAsync(Profile, Start, Start.AddDays(1)).ToListAsync().AsTask());
        await using var client = await ConnectAsync(new("X", Quirk.RangeWithoutDeviation));

        Assert.Equal(25, (await client.ReadRowsAsync(Profile, Start, Start.AddDays(1)).ToListAsync()).Count);
    });

    [Fact]
    public Task A_scaler_of_an_odd_type_is_named_and_accepted_with_the_quirk() => _bench.RunAsync(async () =>
    {
        _device.OddScaler = true;
        await using (var strict = await ConnectAsync(QuirkProfile.Strict))
        {
            var error = await Assert.ThrowsAsync<RequestFailedException>(() => strict.Register(Device.Energy).ReadAsync());
            Assert.Contains("the quirk 'odd-scaler' would accept this", error.Message, StringComparison.Ordinal);
        }

        await using var client = await ConnectAsync(new("X", Quirk.OddScalerUnit));

        Assert.Equal(10m, (await client.Register(Device.Energy).ReadAsync()).Value);
    });

    [Fact]
    public Task A_meter_that_needs_a_rest_gets_one_before_each_request() => _bench.RunAsync(async () =>
    {
        await using var client = await ConnectAsync(QuirkProfile.Strict with { Pause = TimeSpan.FromSeconds(2) });
        var began = _bench.Clock.GetUtcNow();

        for (var request = 0; request < 3; request++) await client.GetAsync(new(3, Device.Energy, 2));

        Assert.Equal(TimeSpan.FromSeconds(6), _bench.Clock.GetUtcNow() - began);
    });

    [Fact]
    public Task A_meter_that_never_answers_a_release_is_not_waited_for() => _bench.RunAsync(async () =>
    {
        await using var client = await ConnectAsync(new("X", Quirk.ReleaseUnanswered));
        var sent = client.Statistics.BytesSent;

        await client.ReleaseAsync();

        Assert.Equal(sent, client.Statistics.BytesSent);
        Assert.False(client.IsOpen);
    });

    private Task<DlmsClient> ConnectAsync(QuirkProfile quirks)
    {
        var channel = _bench.Serve(new() { Resolve = peer => new(new ServerAssociation(new(), peer.Client, _device, new InMemoryInvocationCounters())) }, "", datagrams: false);
        return _bench.ConnectAsync(channel, new() { Peer = new(16, 1), Association = new() { Quirks = quirks } });
    }

    private sealed class Recorder(List<TransferProgress> steps) : IProgress<TransferProgress>
    {
        public void Report(TransferProgress value) => steps.Add(value);
    }

    /// <summary>A register, and a profile of it with a row an hour for a month.</summary>
    private sealed class Device : ILogicalDevice
    {
        public static readonly ObisCode Energy = ObisCode.Parse("1-0:1.8.0.255");
        private static readonly CaptureObject[] Columns = [new(8, ObisCode.Parse("0-0:1.0.0.255"), 2), new(3, Energy, 2)];
        private static readonly ObjectTable<Device> Table = Build();

        private readonly ProfileRing _rows = new(Columns, 1000);
        private readonly ILogicalDevice _bound;

        public Device()
        {
            _bound = Table.Bind(this);
            for (var hour = 0; hour < 24 * 30; hour++)
            {
                var row = new ArrayBufferWriter<byte>();
                row.WriteStructure(2);
                row.WriteDateTime(CosemDateTime.From(Start.AddHours(hour)));
                row.WriteDoubleLongUnsigned((uint)hour);
                _rows.Add(row.WrittenSpan);
            }
        }

        public bool RefusesDeviation { get; set; }

        public bool OddScaler { get; set; }

        public int BufferReads { get; private set; }

        public DataAccessResult Get(in AttributeRef target, in RequestContext context, IBufferWriter<byte> output) => _bound.Get(target, context, output);

        public DataAccessResult Set(in AttributeRef target, in RequestContext context, ReadOnlySpan<byte> data) => _bound.Set(target, context, data);

        public ActionResult Invoke(in MethodRef target, in RequestContext context, ReadOnlySpan<byte> parameter, IBufferWriter<byte> output) =>
            _bound.Invoke(target, context, parameter, output);

        private static ObjectTable<Device> Build()
        {
            var everyone = ClientSet.Of(16);
            var builder = new ObjectTableBuilder<Device>();
            builder.Add(InterfaceClasses.Register, Energy, everyone)
                .Get(2, (_, output) => output.WriteDoubleLongUnsigned(100))
                .Get(3, (device, output) => WriteScaler(device, output));
            builder.Add(InterfaceClasses.ProfileGeneric, Profile, everyone)
                .Get(2, (device, in context, output) => device.WriteRows(context, output))
                .Constant(3, output =>
                {
                    output.WriteArray(Columns.Length);
                    foreach (var column in Columns) output.WriteCaptureObject(column);
                })
                .Constant(4, output => output.WriteDoubleLongUnsigned(3600));
            return builder.Build();
        }

        private static void WriteScaler(Device device, IBufferWriter<byte> output)
        {
            output.WriteStructure(2);
            if (device.OddScaler) output.WriteLong(-1);
            else output.WriteInteger(-1);
            output.WriteEnum((byte)Unit.WattHour);
        }

        private DataAccessResult WriteRows(in RequestContext context, IBufferWriter<byte> output)
        {
            BufferReads++;
            if (!RefusesDeviation) return ProfileServer.Write(_rows, context, output);
            var reader = new AxdrReader(context.SelectorParameters);
            return reader.TryReadStructure(out _) && reader.TrySkip(out _) && reader.TryReadDateTime(out var from) && from.DeviationMinutes == CosemDateTime.NoDeviation
                ? ProfileServer.Write(_rows, context, output)
                : DataAccessResult.OtherReason;
        }
    }
}
