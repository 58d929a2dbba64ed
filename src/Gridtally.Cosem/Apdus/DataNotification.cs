using System.Buffers;
using Gridtally.Cosem.Data;

namespace Gridtally.Cosem.Apdus;

/// <summary>A data-notification, read in place: what a meter pushes.</summary>
/// <remarks>Data-Notification, IEC 62056-5-3: long invoke id, date-time as an octet-string without tag, Data.</remarks>
public readonly ref struct DataNotification
{
    private const string Production = "Data-Notification";

    /// <summary>Counts the notifications; says whether a confirmation is wanted.</summary>
    public LongInvokeIdAndPriority InvokeId { get; init; }

    /// <summary>When it was made; null where it does not say.</summary>
    public CosemDateTime? DateTime { get; init; }

    /// <summary>Encoded Data, usually a structure as push_object_list says.</summary>
    public ReadOnlySpan<byte> Data { get; init; }

    /// <summary>Reads a whole APDU, tag included.</summary>
    /// <param name="apdu">The plain APDU.</param>
    /// <param name="value">What it says.</param>
    /// <param name="error">What is wrong, and where.</param>
    /// <param name="acceptTaggedDateTime">True to take a date-time sent as Data (09 0C ...) as well, as some household meters send it. The standard has 0C ... .</param>
    public static bool TryRead(ReadOnlySpan<byte> apdu, out DataNotification value, out DecodeError error, bool acceptTaggedDateTime = false)
    {
        var reader = new AxdrReader(apdu, Production);
        value = default;
        if (reader.TryReadTag(ApduTag.DataNotification) && reader.TryReadLongInvokeId(out var invokeId) && TryReadDateTime(ref reader, acceptTaggedDateTime, out var time)
            && reader.TrySkip(out var data) && reader.TryEnd()) value = new() { InvokeId = invokeId, DateTime = time, Data = data };
        error = reader.Error;
        return !reader.Failed;
    }

    /// <summary>Begins a data-notification; one encoded Data follows.</summary>
    public static void WriteHead(IBufferWriter<byte> target, LongInvokeIdAndPriority invokeId, in CosemDateTime? time)
    {
        target.WriteByte((byte)ApduTag.DataNotification);
        target.WriteUInt32(invokeId.Value);
        target.WriteBareDateTime(time);
    }

    private static bool TryReadDateTime(scoped ref AxdrReader reader, bool acceptTagged, out CosemDateTime? time)
    {
        if (acceptTagged && reader.Peek == DataTag.OctetString) reader.TryReadByte(out _);
        return reader.TryReadBareDateTime(out time);
    }
}

/// <summary>The answer to a data-notification of the confirmed service class.</summary>
/// <remarks>Data-Notification-Confirm of the newer editions of IEC 62056-5-3: long invoke id and date-time as an octet-string without tag.</remarks>
public readonly record struct DataNotificationConfirm(LongInvokeIdAndPriority InvokeId, CosemDateTime? DateTime)
{
    private const string Production = "Data-Notification-Confirm";

    /// <summary>Reads a whole APDU, tag included.</summary>
    public static bool TryRead(ReadOnlySpan<byte> apdu, out DataNotificationConfirm value, out DecodeError error)
    {
        var reader = new AxdrReader(apdu, Production);
        value = default;
        if (reader.TryReadTag(ApduTag.DataNotificationConfirm) && reader.TryReadLongInvokeId(out var invokeId) && reader.TryReadBareDateTime(out var time)
            && reader.TryEnd()) value = new(invokeId, time);
        error = reader.Error;
        return !reader.Failed;
    }

    /// <summary>Writes the whole APDU.</summary>
    public void WriteTo(IBufferWriter<byte> target)
    {
        target.WriteByte((byte)ApduTag.DataNotificationConfirm);
        target.WriteUInt32(InvokeId.Value);
        target.WriteBareDateTime(DateTime);
    }
}
