using System.Buffers.Binary;

namespace Gridtally.Cosem.Data;

/// <summary>Clock status, the last octet of a date-time.</summary>
/// <remarks>clock_status, Blue Book 4.1.6.1. 0xFF as a whole means not specified.</remarks>
[Flags]
public enum ClockStatus : byte
{
#pragma warning disable CS1591 // each name is the standard's own
    None = 0, InvalidValue = 0x01, DoubtfulValue = 0x02, DifferentClockBase = 0x04, InvalidClockStatus = 0x08, DaylightSavingActive = 0x80,
    NotSpecified = 0xFF,
#pragma warning restore CS1591
}

/// <summary>A date-time as on the wire: twelve octets, any field of which may be a wildcard.</summary>
/// <param name="Year">0..0xFFFE; 0xFFFF not specified.</param>
/// <param name="Month">1..12; 0xFD daylight saving end, 0xFE daylight saving begin, 0xFF not specified.</param>
/// <param name="Day">1..31; 0xFD second last day, 0xFE last day of the month, 0xFF not specified.</param>
/// <param name="DayOfWeek">1 Monday .. 7 Sunday; 0xFF not specified.</param>
/// <param name="Hour">0..23; 0xFF not specified.</param>
/// <param name="Minute">0..59; 0xFF not specified.</param>
/// <param name="Second">0..59; 0xFF not specified.</param>
/// <param name="Hundredths">0..99; 0xFF not specified.</param>
/// <param name="DeviationMinutes">UTC minus local time, so UTC+1 is -60; <see cref="NoDeviation"/> not specified.</param>
/// <param name="Status">Clock status.</param>
/// <remarks>date_time, Blue Book 4.1.6.1. Equality is equality of the octets.</remarks>
public readonly partial record struct CosemDateTime(
    ushort Year, byte Month, byte Day, byte DayOfWeek, byte Hour, byte Minute, byte Second, byte Hundredths, short DeviationMinutes, ClockStatus Status)
{
    /// <summary>Octets on the wire.</summary>
    public const int Size = 12;

    /// <summary>The deviation that says that none is known.</summary>
    public const short NoDeviation = short.MinValue;

    /// <summary>The moment <paramref name="time"/> as a meter with that offset from UTC would send it.</summary>
    public static CosemDateTime From(DateTimeOffset time, ClockStatus status = ClockStatus.None) => new(
        (ushort)time.Year, (byte)time.Month, (byte)time.Day, time.DayOfWeek == System.DayOfWeek.Sunday ? (byte)7 : (byte)time.DayOfWeek,
        (byte)time.Hour, (byte)time.Minute, (byte)time.Second, (byte)(time.Millisecond / 10), (short)-time.Offset.TotalMinutes, status);

    /// <summary>Reads twelve octets. Every pattern of octets is a date-time; whether it is a moment is asked with <see cref="TryToLocal"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than twelve octets.</exception>
    public static CosemDateTime Read(ReadOnlySpan<byte> source)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(source.Length, Size, nameof(source));
        return new(BinaryPrimitives.ReadUInt16BigEndian(source), source[2], source[3], source[4], source[5], source[6], source[7], source[8],
            BinaryPrimitives.ReadInt16BigEndian(source[9..]), (ClockStatus)source[11]);
    }

    /// <summary>Writes twelve octets to the start of <paramref name="target"/>.</summary>
    public void Write(Span<byte> target)
    {
        BinaryPrimitives.WriteUInt16BigEndian(target, Year);
        (target[2], target[3], target[4], target[5], target[6], target[7], target[8]) = (Month, Day, DayOfWeek, Hour, Minute, Second, Hundredths);
        BinaryPrimitives.WriteInt16BigEndian(target[9..], DeviationMinutes);
        target[11] = (byte)Status;
    }

    /// <summary>Every field not specified.</summary>
    public static readonly CosemDateTime Unspecified = new(CosemDate.Unspecified, CosemTime.Unspecified, NoDeviation, ClockStatus.NotSpecified);

    /// <summary>A date and a time, of which any field may be a wildcard.</summary>
    public CosemDateTime(CosemDate date, CosemTime time, short deviationMinutes = NoDeviation, ClockStatus status = ClockStatus.NotSpecified)
        : this(date.Year, date.Month, date.Day, date.DayOfWeek, time.Hour, time.Minute, time.Second, time.Hundredths, deviationMinutes, status) { }

    /// <summary>The first five octets.</summary>
    public CosemDate Date => new(Year, Month, Day, DayOfWeek);

    /// <summary>The four octets after the date.</summary>
    public CosemTime Time => new(Hour, Minute, Second, Hundredths);

    /// <summary>True where each field is one that the standard has; the date itself may still not exist (30 February).</summary>
    public bool IsValid => Date.IsValid && Time.IsValid && DeviationMinutes is (>= -840 and <= 840) or NoDeviation;

    /// <summary><c>2026-01-15 10:15:00 +01:00</c>, with <c>*</c> for wildcards.</summary>
    public override string ToString()
    {
        var (date, minutes) = (Date, Math.Abs((int)DeviationMinutes));
        var offset = DeviationMinutes == NoDeviation ? "" : $" {(DeviationMinutes > 0 ? '-' : '+')}{minutes / 60:00}:{minutes % 60:00}";
        var status = Status is ClockStatus.None or ClockStatus.NotSpecified ? "" : $" [{Status}]";
        return $"{date.YearText}-{date.MonthText}-{date.DayText} {Time}{offset}{status}";
    }
}
