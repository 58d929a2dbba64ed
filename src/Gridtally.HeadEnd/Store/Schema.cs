namespace Gridtally.HeadEnd.Store;

/// <summary>The schema of the head end's database, as migrations: only ever appended to.</summary>
internal static class Schema
{
    public static readonly IReadOnlyList<string> Migrations =
    [
        """
        CREATE TABLE concentrator (
            serial TEXT PRIMARY KEY, name TEXT NOT NULL, logical_device_name TEXT NOT NULL UNIQUE, keys BLOB NOT NULL, enabled INTEGER NOT NULL,
            journal BLOB, cursor INTEGER NOT NULL DEFAULT 0, journal_end INTEGER NOT NULL DEFAULT 0,
            software TEXT, remote TEXT, last_contact INTEGER
        ) STRICT;

        CREATE TABLE meter (
            number TEXT PRIMARY KEY, logical_device INTEGER NOT NULL DEFAULT 1, keys BLOB, since INTEGER NOT NULL
        ) STRICT;

        -- What the concentrators say of their meters; replaced with each reading of an archive.
        CREATE TABLE archive (
            concentrator TEXT NOT NULL, meter TEXT NOT NULL, enabled INTEGER NOT NULL, channel TEXT NOT NULL, task TEXT NOT NULL,
            last_contact INTEGER, last_error TEXT NOT NULL,
            PRIMARY KEY (concentrator, meter)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX archive_by_meter ON archive (meter);

        -- Layouts by content: concentrators number theirs as they like.
        CREATE TABLE layout (
            id INTEGER PRIMARY KEY, capture_period INTEGER NOT NULL, content BLOB NOT NULL UNIQUE
        ) STRICT;

        -- One profile of one meter. first_time, last_time and rows are kept so that overviews need not count.
        CREATE TABLE series (
            id INTEGER PRIMARY KEY, meter TEXT NOT NULL, profile INTEGER NOT NULL, layout INTEGER NOT NULL REFERENCES layout (id),
            rows INTEGER NOT NULL DEFAULT 0, first_time INTEGER, last_time INTEGER,
            UNIQUE (meter, profile)
        ) STRICT;

        CREATE TABLE journal_layout (
            concentrator TEXT NOT NULL, series INTEGER NOT NULL, layout_id INTEGER NOT NULL, layout INTEGER NOT NULL REFERENCES layout (id),
            PRIMARY KEY (concentrator, series, layout_id)
        ) STRICT, WITHOUT ROWID;

        -- `octets` is the row exactly as the meter sent it.
        CREATE TABLE row (
            series INTEGER NOT NULL, time INTEGER NOT NULL, layout INTEGER NOT NULL, octets BLOB NOT NULL,
            PRIMARY KEY (series, time)
        ) STRICT, WITHOUT ROWID;

        -- Rows per day (days since 0001-01-01, in the zone that table `setting` tells); the row stamped 00:00 counts for the day that ends then.
        CREATE TABLE day (
            series INTEGER NOT NULL, day INTEGER NOT NULL, got INTEGER NOT NULL,
            PRIMARY KEY (series, day)
        ) STRICT, WITHOUT ROWID;

        -- A second row with the same key and other octets; the first is kept.
        CREATE TABLE discrepancy (
            id INTEGER PRIMARY KEY, series INTEGER NOT NULL, time INTEGER NOT NULL, octets BLOB NOT NULL,
            concentrator TEXT NOT NULL, sequence INTEGER NOT NULL, seen INTEGER NOT NULL,
            UNIQUE (series, time, octets)
        ) STRICT;

        CREATE TABLE quarantine (
            id INTEGER PRIMARY KEY, concentrator TEXT NOT NULL, journal BLOB NOT NULL, sequence INTEGER NOT NULL, part INTEGER NOT NULL,
            reason TEXT NOT NULL, octets BLOB NOT NULL, seen INTEGER NOT NULL,
            UNIQUE (concentrator, journal, sequence, part)
        ) STRICT;

        -- sequence is null for the head end's own events.
        CREATE TABLE event (
            id INTEGER PRIMARY KEY, time INTEGER NOT NULL, code INTEGER NOT NULL, severity INTEGER NOT NULL,
            concentrator TEXT, sequence INTEGER, meter TEXT NOT NULL, text TEXT NOT NULL, user TEXT,
            UNIQUE (concentrator, sequence, time, code)
        ) STRICT;
        CREATE INDEX event_by_meter ON event (meter, id);

        CREATE TABLE setting (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
        """,
    ];
}
