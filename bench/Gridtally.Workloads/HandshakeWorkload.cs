using System.Security.Cryptography;

namespace Gridtally.Workloads;

/// <summary>Workloads e: association with mutual authentication (HLS-5, GMAC) under suite 0, over and over with fresh challenges.</summary>
internal sealed class HandshakeWorkload : IWorkload
{
    private const int ChallengeSize = 16;

    private readonly byte[] _challenge = new byte[ChallengeSize];
    private readonly Conversation _talk;
    private readonly bool _hdlc;

    public HandshakeWorkload(Link link)
    {
        _hdlc = link == Link.Hdlc;
        _talk = new(link, Peers.Hls(_challenge), Peers.Hls(() => RandomNumberGenerator.GetBytes(ChallengeSize)), MeterModel.Create());
        var sizes = new List<int>();
        _talk.Watch = (_, octets) => sizes.Add(octets.Length);
        Run();
        _talk.Watch = null;

        // The response to the initiate-request comes as glo-initiate-response, as the request did: nine octets less than in general-glo.
        if (!_hdlc) Golden.SameText("octets of AARQ, AARE, pass 3 and pass 4 in the wrapper", "103, 115, 59, 52", string.Join(", ", sizes));
    }

    public void Run()
    {
        _talk.Server.Reset();
        _talk.Client.Reset();
        if (_hdlc) _talk.Close();
        RandomNumberGenerator.Fill(_challenge);
        _talk.Open();
    }

    public void Dispose() => _talk.Dispose();
}
