namespace Gridtally.Cosem.Framing;

/// <summary>The framings in which devices push.</summary>
public enum PushFraming : byte
{
    /// <summary>Not known yet: find it out.</summary>
    Auto,
    /// <summary>HDLC frames, I or UI, with or without a link (IEC 62056-46).</summary>
    Hdlc,
    /// <summary>M-Bus long frames (EN 13757-2) with segments of APDUs.</summary>
    MBus,
    /// <summary>The TCP/UDP wrapper (IEC 62056-47).</summary>
    Wrapper,
    /// <summary>Bare APDUs, one after the other.</summary>
    Raw,
}

/// <summary>One APDU that a device has pushed.</summary>
public readonly ref struct PushedApdu
{
    /// <summary>How it came.</summary>
    public PushFraming Framing { get; init; }

    /// <summary>From whom to whom, as far as the framing says so; zeros where it does not.</summary>
    public PeerAddress Peer { get; init; }

    /// <summary>The APDU, put together; valid until the next call, and as long as the octets that were received.</summary>
    public ReadOnlySpan<byte> Apdu { get; init; }
}

/// <summary>Finds pushed APDUs in what a port, a connection or a capture brings, in whatever framing, and puts segments and blocks together.</summary>
/// <remarks>
/// With <see cref="PushFraming.Auto"/> all framings read along until one of them has found an APDU; that one is kept until it finds
/// nothing in <see cref="MaxFruitless"/> octets. Those with a checksum win over those without; the wrapper is believed only at the
/// start of a connection or after silence, bare APDUs only where silence (or the end of a capture) follows as well. After damage each looks for the next good start: a sender is never answered, so what is
/// lost is lost. Memory is bounded by the longest APDU taken, a few times over.
/// </remarks>
public sealed class PushDeframer
{
    /// <summary>Longest APDU taken, in octets, where nothing else is asked for: that of a wrapper.</summary>
    public const int DefaultMaxApdu = 65_535;

    /// <summary>Octets without an APDU after which the framing is looked for anew. Sixteen of the longest HDLC frames.</summary>
    public const int MaxFruitless = 32 * 1024;

    private readonly PushFraming _asked;
    private readonly PushReader[] _readers;
    private readonly BlockReassembly _blocks;
    private PushReader? _found;
    private long _fruitless;

    /// <summary>Nothing received yet.</summary>
    /// <param name="framing">The framing where it is known.</param>
    /// <param name="maxApdu">Longest APDU taken, 64 octets to <see cref="Limits.MaxReassembly"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxApdu"/> is out of its range.</exception>
    public PushDeframer(PushFraming framing = PushFraming.Auto, int maxApdu = DefaultMaxApdu)
    {
        const int smallest = 64;
        ArgumentOutOfRangeException.ThrowIfLessThan(maxApdu, smallest);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(maxApdu, Limits.MaxReassembly);
        _asked = framing;
        _blocks = new(maxApdu);
        _readers = framing switch
        {
            // In the order of belief.
            PushFraming.Auto => [new PushHdlcReader(maxApdu), new PushMBusReader(maxApdu), new PushWrapperReader(maxApdu), new PushRawReader(maxApdu)],
            PushFraming.Hdlc => [new PushHdlcReader(maxApdu)],
            PushFraming.MBus => [new PushMBusReader(maxApdu)],
            PushFraming.Wrapper => [new PushWrapperReader(maxApdu)],
            PushFraming.Raw => [new PushRawReader(maxApdu)],
            _ => throw new ArgumentOutOfRangeException(nameof(framing), framing, "expected one of the framings"),
        };
        KeepWhatWasAsked();
    }

    /// <summary>The framing in use; <see cref="PushFraming.Auto"/> while it is not known.</summary>
    public PushFraming Framing => _found?.Framing ?? PushFraming.Auto;

    /// <summary>Frames whose checks failed; 0 while the framing is not known.</summary>
    public long BadFrames => _found?.BadFrames ?? 0;

