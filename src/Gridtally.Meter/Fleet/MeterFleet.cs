using System.Buffers;
using Gridtally.Meter.Load;
using Gridtally.Meter.Persistence;
using Microsoft.Extensions.Logging;

namespace Gridtally.Meter.Fleet;

/// <summary>The meters of one process: keeps them measuring as civil time goes, and remembers what they must not forget.</summary>
/// <remarks>
/// One lock (<see cref="Gate"/>) is around all meters: each is single-threaded, and a request takes microseconds.
/// A meter's state is in the memory file before any request sees it, so a kill takes back nothing that was served; what was
/// measured since the last record is lost with it, as if the power had failed a moment earlier.
/// </remarks>
public sealed partial class MeterFleet : IDisposable
{
    // Seconds that one meter is ticked before another gets a turn, and requests in between: about a millisecond.
    private const int TurnSeconds = 1800;

    private static readonly TimeSpan RememberEvery = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan FlushEvery = TimeSpan.FromSeconds(5);

    private readonly TimeProvider _clock;
    private readonly TimeProvider _lineTime;
    private readonly ILogger _log;
    private readonly MemoryFile _memory;
    private readonly List<MeterMemory> _absent = [];
    private readonly ArrayBufferWriter<byte> _records = new(64 * 1024);
    private long _remembered;
    private long _flushed;
    private bool _memoryFailed;

    private MeterFleet(FleetConfig config, LoadFile load, TimeProvider clock, TimeProvider lineTime, ILogger log, Func<string, Stream>? open)
    {
        (_clock, _lineTime, _log) = (clock, lineTime, log);
        _memory = MemoryFile.Open(config.DataFolder, out var memories, out var torn, open);
        try
        {
            if (torn > 0) LogTorn(_log, torn);
            var meters = new List<FleetMeter>();
            foreach (var one in config.Meters) meters.Add(Recall(one, config.StartUtc, load, memories));
            Meters = meters;
            _absent.AddRange(memories.Values.Where(m => meters.All(known => known.Number != m.Number)));
            _remembered = _flushed = _lineTime.GetTimestamp();
        }
        catch
        {
            _memory.Dispose();
            throw;
        }
    }

    /// <summary>Held by whoever touches a meter.</summary>
    public Lock Gate { get; } = new();

    /// <summary>The meters, in the order of the configuration.</summary>
    public IReadOnlyList<FleetMeter> Meters { get; }

    /// <summary>True while the memory file does not take what the meters write: metering goes on, requests are put off.</summary>
    public bool MemoryFailed => Volatile.Read(ref _memoryFailed);

    /// <summary>Brings the meters up: new ones start, known ones find that power was off since they were last remembered.</summary>
    /// <param name="config">Which meters.</param>
    /// <param name="clock">Civil time.</param>
    /// <param name="lineTime">Real time.</param>
    /// <param name="loggerFactory">Where to say what happens.</param>
    /// <exception cref="LoadFileException">The load file is malformed.</exception>
    /// <exception cref="MemoryFileException">The memory file is damaged, or in use.</exception>
    /// <exception cref="IOException">A file can't be read or made.</exception>
    public static MeterFleet Open(FleetConfig config, TimeProvider clock, TimeProvider lineTime, ILoggerFactory loggerFactory)
    {
        ArgumentNullException.ThrowIfNull(config);
        return Open(config, LoadFile.Read(config.LoadFile), clock, lineTime, loggerFactory, null);
    }

    internal static MeterFleet Open(
        FleetConfig config, LoadFile load, TimeProvider clock, TimeProvider lineTime, ILoggerFactory loggerFactory, Func<string, Stream>? open) =>
        new(config, load, clock, lineTime, loggerFactory.CreateLogger<MeterFleet>(), open);

    /// <summary>Measures up to now, and remembers every quarter of a second of real time.</summary>
    /// <param name="cancellationToken">Stops between two turns; a long history takes a while.</param>
    public void Advance(CancellationToken cancellationToken = default)
    {
        var now = _clock.GetUtcNow().ToUnixTimeSeconds();
        for (var behind = true; behind;)
        {
            behind = false;
            foreach (var meter in Meters)
            {
                cancellationToken.ThrowIfCancellationRequested();
                lock (Gate)
                {
                    meter.TickTo(Math.Min(now, meter.Core.Now + TurnSeconds));
                    behind |= meter.Core.Now < now;
                }
            }
        }

        foreach (var meter in Meters) meter.IsInService = true;
        if (_lineTime.GetElapsedTime(_remembered) >= RememberEvery) RememberAll();
    }

    /// <summary>Remembers all meters now.</summary>
    /// <returns>False where the memory file did not take it.</returns>
    public bool RememberAll()
    {
        lock (Gate)
        {
            _remembered = _lineTime.GetTimestamp();
            _records.ResetWrittenCount();
            foreach (var meter in Meters) meter.WriteChanges(_records);
            if (!TryAppend()) return false;
            foreach (var meter in Meters) meter.Remembered();
            return Maintain();
        }
    }

