using System.Buffers;
using Gridtally.Cosem.Data;
using Gridtally.Cosem.Profiles;
using Gridtally.Storage;
using Microsoft.Data.Sqlite;

namespace Gridtally.HeadEnd.Store;

/// <summary>A layout as stored: by content, whatever number a concentrator gave it.</summary>
internal sealed record StoredLayout(long Id, ProfileLayout Layout)
{
    /// <summary>Seconds between rows, 0 for none; no profile has a period longer than a month.</summary>
    public const uint MaxCapturePeriod = 31 * 86_400;

    public static StoredLayout Store(DbSession session, ProfileLayout layout)
    {
        var buffer = new ArrayBufferWriter<byte>();
        layout.WriteTo(buffer);
        var content = buffer.WrittenSpan.ToArray();
        var id = session.Number("SELECT id FROM layout WHERE content = ?1", content);
        if (id == 0)
            id = session.Insert("INSERT INTO layout (capture_period, content) VALUES (?1, ?2)", (long)Math.Min(layout.CapturePeriodSeconds, MaxCapturePeriod), content);
        return new(id, layout);
    }

    public static StoredLayout? OfJournal(DbSession session, string concentrator, long series, uint layoutId) => session.First(
        """
        SELECT l.id, l.content FROM journal_layout j JOIN layout l ON l.id = j.layout
        WHERE j.concentrator = ?1 AND j.series = ?2 AND j.layout_id = ?3
        """,
        Map, null, concentrator, series, (long)layoutId);

    public static StoredLayout? Find(DbSession session, long id) => session.First("SELECT id, content FROM layout WHERE id = ?1", Map, null, id);

    /// <summary>Reads a row's time stamp, and checks that the row has this layout's columns.</summary>
    public bool TryReadTime(ReadOnlySpan<byte> row, out DateTime time, out string problem)
    {
        (time, problem) = (default, "");
        if (Layout.ClockColumn < 0)
        {
            problem = "its layout has no clock column";
            return false;
        }

        var reader = new AxdrReader(row, "profile row");
        if (!reader.TryReadStructure(out var count))
        {
            problem = reader.Error.ToString();
            return false;
        }

        if (count != Layout.Columns.Length)
        {
            problem = $"it has {count} elements, its layout {Layout.Columns.Length} columns";
            return false;
        }

        for (var i = 0; i < Layout.ClockColumn; i++) reader.TrySkip(out _);
        if (!reader.TryReadDateTime(out var stamp))
        {
            problem = $"its clock is no date-time ({reader.Error})";
            return false;
        }

        if (stamp.TryToUtc(out time)) return true;
        problem = $"its clock {stamp} is no moment";
        return false;
    }

    private static StoredLayout? Map(SqliteDataReader row)
    {
        var reader = new AxdrReader(row.Blob(1));
        return ProfileLayout.TryRead(ref reader, out var layout)
            ? new(row.GetInt64(0), layout!)
            : throw new InvalidDataException($"Stored layout {row.GetInt64(0)} can't be read: {reader.Error}.");
    }
}
