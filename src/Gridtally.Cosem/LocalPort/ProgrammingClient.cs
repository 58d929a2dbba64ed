using System.Buffers;
using System.Text;

namespace Gridtally.Cosem.LocalPort;

/// <summary>What a device has answered in programming mode.</summary>
public enum ProgrammingResult : byte
{
    /// <summary>Nothing yet.</summary>
    Pending,
    /// <summary>Done (ACK).</summary>
    Done,
    /// <summary>Data, in <see cref="ProgrammingClient.Text"/>.</summary>
    Data,
    /// <summary>The device refuses; its text, such as <c>(ER04)</c>, in <see cref="ProgrammingClient.Text"/>.</summary>
    Refused,
    /// <summary>The exchange has failed; see <see cref="ProgrammingClient.Fault"/>.</summary>
    Failed,
}

/// <summary>The reader's side of programming mode: password, registers read and written one by one, break.</summary>
/// <remarks>
/// IEC 62056-21, clause 6.4. The device begins with P0, whose text is the operand of a password computed from it. Then one command at a time: a
/// damaged answer is asked for again with NAK, an unanswered command sent again; parts that end with EOT are acknowledged and put together.
/// The text of commands may be a password: it is in no message and no <c>ToString</c>.
/// </remarks>
public sealed class ProgrammingClient
{
    /// <summary>Longest answer taken, parts together.</summary>
    public const int MaxLength = 64 * 1024;

    private readonly TextBuffer _received = new(MaxLength + 16);
    private readonly ArrayBufferWriter<byte> _command = new();
    private readonly ArrayBufferWriter<byte> _text = new();
    private readonly TimeSpan _timeout;
    private readonly int _retries;
    private int _attempts;
    private bool _awaitsOperand = true;