    /// <summary>Remembers all meters, and closes the memory file.</summary>
    public void Dispose()
    {
        lock (Gate)
        {
            if (RememberAll()) TryFlush();
            _memory.Dispose();
        }
    }

    // As a kill leaves it: nothing more is written.
    internal void Abandon()
    {
        lock (Gate) _memory.Dispose();
    }

    // Before a request sees a meter, and after it has changed one.
    internal bool Remember(FleetMeter meter)
    {
        _records.ResetWrittenCount();
        if (!meter.WriteChanges(_records)) return true;
        if (!TryAppend()) return false;
        meter.Remembered();
        return true;
    }

    internal bool Remember(FleetMeter meter, ClientSecurity client, ClientCounters counters)
    {
        lock (Gate)
        {
            // Counters of a key that was replaced meanwhile need not outlive the association that still uses it.
            if (!ReferenceEquals(client.Counters, counters)) return true;
            var record = new ArrayBufferWriter<byte>(128);
            MeterMemory.WriteCounters(record, meter.Number, client.Sap, counters);
            return TryAppend(record.WrittenSpan);
        }
    }

    private FleetMeter Recall(MeterConfig config, DateTimeOffset? start, LoadFile load, Dictionary<string, MeterMemory> memories)
    {
        var meter = new FleetMeter(this, config, load, _log);
        var now = _clock.GetUtcNow().ToUnixTimeSeconds();
        if (!memories.TryGetValue(meter.Number, out var memory) || memory.State.Length == 0)
        {
            meter.Core.Start(start?.ToUnixTimeSeconds() ?? now);
            return meter;
        }

        try
        {
            memory.Restore(meter.Core);
        }
        catch (Exception e) when (e is InvalidDataException or OverflowException or ArgumentException)
        {
            throw new MemoryFileException($"Meter {meter.Number} can't be restored from its memory: {e.Message}.", e);
        }

        if (meter.Core.Now > now) LogAhead(_log, meter.Number, DateTimeOffset.FromUnixTimeSeconds(meter.Core.Now));
        meter.IsInService = true;
        meter.Remembered();
        meter.Core.PowerUp(now);
        return meter;
    }

    private bool TryAppend() => _records.WrittenCount == 0 || TryAppend(_records.WrittenSpan);

    private bool TryAppend(ReadOnlySpan<byte> records)
    {
        try
        {
            _memory.Append(records);
            if (_memoryFailed) Report(failed: false, null);
            return true;
        }
        catch (IOException e)
        {
            if (!_memoryFailed) Report(failed: true, e);
            return false;
        }
    }

    private bool Maintain()
    {
        if (_memory.WantsRewrite) TryRewrite();
        return _lineTime.GetElapsedTime(_flushed) < FlushEvery || TryFlush();
    }

    private bool TryFlush()
    {
        _flushed = _lineTime.GetTimestamp();
        try
        {
            _memory.FlushToDisk();
            return true;
        }
        catch (IOException e)
        {
            if (!_memoryFailed) Report(failed: true, e);
            return false;
        }
    }

    private void TryRewrite()
    {
        try
        {
            _memory.Rewrite(Everything());
        }
        catch (IOException e)
        {
            LogRewriteFailed(_log, e);
        }
    }

    private IEnumerable<ReadOnlyMemory<byte>> Everything()
    {
        var record = new ArrayBufferWriter<byte>(64 * 1024);
        foreach (var meter in Meters)
        {
            if (!meter.IsInService) continue;
            record.ResetWrittenCount();
            MeterMemory.WriteMeter(record, meter.Core, 0);
            yield return record.WrittenMemory;
        }

        foreach (var memory in _absent)
        {
            record.ResetWrittenCount();
            memory.WriteAll(record);
            yield return record.WrittenMemory;
        }
    }

    private void Report(bool failed, IOException? reason)
    {
        Volatile.Write(ref _memoryFailed, failed);
        foreach (var meter in Meters) meter.Core.ReportMemory(failed);
        if (failed) LogMemoryFailed(_log, reason!);
        else LogMemoryWorks(_log);
    }

    [LoggerMessage(2001, LogLevel.Warning, "The memory file ended in the middle of a record; its {Octets} octets were dropped. A kill leaves this behind; nothing that was served is lost.")]
    private static partial void LogTorn(ILogger log, long octets);

    [LoggerMessage(2002, LogLevel.Error, "The memory file does not take what the meters write: expected room on the disk. Metering goes on; requests are answered with temporary-failure until it works again.")]
    private static partial void LogMemoryFailed(ILogger log, Exception reason);

    [LoggerMessage(2003, LogLevel.Information, "The memory file works again.")]
    private static partial void LogMemoryWorks(ILogger log);

    [LoggerMessage(2004, LogLevel.Warning, "The memory file could not be rewritten; it goes on growing. Expected room for a second file.")]
    private static partial void LogRewriteFailed(ILogger log, Exception reason);

    [LoggerMessage(2005, LogLevel.Warning, "Meter {Number} has measured up to {Until:u}, which is later than the clock shows; it waits. Expected a clock that never goes back.")]
    private static partial void LogAhead(ILogger log, string number, DateTimeOffset until);
}
