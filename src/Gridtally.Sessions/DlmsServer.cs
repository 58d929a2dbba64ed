using Gridtally.Links;

namespace Gridtally.Sessions;

/// <summary>Serves logical devices on connections and lines: one meter at a TCP port, many on a bus, a concentrator on the connection it has dialled.</summary>
/// <param name="options">What is served, and within which limits.</param>
/// <param name="lineTime">Clock of idle timeouts and of the layer below the APDUs.</param>
public sealed class DlmsServer(DlmsServerOptions options, TimeProvider lineTime)
{
    /// <summary>Failures of the listener in a row after which listening is given up.</summary>
    public const int MaxAcceptFailures = 5;

    private static readonly TimeSpan AcceptPause = TimeSpan.FromSeconds(1);

    private int _connections;
    private long _refused;
    private long _requests;

    /// <summary>Connections that are served now.</summary>
    public int Connections => Volatile.Read(ref _connections);

    /// <summary>Connections closed at once because of <see cref="DlmsServerOptions.MaxConnections"/>.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>Requests that were handled.</summary>
    public long Requests => Interlocked.Read(ref _requests);

    /// <summary>Serves everyone who connects, until cancelled. The listener stays the caller's.</summary>
    /// <exception cref="LinkException">Listening is not possible any more.</exception>
    public async Task ServeAsync(IByteListener listener, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var running = new RunningTasks();
        var failures = 0;
        try
        {
            while (true)
            {
                try
                {
                    var channel = await listener.AcceptAsync(cancellationToken).ConfigureAwait(false);
                    failures = 0;
                    running.Add(ServeAcceptedAsync(channel, stop.Token));
                }
                catch (LinkException e) when (++failures < MaxAcceptFailures)
                {
                    // Too many open files, most likely: they become fewer when others end.
                    options.OnFault?.Invoke(listener.Name, e);
                    await Task.Delay(AcceptPause, lineTime, cancellationToken).ConfigureAwait(false);
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Asked to stop.
        }
        finally
        {
            stop.Cancel();
            await running.WhenAllAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Serves one channel, a line or a connection that this side has dialled, until it ends, falls idle or is cancelled. It stays the caller's.</summary>
    /// <exception cref="LinkException">The channel was lost.</exception>
    public async Task ServeAsync(IByteChannel channel, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _connections);
        var connection = new ServerConnection(channel, options, lineTime, () => Interlocked.Increment(ref _requests));
        await using (connection.ConfigureAwait(false))
        {
            try
            {
                await connection.RunAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                // Asked to stop.
            }
            finally
            {
                Interlocked.Decrement(ref _connections);
            }
        }
    }

    // Whatever is wrong with one connection ends that connection and nothing else.
    private async Task ServeAcceptedAsync(IByteChannel channel, CancellationToken cancellationToken)
    {
        await using (channel.ConfigureAwait(false))
        {
            if (Connections >= options.MaxConnections)
            {
                Interlocked.Increment(ref _refused);
                return;
            }

            try
            {
                await ServeAsync(channel, cancellationToken).ConfigureAwait(false);
            }
#pragma warning disable CA1031 // a fault in one device's code must not take the other connections down; it is reported
            catch (Exception e)
#pragma warning restore CA1031
            {
                options.OnFault?.Invoke(channel.Name, e);
            }
        }
    }
}

/// <summary>Tasks that someone waits for in the end, forgotten as they complete.</summary>
internal sealed class RunningTasks
{
    private readonly HashSet<Task> _tasks = [];

    public void Add(Task task)
    {
        if (task.IsCompleted) return;
        lock (_tasks) _tasks.Add(task);
        task.ContinueWith(Forget, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    public Task WhenAllAsync()
    {
        lock (_tasks) return Task.WhenAll(_tasks.ToArray());
    }

    private void Forget(Task task)
    {
        lock (_tasks) _tasks.Remove(task);
    }
}
