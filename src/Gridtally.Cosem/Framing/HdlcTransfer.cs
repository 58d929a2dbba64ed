using System.Buffers;

namespace Gridtally.Cosem.Framing;

/// <summary>What became of a received I frame.</summary>
internal enum HdlcReceived : byte
{
    /// <summary>Not the frame expected: seen before, or one before it was lost. Dropped.</summary>
    OutOfSequence,
    /// <summary>A segment; more follow.</summary>
    Segment,
    /// <summary>The last segment: <see cref="HdlcTransfer.Received"/> is whole.</summary>
    Whole,
    /// <summary>The APDU has become longer than allowed; dropped.</summary>
    TooLong,
}

/// <summary>One end's share of a link that is up: numbers, window, segments out, segments in. The same for both ends.</summary>
/// <remarks>
/// Segments wait in one buffer until the peer has acknowledged all of them, so going back is a matter of an index. N(S) of
/// segment i is (number of the first one + i) modulo 8.
/// </remarks>
internal sealed class HdlcTransfer(int maxReceived)
{
    private readonly ArrayBufferWriter<byte> _outgoing = new();
    private readonly List<(int Start, int Length, bool More)> _segments = [];
    private readonly ArrayBufferWriter<byte> _incoming = new();
    private HdlcParameters _agreed = HdlcParameters.Default;
    private int _firstNumber;
    private int _acknowledged;
    private int _sent;
    private bool _discarding;

    /// <summary>V(R): the number of the frame expected next.</summary>
    public int ReceiveNumber { get; private set; }

    /// <summary>V(S): the number of the frame sent next.</summary>
    public int SendNumber => (_firstNumber + _sent) & 7;

    /// <summary>True where segments wait for being sent or acknowledged.</summary>
    public bool HasOutgoing => _segments.Count > 0;

    /// <summary>True where segments were sent that are not acknowledged.</summary>
    public bool HasUnacknowledged => _sent > _acknowledged;

    /// <summary>True where the window lets another segment out.</summary>
    public bool CanSend => _sent < _segments.Count && _sent - _acknowledged < _agreed.WindowTransmit;

    /// <summary>True between the first and the last segment of an APDU.</summary>
    public bool InApdu => _incoming.WrittenCount > 0 || _discarding;

    /// <summary>The APDU received last, LLC header included; valid until the next call of <see cref="Receive"/>.</summary>
    public ReadOnlyMemory<byte> Received { get; private set; }

    /// <summary>Octets that wait to be acknowledged.</summary>
    public int OutgoingOctets => _outgoing.WrittenCount;

    /// <summary>Begins anew with what SNRM and UA agreed on.</summary>
    public void Reset(in HdlcParameters agreed)
    {
        _agreed = agreed;
        (_firstNumber, ReceiveNumber) = (0, 0);
        Received = default;
        _discarding = false;
        _incoming.ResetWrittenCount();
        DropOutgoing();
    }

    /// <summary>Cuts an APDU into segments behind those that wait already.</summary>
    public void Enqueue(ReadOnlySpan<byte> llc, ReadOnlySpan<byte> apdu)
    {
        var start = _outgoing.WrittenCount;
        _outgoing.Write(llc);
        _outgoing.Write(apdu);
        var end = _outgoing.WrittenCount;
        for (; start < end; start += _agreed.MaxInfoTransmit)
        {
            var length = Math.Min(_agreed.MaxInfoTransmit, end - start);
            _segments.Add((start, length, start + length < end));
        }
    }

    /// <summary>Takes in N(R).</summary>
    /// <param name="receiveNumber">N(R) of the peer's frame.</param>
    /// <param name="progress">True where it acknowledges something new.</param>
    /// <returns>False where it acknowledges what was never sent.</returns>
    public bool TryAcknowledge(int receiveNumber, out bool progress)
    {
        var count = (receiveNumber - (_firstNumber + _acknowledged)) & 7;
        progress = count > 0;
        if (count > _sent - _acknowledged) return progress = false;
        _acknowledged += count;
        if (_acknowledged == _segments.Count)
        {
            _firstNumber = (_firstNumber + _segments.Count) & 7;
            DropOutgoing();
        }

        return true;
    }

    /// <summary>Goes back to the first segment that is not acknowledged.</summary>
    /// <returns>How many frames will be sent again.</returns>
    public int GoBack()
    {
        var again = _sent - _acknowledged;
        _sent = _acknowledged;
        return again;
    }

    /// <summary>The next segment to be sent; only while <see cref="CanSend"/>.</summary>
    /// <param name="number">N(S).</param>
    /// <param name="more">The segmentation bit.</param>
    public ReadOnlySpan<byte> Next(out int number, out bool more)
    {
        (var start, var length, more) = _segments[_sent];
        number = (_firstNumber + _sent) & 7;
        _sent++;
        return _outgoing.WrittenSpan.Slice(start, length);
    }

    /// <summary>Takes in an I frame.</summary>
    public HdlcReceived Receive(int sendNumber, bool segmented, ReadOnlySpan<byte> information)
    {
        if (sendNumber != ReceiveNumber) return HdlcReceived.OutOfSequence;
        ReceiveNumber = (ReceiveNumber + 1) & 7;
        if (_discarding || _incoming.WrittenCount + information.Length > maxReceived)
        {
            _discarding = segmented;
            _incoming.ResetWrittenCount();
            return HdlcReceived.TooLong;
        }

        _incoming.Write(information);
        if (segmented) return HdlcReceived.Segment;
        Received = _incoming.WrittenMemory;
        _incoming.ResetWrittenCount();
        return HdlcReceived.Whole;
    }

    private void DropOutgoing()
    {
        _outgoing.ResetWrittenCount();
        _segments.Clear();
        (_acknowledged, _sent) = (0, 0);
    }
}
