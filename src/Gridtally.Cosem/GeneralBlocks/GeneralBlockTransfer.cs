using System.Buffers;
using Gridtally.Cosem.Apdus;

namespace Gridtally.Cosem.GeneralBlocks;

/// <summary>One APDU each way in general blocks: a sending half and a receiving half. No I/O, no clock; allocates nothing once its buffers have grown.</summary>
/// <remarks>
/// IEC 62056-5-3, general block transfer. Blocks of each direction are numbered from 1, acknowledgements included. A stream of at most the
/// receiver's window ends in a block without the streaming bit; then it is the receiver's turn: it acknowledges the last block that came
/// in order, on its own next block or on one without data, and the sender goes on, or back, to the block after that one. Until the other
/// side has stated its window, it is taken to be 1. The last block of an answer is not acknowledged.
/// </remarks>
public sealed class GeneralBlockTransfer
{
    /// <summary>Turns in a row that may bring nothing new. A line that loses more than this loses everything.</summary>
    public const int MaxRepeats = 8;

    private readonly GeneralBlockRole _role;
    private readonly ApduBuffer _outgoing = ApduBuffer.Pooled();
    private readonly ApduBuffer _incoming = ApduBuffer.Pooled();
    private readonly int _maxReceived;
    private readonly byte _window;

    // Sending half. Blocks _first.._last carry the outgoing APDU; numbers outside of these are acknowledgements.
    private int _slice;
    private int _first;
    private int _last;
    private int _sent;
    private int _acknowledged;
    private int _next;
    private int _turnEnd;
    private int _peerWindow;

    // Receiving half.
    private int _received;
    private int _barren;
    private bool _peerDone;
    private bool _progress;
    private bool _gap;
    private int _granted;
    private int _repeats;

    /// <summary>A transfer that has not begun.</summary>
    /// <param name="role">Client or server.</param>
    /// <param name="window">Blocks that this side takes in one stream, 1..63.</param>
    /// <param name="maxReceived">Octets of the other side's APDU at most.</param>
    /// <exception cref="ArgumentOutOfRangeException">A window of 0 or above 63.</exception>
    public GeneralBlockTransfer(GeneralBlockRole role, byte window, int maxReceived)
    {
        ArgumentOutOfRangeException.ThrowIfZero(window);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(window, GeneralBlock.MaxWindow);
        (_role, _window, _maxReceived) = (role, window, maxReceived);
        Reset();
    }

    /// <summary>True from the first block until the transfer is over for this side.</summary>
    public bool IsActive { get; private set; }

    /// <summary>Why the transfer has failed.</summary>
    public GeneralBlockFault Fault { get; private set; }

    /// <summary>The other side's APDU, as far as it has come; valid until the next call of any other member.</summary>
    public ReadOnlySpan<byte> Received => _incoming.Span;

    /// <summary>Takes the APDU to be sent, whole and already protected; <see cref="TryBegin"/> cuts it.</summary>
    public IBufferWriter<byte> Outgoing => _outgoing;

    /// <summary>What is in <see cref="Outgoing"/>; valid until the next call of any other member.</summary>
    public ReadOnlySpan<byte> OutgoingOctets => _outgoing.Span;

    /// <summary>Octets in <see cref="Outgoing"/>.</summary>
    public int OutgoingLength => _outgoing.Length;

    /// <summary>True while <see cref="TryNext"/> has a block to send before the other side must be heard.</summary>
    public bool HasNext => _next <= _turnEnd;

    private bool HasData => _last >= _first;

    /// <summary>True where an APDU of that many octets can be sent in blocks: they are numbered with 16 bits.</summary>
    public static bool CanCarry(int octets, int maxPdu) => octets <= Limits.MaxReassembly && octets <= (long)GeneralBlock.DataRoom(maxPdu) * ushort.MaxValue;

    /// <summary>Forgets everything: a new exchange begins, or the link is gone.</summary>
    public void Reset()
    {
        (_slice, _first, _last, _sent, _acknowledged, _next, _turnEnd, _peerWindow) = (0, 1, 0, 0, 0, 1, 0, 1);
        (_received, _barren, _peerDone, _progress, _gap, _granted, _repeats) = (0, 0, false, false, false, 0, 0);
        IsActive = false;
        Fault = GeneralBlockFault.None;
        _outgoing.Recycle();
        _incoming.Recycle();
    }

    /// <summary>Begins to send what is in <see cref="Outgoing"/>: the request, or the answer to what was received.</summary>
    /// <param name="maxPdu">Octets of the largest APDU that the other side takes.</param>
    /// <param name="unconfirmed">True to send all in one stream that nobody acknowledges: for notifications.</param>
    /// <returns>False where it is empty or too long for blocks of that size.</returns>
    public bool TryBegin(int maxPdu, bool unconfirmed = false)
    {
        if (_outgoing.Length == 0 || GeneralBlock.DataRoom(maxPdu) < 1 || !CanCarry(_outgoing.Length, maxPdu)) return false;
        _slice = GeneralBlock.DataRoom(maxPdu);
        var last = _sent + (_outgoing.Length + _slice - 1) / _slice;
        if (last > ushort.MaxValue) return false;
        (_first, _last) = (_sent + 1, last);
        IsActive = true;
        _peerDone |= _role == GeneralBlockRole.Responder; // what is answered has come whole, in blocks or not
        if (unconfirmed) _peerWindow = _last;
        StartTurn(_first);
        return true;
    }

