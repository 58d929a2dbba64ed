using System.Runtime.InteropServices;
using static Gridtally.Links.LinuxTerminal;

namespace Gridtally.Links;

/// <summary>Reads and writes a non-blocking file descriptor of a terminal.</summary>
internal sealed class DescriptorStream(Descriptor descriptor, string name) : IAsyncDisposable
{
    private readonly CancellationTokenSource _closed = new();

    public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (_closed.IsCancellationRequested) throw LinkErrors.Closed(name);
            var (count, error) = TryRead(buffer.Span);
            if (count > 0) return count;
            if (count == 0) throw HungUp();
            if (error == InputOutputError) throw HungUp();
            if (error is not (TryAgain or InterruptedCall)) throw Failed("read", error);
            await WaitAsync(PollIn, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Writes what the driver takes now; 0 where its buffer is full.</summary>
    public int TryWrite(ReadOnlySpan<byte> bytes)
    {
        if (_closed.IsCancellationRequested) throw LinkErrors.Closed(name);
        try
        {
            var count = (int)Write(descriptor, bytes, (nuint)bytes.Length);
            if (count >= 0) return count;
        }
        catch (ObjectDisposedException)
        {
            throw LinkErrors.Closed(name);
        }

        var error = Marshal.GetLastPInvokeError();
        if (error == InputOutputError) throw HungUp();
        return error is TryAgain or InterruptedCall ? 0 : throw Failed("write", error);
    }

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        while (bytes.Length > 0)
        {
            var count = TryWrite(bytes.Span);
            bytes = bytes[count..];
            if (count == 0) await WaitAsync(PollOut, cancellationToken).ConfigureAwait(false);
        }
    }

    public async ValueTask WaitAsync(short events, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(_closed.Token, cancellationToken);
        try
        {
            await DescriptorPoller.Shared.WaitAsync(descriptor, events, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw LinkErrors.Closed(name);
        }
        catch (OperationCanceledException)
        {
            throw new OperationCanceledException(cancellationToken);
        }
        catch (ObjectDisposedException)
        {
            throw LinkErrors.Closed(name);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _closed.CancelAsync().ConfigureAwait(false); // wakes the reader
        await DescriptorPoller.Shared.LetGoAsync().ConfigureAwait(false);
        descriptor.Dispose();
    }

    private (int Count, int Error) TryRead(Span<byte> buffer)
    {
        try
        {
            var count = (int)Read(descriptor, buffer, (nuint)buffer.Length);
            return (count, count < 0 ? Marshal.GetLastPInvokeError() : 0);
        }
        catch (ObjectDisposedException)
        {
            throw LinkErrors.Closed(name);
        }
    }

    private LinkException HungUp() => new($"{name}: the port is gone (unplugged, or its other end was closed). Plug the adapter in again; it is then opened anew.");

    private LinkException Failed(string what, int error) => new($"{name}: {what} failed: {Marshal.GetPInvokeErrorMessage(error)} (errno {error}).");
}
