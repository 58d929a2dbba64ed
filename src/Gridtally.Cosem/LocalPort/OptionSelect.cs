using System.Buffers;

namespace Gridtally.Cosem.LocalPort;

/// <summary>What is to follow the opening.</summary>
public enum LocalService : byte
{
    /// <summary>Data readout: the device sends its list of values (V 0, Y 0).</summary>
    DataReadout,
    /// <summary>Programming mode: registers one by one, with a password (V 0, Y 1).</summary>
    Programming,
    /// <summary>Mode E: HDLC (V 2, Y 2).</summary>
    Hdlc,
}

/// <summary>The reader's choice, and the device's confirmation of it in mode E: <c>ACK V Z Y</c>.</summary>
/// <param name="Protocol">V: 0 normal, 1 secondary, 2 HDLC; others are the makers'.</param>
/// <param name="BaudCharacter">Z: the rate from now on.</param>
/// <param name="Mode">Y: 0 data readout, 1 programming, 2 binary; others are the makers'.</param>
/// <remarks>IEC 62056-21, clause 6.3.3 and annex E.</remarks>
public readonly record struct OptionSelect(char Protocol, char BaudCharacter, char Mode)
{
    /// <summary>Octets on the wire.</summary>
    public const int Size = 6;

    private const byte Acknowledge = 0x06;

    /// <summary>The choice of a service at a rate.</summary>
    public static OptionSelect Of(LocalService service, char baudCharacter) => service switch
    {
        LocalService.DataReadout => new('0', baudCharacter, '0'),
        LocalService.Programming => new('0', baudCharacter, '1'),
        _ => new('2', baudCharacter, '2'),
    };

    /// <summary>The service chosen; null where it is none of the standard's.</summary>
    public LocalService? Service => (Protocol, Mode) switch
    {
        ('0' or '1', '0') => LocalService.DataReadout,
        ('0' or '1', '1') => LocalService.Programming,
        ('2', '2') => LocalService.Hdlc,
        _ => null,
    };

    /// <summary>Reads it with its CR LF.</summary>
    public static OperationStatus TryRead(ReadOnlySpan<byte> source, out OptionSelect value)
    {
        value = default;
        if (source.Length > 0 && source[0] != Acknowledge) return OperationStatus.InvalidData;
        if (source.Length < Size) return OperationStatus.NeedMoreData;
        if (source[4] != '\r' || source[5] != '\n') return OperationStatus.InvalidData;
        value = new((char)source[1], (char)source[2], (char)source[3]);
        return OperationStatus.Done;
    }

    /// <summary>Writes it with its CR LF.</summary>
    public void WriteTo(IBufferWriter<byte> target) =>
        target.Write([Acknowledge, (byte)Protocol, (byte)BaudCharacter, (byte)Mode, (byte)'\r', (byte)'\n']);
}
