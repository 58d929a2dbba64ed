using System.Text;

namespace Gridtally.Fuzz;

/// <summary>What is done with one message of a dialogue.</summary>
internal enum MessageKind : byte
{
    /// <summary>Given as it is.</summary>
    Plain,
    /// <summary>Protected with the right keys and the next counter first.</summary>
    Protected,
    /// <summary>Given in two pieces.</summary>
    Split,
    /// <summary>Time passes first.</summary>
    Late,
}

/// <summary>A dialogue in octets: one octet that chooses the set-up, then messages, each with its kind and length (3 + 13 bits) before it.</summary>
internal static class Messages
{
    public const int HeadSize = 2, MaxLength = 0x1FFF;

    /// <summary>Takes the next message from the front. False at the end; a last message that is cut short is given as far as it goes.</summary>
    public static bool TryTake(ref ReadOnlySpan<byte> rest, out MessageKind kind, out ReadOnlySpan<byte> message)
    {
        kind = default;
        message = default;
        if (rest.Length < HeadSize) return false;
        var head = rest[0] << 8 | rest[1];
        kind = (MessageKind)(head >> 13 & 3);
        var length = Math.Min(head & MaxLength, rest.Length - HeadSize);
        message = rest.Slice(HeadSize, length);
        rest = rest[(HeadSize + length)..];
        return true;
    }

    /// <summary>Puts a dialogue together.</summary>
    public static byte[] Of(byte setUp, params ReadOnlySpan<(MessageKind Kind, byte[] Octets)> messages)
    {
        var all = new List<byte> { setUp };
        foreach (var (kind, octets) in messages)
        {
            var head = (int)kind << 13 | octets.Length;
            all.Add((byte)(head >> 8));
            all.Add((byte)head);
            all.AddRange(octets);
        }

        return [.. all];
    }

    /// <summary>For people and corpus files: <c>01 Plain:C001... Protected:C002...</c></summary>
    public static string ToText(ReadOnlySpan<byte> dialogue)
    {
        if (dialogue.IsEmpty) return "";
        var text = new StringBuilder(dialogue[0].ToString("X2"));
        var rest = dialogue[1..];
        while (TryTake(ref rest, out var kind, out var message)) text.Append(' ').Append(kind).Append(':').Append(Convert.ToHexString(message));
        return text.ToString();
    }

    /// <summary>Reads what <see cref="ToText"/> writes.</summary>
    public static byte[] Parse(string text)
    {
        var words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return Of(Convert.FromHexString(words[0])[0], [.. words.Skip(1).Select(word => word.Split(':'))
            .Select(parts => (Enum.Parse<MessageKind>(parts[0]), Convert.FromHexString(parts[1])))]);
    }
}
