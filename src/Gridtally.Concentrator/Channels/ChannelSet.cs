using System.Collections.Concurrent;
using Gridtally.Concentrator.Archive;
using Gridtally.Concentrator.History;
using Gridtally.Concentrator.Settings;

namespace Gridtally.Concentrator.Channels;

/// <summary>The channels to meters that are enabled, each with its worker; follows the settings.</summary>
internal sealed class ChannelSet : IMeterGate, IAsyncDisposable
{
    private readonly ChannelServices _services;
    private readonly ConcurrentDictionary<string, ChannelWorker> _workers = new();
    private readonly SemaphoreSlim _changing = new(1);
    private bool _closed;

    public ChannelSet(ChannelServices services) => _services = services;

    /// <summary>Jobs that wait or run.</summary>
    public int Pending => _workers.Values.Sum(w => w.Pending);

    /// <summary>Starts, restarts and stops workers so that they are what the settings say.</summary>
    public async Task FollowAsync(SettingsView view)
    {
        await _changing.WaitAsync().ConfigureAwait(false);
        try
        {
            if (_closed) return;
            foreach (var (name, worker) in _workers)
            {
                if (view.Channels.TryGetValue(name, out var now) && IsOpen(now) && IsSame(worker.Settings, now)) continue;
                _workers.TryRemove(name, out _);
                await worker.DisposeAsync().ConfigureAwait(false);
            }

            foreach (var channel in view.Channels.Values.Where(c => IsOpen(c) && !_workers.ContainsKey(c.Name)))
            {
                var worker = new ChannelWorker(_services, channel);
                _workers[channel.Name] = worker;
                worker.Start();
            }
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>Queues a job on its meter's channel; false where that is not open, or the job was joined with another.</summary>
    public bool Add(MeterJob job) => _workers.TryGetValue(job.Meter.Channel, out var worker) && worker.Queue.Add(job);

    /// <summary>True where the channel is open.</summary>
    public bool IsOpen(string channel) => _workers.ContainsKey(channel);

    /// <summary>Forgets the waiting jobs of a meter that was changed or removed.</summary>
    public void Forget(string meterNumber)
    {
        foreach (var job in _workers.Values.SelectMany(w => w.Queue.Remove(j => j.Meter.Number == meterNumber)))
            job.Finished(null, new(FaultScope.Caller, FailureReason.Cancelled, $"Meter {meterNumber} was changed or removed from the archive."));
    }

    /// <inheritdoc/>
    public async Task<byte[]> ExchangeAsync(string meterNumber, ushort clientSap, ushort logicalDevice, ReadOnlyMemory<byte> apdu, CancellationToken cancellationToken)
    {
        var meter = Reachable(_services.Archive.Find(meterNumber) ?? throw new MeterGateException(FailureReason.Refused, $"Meter {meterNumber} is not in the archive of this concentrator. Add it there."));
        var job = new GateJob(meter, clientSap, logicalDevice, apdu.ToArray(), cancellationToken);
        if (!Add(job)) throw new MeterGateException(FailureReason.LineError, $"Channel {meter.Channel} takes no more jobs.");
        return await job.Answer.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The meter, where it may be talked to.</summary>
    /// <exception cref="MeterGateException">It or its channel is disabled.</exception>
    public MeterRecord Reachable(MeterRecord meter)
    {
        if (!meter.Enabled) throw new MeterGateException(FailureReason.Refused, $"Meter {meter.Number} is disabled in the archive. Enable it to talk to it.");
        if (!IsOpen(meter.Channel)) throw new MeterGateException(FailureReason.Refused, $"Channel {meter.Channel} of meter {meter.Number} is disabled. Enable it in the settings.");
        return meter;
    }

    public async ValueTask DisposeAsync()
    {
        await _changing.WaitAsync().ConfigureAwait(false);
        _closed = true;
        await Task.WhenAll(_workers.Values.Select(w => w.DisposeAsync().AsTask())).ConfigureAwait(false);
        _workers.Clear();
        _changing.Release();
    }

    private static bool IsOpen(ChannelSettings channel) => channel.Enabled && channel.Type is { IsServed: true, IsToMeters: true };

    private static bool IsSame(ChannelSettings a, ChannelSettings b) =>
        a with { Attributes = b.Attributes, ProtocolAttributes = b.ProtocolAttributes } == b && a.Attributes.IsSame(b.Attributes) && a.ProtocolAttributes.IsSame(b.ProtocolAttributes);
}