    /// <summary>Octets outside of any frame; 0 while the framing is not known.</summary>
    public long GarbageOctets => _found?.GarbageOctets ?? 0;

    /// <summary>APDUs given up because a segment or a block of theirs was missing, or because they became too long.</summary>
    public long Incomplete => (_found?.Incomplete ?? 0) + _blocks.Incomplete;

    /// <summary>True where octets are held back that may become a frame: <see cref="TryReadAfterSilence"/> is to be called when the line falls silent.</summary>
    public bool HasPending
    {
        get
        {
            if (_found is not null) return _found.HasPending;
            foreach (var reader in _readers)
            {
                if (reader.HasPending) return true;
            }

            return false;
        }
    }

    /// <summary>Takes octets from the front of <paramref name="source"/> until they make a whole APDU.</summary>
    /// <param name="source">What is left of the received octets; moved on.</param>
    /// <param name="pushed">The APDU.</param>
    /// <returns>False once <paramref name="source"/> is used up without another APDU.</returns>
    public bool TryRead(scoped ref ReadOnlySpan<byte> source, out PushedApdu pushed)
    {
        while (true)
        {
            var before = source.Length;
            var any = _found is null ? TryFind(ref source, out var peer, out var payload) : _found.TryRead(ref source, out peer, out payload);
            _fruitless = any ? 0 : _fruitless + before - source.Length;
            if (!any)
            {
                pushed = default;
                if (_asked == PushFraming.Auto && _found is not null && _fruitless > MaxFruitless) LookAnew();
                return false;
            }

            if (Take(peer, payload, out pushed)) return true;
        }
    }

    /// <summary>To be called when the line has been silent for longer than a sender may pause, or at the end of a capture: a frame that has begun will not end.</summary>
    /// <param name="pushed">An APDU that silence has ended, or that lay behind a false start.</param>
    /// <returns>False once nothing is held back any more. Call again after true.</returns>
    public bool TryReadAfterSilence(out PushedApdu pushed)
    {
        while (true)
        {
            var any = _found is null ? TryFindAfterSilence(out var peer, out var payload) : _found.TryReadAfterSilence(out peer, out payload);
            pushed = default;
            if (!any) return false;
            if (Take(peer, payload, out pushed)) return true;
        }
    }

    /// <summary>Forgets what is held back, and the framing where it was found out.</summary>
    public void Reset()
    {
        LookAnew();
        _blocks.Clear();
        KeepWhatWasAsked();
    }

    private void LookAnew()
    {
        (_found, _fruitless) = (null, 0);
        foreach (var reader in _readers) reader.Clear();
    }

    private bool TryFind(scoped ref ReadOnlySpan<byte> source, out PeerAddress peer, out ReadOnlySpan<byte> payload)
    {
        foreach (var reader in _readers)
        {
            var rest = source;
            if (!reader.TryRead(ref rest, out peer, out payload)) continue;
            source = rest;
            Keep(reader);
            return true;
        }

        source = default;
        peer = default;
        payload = default;
        return false;
    }

    private bool TryFindAfterSilence(out PeerAddress peer, out ReadOnlySpan<byte> payload)
    {
        foreach (var reader in _readers)
        {
            if (!reader.TryReadAfterSilence(out peer, out payload)) continue;
            Keep(reader);
            return true;
        }

        peer = default;
        payload = default;
        return false;
    }

    private void KeepWhatWasAsked()
    {
        if (_asked != PushFraming.Auto) Keep(_readers[0]);
    }

    private void Keep(PushReader found)
    {
        _found = found;
        found.Believe();
        foreach (var reader in _readers)
        {
            if (reader != found) reader.Clear();
        }
    }

    private bool Take(scoped in PeerAddress peer, ReadOnlySpan<byte> payload, out PushedApdu pushed)
    {
        var whole = _blocks.TryTake(payload, out var apdu);
        pushed = whole ? new() { Framing = Framing, Peer = peer, Apdu = apdu } : default;
        return whole;
    }
}
