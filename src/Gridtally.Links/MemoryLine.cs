namespace Gridtally.Links;

/// <summary>Two channels joined in memory, for tests and for products in one process.</summary>
/// <remarks>
/// A write hands its octets to a waiting reader on the writer's own thread. So under a clock that is moved by hand a whole
/// dialogue runs inside the call that moves it, always in the same order.
/// </remarks>
public static class MemoryLine
{
    /// <summary>Octets that may wait to be read in one direction before the writer has to wait.</summary>
    public const int MaxBuffered = 1024 * 1024;

    /// <summary>Makes a pair: what is written to one is read from the other.</summary>
    /// <param name="name">What people call it.</param>
    /// <param name="datagrams">True where each write is to be read as one piece, as with UDP.</param>
    public static (IByteChannel A, IByteChannel B) CreatePair(string name = "memory", bool datagrams = false)
    {
        var (toB, toA) = (new Pipe(datagrams), new Pipe(datagrams));
        return (new End($"{name} a", toA, toB, datagrams), new End($"{name} b", toB, toA, datagrams));
    }

    private sealed class End(string name, Pipe incoming, Pipe outgoing, bool datagrams) : IByteChannel
    {
        public string Name => name;

        public bool IsDatagram => datagrams;

        public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
        {
            while (true)
            {
                var (count, wait) = incoming.TryRead(buffer.Span);
                if (count >= 0) return incoming.ReaderGone ? throw LinkErrors.Closed(name) : count;
                await wait.WaitAsync(cancellationToken).ConfigureAwait(false);
            }
        }

        public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
        {
            while (true)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (outgoing.WriterGone) throw LinkErrors.Closed(name);
                if (outgoing.ReaderGone) throw new LinkException($"{name}: the other side has closed.");
                if (outgoing.TryWrite(bytes) is not { } wait) return;
                await wait.WaitAsync(cancellationToken).ConfigureAwait(false);
            }
        }

        public ValueTask DisposeAsync()
        {
            outgoing.CloseWriter();
            incoming.CloseReader();
            return ValueTask.CompletedTask;
        }
    }

    private sealed class Pipe(bool datagrams)
    {
        private readonly Lock _lock = new();
        private readonly Queue<ReadOnlyMemory<byte>> _pieces = new();
        private ReadOnlyMemory<byte> _first;
        private int _buffered;
        private TaskCompletionSource? _changed;

        public bool WriterGone { get; private set; }

        public bool ReaderGone { get; private set; }

        // -1 octets: nothing yet, wait for the task and ask again.
        public (int Count, Task Wait) TryRead(Span<byte> buffer)
        {
            TaskCompletionSource? changed;
            int count;
            lock (_lock)
            {
                if (_first.IsEmpty && !_pieces.TryDequeue(out _first))
                {
                    return WriterGone || ReaderGone ? (0, Task.CompletedTask) : (-1, Changed());
                }

                count = Math.Min(buffer.Length, _first.Length);
                _first.Span[..count].CopyTo(buffer);
                _buffered -= datagrams ? _first.Length : count;
                _first = datagrams ? default : _first[count..];
                changed = TakeChanged();
            }

            changed?.TrySetResult();
            return (count, Task.CompletedTask);
        }

        // A task where the buffer is full: wait for it and ask again.
        public Task? TryWrite(ReadOnlyMemory<byte> bytes)
        {
            if (bytes.IsEmpty) return null;
            TaskCompletionSource? changed;
            lock (_lock)
            {
                if (_buffered > 0 && _buffered + bytes.Length > MaxBuffered) return Changed();
                _pieces.Enqueue(bytes.ToArray());
                _buffered += bytes.Length;
                changed = TakeChanged();
            }

            changed?.TrySetResult();
            return null;
        }

        public void CloseWriter() => Close(() => WriterGone = true);

        public void CloseReader() => Close(() => ReaderGone = true);

        private void Close(Action mark)
        {
            TaskCompletionSource? changed;
            lock (_lock)
            {
                mark();
                changed = TakeChanged();
            }

            changed?.TrySetResult();
        }

        private Task Changed() => (_changed ??= new()).Task;

        private TaskCompletionSource? TakeChanged()
        {
            var changed = _changed;
            _changed = null;
            return changed;
        }
    }
}
