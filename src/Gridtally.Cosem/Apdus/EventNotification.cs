using System.Buffers;
using Gridtally.Cosem.Data;

namespace Gridtally.Cosem.Apdus;

/// <summary>An event-notification-request, read in place: the value of one attribute, unasked.</summary>
/// <remarks>EventNotificationRequest, IEC 62056-5-3: time OPTIONAL, attribute, Data.</remarks>
public readonly ref struct EventNotification
{
    private const string Production = "EventNotificationRequest";

    /// <summary>When it happened; null where it does not say.</summary>
    public CosemDateTime? Time { get; init; }

    /// <summary>Whose value it is.</summary>
    public AttributeRef Target { get; init; }

    /// <summary>Encoded Data.</summary>
    public ReadOnlySpan<byte> Data { get; init; }

    /// <summary>Reads a whole APDU, tag included.</summary>
    /// <param name="apdu">The plain APDU.</param>
    /// <param name="value">What it says.</param>
    /// <param name="error">What is wrong, and where.</param>
    /// <param name="acceptTaggedDateTime">True to take the time sent as Data (09 0C ...) as well, as some modules send it in their last gasp. The standard has 01 0C ... .</param>
    public static bool TryRead(ReadOnlySpan<byte> apdu, out EventNotification value, out DecodeError error, bool acceptTaggedDateTime = false)
    {
        var reader = new AxdrReader(apdu, Production);
        value = default;
        if (reader.TryReadTag(ApduTag.EventNotificationRequest) && TryReadTime(ref reader, acceptTaggedDateTime, out var time) && reader.TryReadAttribute(out var target)
            && reader.TrySkip(out var data) && reader.TryEnd()) value = new() { Time = time, Target = target, Data = data };
        error = reader.Error;
        return !reader.Failed;
    }

    /// <summary>Begins an event-notification-request; one encoded Data follows.</summary>
    public static void WriteHead(IBufferWriter<byte> target, in CosemDateTime? time, in AttributeRef attribute)
    {
        target.WriteByte((byte)ApduTag.EventNotificationRequest);
        target.WriteByte(time is null ? (byte)0 : (byte)1);
        if (time is not null) target.WriteBareDateTime(time);
        attribute.WriteTo(target);
    }

    private static bool TryReadTime(scoped ref AxdrReader reader, bool acceptTagged, out CosemDateTime? time)
    {
        time = null;
        if (acceptTagged && reader.Peek == DataTag.OctetString) return reader.TryReadByte(out _) && reader.TryReadBareDateTime(out time);
        return reader.TryReadPresence(out var present) && (!present || reader.TryReadBareDateTime(out time));
    }
}

/// <summary>An information-report, read in place: the values of some short names, unasked.</summary>
/// <remarks>InformationReportRequest, IEC 62056-5-3: current-time OPTIONAL, variable names, Data.</remarks>
public readonly ref struct InformationReport
{
    private const string Production = "InformationReportRequest";
    private const byte VariableName = 2;
    private const int NameSize = 3;

    private readonly ReadOnlySpan<byte> _names;

    private InformationReport(ReadOnlySpan<byte> time, ReadOnlySpan<byte> names, ApduList<DataItem> values)
    {
        Time = time;
        _names = names;
        Values = values;
    }

    /// <summary>current-time as sent: the characters of a GeneralizedTime, in practice often the twelve octets of a date-time; empty for none.</summary>
    public ReadOnlySpan<byte> Time { get; }

    /// <summary>The values; checked already, one for each name.</summary>
    public ApduList<DataItem> Values { get; }

    /// <summary>How many names and values there are, at most <see cref="Limits.MaxListItems"/>.</summary>
    public int Count => Values.Count;

    /// <summary>The short name of the value at <paramref name="index"/>.</summary>
    public ushort NameAt(int index) => (ushort)(_names[(index * NameSize) + 1] << 8 | _names[(index * NameSize) + 2]);

    /// <summary>Reads a whole APDU, tag included.</summary>
    public static bool TryRead(ReadOnlySpan<byte> apdu, out InformationReport value, out DecodeError error)
    {
        var reader = new AxdrReader(apdu, Production);
        value = reader.TryReadTag(ApduTag.InformationReportRequest) ? Read(ref reader) : default;
        reader.TryEnd();
        error = reader.Error;
        return !reader.Failed;
    }

    /// <summary>Begins an information-report; <paramref name="count"/> names follow (<see cref="WriteName"/>), then the count again and as many Data.</summary>
    public static void WriteHead(IBufferWriter<byte> target, ReadOnlySpan<byte> time, int count)
    {
        target.WriteByte((byte)ApduTag.InformationReportRequest);
        target.WriteByte(time.IsEmpty ? (byte)0 : (byte)1);
        if (!time.IsEmpty)
        {
            target.WriteLength(time.Length);
            target.Write(time);
        }

        target.WriteLength(count);
    }

    /// <summary>Writes one variable-name.</summary>
    public static void WriteName(IBufferWriter<byte> target, ushort name)
    {
        target.WriteByte(VariableName);
        target.WriteUInt16(name);
    }

    private static InformationReport Read(scoped ref AxdrReader reader)
    {
        ReadOnlySpan<byte> time = default;
        if (reader.TryReadPresence(out var present) && present) reader.TryReadLengthPrefixed(out time);
        if (!reader.TryReadCount(out var count)) return default;
        var rest = reader.Rest;
        for (var i = 0; i < count; i++)
        {
            if (reader.Peek is not (null or (DataTag)VariableName)) reader.Fail(DecodeFault.UnknownTag);
            if (!reader.TryReadBytes(NameSize, out _)) return default;
        }

        if (!ApduList<DataItem>.TryRead(ref reader, out var values)) return default;
        if (values.Count != count) reader.Fail(DecodeFault.BadLength);
        return new(time, rest[..(count * NameSize)], values);
    }
}
