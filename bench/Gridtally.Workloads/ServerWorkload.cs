using System.Buffers;

namespace Gridtally.Workloads;

/// <summary>The server's share of workload a: the request's octets in, the response's octets out. In the clear, so the request can be repeated.</summary>
internal sealed class ServerWorkload : IWorkload
{
    private readonly Conversation _talk = new(Link.Wrapper, Peers.Options(Cover.Plain), Peers.Spec(Cover.Plain), MeterModel.Create());
    private readonly byte[] _request = RegisterWorkload.PlainRequest;
    private readonly ArrayBufferWriter<byte> _response = new(Peers.MaxPdu);

    public ServerWorkload()
    {
        _talk.Open();
        Run();
        Golden.Same("response", "0001000100100009C401C1000600BC614E", _talk.ServerLink.Output.WrittenSpan);
    }

    public void Run()
    {
        var link = _talk.ServerLink;
        link.Output.ResetWrittenCount();
        link.Receive(_request, default);
        while (link.TryTakeEvent(out var happened))
        {
            _response.ResetWrittenCount();
            _talk.Server.Handle(happened.Apdu.Span, _response);
            link.Send(happened.Peer, _response.WrittenSpan, default);
        }
    }

    public void Dispose() => _talk.Dispose();
}
