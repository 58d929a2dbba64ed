using System.Buffers;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Data;

namespace Gridtally.Cosem.Framing;

/// <summary>Where a bare APDU ends that nothing frames: for ports that push APDUs one after the other.</summary>
/// <remarks>
/// Ciphered APDUs and blocks say their length; plain notifications end where their Data do. Only what a device sends unasked is
/// measured: data-notification, event-notification, their ciphered forms, general ciphering and signing, general block transfer.
/// </remarks>
public static class RawApdu
{
    private const int MaxTitle = 8, ShortestCiphered = 5, DateTimeSize = 12;

    /// <summary>True where an APDU that is pushed may begin with this octet.</summary>
    public static bool MayBegin(byte tag) => (ApduTag)tag is ApduTag.DataNotification or ApduTag.EventNotificationRequest
        or ApduTag.GloEventNotificationRequest or ApduTag.DedEventNotificationRequest or ApduTag.GeneralGloCiphering or ApduTag.GeneralDedCiphering
        or ApduTag.GeneralCiphering or ApduTag.GeneralSigning or ApduTag.GeneralBlockTransfer;

    /// <summary>Measures the APDU that begins <paramref name="octets"/>.</summary>
    /// <param name="octets">What has arrived from its first octet on.</param>
    /// <param name="length">Its length, with <see cref="OperationStatus.Done"/>.</param>
    /// <returns><see cref="OperationStatus.InvalidData"/> where no such APDU begins so.</returns>
    public static OperationStatus TryMeasure(ReadOnlySpan<byte> octets, out int length)
    {
        length = 0;
        if (octets.IsEmpty) return OperationStatus.NeedMoreData;
        if (!MayBegin(octets[0])) return OperationStatus.InvalidData;
        var reader = new AxdrReader(octets, "pushed APDU") { MoreMayCome = true };
        reader.TryReadByte(out var tag);
        var sane = (ApduTag)tag switch
        {
            ApduTag.DataNotification => DataNotification(ref reader),
            ApduTag.EventNotificationRequest => EventNotification(ref reader),
            ApduTag.GeneralGloCiphering or ApduTag.GeneralDedCiphering => Title(ref reader) && Ciphered(ref reader),
            ApduTag.GeneralCiphering => GeneralHeader(ref reader) && KeyInfo(ref reader) && Ciphered(ref reader),
            ApduTag.GeneralSigning => GeneralHeader(ref reader) && Counted(ref reader) && Counted(ref reader),
            ApduTag.GeneralBlockTransfer => reader.TryReadBytes(1 + 2 + 2, out _) && Counted(ref reader),
            _ => Ciphered(ref reader),
        };
        length = reader.Position;
        if (!reader.Failed) return sane ? OperationStatus.Done : OperationStatus.InvalidData;
        length = 0;
        return IsCut(reader.Error, octets) ? OperationStatus.NeedMoreData : OperationStatus.InvalidData;
    }

    /// <summary>True where more octets may make it good. To a reader of whole messages, a count beyond the end is a wrong one; here the rest may follow.</summary>
    private static bool IsCut(in DecodeError error, ReadOnlySpan<byte> octets) =>
        error.Fault == DecodeFault.Truncated
        || (error.Fault == DecodeFault.BadLength && error.Offset < octets.Length && (DataTag)octets[error.Offset] is DataTag.Array or DataTag.Structure or DataTag.CompactArray);

    private static bool DataNotification(ref AxdrReader reader) => reader.TryReadBytes(4, out _) && Time(ref reader) && reader.TrySkip(out _);

    private static bool EventNotification(ref AxdrReader reader)
    {
        if (reader.Peek is (DataTag)0 or (DataTag)1 && (!reader.TryReadByte(out var present) || present == 0)) return Rest(ref reader);
        return Time(ref reader) && Rest(ref reader);

        static bool Rest(ref AxdrReader reader) => reader.TryReadBytes(2 + 6 + 1, out _) && reader.TrySkip(out _);
    }

    /// <summary>An octet string of 0 or 12; meters in the field put the tag of Data before it.</summary>
    private static bool Time(ref AxdrReader reader)
    {
        if (reader.Peek == DataTag.OctetString) reader.TryReadByte(out _);
        return reader.TryReadLength(out var length) && length is 0 or DateTimeSize && reader.TryReadBytes(length, out _);
    }

    private static bool Title(ref AxdrReader reader) => reader.TryReadLength(out var length) && length is 0 or MaxTitle && reader.TryReadBytes(length, out _);

    private static bool GeneralHeader(ref AxdrReader reader) =>
        Counted(ref reader) && Title(ref reader) && Title(ref reader) && Counted(ref reader) && Counted(ref reader);

    private static bool KeyInfo(ref AxdrReader reader)
    {
        if (!reader.TryReadByte(out var present) || present > 1) return false;
        if (present == 0) return true;
        if (!reader.TryReadByte(out var choice)) return false;
        return choice switch
        {
            0 => reader.TryReadByte(out _),
            1 => reader.TryReadByte(out _) && Counted(ref reader),
            2 => Counted(ref reader) && Counted(ref reader),
            _ => false,
        };
    }

    private static bool Ciphered(ref AxdrReader reader)
    {
        const int highestSuite = 2;
        if (!reader.TryReadLength(out var length) || length < ShortestCiphered) return false;
        return reader.Peek is not { } control || ((byte)control & 0x0F) <= highestSuite ? reader.TryReadBytes(length, out _) : false;
    }

    private static bool Counted(ref AxdrReader reader) => reader.TryReadLength(out var length) && reader.TryReadBytes(length, out _);
}