    /// <summary>Waits for the P0 of the device.</summary>
    /// <param name="now">The time now.</param>
    /// <param name="timeout">Longest silence before and within an answer; IEC 62056-21 says 1,500 ms.</param>
    /// <param name="retries">How often a command is sent again, or an answer asked for again.</param>
    public ProgrammingClient(TimeSpan now, TimeSpan timeout, int retries = 2)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(timeout.Ticks, nameof(timeout));
        ArgumentOutOfRangeException.ThrowIfNegative(retries);
        (_timeout, _retries, NextDeadline) = (timeout, retries, now + timeout);
    }

    /// <summary>What the last command (in the beginning: the wait for P0) came to.</summary>
    public ProgrammingResult Result { get; private set; }

    /// <summary>Why it failed.</summary>
    public LocalFault Fault { get; private set; }

    /// <summary>The operand of P0, data, or the device's reason; without STX and ETX.</summary>
    public string Text => Encoding.ASCII.GetString(_text.WrittenSpan);

    /// <summary>Octets to send; the driver clears them.</summary>
    public ArrayBufferWriter<byte> Output { get; } = new();

    /// <summary>When <see cref="Tick"/> wants to be called next; null for not at all.</summary>
    public TimeSpan? NextDeadline { get; private set; }

    /// <summary>The data of the last answer as data sets.</summary>
    /// <returns>False where they can't be read.</returns>
    public bool TryReadData(out IReadOnlyList<DataSet> values, out DecodeError error) => DataSet.TryReadBlock(_text.WrittenSpan, out values, out error);

    /// <summary>Sends a password: P1 as it is, P2 computed from the operand.</summary>
    public void Password(string password, TimeSpan now, bool computed = false) => Send(computed ? "P2" : "P1", $"({password})", now);

    /// <summary>Reads a register: <c>R1 address(data)</c>.</summary>
    /// <param name="address">Its address.</param>
    /// <param name="data">What stands in brackets; often nothing.</param>
    /// <param name="now">The time now.</param>
    /// <param name="command">R1 reads ASCII; R2 formatted, R3 and R4 in parts, others are the makers'.</param>
    public void Read(string address, string data, TimeSpan now, string command = "R1") => Send(command, $"{address}({data})", now);

    /// <summary>Writes a register: <c>W1 address(data)</c>.</summary>
    public void Write(string address, string data, TimeSpan now, string command = "W1") => Send(command, $"{address}({data})", now);

    /// <summary>Executes: <c>E2 address(data)</c>.</summary>
    public void Execute(string address, string data, TimeSpan now, string command = "E2") => Send(command, $"{address}({data})", now);

    /// <summary>Ends the exchange (B0); the device does not answer.</summary>
    public void Break()
    {
        BlockMessage.WriteCommand(Output, "B0", null);
        (NextDeadline, Result) = (null, ProgrammingResult.Done);
    }

    /// <summary>Takes in octets from the line, in any pieces.</summary>
    public void Receive(ReadOnlySpan<byte> octets, TimeSpan now)
    {
        if (NextDeadline is null || octets.IsEmpty) return;
        NextDeadline = now + _timeout;
        _received.Add(octets);
        while (NextDeadline is not null && TryTake(now))
        {
            // The next message.
        }

        if (_received.IsFull) Fail(LocalFault.TooLong);
    }

    /// <summary>Lets time pass.</summary>
    public void Tick(TimeSpan now)
    {
        if (NextDeadline is not { } deadline || now < deadline) return;
        var fault = _received.Text.IsEmpty ? LocalFault.NoAnswer : LocalFault.BadCheck;
        if (!CanRetry(fault)) return;
        _received.Clear();
        if (fault == LocalFault.BadCheck || _awaitsOperand) AskAgain(now);
        else SendCommand(now);
    }

    private void Send(string command, string text, TimeSpan now)
    {
        if (_awaitsOperand) throw new InvalidOperationException("The device has not sent P0 yet; wait for it.");
        if (NextDeadline is not null) throw new InvalidOperationException("The device still owes an answer; wait for it.");
        _command.ResetWrittenCount();
        BlockMessage.WriteCommand(_command, command, text);
        _text.ResetWrittenCount();
        _received.Clear();
        (_attempts, Result, Fault) = (0, ProgrammingResult.Pending, LocalFault.None);
        SendCommand(now);
    }

    private void SendCommand(TimeSpan now)
    {
        Output.Write(_command.WrittenSpan);
        NextDeadline = now + _timeout;
    }

    private bool TryTake(TimeSpan now)
    {
        // Anything before a control character is noise.
        var start = _received.Text.IndexOfAny([BlockMessage.Soh, BlockMessage.Stx, BlockMessage.Ack, BlockMessage.Nak]);
        _received.Drop(start < 0 ? _received.Text.Length : start);
        var status = BlockMessage.TryRead(_received.Text, out var message, out var length);
        if (status == OperationStatus.NeedMoreData) return false;
        if (status == OperationStatus.InvalidData)
        {
            _received.Drop(Math.Max(length, 1));
            if (CanRetry(LocalFault.BadCheck)) AskAgain(now);
            return true;
        }

        var echo = _received.Text[..length].SequenceEqual(_command.WrittenSpan);
        if (!echo) Take(message, now);
        _received.Drop(length);
        return true;
    }

    private void Take(in BlockMessage message, TimeSpan now)
    {
        switch (message.Kind)
        {
            case BlockKind.Command when message.Command[0] == 'B': Fail(LocalFault.Break); break;
            case BlockKind.Command when _awaitsOperand && message.Command.SequenceEqual("P0"u8):
                _awaitsOperand = false;
                Keep(message.Text);
                Finish(ProgrammingResult.Data);
                break;
            case BlockKind.Data or BlockKind.PartialData or BlockKind.Acknowledge when _awaitsOperand: Fail(LocalFault.Unexpected); break;
            case BlockKind.Acknowledge: Finish(ProgrammingResult.Done); break;
            case BlockKind.Repeat: if (CanRetry(LocalFault.Refused)) SendCommand(now); break;
            case BlockKind.Data:
                Keep(message.Text);
                Finish(IsReason(_text.WrittenSpan) ? ProgrammingResult.Refused : ProgrammingResult.Data);
                break;
            case BlockKind.PartialData:
                Keep(message.Text);
                _attempts = 0;
                Output.Write([BlockMessage.Ack]);
                break;
            default: Fail(LocalFault.Unexpected); break;
        }
    }

    /// <summary>The device's reasons have no address: <c>(ER04)</c>, <c>(ERROR)</c>.</summary>
    private static bool IsReason(ReadOnlySpan<byte> text) => text.StartsWith("(ER"u8);

    private void Keep(ReadOnlySpan<byte> text)
    {
        if (_text.WrittenCount + text.Length > MaxLength) Fail(LocalFault.TooLong);
        else _text.Write(text);
    }

    private bool CanRetry(LocalFault fault)
    {
        if (_attempts++ < _retries) return true;
        Fail(fault);
        return false;
    }

    private void AskAgain(TimeSpan now)
    {
        Output.Write([BlockMessage.Nak]);
        NextDeadline = now + _timeout;
    }

    private void Finish(ProgrammingResult result)
    {
        if (Result == ProgrammingResult.Failed) return;
        (Result, NextDeadline) = (result, null);
        _command.Clear();   // it may have held a password
    }

    private void Fail(LocalFault fault)
    {
        (Result, Fault, NextDeadline) = (ProgrammingResult.Failed, fault, null);
        _command.Clear();
    }
}
