using static Gridtally.Links.LinuxTerminal;

namespace Gridtally.Links;

/// <summary>Waits for any number of file descriptors on one thread of its own.</summary>
/// <remarks>
/// The thread sleeps in poll(2) and costs nothing while the lines are silent. A process has a handful of serial lines, so the
/// list that poll walks is short.
/// </remarks>
internal sealed class DescriptorPoller
{
    private static readonly Lazy<DescriptorPoller> Instance = new(() => new());

    private readonly Lock _lock = new();
    private readonly List<Waiter> _waiters = [];
    private readonly List<TaskCompletionSource> _lettingGo = [];
    private readonly Descriptor _wake;

    private DescriptorPoller()
    {
        _wake = EventDescriptor();
        new Thread(Run) { IsBackground = true, Name = "serial lines" }.Start();
    }

    public static DescriptorPoller Shared => Instance.Value;

    /// <summary>Waits until <paramref name="events"/> (or an error) are there.</summary>
    public async ValueTask WaitAsync(Descriptor descriptor, short events, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var waiter = new Waiter((int)descriptor.DangerousGetHandle(), events); // LetGoAsync comes before the number can be given to another file
        lock (_lock) _waiters.Add(waiter);
        Wake();
        await using var cancelled = cancellationToken.UnsafeRegister(
            static (state, token) => ((Waiter)state!).TrySetCanceled(token), waiter).ConfigureAwait(false);
        await waiter.Task.ConfigureAwait(false);
    }

    /// <summary>Completes when no descriptor without a waiter is polled any more: the kernel keeps a polled file open, and its lock held, though it was closed.</summary>
    public Task LetGoAsync()
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock) _lettingGo.Add(done);
        Wake();
        return done.Task;
    }

    private void Wake() => Write(_wake, [1, 0, 0, 0, 0, 0, 0, 0], 8);

    private void Run()
    {
        Span<byte> counter = stackalloc byte[8];
        while (true)
        {
            var (entries, waiters) = Snapshot();
            if (Poll(entries, (nuint)entries.Length, -1) < 0) continue; // interrupted by a signal
            if (entries[0].Returned != 0) Read(_wake, counter, 8);
            for (var i = 0; i < waiters.Length; i++)
            {
                if (entries[i + 1].Returned == 0) continue;
                waiters[i].TrySetResult();
            }
        }
    }

    private (PollEntry[] Entries, Waiter[] Waiters) Snapshot()
    {
        Waiter[] waiters;
        lock (_lock)
        {
            _waiters.RemoveAll(static waiter => waiter.Task.IsCompleted);
            waiters = [.. _waiters];
            foreach (var done in _lettingGo) done.TrySetResult();
            _lettingGo.Clear();
        }

        var entries = new PollEntry[waiters.Length + 1];
        entries[0] = new() { Descriptor = (int)_wake.DangerousGetHandle(), Events = PollIn };
        for (var i = 0; i < waiters.Length; i++) entries[i + 1] = new() { Descriptor = waiters[i].Descriptor, Events = waiters[i].Events };
        return (entries, waiters);
    }

    private sealed class Waiter(int descriptor, short events) : TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public int Descriptor => descriptor;

        public short Events => events;
    }
}
