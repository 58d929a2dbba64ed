using System.Net;
using System.Net.Sockets;

namespace Gridtally.HeadEnd.Tests;

/// <summary>Stands between concentrator and head end and cuts connections after so many octets, at places that a seed decides.</summary>
internal sealed class CuttingProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Random _random;
    private readonly Func<int> _target;
    private readonly int _cuts;
    private readonly int _maxOctets;
    private readonly Task _running;

    /// <summary>Cuts the first <paramref name="cuts"/> connections, each after up to <paramref name="maxOctets"/> octets; later ones stay.</summary>
    public CuttingProxy(Func<int> target, int cuts, int maxOctets, int seed)
    {
        (_target, _cuts, _maxOctets, _random) = (target, cuts, maxOctets, new(seed));
        _listener.Start();
        _running = RunAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Connections cut so far.</summary>
    public int Cut { get; private set; }

    public async ValueTask DisposeAsync()
    {
        // In this order: a loop that comes back to accept on a stopped listener would take it for misuse, not for the end.
        await _stop.CancelAsync();
        await _running;
        _listener.Stop();
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            while (true)
            {
                using var near = await _listener.AcceptSocketAsync(_stop.Token);
                using var far = new Socket(SocketType.Stream, ProtocolType.Tcp);
                var budget = Cut < _cuts ? _random.Next(1, _maxOctets) : int.MaxValue;
                try
                {
                    await far.ConnectAsync(IPAddress.Loopback, _target(), _stop.Token);
                    var shared = new Budget { Octets = budget };
                    await Task.WhenAny(PumpAsync(near, far, shared), PumpAsync(far, near, shared));
                    if (shared.Octets <= 0) Cut++;
                }
                catch (SocketException)
                {
                    // The head end is not there just now.
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Stopped.
        }
    }

    private async Task PumpAsync(Socket from, Socket to, Budget budget)
    {
        var buffer = new byte[4096];
        try
        {
            while (await from.ReceiveAsync(buffer, _stop.Token) is > 0 and var count)
            {
                var let = (int)Math.Min(count, budget.Octets);
                if (let > 0) await to.SendAsync(buffer.AsMemory(0, let), _stop.Token);
                if ((budget.Octets -= count) <= 0) return;
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // The other side has gone.
        }
    }

    private sealed class Budget
    {
        public long Octets { get; set; }
    }
}