    /// <summary>Writes the next block of this turn; false where it is the other side's turn.</summary>
    public bool TryNext(IBufferWriter<byte> output)
    {
        if (!HasNext) return false;
        var number = _next++;
        _sent = Math.Max(_sent, number);
        var isData = number >= _first && number <= _last;
        var start = (number - _first) * _slice;
        _granted = _received + _window;
        new GeneralBlock
        {
            Last = isData ? number == _last : _role == GeneralBlockRole.Initiator, // who asks in blocks has nothing more to say once it only acknowledges
            Streaming = HasNext,
            Window = _window,
            Number = (ushort)number,
            Acknowledged = (ushort)_received,
            Data = isData ? _outgoing.Span.Slice(start, Math.Min(_slice, _outgoing.Length - start)) : default,
        }.WriteTo(output);
        return true;
    }

    /// <summary>Takes in one block.</summary>
    public GeneralBlockStep Take(in GeneralBlock block)
    {
        if (_role == GeneralBlockRole.Responder && block is { Number: 1, Acknowledged: 0 } && !IsRepetition(block)) Reset();
        if (!IsActive && (block.Number > 1 || _peerDone)) return GeneralBlockStep.Ignored;
        if (block.IsAbort) return IsActive ? Fail(GeneralBlockFault.Aborted) : GeneralBlockStep.Ignored;
        if (block.Acknowledged > _sent) return GeneralBlockStep.Ignored; // of an earlier transfer
        IsActive = true;
        _peerWindow = Math.Max(block.Window, (byte)1);
        TakeAcknowledgement(block);
        var (wasDone, before) = (_peerDone, _received);
        if (!TakeData(block)) return Fail(GeneralBlockFault.TooLong);
        if (_peerDone && !wasDone) return Complete();
        if (!block.Streaming || EndsWindow(block)) return TakeTurn();
        return _received > before || ++_barren <= GeneralBlock.MaxWindow ? GeneralBlockStep.Wait : GeneralBlockStep.Ignored;
    }

    /// <summary>Nothing has come in time: blocks are to be sent again with <see cref="TryNext"/>. For the side with the clock.</summary>
    /// <returns>False where no transfer is under way, or after <see cref="MaxRepeats"/>.</returns>
    public bool Repeat()
    {
        if (!IsActive || ++_repeats > MaxRepeats) return false;
        _barren = 0;
        if (HasData && _acknowledged < _last) StartTurn(_acknowledged + 1);
        else StartAcknowledging(_sent > _last ? _sent : _sent + 1);
        return true;
    }

    /// <summary>True for the last block that the own acknowledgement allowed: some servers (Gurux) set the streaming bit there too, and wait.</summary>
    private bool EndsWindow(in GeneralBlock block) => _granted > 0 && !block.Data.IsEmpty && block.Number == _granted;

    private void TakeAcknowledgement(in GeneralBlock block)
    {
        // The answer to a request acknowledges all of it, whatever its blocks say.
        var number = _role == GeneralBlockRole.Initiator && !block.Data.IsEmpty ? Math.Max(_last, block.Acknowledged) : block.Acknowledged;
        if (number <= _acknowledged) return;
        _acknowledged = number;
        _progress = true;
    }

    /// <summary>False where the APDU becomes too long.</summary>
    private bool TakeData(in GeneralBlock block)
    {
        if (block.Number <= _received) return true;
        if (_peerDone) (_received, _progress) = (block.Number, true); // only acknowledgements come after the last block
        else if (block.Number > _received + 1) _gap = true;
        else
        {
            if (_incoming.Length + block.Data.Length > _maxReceived) return false;
            _incoming.Append(block.Data);
            (_received, _progress) = (block.Number, true);
            _peerDone = block.Last && _incoming.Length > 0; // some servers set the bit in every acknowledgement, before they have said anything
        }

        return true;
    }

    private GeneralBlockStep Complete()
    {
        (_next, _turnEnd, _repeats) = (1, 0, 0);
        StopListening();
        if (_role == GeneralBlockRole.Initiator) IsActive = false;
        return GeneralBlockStep.Received;
    }

    /// <summary>The other side has ended its stream: go on, go back, or acknowledge.</summary>
    private GeneralBlockStep TakeTurn()
    {
        var (progress, heardNew) = (_progress, _progress || _gap);
        StopListening();
        var unacknowledged = HasData && _acknowledged < _last;

        // A client that acknowledges the last block of the answer wants no answer to that.
        if (HasData && !unacknowledged && _role == GeneralBlockRole.Responder) return GeneralBlockStep.Ignored;
        if (!heardNew && _role == GeneralBlockRole.Initiator) return GeneralBlockStep.Ignored;
        if (progress) _repeats = 0;
        else _repeats++;
        if (_repeats > MaxRepeats || _sent == ushort.MaxValue) return Fail(GeneralBlockFault.NoProgress);

        if (unacknowledged) StartTurn(_acknowledged + 1);
        else StartAcknowledging(heardNew ? _sent + 1 : Math.Min(_acknowledged + 1, Math.Max(_sent, 1)));
        return GeneralBlockStep.Send;
    }

    private void StopListening() => (_progress, _gap, _barren) = (false, false, 0);

    private void StartTurn(int number) => (_next, _turnEnd) = (number, Math.Min(number + _peerWindow - 1, _last));

    private void StartAcknowledging(int number) => (_next, _turnEnd) = (number, number);

    /// <summary>True for the first block of the request under way once more; any other first block begins a new request.</summary>
    private bool IsRepetition(in GeneralBlock block) => _received > 0 && !_peerDone && _incoming.Span.StartsWith(block.Data);

    private GeneralBlockStep Fail(GeneralBlockFault fault)
    {
        Reset();
        Fault = fault;
        return GeneralBlockStep.Failed;
    }
}
