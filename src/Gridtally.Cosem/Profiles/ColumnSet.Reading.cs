using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Gridtally.Cosem.Data;
using Gridtally.Metering;

namespace Gridtally.Cosem.Profiles;

public sealed partial class ColumnSet
{
    private const string Production = "rows";

    /// <summary>Reads a profile buffer into the columns, from their first element on.</summary>
    /// <param name="data">Attribute 2 of a profile: array or compact-array of structures, each with this many columns.</param>
    /// <param name="rows">Rows that were read whole; on failure those before the wrong one.</param>
    /// <param name="error">What is wrong, and where.</param>
    /// <returns>False where the octets are no such rows, or more than <see cref="Capacity"/>.</returns>
    public bool TryReadRows(ReadOnlySpan<byte> data, out int rows, out DecodeError error)
    {
        Forget();
        var reader = new AxdrReader(data, Production);
        rows = 0;
        if (reader.Peek == DataTag.CompactArray) ReadCompactArray(ref reader, data, ref rows);
        else if (reader.TryReadArray(out var count) && FitsIn(ref reader, count)) ReadArray(ref reader, data, count, ref rows);
        error = reader.Error;
        return reader.TryEnd() || Fails(reader, out error);
    }

    /// <summary>Reads one structure into element <paramref name="row"/> of each column: the body of a DataNotification.</summary>
    /// <param name="data">A structure with this many columns.</param>
    /// <param name="row">Where it goes, 0..<see cref="Capacity"/> - 1.</param>
    /// <param name="error">What is wrong, and where.</param>
    /// <returns>False where the octets are no such structure.</returns>
    public bool TryReadRow(ReadOnlySpan<byte> data, int row, out DecodeError error)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)row, (uint)Capacity, nameof(row));
        Forget();
        var reader = new AxdrReader(data, Production);
        var at = 0;
        error = default;
        if (TryReadStructure(ref reader, data, ref at, row))
        {
            reader.Advance(at);
            if (reader.TryEnd()) return true;
        }

        error = reader.Error;
        return false;
    }

    private static bool Fails(in AxdrReader reader, out DecodeError error)
    {
        error = reader.Error;
        return false;
    }

    private bool FitsIn(ref AxdrReader reader, int count) => count <= Capacity || reader.FailAt(DecodeFault.BadLength, 0);

    // What a row before this message said is not referred to.
    private void Forget()
    {
        foreach (ref var column in _columns.AsSpan())
        {
            (column.Type, column.Number, column.Moment, column.Range) = (DataTag.NullData, column.WhenNull, default, default);
        }
    }

    private void ReadArray(ref AxdrReader reader, ReadOnlySpan<byte> data, int count, ref int rows)
    {
        var at = reader.Position;
        for (; rows < count; rows++)
        {
            if (!TryReadStructure(ref reader, data, ref at, rows)) return;
        }

        reader.Advance(at - reader.Position);
    }

    private bool TryReadStructure(ref AxdrReader reader, ReadOnlySpan<byte> data, ref int at, int row)
    {
        // MaxColumns is below the lengths that take two octets, but a peer may write them so.
        if (data.Length - at < 2 || data[at] != (byte)DataTag.Structure || data[at + 1] != _columns.Length)
        {
            var head = new AxdrReader(data);
            head.Advance(at);
            if (!head.TryReadStructureOf(_columns.Length)) return reader.FailAt(head.Error.Fault, head.Error.Offset);
            at = head.Position;
        }
        else
        {
            at += 2;
        }

        var columns = _columns;
        for (var i = 0; i < columns.Length; i++)
        {
            ref var column = ref columns[i];
            if (at >= data.Length) return reader.FailAt(DecodeFault.Truncated, at);
            var tag = (DataTag)data[at++];

            if (TryReadCommon(ref column, tag, data, ref at, row)) continue;
            var start = at - 1;
            if (!TryReadCell(ref column, tag, data, ref at, row, out var fault)) return reader.FailAt(fault, fault == DecodeFault.Truncated ? at : start);
        }

        return true;
    }

    private void ReadCompactArray(ref AxdrReader reader, ReadOnlySpan<byte> data, ref int rows)
    {
        if (!CompactArrayReader.TryReadHead(ref reader, 0, out var type, out var contents, out var lengthAt) || contents.IsEmpty) return;
        Span<DataTag> types = stackalloc DataTag[ProfileLayout.MaxColumns];
        if (type.FlatColumns(types) != _columns.Length)
        {
            reader.FailAt(DecodeFault.BadLength, 1);
            return;
        }

        var (columns, most) = (_columns, type.MostRows(contents.Length));
        var at = reader.Position - contents.Length;
        data = data[..reader.Position];
        for (; at < data.Length; rows++)
        {
            if (rows >= most) reader.FailAt(DecodeFault.BadLength, lengthAt);
            if (!FitsIn(ref reader, rows + 1) || reader.Failed) return;
            for (var i = 0; i < columns.Length; i++)
            {
                // The types are the rows' own: a column of null-data has no values to repeat.
                ref var column = ref columns[i];
                if (TryReadCommon(ref column, types[i], data, ref at, rows) || TryReadCell(ref column, types[i], data, ref at, rows, out var fault)) continue;
                reader.FailAt(fault, at);
                return;
            }
        }
    }

    // What most cells are, ahead of all others.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryReadCommon(ref Column column, DataTag tag, ReadOnlySpan<byte> data, ref int at, int row)
    {
        if (tag != DataTag.DoubleLongUnsigned || column.Kind != Kind.Int64 || data.Length - at < 4) return false;
        (column.Type, column.Number) = (tag, BinaryPrimitives.ReadUInt32BigEndian(data[at..]));
        column.Longs[row] = column.Number;
        at += 4;
        return true;
    }

    // A value whose tag is read, or known from a type description.
    private bool TryReadCell(ref Column column, DataTag tag, ReadOnlySpan<byte> data, ref int at, int row, out DecodeFault fault)
    {
        fault = DecodeFault.Truncated;
        switch (column.Kind)
        {
            case Kind.Skipped:
                return TrySkip(tag, data, ref at, out fault);
            case Kind.Time:
                return TryReadTime(ref column, tag, data, ref at, row, out fault);
            case Kind.Octets:
                if (tag != DataTag.NullData && !TryReadOctets(ref column, tag, data, ref at, out fault)) return false;
                column.Ranges[row] = column.Range;
                return true;
            default:
                return TryReadNumber(ref column, tag, data, ref at, out fault) && TryStore(ref column, row, out fault);
        }
    }

    private static bool TryStore(ref Column column, int row, out DecodeFault fault)
    {
        fault = DecodeFault.BadValue;
        var isFloat = column.Type is DataTag.Float32 or DataTag.Float64;
        switch (column.Kind)
        {
            case Kind.Int64:
                if (isFloat || column.Type == DataTag.Long64Unsigned && column.Number < 0) return false;
                column.Longs[row] = column.Number;
                return true;
            case Kind.Double:
                var number = isFloat ? BitConverter.Int64BitsToDouble(column.Number) : column.Type switch
                {
                    DataTag.NullData => double.NaN,
                    DataTag.Long64Unsigned => (ulong)column.Number,
                    _ => column.Number,
                };
                column.Doubles[row] = column.Divides ? number / column.Power : number * column.Power;
                return true;
            default:
                if (isFloat) return false;
                return TryScale(column, out column.Decimals[row]);
        }
    }

    private static bool TryScale(in Column column, out decimal scaled)
    {
        var raw = column.Type switch { DataTag.NullData => 0m, DataTag.Long64Unsigned => (ulong)column.Number, _ => column.Number };
        return new ScalerUnit(column.Scaler, Unit.None).TryScale(raw, out scaled);
    }

    private static bool TryReadNumber(ref Column column, DataTag tag, ReadOnlySpan<byte> data, ref int at, out DecodeFault fault)
    {
        fault = DecodeFault.Truncated;
        var size = AxdrReader.FixedSize(tag);
        if (size > data.Length - at) return false;
        fault = DecodeFault.UnknownTag;
        if (size < 0) return false;
        var body = data[at..];
        switch (tag)
        {
            case DataTag.NullData: return true; // as before
            case DataTag.Boolean: column.Number = body[0] == 0 ? 0 : 1; break;
            case DataTag.Unsigned or DataTag.Enum or DataTag.Bcd: column.Number = body[0]; break;
            case DataTag.Integer: column.Number = (sbyte)body[0]; break;
            case DataTag.Long: column.Number = BinaryPrimitives.ReadInt16BigEndian(body); break;
            case DataTag.LongUnsigned: column.Number = BinaryPrimitives.ReadUInt16BigEndian(body); break;
            case DataTag.DoubleLong: column.Number = BinaryPrimitives.ReadInt32BigEndian(body); break;
            case DataTag.DoubleLongUnsigned: column.Number = BinaryPrimitives.ReadUInt32BigEndian(body); break;
            case DataTag.Long64 or DataTag.Long64Unsigned: column.Number = BinaryPrimitives.ReadInt64BigEndian(body); break;
            case DataTag.Float32: column.Number = BitConverter.DoubleToInt64Bits(BinaryPrimitives.ReadSingleBigEndian(body)); break;
            case DataTag.Float64: column.Number = BinaryPrimitives.ReadInt64BigEndian(body); break;
            default:
                if (!ProfileDelta.IsDelta(tag)) return false;
                fault = DecodeFault.BadValue;
                if (!ProfileDelta.TryAdd(column.Type, column.Number, DeltaOf(tag, body), out var sum)) return false;
                column.Number = sum;
                at += size;
                return true;
        }

        column.Type = tag;
        at += size;
        return true;
    }

    private static long DeltaOf(DataTag tag, ReadOnlySpan<byte> body) => tag switch
    {
        DataTag.DeltaInteger => (sbyte)body[0],
        DataTag.DeltaLong => BinaryPrimitives.ReadInt16BigEndian(body),
        DataTag.DeltaDoubleLong => BinaryPrimitives.ReadInt32BigEndian(body),
        DataTag.DeltaUnsigned => body[0],
        DataTag.DeltaLongUnsigned => BinaryPrimitives.ReadUInt16BigEndian(body),
        _ => BinaryPrimitives.ReadUInt32BigEndian(body),
    };

    private bool TryReadTime(ref Column column, DataTag tag, ReadOnlySpan<byte> data, ref int at, int row, out DecodeFault fault)
    {
        fault = DecodeFault.Truncated;
        if (tag == DataTag.NullData)
        {
            fault = DecodeFault.BadValue;
            if (column.Moment.Ticks > 0)
            {
                if (column.Moment.Ticks > DateTime.MaxValue.Ticks - TimeSpan.TicksPerDay - _periodTicks) return false;
                column.Moment = column.Moment.AddTicks(_periodTicks);
            }

            column.Times[row] = column.Moment;
            return true;
        }

        if (tag == DataTag.OctetString)
        {
            if (at >= data.Length) return false;
            fault = DecodeFault.BadLength;
            if (data[at] != CosemDateTime.Size) return false;
            at++;
            fault = DecodeFault.Truncated;
        }
        else if (tag != DataTag.DateTime)
        {
            fault = DecodeFault.UnknownTag;
            return false;
        }

        if (data.Length - at < CosemDateTime.Size) return false;
        fault = DecodeFault.BadValue;
        if (!TryReadMoment(ref column, data.Slice(at, CosemDateTime.Size))) return false;
        column.Times[row] = column.Moment;
        at += CosemDateTime.Size;
        return true;
    }

    // Rows follow each other within a day mostly: its ticks are worked out once.
    private bool TryReadMoment(ref Column column, ReadOnlySpan<byte> octets)
    {
        var date = BinaryPrimitives.ReadUInt32BigEndian(octets);
        int deviation = BinaryPrimitives.ReadInt16BigEndian(octets[9..]);
        var (hour, minute, second, hundredths) = (octets[5], octets[6], octets[7], octets[8]);
        if (hundredths == 0xFF) hundredths = 0;
        if (date != column.Date || hour > 23 || minute > 59 || second > 59 || hundredths > 99 || deviation is < -840 or > 840 || _clock.DeviationExcludesDst)
        {
            var time = CosemDateTime.Read(octets);
            if (!time.TryToDateTimeOffset(out column.Moment, _clock)) return false;
            (column.Date, column.DateTicks) = (date, new DateTime(time.Year, time.Month, time.Day).Ticks);
            return true;
        }

        var ticks = column.DateTicks + ((hour * 60L + minute) * 60 + second) * TimeSpan.TicksPerSecond + hundredths * (TimeSpan.TicksPerMillisecond * 10);
        column.Moment = new(ticks, new TimeSpan(-deviation * TimeSpan.TicksPerMinute));
        return true;
    }

    private static bool TryReadOctets(ref Column column, DataTag tag, ReadOnlySpan<byte> data, ref int at, out DecodeFault fault)
    {
        fault = DecodeFault.UnknownTag;
        if (tag is DataTag.OctetString or DataTag.VisibleString or DataTag.Utf8String)
        {
            var reader = new AxdrReader(data);
            reader.Advance(at);
            if (!reader.TryReadLengthPrefixed(out var octets))
            {
                fault = reader.Error.Fault;
                return false;
            }

            column.Range = new(reader.Position - octets.Length, octets.Length);
            at = reader.Position;
            return true;
        }

        if (tag is not (DataTag.DateTime or DataTag.Date or DataTag.Time)) return false;
        var size = AxdrReader.FixedSize(tag);
        fault = DecodeFault.Truncated;
        if (data.Length - at < size) return false;
        column.Range = new(at, size);
        at += size;
        return true;
    }

    private static bool TrySkip(DataTag tag, ReadOnlySpan<byte> data, ref int at, out DecodeFault fault)
    {
        fault = DecodeFault.Truncated;
        var size = AxdrReader.FixedSize(tag);
        if (size >= 0)
        {
            if (size > data.Length - at) return false;
            at += size;
            return true;
        }

        // In a type description there are simple types only; else the tag is the octet before.
        var reader = new AxdrReader(data);
        var isSimple = tag is DataTag.OctetString or DataTag.VisibleString or DataTag.Utf8String or DataTag.BitString;
        reader.Advance(isSimple ? at : at - 1);
        var done = isSimple ? reader.SkipValue(tag) : reader.TrySkip(out _);
        fault = reader.Error.Fault;
        if (done) at = reader.Position;
        return done;
    }
}
