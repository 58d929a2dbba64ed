using System.Net.Sockets;

namespace Gridtally.Links;

/// <summary>Turns what the operating system says into which link, why, and what to do.</summary>
internal static class LinkErrors
{
    public static LinkException Connecting(string name, SocketException error) => new($"{name}: {WhyNotConnected(error)}", error);

    public static LinkException Lost(string name, SocketException error) => new($"{name}: {WhyLost(error)}", error);

    public static LinkException Closed(string name) => new($"{name}: the channel was closed on this side.");

    public static LinkException Listening(string name, int port, SocketException error) => new($"{name}: {WhyNotListening(port, error)}", error);

    private static string WhyNotConnected(SocketException error) => error.SocketErrorCode switch
    {
        SocketError.ConnectionRefused => "connection refused: nothing listens there. Check that the device is on, and the port number.",
        SocketError.HostNotFound or SocketError.NoData => "the host name is not known. Check its spelling, or use the IP address.",
        SocketError.TryAgain => "the host name could not be looked up now. Check the name server, or use the IP address.",
        SocketError.TimedOut => "the host does not answer. Check the address, the route and firewalls between.",
        SocketError.HostUnreachable or SocketError.NetworkUnreachable or SocketError.NetworkDown or SocketError.HostDown
            => "there is no route to the host. Check the address and this machine's network.",
        SocketError.AccessDenied => "this machine's firewall or permissions forbid the connection.",
        SocketError.TooManyOpenSockets => "this program has too many connections open. Raise the limit (ulimit -n), or connect to fewer devices at once.",
        _ => $"could not connect: {error.Message}.",
    };

    private static string WhyLost(SocketException error) => error.SocketErrorCode switch
    {
        SocketError.ConnectionReset => "the other side broke the connection off.",
        SocketError.ConnectionRefused => "nothing listens there (the host answered port unreachable). Check that the device is on, and the port number.",
        SocketError.TimedOut => "the other side is not reachable any more (no answer to keep-alive).",
        SocketError.HostUnreachable or SocketError.NetworkUnreachable or SocketError.NetworkDown => "the route to the host is gone.",
        SocketError.Shutdown => "the connection is closed for sending.",
        SocketError.MessageSize => "the datagram is too long to be sent.",
        _ => $"the connection was lost: {error.Message}.",
    };

    private static string WhyNotListening(int port, SocketException error) => error.SocketErrorCode switch
    {
        SocketError.AddressAlreadyInUse => $"port {port} is in use by another program; stop it or choose another with --port.",
        SocketError.AccessDenied => $"port {port} needs more rights than this user has; choose one above 1023 with --port.",
        SocketError.AddressNotAvailable => "this machine does not have that address; use one of its own, or 0.0.0.0 for all.",
        _ => $"can't listen: {error.Message}.",
    };
}
