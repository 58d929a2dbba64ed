using System.Buffers;
using Gridtally.Cosem.Security;

namespace Gridtally.Fuzz;

internal sealed class CipheredTarget : Target
{
    private readonly ArrayBufferWriter<byte> _protected = new(), _plain = new();

    public override string Name => "ciphered";

    public override string What => "ciphered and signed APDUs, every envelope of suite 0: nothing forged is accepted, nothing twice; what is protected comes back";

    // Two ciphers with their counters.
    public override Bound Allocation => new(16 * 1024, 32);

    public override string[] VectorKinds => ["gcm", "gmac", "general-glo", "general-ciphering", "apdu"];

    public override bool Try(ReadOnlySpan<byte> input)
    {
        if (input.IsEmpty) return false;
        var reads = CipheredApdu.TryRead(input, out _, out _) | SignedApdu.TryRead(input, out _, out _);
        using var receiver = Cipher(Peers.Server, Peers.Client);
        receiver.TakesBroadcastKey = true;
        receiver.TakesAnyTransaction = true;
        _plain.ResetWrittenCount();
        if (receiver.Unprotect(input, _plain, out _) is not null) Require(_plain.WrittenCount == 0, "what is refused leaves nothing behind");

        using var sender = Cipher(Peers.Client, Peers.Server);
        _protected.ResetWrittenCount();
        if (sender.Protect(input, WrappingOf(input), _protected) is not null) return reads;
        _plain.ResetWrittenCount();

        // What is no APDU at all is refused, but never changed.
        if (receiver.Unprotect(_protected.WrittenSpan, _plain, out _) is null)
        {
            Require(_plain.WrittenSpan.SequenceEqual(input), "what was protected comes back");
            _plain.ResetWrittenCount();
            Require(receiver.Unprotect(_protected.WrittenSpan, _plain, out _) == SecurityFault.Replayed, "the same APDU is refused the second time");
        }

        Require(Damaged(receiver, input), "one changed bit is noticed");
        return reads;
    }

    private static ApduCipher Cipher(SystemTitle own, SystemTitle peer) => new(Peers.Keys, own, new InMemoryInvocationCounters()) { Peer = peer };

    private static Wrapping WrappingOf(ReadOnlySpan<byte> input) => new(
        (input[^1] & 3) switch { 0 => Protection.Authenticated, 1 => Protection.Encrypted, _ => Protection.AuthenticatedEncrypted },
        KeyChoice.GlobalUnicast, (input[^1] & 4) == 0 ? Envelope.Service : Envelope.General);

    private bool Damaged(ApduCipher receiver, ReadOnlySpan<byte> input)
    {
        using var sender = Cipher(Peers.Client, Peers.Server);
        _protected.ResetWrittenCount();
        if (sender.Protect(input, new(Protection.AuthenticatedEncrypted), _protected) is not null) return true;
        var octets = _protected.WrittenSpan.ToArray();
        octets[^(1 + input[0] % CipheredApdu.TagSize)] ^= 1;
        _plain.ResetWrittenCount();
        return receiver.Unprotect(octets, _plain, out _) is not null && _plain.WrittenCount == 0;
    }
}
