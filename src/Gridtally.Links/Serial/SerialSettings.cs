using System.Globalization;

namespace Gridtally.Links;

/// <summary>How the parity bit of a character is made.</summary>
public enum Parity : byte
{
    /// <summary>No parity bit.</summary>
    None,
    /// <summary>The number of ones is even.</summary>
    Even,
    /// <summary>The number of ones is odd.</summary>
    Odd,
}

/// <summary>How characters are sent over a serial line, written <c>9600 8N1</c>.</summary>
/// <param name="Baud">Bits per second, one of <see cref="BaudRates"/>.</param>
/// <param name="DataBits">7 or 8. HDLC needs 8; an IEC 62056-21 opening uses 7.</param>
/// <param name="Parity">Parity bit.</param>
/// <param name="StopBits">1 or 2.</param>
public readonly record struct SerialSettings(int Baud, int DataBits = 8, Parity Parity = Parity.None, int StopBits = 1)
{
    /// <summary>9600 8N1, the usual setting of an RS-485 meter.</summary>
    public static SerialSettings Default => new(9600);

    /// <summary>The baud rates that can be set, in ascending order.</summary>
    public static IReadOnlyList<int> BaudRates { get; } =
        [300, 600, 1200, 1800, 2400, 4800, 9600, 19200, 38400, 57600, 115200, 230400, 460800, 500000, 576000, 921600];

    /// <summary>Bits on the line per octet: start, data, parity, stop.</summary>
    public int BitsPerOctet => 1 + DataBits + (Parity == Parity.None ? 0 : 1) + StopBits;

    /// <summary>How long the line takes for <paramref name="octets"/>.</summary>
    public TimeSpan TransmitTime(int octets) => TimeSpan.FromTicks((long)octets * BitsPerOctet * TimeSpan.TicksPerSecond / Baud);

    /// <summary>Reads <c>9600 8N1</c>; the second word may be left out.</summary>
    /// <exception cref="FormatException">The message names the bad part and what is allowed.</exception>
    public static SerialSettings Parse(string text) => TryParse(text, out var settings, out var error) ? settings : throw new FormatException(error);

    /// <summary>Reads <c>9600 8N1</c>; the second word may be left out.</summary>
    /// <param name="text">What to read.</param>
    /// <param name="settings">The settings; <see cref="Default"/> if it can't be read.</param>
    /// <param name="error">What is wrong with it and what is allowed; null if nothing is.</param>
    public static bool TryParse(string text, out SerialSettings settings, out string? error)
    {
        settings = Default;
        var words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (words.Length is not (1 or 2))
        {
            error = $"'{text}' is not a serial setting: expected baud rate and character format, such as 9600 8N1.";
            return false;
        }

        return TryParse(words[0], words.Length == 2 ? words[1] : "8N1", out settings, out error);
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Baud} {DataBits}{"NEO"[(int)Parity]}{StopBits}";

    internal static bool TryParse(string baud, string format, out SerialSettings settings, out string? error)
    {
        settings = Default;
        if (!int.TryParse(baud, NumberStyles.None, CultureInfo.InvariantCulture, out var rate) || !BaudRates.Contains(rate))
        {
            error = $"'{baud}' is not a baud rate that can be set: expected one of {string.Join(", ", BaudRates)}.";
            return false;
        }

        var parity = format.Length == 3 ? "NEO".IndexOf(char.ToUpperInvariant(format[1])) : -1;
        if (parity < 0 || format[0] is not ('7' or '8') || format[2] is not ('1' or '2'))
        {
            error = $"'{format}' is not a character format: expected data bits (7, 8), parity (N, E, O) and stop bits (1, 2), such as 8N1.";
            return false;
        }

        settings = new(rate, format[0] - '0', (Parity)parity, format[2] - '0');
        error = null;
        return true;
    }
}
