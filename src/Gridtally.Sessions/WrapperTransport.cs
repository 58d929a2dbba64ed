using Gridtally.Cosem.Apdus;
using Gridtally.Links;

namespace Gridtally.Sessions;

/// <summary>APDUs of one client and one logical device over a <see cref="WrapperConnection"/>.</summary>
internal sealed class WrapperTransport(WrapperConnection connection, WrapperPeer peer, TimeSpan responseTimeout, int retries) : IApduTransport
{
    /// <summary>Answers that wait to be taken: a stream of general blocks. More are late answers or a device that floods, and the oldest go.</summary>
    private const int MaxWaiting = GeneralBlock.MaxWindow + 1;

    private const byte ExceptionResponse = 0xD8;

    private readonly Queue<ReadOnlyMemory<byte>> _answers = new();
    private TaskCompletionSource? _arrived;
    private SessionStatistics _statistics;
    private int _repeats;
    private int _stale;
    private DateTimeOffset _staleUntil;

    public string Name => $"{connection.Name}, {peer}";

    public SessionStatistics Statistics
    {
        get
        {
            lock (_answers) return _statistics;
        }
    }

    public bool IsUp { get; private set; }

    public ValueTask ConnectAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (connection.Lost is { } lost) throw new LinkException(lost.Message, lost);
        IsUp = true;
        return ValueTask.CompletedTask;
    }

    public async ValueTask<ReadOnlyMemory<byte>> ExchangeAsync(ReadOnlyMemory<byte> apdu, CancellationToken cancellationToken)
    {
        ForgetEarlierAnswers();
        for (var attempt = 0; ; attempt++)
        {
            await SendAsync(apdu, cancellationToken).ConfigureAwait(false);
            if (await TryReceiveAsync(cancellationToken).ConfigureAwait(false) is { } answer) return answer;
            if (attempt == retries) throw NoAnswer(attempt + 1);
            _repeats++;
            lock (_answers) _statistics = _statistics with { Retries = _statistics.Retries + 1 };
        }
    }

    public async ValueTask SendAsync(ReadOnlyMemory<byte> apdu, CancellationToken cancellationToken)
    {
        var sent = await connection.SendAsync(peer, apdu, cancellationToken).ConfigureAwait(false);
        lock (_answers) _statistics = _statistics with { BytesSent = _statistics.BytesSent + sent };
    }

    public async ValueTask<ReadOnlyMemory<byte>> ReceiveAsync(CancellationToken cancellationToken) =>
        await TryReceiveAsync(cancellationToken).ConfigureAwait(false) ?? throw NoAnswer(_repeats + 1);

    public bool TryTake(out ReadOnlyMemory<byte> apdu)
    {
        lock (_answers)
        {
            var taken = _answers.TryDequeue(out var octets);
            apdu = octets;
            return taken;
        }
    }

    public ValueTask SendUnconfirmedAsync(ReadOnlyMemory<byte> apdu, CancellationToken cancellationToken) => SendAsync(apdu, cancellationToken);

    public ValueTask CloseAsync(CancellationToken cancellationToken)
    {
        IsUp = false;
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        IsUp = false;
        connection.Remove(peer, this);
        return ValueTask.CompletedTask;
    }

    /// <summary>Takes an answer in, on the thread that reads the connection.</summary>
    public void Deliver(ReadOnlyMemory<byte> apdu, int octetsOnTheLine)
    {
        TaskCompletionSource? arrived;
        lock (_answers)
        {
            _statistics = _statistics with { BytesReceived = _statistics.BytesReceived + octetsOnTheLine };
            if (_answers.Count == MaxWaiting) _answers.Dequeue();
            _answers.Enqueue(apdu.ToArray());
            (arrived, _arrived) = (_arrived, null);
        }

        arrived?.TrySetResult();
    }

    public void LinkLost()
    {
        TaskCompletionSource? arrived;
        lock (_answers)
        {
            IsUp = false;
            (arrived, _arrived) = (_arrived, null);
        }

        arrived?.TrySetResult();
    }

    private async ValueTask<ReadOnlyMemory<byte>?> TryReceiveAsync(CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(responseTimeout, connection.LineTime);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        while (true)
        {
            Task wait;
            lock (_answers)
            {
                while (_answers.TryDequeue(out var answer))
                {
                    if (IsStale(answer.Span)) continue;
                    _statistics = _statistics with { RoundTrips = _statistics.RoundTrips + 1 };
                    return answer;
                }

                if (connection.Lost is { } lost) throw new LinkException(lost.Message, lost);
                wait = (_arrived ??= new()).Task;
            }

            try
            {
                await wait.WaitAsync(either.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                return null;
            }
        }
    }

    // What came after its request was given up belongs to nobody. A request that was sent more than once may be answered more than
    // once; the association knows late answers by their invoke id, but a device that takes the repetition for a replay answers
    // exception-response, which has none.
    private void ForgetEarlierAnswers()
    {
        lock (_answers)
        {
            _answers.Clear();
            var now = connection.LineTime.GetUtcNow();
            if (_repeats > 0) (_stale, _staleUntil) = (_repeats, now + responseTimeout);
            if (now > _staleUntil) _stale = 0;
            _repeats = 0;
        }
    }

    private bool IsStale(ReadOnlySpan<byte> answer)
    {
        if (_stale == 0 || answer.IsEmpty || answer[0] != ExceptionResponse || connection.LineTime.GetUtcNow() > _staleUntil) return false;
        _stale--;
        return true;
    }

    private AssociationException NoAnswer(int attempts) => new(
        AssociationReason.NoAnswer,
        $"{Name}: no answer within {responseTimeout.TotalSeconds:0.###} s{(attempts > 1 ? $", asked {attempts} times" : "")}. "
        + "Check that the device is on, and the client and logical device addresses; on a slow link, raise the response timeout.");
}
