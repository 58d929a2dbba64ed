using System.Buffers;

namespace Gridtally.Cosem.LocalPort;

/// <summary>Takes in the data readout that follows an opening.</summary>
/// <remarks>
/// IEC 62056-21, mode A, B and C: one message of lines, <c>!</c> at its end. A wrong check character is answered with NAK, upon which the device
/// sends all of it again (mode C).
/// </remarks>
public sealed class ReadoutClient
{
    /// <summary>Longest readout taken, in characters. A full one has a few thousand; with load profiles, some ten thousand.</summary>
    public const int MaxLength = 1024 * 1024;

    private readonly TextBuffer _text = new(MaxLength);
    private readonly TimeSpan _timeout;
    private readonly int _retries;
    private int _attempts;
    private int _searched;
    private bool _started;
    private bool _heard;

    /// <summary>Waits for a readout.</summary>
    /// <param name="now">The time now.</param>
    /// <param name="timeout">Longest silence before and within it; IEC 62056-21 says 1,500 ms.</param>
    /// <param name="retries">How often a damaged one is asked for again.</param>
    public ReadoutClient(TimeSpan now, TimeSpan timeout, int retries = 2)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(timeout.Ticks, nameof(timeout));
        ArgumentOutOfRangeException.ThrowIfNegative(retries);
        (_timeout, _retries, NextDeadline) = (timeout, retries, now + timeout);
    }

    /// <summary>True once it is over, well or not.</summary>
    public bool IsOver => NextDeadline is null;

    /// <summary>Why it failed; none while it is under way and where it is complete.</summary>
    public LocalFault Fault { get; private set; }

    /// <summary>The values, once it is over.</summary>
    public IReadOnlyList<DataSet> Values { get; private set; } = [];

    /// <summary>Where the data block can't be read; then <see cref="Values"/> holds what stands before.</summary>
    public DecodeError? Error { get; private set; }

    /// <summary>Octets to send (NAK); the driver clears them.</summary>
    public ArrayBufferWriter<byte> Output { get; } = new();

    /// <summary>When <see cref="Tick"/> wants to be called next; null once it is over.</summary>
    public TimeSpan? NextDeadline { get; private set; }

    /// <summary>Takes in octets from the line, in any pieces.</summary>
    public void Receive(ReadOnlySpan<byte> octets, TimeSpan now)
    {
        if (IsOver || octets.IsEmpty) return;
        NextDeadline = now + _timeout;
        _text.Add(octets);
        while (!IsOver && (_started || TryStart()))
        {
            // What was looked at without finding the end is not looked at again.
            var end = _text.Text[_searched..].IndexOf(BlockMessage.Etx);
            _searched = end < 0 ? _text.Text.Length : _searched + end;
            if (end < 0 || _text.Text.Length < _searched + 2)
            {
                if (_text.IsFull) End(LocalFault.TooLong);
                return;
            }

            if (BlockMessage.TryRead(_text.Text, out var message, out _) == OperationStatus.Done)
            {
                Take(message);
                return;
            }

            _text.Drop(_searched + 2);
            Again(LocalFault.BadCheck, now);
        }
    }

    /// <summary>Lets time pass.</summary>
    public void Tick(TimeSpan now)
    {
        if (NextDeadline is not { } deadline || now < deadline) return;
        if (!_heard)
        {
            End(LocalFault.NoAnswer);
            return;
        }

        _text.Clear();
        Again(_started ? LocalFault.BadCheck : LocalFault.Garbage, now);
    }

    private bool TryStart()
    {
        _heard = true;
        var start = _text.Text.IndexOf(BlockMessage.Stx);
        _text.Drop(start < 0 ? _text.Text.Length : start);
        return _started = start >= 0;
    }

    private void Take(in BlockMessage message)
    {
        if (!DataSet.TryReadBlock(message.Text, out var values, out var error)) Error = error;
        Values = values;
        End(Error is null ? LocalFault.None : LocalFault.Garbage);
    }

    private void Again(LocalFault fault, TimeSpan now)
    {
        if (_attempts++ == _retries)
        {
            End(fault);
            return;
        }

        (_started, _searched) = (false, 0);
        Output.Write([BlockMessage.Nak]);
        NextDeadline = now + _timeout;
    }

    private void End(LocalFault fault) => (Fault, NextDeadline) = (fault, null);
}
