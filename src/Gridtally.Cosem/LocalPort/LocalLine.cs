namespace Gridtally.Cosem.LocalPort;

/// <summary>How a local port has to be set: baud rate, and 7E1 or 8N1.</summary>
/// <param name="Baud">Bits per second.</param>
/// <param name="SevenBitsEvenParity">True for 7E1, false for 8N1. Either takes ten bits a character.</param>
public readonly record struct LocalLine(int Baud, bool SevenBitsEvenParity)
{
    /// <summary>Start, seven bits and parity or eight bits, stop.</summary>
    private const int BitsPerCharacter = 10;

    /// <summary>What every opening begins with: 300 7E1.</summary>
    public static LocalLine Initial => new(300, true);

    /// <summary>How long the line takes for <paramref name="characters"/>.</summary>
    public TimeSpan TransmitTime(int characters) => TimeSpan.FromTicks((long)characters * BitsPerCharacter * TimeSpan.TicksPerSecond / Baud);

    /// <inheritdoc/>
    public override string ToString() => $"{Baud} {(SevenBitsEvenParity ? "7E1" : "8N1")}";
}

/// <summary>The protocol modes of IEC 62056-21 that a baud rate character tells apart.</summary>
public enum LocalMode : byte
{
    /// <summary>Data follow at once, at 300 baud.</summary>
    A,
    /// <summary>Data follow at the rate of the letter; nothing is acknowledged.</summary>
    B,
    /// <summary>The reader chooses rate and what follows. Mode E (HDLC) is mode C with an announcement.</summary>
    C,
}

/// <summary>The baud rate characters Z.</summary>
/// <remarks>IEC 62056-21, clause 6.3.14, item 13: digits in mode C and E, letters in mode B, any other character in mode A.</remarks>
public static class BaudCharacters
{
    private static readonly int[] Rates = [300, 600, 1200, 2400, 4800, 9600, 19_200];

    /// <summary>Highest rate there is a character for.</summary>
    public const int MaxBaud = 19_200;

    /// <summary>What a character of an identification means: 0..6 are 300..19,200 baud in mode C, A..F are 600..19,200 in mode B.</summary>
    public static (LocalMode Mode, int Baud) Read(char character) => character switch
    {
        >= '0' and <= '6' => (LocalMode.C, Rates[character - '0']),
        >= 'A' and <= 'F' => (LocalMode.B, Rates[1 + character - 'A']),
        _ => (LocalMode.A, Rates[0]),
    };

    /// <summary>The character of a rate in mode C.</summary>
    /// <exception cref="ArgumentOutOfRangeException">No such rate.</exception>
    public static char Of(int baud) => Array.IndexOf(Rates, baud) is >= 0 and var index
        ? (char)('0' + index)
        : throw new ArgumentOutOfRangeException(nameof(baud), baud, $"IEC 62056-21 has {string.Join(", ", Rates)} baud.");
}
