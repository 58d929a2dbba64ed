using System.Buffers;

namespace Gridtally.Cosem.LocalPort;

/// <summary>What a message of mode C is.</summary>
public enum BlockKind : byte
{
    /// <summary>Data: STX block ETX check.</summary>
    Data,
    /// <summary>Data of which more follow: STX block EOT check.</summary>
    PartialData,
    /// <summary>A command: SOH letter digit [STX block] ETX check.</summary>
    Command,
    /// <summary>ACK.</summary>
    Acknowledge,
    /// <summary>NAK: send again.</summary>
    Repeat,
}

/// <summary>One message of a data readout or of programming mode, as a view of the received octets.</summary>
/// <remarks>
/// IEC 62056-21, clauses 6.3.4 to 6.3.11. The check character is the sum modulo 2 of all after the first SOH or STX, up to and with ETX or
/// EOT (ISO 1155).
/// </remarks>
public readonly ref struct BlockMessage
{
    /// <summary>Starts a command.</summary>
    public const byte Soh = 0x01;

    /// <summary>Starts text.</summary>
    public const byte Stx = 0x02;

    /// <summary>Ends text.</summary>
    public const byte Etx = 0x03;

    /// <summary>Ends text of which more follows.</summary>
    public const byte Eot = 0x04;

    /// <summary>Acknowledges.</summary>
    public const byte Ack = 0x06;

    /// <summary>Asks for a repetition.</summary>
    public const byte Nak = 0x15;

    /// <summary>What it is.</summary>
    public BlockKind Kind { get; init; }

    /// <summary>Letter and digit of a command: P0, R1, B0.</summary>
    public ReadOnlySpan<byte> Command { get; init; }

    /// <summary>The text between STX and ETX; empty where there is none.</summary>
    public ReadOnlySpan<byte> Text { get; init; }

    /// <summary>Reads a message from the start of <paramref name="source"/>.</summary>
    /// <param name="source">Characters without their parity bit.</param>
    /// <param name="message">The message; its parts are views of <paramref name="source"/>.</param>
    /// <param name="length">Its length, also where the check character is wrong.</param>
    /// <returns><see cref="OperationStatus.InvalidData"/> where nothing begins so (length 0) or the check is wrong (length above 0).</returns>
    public static OperationStatus TryRead(ReadOnlySpan<byte> source, out BlockMessage message, out int length)
    {
        message = default;
        length = 0;
        if (source.IsEmpty) return OperationStatus.NeedMoreData;
        if (source[0] is Ack or Nak)
        {
            length = 1;
            message = new() { Kind = source[0] == Ack ? BlockKind.Acknowledge : BlockKind.Repeat };
            return OperationStatus.Done;
        }

        if (source[0] is not (Soh or Stx)) return OperationStatus.InvalidData;
        var end = source.IndexOfAny(Etx, Eot);
        if (end < 0 || source.Length < end + 2) return OperationStatus.NeedMoreData;
        if (CheckOf(source[1..(end + 1)]) != source[end + 1])
        {
            length = end + 2;
            return OperationStatus.InvalidData;
        }

        var partial = source[end] == Eot;
        var body = source[1..end];
        if (source[0] == Stx)
        {
            length = end + 2;
            message = new() { Kind = partial ? BlockKind.PartialData : BlockKind.Data, Text = body };
            return OperationStatus.Done;
        }

        if (body.Length < 2 || (body.Length > 2 && body[2] != Stx)) return OperationStatus.InvalidData;
        length = end + 2;
        message = new() { Kind = BlockKind.Command, Command = body[..2], Text = body.Length > 2 ? body[3..] : default };
        return OperationStatus.Done;
    }

    /// <summary>Writes data: STX, text, ETX (EOT where more follow), check.</summary>
    public static void WriteData(IBufferWriter<byte> target, ReadOnlySpan<byte> text, bool more = false)
    {
        var span = target.GetSpan(text.Length + 3);
        span[0] = Stx;
        text.CopyTo(span[1..]);
        span[1 + text.Length] = more ? Eot : Etx;
        span[2 + text.Length] = CheckOf(span[1..(2 + text.Length)]);
        target.Advance(text.Length + 3);
    }

    /// <summary>Writes a command.</summary>
    /// <param name="target">Where to.</param>
    /// <param name="command">Letter and digit, such as <c>R1</c>.</param>
    /// <param name="text">What follows STX; null for a command without text, such as B0.</param>
    /// <exception cref="ArgumentException">The command is not a letter and a digit.</exception>
    public static void WriteCommand(IBufferWriter<byte> target, string command, string? text)
    {
        if (command.Length != 2 || !char.IsAsciiLetter(command[0]) || !char.IsAsciiDigit(command[1]))
            throw new ArgumentException($"'{command}' is not a command: expected a letter and a digit, such as R1.", nameof(command));
        var length = 1 + 2 + (text is null ? 0 : 1 + text.Length) + 2;
        var span = target.GetSpan(length)[..length];
        (span[0], span[1], span[2]) = (Soh, (byte)command[0], (byte)command[1]);
        if (text is not null)
        {
            span[3] = Stx;
            System.Text.Encoding.ASCII.GetBytes(text, span[4..]);
        }

        span[length - 2] = Etx;
        span[length - 1] = CheckOf(span[1..(length - 1)]);
        target.Advance(length);
    }

    /// <summary>The check character of what follows the first SOH or STX, ETX included.</summary>
    public static byte CheckOf(ReadOnlySpan<byte> octets)
    {
        byte sum = 0;
        foreach (var octet in octets) sum ^= octet;
        return (byte)(sum & 0x7F);
    }
}
