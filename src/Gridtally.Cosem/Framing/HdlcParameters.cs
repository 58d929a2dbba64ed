using System.Buffers;
using System.Buffers.Binary;
using Gridtally.Cosem.Data;

namespace Gridtally.Cosem.Framing;

/// <summary>What one end of an HDLC link offers in SNRM or UA, from its own point of view.</summary>
/// <param name="MaxInfoTransmit">Longest information field it sends, 32..2030 octets.</param>
/// <param name="MaxInfoReceive">Longest information field it takes, 32..2030 octets.</param>
/// <param name="WindowTransmit">I frames it sends without waiting, 1..7.</param>
/// <param name="WindowReceive">I frames it takes without acknowledging, 1..7.</param>
/// <remarks>IEC 62056-46, clause 6.4.4.4.3.2: parameters 05 to 08. What is absent means its default.</remarks>
public readonly record struct HdlcParameters(int MaxInfoTransmit = 128, int MaxInfoReceive = 128, int WindowTransmit = 1, int WindowReceive = 1)
{
    /// <summary>What counts where nothing is said: 128 octets and windows of one.</summary>
    public static readonly HdlcParameters Default = new(128, 128, 1, 1);

    /// <summary>Smallest information field that may be negotiated.</summary>
    public const int MinInfo = 32;

    /// <summary>Largest window: numbers count modulo eight.</summary>
    public const int MaxWindow = 7;

    private const byte FormatId = 0x81, GroupId = 0x80;

    /// <summary>What holds between two ends: the smaller of what one sends and the other takes. Seen from this end.</summary>
    public HdlcParameters Agree(in HdlcParameters peer) => new(
        Math.Min(MaxInfoTransmit, peer.MaxInfoReceive), Math.Min(MaxInfoReceive, peer.MaxInfoTransmit),
        Math.Min(WindowTransmit, peer.WindowReceive), Math.Min(WindowReceive, peer.WindowTransmit));

    /// <summary>Throws where a parameter is out of its range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Names the parameter and its range.</exception>
    public void Validate()
    {
        CheckRange(MaxInfoTransmit, MinInfo, HdlcFrame.MaxInformation, nameof(MaxInfoTransmit));
        CheckRange(MaxInfoReceive, MinInfo, HdlcFrame.MaxInformation, nameof(MaxInfoReceive));
        CheckRange(WindowTransmit, 1, MaxWindow, nameof(WindowTransmit));
        CheckRange(WindowReceive, 1, MaxWindow, nameof(WindowReceive));

        static void CheckRange(int value, int min, int max, string name)
        {
            if (value < min || value > max) throw new ArgumentOutOfRangeException(name, value, $"{name} must be {min}..{max}.");
        }
    }

    /// <summary>Reads the information field of SNRM or UA.</summary>
    /// <returns>False where it is no parameter list; then the defaults hold. Numbers out of range are moved into it.</returns>
    /// <remarks>
    /// Values of 1, 2 or 4 octets are taken for any parameter, unknown ones are skipped, and a group length that does not match
    /// what follows is not held against the peer: meters differ in all three.
    /// </remarks>
    public static bool TryRead(ReadOnlySpan<byte> information, out HdlcParameters value)
    {
        value = Default;
        if (information.IsEmpty) return true;
        var reader = new AxdrReader(information, "HDLC parameters");
        if (!reader.TryReadByte(out var format) || format != FormatId) return false;
        if (!reader.TryReadByte(out var group) || group != GroupId || !reader.TryReadLength(out _)) return false;
        var (infoTransmit, infoReceive, windowTransmit, windowReceive) = (value.MaxInfoTransmit, value.MaxInfoReceive, value.WindowTransmit, value.WindowReceive);
        while (reader.Remaining > 0)
        {
            if (!reader.TryReadByte(out var id) || !reader.TryReadByte(out var length) || !reader.TryReadBytes(length, out var octets)) return false;
            if (length is 0 or > 4) continue;
            uint number = 0;
            foreach (var octet in octets) number = number << 8 | octet;
            switch (id)
            {
                case 5: infoTransmit = (int)Math.Clamp(number, MinInfo, HdlcFrame.MaxInformation); break;
                case 6: infoReceive = (int)Math.Clamp(number, MinInfo, HdlcFrame.MaxInformation); break;
                case 7: windowTransmit = (int)Math.Clamp(number, 1, MaxWindow); break;
                case 8: windowReceive = (int)Math.Clamp(number, 1, MaxWindow); break;
                default: break;
            }
        }

        value = new(infoTransmit, infoReceive, windowTransmit, windowReceive);
        return true;
    }

    /// <summary>Writes the information field; lengths in one octet where both fit, windows in four.</summary>
    public void WriteTo(IBufferWriter<byte> target)
    {
        var wide = MaxInfoTransmit > 0xFF || MaxInfoReceive > 0xFF;
        var span = target.GetSpan(3 + 2 * 4 + 2 * 6);
        (span[0], span[1], span[2]) = (FormatId, GroupId, (byte)(wide ? 20 : 18));
        var position = 3;
        position += WriteInfo(span[position..], 5, MaxInfoTransmit, wide);
        position += WriteInfo(span[position..], 6, MaxInfoReceive, wide);
        position += WriteWindow(span[position..], 7, WindowTransmit);
        position += WriteWindow(span[position..], 8, WindowReceive);
        target.Advance(position);

        static int WriteInfo(Span<byte> span, byte id, int value, bool wide)
        {
            (span[0], span[1]) = (id, (byte)(wide ? 2 : 1));
            if (wide) BinaryPrimitives.WriteUInt16BigEndian(span[2..], (ushort)value);
            else span[2] = (byte)value;
            return wide ? 4 : 3;
        }

        static int WriteWindow(Span<byte> span, byte id, int value)
        {
            (span[0], span[1]) = (id, 4);
            BinaryPrimitives.WriteInt32BigEndian(span[2..], value);
            return 6;
        }
    }
}
