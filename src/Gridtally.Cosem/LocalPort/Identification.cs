using System.Buffers;
using System.Text;

namespace Gridtally.Cosem.LocalPort;

/// <summary>What a device says of itself when it is asked: <c>/XXXZ\2ident</c>.</summary>
/// <param name="Manufacturer">Three letters, as registered with the FLAG association.</param>
/// <param name="BaudCharacter">Z: the highest rate that it offers, and its mode.</param>
/// <param name="Text">What follows Z: escape sequences (<c>\2</c>) and the identification, as sent.</param>
/// <remarks>IEC 62056-21, clause 6.3.2.</remarks>
public sealed record Identification(string Manufacturer, char BaudCharacter, string Text)
{
    /// <summary>Longest line, CR LF not counted. The standard allows 16 characters of identification; makers add escape sequences and more.</summary>
    public const int MaxLength = 64;

    private const int FixedLength = 5;

    /// <summary>The mode that Z stands for.</summary>
    public LocalMode Mode => BaudCharacters.Read(BaudCharacter).Mode;

    /// <summary>The rate that Z stands for.</summary>
    public int Baud => BaudCharacters.Read(BaudCharacter).Baud;

    /// <summary>True where the device offers mode E, HDLC: escape sequence <c>\2</c>.</summary>
    public bool OffersHdlc => Escapes.Contains('2');

    /// <summary>True where it may react after 20 ms already instead of 200: the third letter is small.</summary>
    public bool ReactsFast => char.IsAsciiLetterLower(Manufacturer[2]);

    /// <summary>The identification without escape sequences.</summary>
    public string Ident => Text[(2 * Escapes.Length)..];

    /// <summary>The characters W of the escape sequences.</summary>
    public string Escapes
    {
        get
        {
            var escapes = new StringBuilder();
            for (var i = 0; i + 1 < Text.Length && Text[i] == '\\'; i += 2) escapes.Append(Text[i + 1]);
            return escapes.ToString();
        }
    }

    /// <summary>Reads a line, without CR LF.</summary>
    /// <returns>False where it is none: no slash, too short or too long, or a manufacturer that is not three letters.</returns>
    public static bool TryRead(ReadOnlySpan<byte> line, out Identification? value)
    {
        value = null;
        if (line.Length is < FixedLength or > MaxLength || line[0] != '/' || line[1..].ContainsAnyExceptInRange((byte)0x20, (byte)0x7E)) return false;
        foreach (var letter in line[1..4])
        {
            if (!char.IsAsciiLetter((char)letter)) return false;
        }

        value = new(Encoding.ASCII.GetString(line[1..4]), (char)line[4], Encoding.ASCII.GetString(line[FixedLength..]));
        return true;
    }

    /// <summary>Writes the line, CR LF included.</summary>
    public void WriteTo(IBufferWriter<byte> target) => target.Write(Encoding.ASCII.GetBytes($"/{Manufacturer}{BaudCharacter}{Text}\r\n"));

    /// <inheritdoc/>
    public override string ToString() => $"/{Manufacturer}{BaudCharacter}{Text}";
}
