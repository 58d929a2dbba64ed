using System.Buffers;
using System.Text;
using Gridtally.Concentrator.Channels;
using Gridtally.Cosem;
using Gridtally.Cosem.Client;
using Gridtally.Cosem.Security;
using Gridtally.Metering;

namespace Gridtally.Concentrator.Tests;

/// <summary>Passing APDUs through to meters, as the gateway's network 1 does.</summary>
#pragma warning disable CA1001 // IAsyncLifetime disposes of it
public sealed class GateTests : IAsyncLifetime
{
    private static readonly AttributeRef Name = new(1, ObisCode.Parse("0-0:42.0.0.255"), 2);

    private readonly ArrayBufferWriter<byte> _output = new();
    private readonly ClientAssociation _client = new(new(), new InMemoryInvocationCounters());
    private readonly Lab _lab = new();

    public Task InitializeAsync()
    {
        _lab.Open();
        return Task.CompletedTask;
    }

    public Task DisposeAsync() => _lab.DisposeAsync().AsTask();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_client_associates_with_the_meter_and_reads_through_the_gate(bool onBus)
    {
        var meter = onBus ? _lab.AddOnBus("2001", 17) : _lab.AddTcp("1001");
        _lab.Run();
        await StartedAsync(meter);
        Assert.Equal(ClientStep.Associated, await StepAsync(meter, _client.Open(_output)));
        Assert.Equal(ClientStep.Answered, await StepAsync(meter, _client.Get(Name, null, _output)));
        Assert.Contains($"TST{meter.Number}", Encoding.ASCII.GetString(_client.Result.Data.Span));
        Assert.Equal(ClientStep.Released, await StepAsync(meter, _client.Release(_output)));
    }

    [Fact]
    public async Task A_session_holds_its_meter_and_not_the_bus()
    {
        var held = _lab.AddOnBus("2001", 17);
        var other = _lab.AddOnBus("2002", 18);
        _lab.Run();
        await StartedAsync(held);
        await StartedAsync(other);
        await StepAsync(held, _client.Open(_output));
        held.Capture(Lab.Start.AddHours(-1), Lab.Start);
        other.Capture(Lab.Start.AddHours(-1), Lab.Start);
        _lab.Services.Scheduler.ReadNow(_lab.Archived(other));
        _lab.Services.Scheduler.ReadNow(_lab.Archived(held));
        await _lab.UntilAsync(() => _lab.HasAll(other));
        Assert.Equal(ClientStep.Answered, await StepAsync(held, _client.Get(Name, null, _output)));
        Assert.Empty(_lab.Stored(held));
        await _lab.UntilAsync(() => _lab.HasAll(held), lineMoves: TimeSpan.FromMilliseconds(500));
    }

    [Fact]
    public async Task A_meter_that_is_not_here_disabled_or_silent_is_named()
    {
        var disabled = _lab.AddTcp("1001");
        var silent = _lab.AddTcp("1002");
        _lab.Services.Archive.Change(_lab.Archived(disabled) with { Enabled = false }, null, "test");
        _lab.Broken["1002"] = true;
        _lab.Run();
        await _lab.UntilAsync(() => _lab.History(silent).Count > 0);
        Assert.Contains("4711 is not in the archive", (await Assert.ThrowsAsync<MeterGateException>(() => _lab.Services.MeterGate.ExchangeAsync("4711", 16, 1, new byte[1], default))).Message);
        Assert.Contains("1001 is disabled", (await Assert.ThrowsAsync<MeterGateException>(() => Exchange(disabled, new byte[1]))).Message);
        Assert.Contains("connection refused", (await Assert.ThrowsAsync<MeterGateException>(() => Exchange(silent, new byte[1]))).Message);
    }

    private async Task<ClientStep> StepAsync(ProfileMeter meter, ClientStep step)
    {
        Assert.Equal(ClientStep.Send, step);
        var answer = await Exchange(meter, _output.WrittenSpan.ToArray());
        _output.ResetWrittenCount();
        return _client.Receive(answer, _output);
    }

    private Task<byte[]> Exchange(ProfileMeter meter, byte[] apdu) => _lab.Services.MeterGate.ExchangeAsync(meter.Number, ProfileMeter.Public, 1, apdu, CancellationToken.None);

    private Task StartedAsync(ProfileMeter meter) => _lab.UntilAsync(() => _lab.History(meter).Count > 0);
}
