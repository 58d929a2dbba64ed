namespace Gridtally.Concentrator.Store;

/// <summary>The tables of the concentrator's database. Times are Unix seconds UTC, profiles are OBIS codes as numbers.</summary>
public static class ConcentratorSchema
{
    /// <summary>File name within the data folder.</summary>
    public const string FileName = "concentrator.db";

    /// <summary>Migrations, oldest first; only ever appended to.</summary>
    public static readonly IReadOnlyList<string> Migrations =
    [
        """
        CREATE TABLE meta(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
        CREATE TABLE setting(tbl TEXT NOT NULL, id INTEGER NOT NULL, cells TEXT NOT NULL, PRIMARY KEY(tbl, id)) WITHOUT ROWID;
        CREATE TABLE meter(id INTEGER PRIMARY KEY, number TEXT NOT NULL UNIQUE, cells TEXT NOT NULL, ek BLOB, ak BLOB, password BLOB,
            archived INTEGER NOT NULL, removed INTEGER NOT NULL DEFAULT 0);
        CREATE TABLE meter_state(meter INTEGER PRIMARY KEY, reachable INTEGER, contact INTEGER, failed INTEGER, reason INTEGER, text TEXT, ldn TEXT);
        CREATE TABLE layout(id INTEGER PRIMARY KEY AUTOINCREMENT, meter INTEGER NOT NULL, profile INTEGER NOT NULL, body BLOB NOT NULL, seen INTEGER NOT NULL);
        CREATE INDEX layout_of ON layout(meter, profile, seen);
        CREATE TABLE block(id INTEGER PRIMARY KEY, meter INTEGER NOT NULL, profile INTEGER NOT NULL, day INTEGER NOT NULL, layout INTEGER NOT NULL,
            rows INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, body BLOB NOT NULL);
        CREATE UNIQUE INDEX block_of ON block(meter, profile, day, layout);
        CREATE INDEX block_day ON block(day, profile, rows);
        CREATE TABLE coverage(meter INTEGER NOT NULL, profile INTEGER NOT NULL, after INTEGER NOT NULL, upto INTEGER NOT NULL, PRIMARY KEY(meter, profile, after)) WITHOUT ROWID;
        CREATE TABLE item_run(meter INTEGER NOT NULL, item INTEGER NOT NULL, success INTEGER NOT NULL, PRIMARY KEY(meter, item)) WITHOUT ROWID;
        CREATE TABLE journal(seq INTEGER PRIMARY KEY AUTOINCREMENT, kind INTEGER NOT NULL, meter INTEGER NOT NULL, profile INTEGER NOT NULL, layout INTEGER NOT NULL,
            first INTEGER NOT NULL, last INTEGER NOT NULL, added INTEGER NOT NULL);
        CREATE TABLE cursor(name TEXT PRIMARY KEY, seq INTEGER NOT NULL, moved INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE event(id INTEGER PRIMARY KEY AUTOINCREMENT, time INTEGER NOT NULL, severity INTEGER NOT NULL, code INTEGER NOT NULL, meter TEXT NOT NULL,
            user TEXT NOT NULL, text TEXT NOT NULL);
        CREATE INDEX event_meter ON event(meter, id);
        CREATE TABLE history(id INTEGER PRIMARY KEY AUTOINCREMENT, meter INTEGER NOT NULL, time INTEGER NOT NULL, duration INTEGER NOT NULL, channel TEXT NOT NULL,
            item TEXT NOT NULL, outcome INTEGER NOT NULL, reason INTEGER, text TEXT NOT NULL, rows INTEGER NOT NULL, sent INTEGER NOT NULL, received INTEGER NOT NULL,
            retries INTEGER NOT NULL);
        CREATE INDEX history_meter ON history(meter, id);
        """,
    ];
}
