using Gridtally.Cosem.Data;
using Gridtally.Meter.Persistence;

namespace Gridtally.Meter.Metrology;

/// <summary>The meter's clock: runs with the reference time, an offset away, and knows zone and daylight saving.</summary>
/// <remarks>Class 8 Clock. It counts whole seconds; setting it changes the offset, never the reference.</remarks>
public sealed class MeterClock
{
    /// <summary>How long the clock runs without supply: the battery of DTSD545 5.1 ("RTC maintenance more than 3 years").</summary>
    public static readonly TimeSpan PowerReserve = TimeSpan.FromDays(3 * 365);

    /// <summary>Setting the clock by more than this many seconds marks the interval (CAD) and begins the demand block anew.</summary>
    /// <remarks>1-0:0.9.11.255, clock time shift limit.</remarks>
    public const int ShiftLimit = 9;

    private static readonly CosemDateTime LastSundayOfMarch = new(0xFFFF, 3, 0xFE, 7, 2, 0, 0, 0, CosemDateTime.NoDeviation, ClockStatus.None);
    private static readonly CosemDateTime LastSundayOfOctober = new(0xFFFF, 10, 0xFE, 7, 3, 0, 0, 0, CosemDateTime.NoDeviation, ClockStatus.None);

    private long _offset;
    private (int Year, long Begin, long End) _season = (int.MinValue, 0, 0);

    /// <summary>time_zone: UTC minus standard time, minutes; UTC+1 is -60.</summary>
    public short TimeZone { get; private set; }

    /// <summary>daylight_savings_begin, in standard time.</summary>
    public CosemDateTime DstBegin { get; private set; } = LastSundayOfMarch;

    /// <summary>daylight_savings_end, in summer time.</summary>
    public CosemDateTime DstEnd { get; private set; } = LastSundayOfOctober;

    /// <summary>daylight_savings_deviation, minutes.</summary>
    public sbyte DstDeviation { get; private set; } = 60;

    /// <summary>daylight_savings_enabled: true where local time is put forward between the two dates.</summary>
    public bool DstEnabled { get; private set; }

    /// <summary>True from a loss of the time to the next setting.</summary>
    public bool IsInvalid { get; internal set; }

    /// <summary>The meter's time, seconds since 1970 in UTC, at a reference time.</summary>
    public long Utc(long reference) => reference + _offset;

    /// <summary>Seconds of standard time since 1970: what periods are aligned to.</summary>
    public long Standard(long reference) => Utc(reference) - TimeZone * 60L;

    /// <summary>The meter's time with deviation and status.</summary>
    public MeterTime At(long reference)
    {
        var summer = IsSummer(Standard(reference));
        var status = (summer ? ClockStatus.DaylightSavingActive : 0) | (IsInvalid ? ClockStatus.InvalidValue : 0);
        return new((uint)Math.Clamp(Utc(reference), 0, uint.MaxValue), (short)(TimeZone - (summer ? DstDeviation : 0)), status);
    }

    /// <summary>Sets the clock, so that it shows <paramref name="utc"/> at <paramref name="reference"/>.</summary>
    /// <returns>By how many seconds it moved.</returns>
    public long Set(long utc, long reference)
    {
        var moved = utc - Utc(reference);
        _offset += moved;
        IsInvalid = false;
        return moved;
    }

    /// <summary>Changes zone or daylight saving.</summary>
    /// <returns>False, and nothing is changed, where a value makes no sense.</returns>
    public bool Configure(
        short? timeZone = null, CosemDateTime? dstBegin = null, CosemDateTime? dstEnd = null, sbyte? dstDeviation = null, bool? dstEnabled = null)
    {
        if (timeZone is < -840 or > 840 || dstDeviation is < -120 or > 120) return false;
        if (dstBegin is { } begin && Resolve(begin, 2026) is null || dstEnd is { } end && Resolve(end, 2026) is null) return false;
        (TimeZone, DstBegin, DstEnd) = (timeZone ?? TimeZone, dstBegin ?? DstBegin, dstEnd ?? DstEnd);
        (DstDeviation, DstEnabled) = (dstDeviation ?? DstDeviation, dstEnabled ?? DstEnabled);
        _season.Year = int.MinValue;
        return true;
    }

    internal void Save(StateWriter writer)
    {
        Span<byte> octets = stackalloc byte[CosemDateTime.Size];
        writer.Write(_offset);
        writer.Write(TimeZone);
        DstBegin.Write(octets);
        writer.Write(octets);
        DstEnd.Write(octets);
        writer.Write(octets);
        writer.Write((short)DstDeviation);
        writer.Write(DstEnabled);
        writer.Write(IsInvalid);
    }

    internal void Load(ref StateReader reader)
    {
        (_offset, TimeZone) = (reader.ReadInt64(), reader.ReadInt16());
        (DstBegin, DstEnd) = (CosemDateTime.Read(reader.ReadOctets()), CosemDateTime.Read(reader.ReadOctets()));
        (DstDeviation, DstEnabled, IsInvalid) = ((sbyte)reader.ReadInt16(), reader.ReadBool(), reader.ReadBool());
        _season.Year = int.MinValue;
    }

    private bool IsSummer(long standard)
    {
        if (!DstEnabled) return false;
        if (standard is < 0 or > uint.MaxValue) return false;
        var year = DateTime.UnixEpoch.AddSeconds(standard).Year;
        if (year != _season.Year)
        {
            var end = Resolve(DstEnd, year) - DstDeviation * 60L;
            _season = (year, Resolve(DstBegin, year) ?? long.MaxValue, end ?? long.MaxValue);
        }

        // South of the equator summer reaches over the turn of the year.
        return _season.Begin <= _season.End
            ? standard >= _season.Begin && standard < _season.End
            : standard >= _season.Begin || standard < _season.End;
    }

    // Day rules: Blue Book 4.1.6.1. With a weekday, the first one on or after that day; "last" with a weekday is the last such weekday.
    private static long? Resolve(in CosemDateTime rule, int year)
    {
        if (rule.Month is 0 or > 12 || rule.Hour > 23 || rule.Minute > 59 || rule.DayOfWeek is 0 or > 7 and not 0xFF) return null;
        var y = rule.Year == 0xFFFF ? year : rule.Year;
        if (y is < 1970 or > 2105) return null;
        var days = DateTime.DaysInMonth(y, rule.Month);
        if (rule.Day is 0 || rule.Day > days && rule.Day is not (0xFE or 0xFD or 0xFF)) return null;
        var date = new DateTime(y, rule.Month, rule.Day switch { 0xFE => days, 0xFD => days - 1, 0xFF => 1, var day => day }, rule.Hour, rule.Minute, 0, DateTimeKind.Utc);
        if (rule.DayOfWeek != 0xFF)
        {
            var step = rule.Day is 0xFE or 0xFD ? -1 : 1;
            while ((int)date.DayOfWeek != rule.DayOfWeek % 7) date = date.AddDays(step);
        }

        return (long)(date - DateTime.UnixEpoch).TotalSeconds + (rule.Second <= 59 ? rule.Second : 0);
    }
}
