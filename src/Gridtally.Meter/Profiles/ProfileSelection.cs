using System.Buffers;
using Gridtally.Cosem;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Data;
using Gridtally.Cosem.Server;

namespace Gridtally.Meter.Profiles;

/// <summary>Answers reads of the profile buffer: all of it, by range or by entry. Work is proportional to the answer.</summary>
/// <remarks>Attribute 2 of Profile generic; range and entry are inclusive at both ends, no row is an empty array.</remarks>
public static class ProfileSelection
{
    /// <summary>Writes the rows that the selector asks for.</summary>
    /// <param name="profile">The profile.</param>
    /// <param name="timeZone">Deviation to assume for times that give none, minutes.</param>
    /// <param name="context">Selector and parameters.</param>
    /// <param name="output">The encoded array.</param>
    public static DataAccessResult Write(EnergyProfile profile, short timeZone, in RequestContext context, IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(profile);
        var rows = profile.Rows;
        switch (context.Selector)
        {
            case 0:
                WriteRows(rows, rows.First, rows.Next, AllColumns, output);
                return DataAccessResult.Success;
            case SelectiveAccess.ByRangeSelector:
                return RangeDescriptor.TryRead(context.SelectorParameters, out var range, out _)
                    ? WriteRange(rows, range!, timeZone, output)
                    : DataAccessResult.TypeUnmatched;
            case SelectiveAccess.ByEntrySelector:
                return EntryDescriptor.TryRead(context.SelectorParameters, out var entries, out _)
                    ? WriteEntries(rows, entries, output)
                    : DataAccessResult.TypeUnmatched;
            default:
                return DataAccessResult.ScopeOfAccessViolated;
        }
    }

    /// <summary>Writes one row as the structure that a client receives.</summary>
    public static void WriteRow(in ProfileRow row, IBufferWriter<byte> output) => WriteRow(row, AllColumns, output);

    private static readonly int[] AllColumns = [.. Enumerable.Range(0, EnergyProfile.Columns.Length)];

    private static DataAccessResult WriteRange(ProfileRing rows, RangeDescriptor range, short timeZone, IBufferWriter<byte> output)
    {
        if (range.Restricting != EnergyProfile.Columns[0] || !range.TryGetDateTimes(out var from, out var to)) return DataAccessResult.OtherReason;
        if (!TryGetBound(from, timeZone, open: 0, out var fromUtc) || !TryGetBound(to, timeZone, open: uint.MaxValue, out var toUtc)) return DataAccessResult.OtherReason;
        var columns = AllColumns;
        if (range.Columns.Count > 0)
        {
            columns = new int[range.Columns.Count];
            for (var i = 0; i < columns.Length; i++)
            {
                columns[i] = Array.IndexOf(EnergyProfile.Columns, range.Columns[i]);
                if (columns[i] < 0) return DataAccessResult.OtherReason;
            }
        }

        var chosen = rows.Between(fromUtc, toUtc).ToArray();
        output.WriteArray(chosen.Length);
        foreach (var number in chosen) WriteRow(rows[number], columns, output);
        return DataAccessResult.Success;
    }

    private static DataAccessResult WriteEntries(ProfileRing rows, in EntryDescriptor entries, IBufferWriter<byte> output)
    {
        var lastColumn = entries.ToColumn == 0 ? AllColumns.Length : Math.Min((int)entries.ToColumn, AllColumns.Length);
        if (entries.FromEntry == 0 || entries.FromColumn == 0 || entries.FromColumn > lastColumn) return DataAccessResult.OtherReason;
        var last = entries.ToEntry == 0 ? rows.Count : Math.Min(entries.ToEntry, rows.Count);
        WriteRows(rows, rows.First + entries.FromEntry - 1, rows.First + last, AllColumns[(entries.FromColumn - 1)..lastColumn], output);
        return DataAccessResult.Success;
    }

    // A time without year is no bound; any other time that is no moment is a mistake of the client's.
    private static bool TryGetBound(in CosemDateTime time, short timeZone, uint open, out long utc)
    {
        utc = open;
        if (time.Year == 0xFFFF) return true;
        if (!time.TryToUtc(out var moment, timeZone)) return false;
        utc = (long)(moment - DateTime.UnixEpoch).TotalSeconds;
        return true;
    }

    private static void WriteRows(ProfileRing rows, long from, long end, int[] columns, IBufferWriter<byte> output)
    {
        output.WriteArray((int)Math.Max(0, end - from));
        for (var number = from; number < end; number++) WriteRow(rows[number], columns, output);
    }

    private static void WriteRow(in ProfileRow row, int[] columns, IBufferWriter<byte> output)
    {
        output.WriteStructure(columns.Length);
        foreach (var column in columns)
        {
            switch (column)
            {
                case 0: output.WriteDateTime(row.Time.ToCosem()); break;
                case 1: output.WriteUnsigned((byte)row.Status); break;
                case 8: output.WriteDoubleLongUnsigned((uint)row.Internal); break;
                default: output.WriteDoubleLongUnsigned(row.Demands[column - 2]); break;
            }
        }
    }
}
