using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Framing;

namespace Gridtally.Sessions;

/// <summary>Answers to requests that come twice because a datagram was lost or late: the same octets again, without carrying anything out again.</summary>
/// <remarks>
/// Of protected requests: their invocation counter makes each of them one of a kind, so the same octets are the same request (and taken for a
/// replay they would be refused, with the answer lost for good). Of AARQ and RLRQ: once more, they would lead to the same state, but with
/// another challenge. Other plain requests may well be meant twice.
/// </remarks>
internal sealed class RepeatedRequests
{
    /// <summary>Peers whose last answer is kept, and the octets kept of all: what is beyond is answered as a replay is.</summary>
    private const int MaxPeers = 64, MaxAnswer = 8 * 1024;

    private readonly Dictionary<PeerAddress, (byte[] Request, byte[] Answer)> _last = [];

    public bool TryFind(in PeerAddress peer, ReadOnlySpan<byte> request, out ReadOnlySpan<byte> answer)
    {
        var same = _last.TryGetValue(peer, out var last) && request.SequenceEqual(last.Request);
        answer = same ? last.Answer : default;
        return same;
    }

    public void Keep(in PeerAddress peer, ReadOnlySpan<byte> request, ReadOnlySpan<byte> answer)
    {
        _last.Remove(peer);
        if (IsOneOfAKind(request) && request.Length <= MaxAnswer && answer.Length <= MaxAnswer && _last.Count < MaxPeers) _last.Add(peer, (request.ToArray(), answer.ToArray()));
    }

    private static bool IsOneOfAKind(ReadOnlySpan<byte> request)
    {
        var tag = request.IsEmpty ? ApduTag.None : (ApduTag)request[0];
        return ApduTags.IsCiphered(tag) || tag is ApduTag.GeneralCiphering or ApduTag.GeneralSigning or ApduTag.Aarq or ApduTag.Rlrq;
    }

    public void Forget(in PeerAddress peer) => _last.Remove(peer);
}
