using Gridtally.Cosem.Data;

namespace Gridtally.Cosem.Profiles;

/// <summary>Where the octets of a value are in the Data that was read.</summary>
/// <param name="Offset">Octets before it; its tag and length are not part of it.</param>
/// <param name="Length">Its octets.</param>
public readonly record struct OctetRange(int Offset, int Length)
{
    /// <summary>The value.</summary>
    /// <param name="data">What was given to the <see cref="ColumnSet"/>.</param>
    public ReadOnlySpan<byte> In(ReadOnlySpan<byte> data) => data.Slice(Offset, Length);
}

/// <summary>Decodes rows straight into arrays of the caller's, one for each column: no tree, no objects, no allocation.</summary>
/// <remarks>
/// For profile buffers (array or compact-array of structures, with null-data, for the clock one period later, and delta types) and for the body of a
/// DataNotification (one structure). Made once for a layout and used again; not thread-safe. Columns that nobody asks for are stepped over.
/// </remarks>
public sealed partial class ColumnSet
{
    private readonly Column[] _columns;
    private readonly long _periodTicks;
    private readonly ClockConvention _clock;

    /// <summary>Columns of which none is taken yet.</summary>
    /// <param name="columns">Columns that each row has, 1..<see cref="ProfileLayout.MaxColumns"/>.</param>
    /// <param name="capturePeriodSeconds">capture_period: what null-data adds to a clock.</param>
    /// <param name="clock">How clock values are understood that leave something open.</param>
    public ColumnSet(int columns, uint capturePeriodSeconds = 0, ClockConvention clock = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(columns, ProfileLayout.MaxColumns);
        _columns = new Column[columns];
        (_periodTicks, _clock) = (capturePeriodSeconds * TimeSpan.TicksPerSecond, clock);
    }

    private enum Kind : byte { Skipped, Int64, Double, Decimal, Time, Octets }

    /// <summary>Rows that there is room for: the length of the shortest array.</summary>
    public int Capacity { get; private set; } = int.MaxValue;

    /// <summary>Takes a column as whole numbers: integers of any width, booleans, enums.</summary>
    /// <param name="column">The column, from 0.</param>
    /// <param name="target">One element for each row.</param>
    /// <param name="whenNull">Stands for null-data where there is no row before.</param>
    public ColumnSet Int64(int column, long[] target, long whenNull = long.MinValue)
    {
        ref var taken = ref Take(column, Kind.Int64, target);
        (taken.Longs, taken.WhenNull) = (target, whenNull);
        return this;
    }

    /// <summary>Takes a column as floating-point numbers, for charts; bills take <see cref="Decimal"/>. NaN for null-data without a row before.</summary>
    /// <param name="column">The column, from 0.</param>
    /// <param name="target">One element for each row.</param>
    /// <param name="scaler">Power of ten from scal_unit_type, -128..127.</param>
    public ColumnSet Double(int column, double[] target, sbyte scaler = 0)
    {
        ref var taken = ref Take(column, Kind.Double, target);
        taken.Doubles = target;

        // Powers of ten to 22 are exact, so one division gives the nearest double.
        (taken.Power, taken.Divides) = (Math.Pow(10, Math.Abs((int)scaler)), scaler < 0);
        return this;
    }

    /// <summary>Takes a column as exact decimal numbers. null-data without a row before is 0: see <see cref="Int64"/> where that matters.</summary>
    /// <param name="column">The column, from 0.</param>
    /// <param name="target">One element for each row.</param>
    /// <param name="scaler">Power of ten from scal_unit_type; -28..0 is always exact, else a number may not fit, which is an error of the row.</param>
    public ColumnSet Decimal(int column, decimal[] target, sbyte scaler = 0)
    {
        ref var taken = ref Take(column, Kind.Decimal, target);
        (taken.Decimals, taken.Scaler) = (target, scaler);
        return this;
    }

    /// <summary>Takes a column of date-times: octet-string of twelve or date-time. The default value for null-data without a row before.</summary>
    /// <param name="column">The column, from 0.</param>
    /// <param name="target">One element for each row.</param>
    public ColumnSet Time(int column, DateTimeOffset[] target)
    {
        Take(column, Kind.Time, target).Times = target;
        return this;
    }

    /// <summary>Takes a column of octet-strings or texts as places in the Data that is read. Empty for null-data without a row before.</summary>
    /// <param name="column">The column, from 0.</param>
    /// <param name="target">One element for each row.</param>
    public ColumnSet Octets(int column, OctetRange[] target)
    {
        Take(column, Kind.Octets, target).Ranges = target;
        return this;
    }

    /// <summary>Rows of a profile buffer, to know how much room it takes; 0 where it is none.</summary>
    public static int CountRows(ReadOnlySpan<byte> data)
    {
        var reader = new AxdrReader(data);
        if (reader.Peek == DataTag.CompactArray) return CompactArrayReader.TryRead(ref reader, out var rows) ? rows.RowCount : 0;
        return reader.TryReadArray(out var count) ? count : 0;
    }

    private ref Column Take(int column, Kind kind, Array target)
    {
        ArgumentNullException.ThrowIfNull(target);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)column, (uint)_columns.Length, nameof(column));
        _columns[column] = new() { Kind = kind };
        Capacity = Math.Min(Capacity, target.Length);
        return ref _columns[column];
    }

    // One of the arrays is set, as the kind says. The rest is what the next row may refer to.
    private struct Column
    {
        public Kind Kind;
        public DataTag Type;       // of the last number; null-data before the first
        public bool Divides;
        public sbyte Scaler;
        public uint Date;          // year, month and day of the last time, as on the wire
        public long Number;        // the last number; of long64-unsigned and floats their bits
        public long DateTicks;
        public long WhenNull;
        public double Power;
        public long[] Longs;
        public double[] Doubles;
        public decimal[] Decimals;
        public DateTimeOffset[] Times;
        public OctetRange[] Ranges;
        public DateTimeOffset Moment;
        public OctetRange Range;
    }
}
