namespace Gridtally.Sessions;

/// <summary>Lets callers in one at a time, in the order they came.</summary>
/// <remarks>
/// The next one goes on within <see cref="Leave"/>, on the thread of the one before; a semaphore would send it through the thread
/// pool, and a run under a clock that is moved by hand would not repeat itself.
/// </remarks>
internal sealed class Turn(int places = 1)
{
    private readonly LinkedList<TaskCompletionSource> _waiting = new();
    private int _free = places;

    /// <summary>Waits for its turn.</summary>
    /// <exception cref="OperationCanceledException">Cancelled before its turn came.</exception>
    public async ValueTask EnterAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        TaskCompletionSource turn;
        lock (_waiting)
        {
            if (_free > 0)
            {
                _free--;
                return;
            }

            turn = new();
            _waiting.AddLast(turn);
        }

        await using var cancelled = cancellationToken.UnsafeRegister(
            static (state, token) => ((TaskCompletionSource)state!).TrySetCanceled(token), turn).ConfigureAwait(false);
        await turn.Task.ConfigureAwait(false);
    }

    /// <summary>Lets the next one in.</summary>
    public void Leave()
    {
        while (true)
        {
            TaskCompletionSource next;
            lock (_waiting)
            {
                if (_waiting.First is not { } first)
                {
                    _free++;
                    return;
                }

                _waiting.RemoveFirst();
                next = first.Value;
            }

            if (next.TrySetResult()) return; // else it was cancelled
        }
    }
}
