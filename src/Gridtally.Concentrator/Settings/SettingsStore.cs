using System.Text;
using Gridtally.Storage;

namespace Gridtally.Concentrator.Settings;

/// <summary>One change of settings, for the event log.</summary>
/// <param name="User">Who changed it.</param>
/// <param name="Text">What, without secrets: <c>Task Item 'energy profile': Interval 120 → 300</c>.</param>
public sealed record SettingChange(string User, string Text);

/// <summary>The settings of the concentrator: tables of text, checked as a whole before anything is stored.</summary>
/// <remarks>All members may be called from any thread. Changes come one after the other; each is one transaction.</remarks>
public sealed class SettingsStore
{
    /// <summary>What a secret that is set reads, and what leaves it as it is when written.</summary>
    public const string Hidden = "***";

    private const string SealedPrefix = "sealed:";

    private readonly Lock _lock = new();
    private readonly Database _database;
    private readonly SecretBox _secrets;
    private SettingTableSet _set;

    /// <summary>Opens the settings; a new database gets the built-in rows.</summary>
    /// <exception cref="StorageException">The database failed.</exception>
    public SettingsStore(Database database, SecretBox secrets)
    {
        (_database, _secrets) = (database, secrets);
        _set = Load();
        if (_set.Rows.Values.All(t => t.Count == 0)) Create();
        Current = new(_set);
    }

    /// <summary>The settings now, typed.</summary>
    public SettingsView Current { get; private set; }

    /// <summary>Raised after each stored change, once per request, with its audit texts.</summary>
    public event Action<IReadOnlyList<SettingChange>>? Changed;

    /// <summary>The rows of a table, by id. Secrets are hidden.</summary>
    public IReadOnlyList<SettingRow> Rows(TableSpec table)
    {
        lock (_lock) return [.. _set.Rows[table.Name].Select(r => new SettingRow(r.Key, Show(table, r.Value)))];
    }

    /// <summary>The rule for the value of a key-value row; null for rows of other tables.</summary>
    public ValueSpec? KeyOf(TableSpec table, SettingRow row)
    {
        lock (_lock) return SettingsRules.KeyOf(_set, table, row.Cells);
    }

    /// <summary>The text of a secret of table System; empty where none is set.</summary>
    public string Secret(string key)
    {
        lock (_lock)
        {
            var value = _set.Rows["system"].Values.FirstOrDefault(r => r["key"] == key)?["value"] ?? "";
            return value.StartsWith(SealedPrefix, StringComparison.Ordinal)
                ? Encoding.UTF8.GetString(_secrets.Unseal(Convert.FromBase64String(value[SealedPrefix.Length..]), Purpose(key)))
                : "";
        }
    }

    /// <summary>Changes rows of one table: all of them or, on any error, none.</summary>
    /// <param name="table">The table.</param>
    /// <param name="changes">Row id and the columns that change.</param>
    /// <param name="user">Who asks, for the audit.</param>
    /// <exception cref="SettingsException">A value is not allowed, or a row is not there.</exception>
    public void Change(TableSpec table, IReadOnlyList<(long Id, IReadOnlyDictionary<string, string> Cells)> changes, string user) => Apply(user, set =>
    {
        foreach (var (id, cells) in changes)
        {
            if (!set.Rows[table.Name].TryGetValue(id, out var row)) throw new SettingsException([new(table.Name, $"row {id}", id, "id", id.ToString(), "a row that exists")]);
            Rename(set, table, row, cells);
            foreach (var (column, value) in cells)
            {
                if (value != Hidden || !IsSecret(set, table, row)) row[column] = value;
            }
        }
    });

    /// <summary>Adds a row; columns that are left out get their defaults.</summary>
    /// <returns>Its id.</returns>
    /// <exception cref="SettingsException">A value is not allowed.</exception>
    public long Add(TableSpec table, IReadOnlyDictionary<string, string> cells, string user)
    {
        long id = 0;
        Apply(user, set =>
        {
            id = set.NextId(table.Name);
            var row = table.Columns.ToDictionary(c => c.Name, c => c.Default);
            foreach (var (column, value) in cells) row[column] = value;
            set.Rows[table.Name][id] = row;
            AddKeys(set, table, row);
        });
        return id;
    }

    /// <summary>Removes a row. The keys of a channel or protocol and the items of a task go with it.</summary>
    /// <exception cref="SettingsException">Another row refers to it, or it is one that must stay.</exception>
    public void Remove(TableSpec table, long id, string user) => Apply(user, set =>
    {
        if (!set.Rows[table.Name].Remove(id, out var row)) return;
        foreach (var (dependent, column) in Dependents(table))
        {
            foreach (var gone in set.Rows[dependent].Where(r => r.Value[column] == row["name"]).Select(r => r.Key).ToList()) set.Rows[dependent].Remove(gone);
        }
    });

    /// <summary>Replaces whole tables by those of a template (<see cref="SettingsTemplate"/>).</summary>
    /// <exception cref="SettingsException">The template is not one, or has a value that is not allowed; nothing was changed.</exception>
    public void Import(IReadOnlyDictionary<string, IReadOnlyList<Dictionary<string, string>>> tables, string user, string source = "Settings") =>
        Apply(user, set => SettingsTemplate.Merge(set, tables), source);

    internal SettingTableSet Snapshot()
    {
        lock (_lock) return _set.Copy();
    }

    internal static bool IsSecret(SettingTableSet set, TableSpec table, IReadOnlyDictionary<string, string> row) =>
        SettingsRules.KeyOf(set, table, row) is { Kind: ValueKind.Secret };

    private void Apply(string user, Action<SettingTableSet> change, string source = "Settings")
    {
        List<SettingChange> audit;
        lock (_lock)
        {
            var next = _set.Copy();
            change(next);
            var errors = SettingsRules.Check(next);
            if (errors.Count > 0) throw new SettingsException(errors, source);
            Seal(next);
            audit = [.. SettingsAudit.Compare(_set, next).Select(text => new SettingChange(user, text))];
            if (audit.Count == 0) return;
            _database.Write(session => Store(session, next));
            (_set, Current) = (next, new(next));
        }

        Changed?.Invoke(audit);
    }

    private void Store(DbSession session, SettingTableSet next)
    {
        foreach (var (table, rows) in next.Rows)
        {
            var old = _set.Rows[table];
            foreach (var id in old.Keys.Where(id => !rows.ContainsKey(id))) session.Execute("DELETE FROM setting WHERE tbl=?1 AND id=?2", table, id);
            foreach (var (id, row) in rows)
            {
                if (old.TryGetValue(id, out var before) && before.Count == row.Count && !before.Except(row).Any()) continue;
                session.Execute("INSERT INTO setting(tbl, id, cells) VALUES(?1, ?2, ?3) ON CONFLICT(tbl, id) DO UPDATE SET cells=excluded.cells", table, id, SettingsTemplate.WriteCells(row));
            }
        }
    }

    private SettingTableSet Load()
    {
        var set = new SettingTableSet(SettingTables.All);
        foreach (var (table, id, cells) in _database.Read(s => s.Query("SELECT tbl, id, cells FROM setting", r => (r.GetString(0), r.GetInt64(1), r.GetString(2)))))
        {
            if (set.Rows.TryGetValue(table, out var rows)) rows[id] = SettingsTemplate.ReadCells(cells);
        }

        return set;
    }

    private void Create()
    {
        var set = new SettingTableSet(SettingTables.All);
        foreach (var table in SettingTables.All)
        {
            foreach (var row in BuiltInRows.Of(table)) set.Rows[table.Name][set.NextId(table.Name)] = row;
        }

        _database.Write(session => Store(session, set));
        _set = set;
    }

    // A new channel or protocol has all its keys from the start, so that a user sees what can be set.
    private static void AddKeys(SettingTableSet set, TableSpec table, Dictionary<string, string> row)
    {
        var keys = table.Name switch
        {
            "channel" when int.TryParse(row["commType"], out var number) && CommType.Find(number) is { } type => SettingKeys.OfChannel(type),
            "protocol" => SettingKeys.OfProtocol(row["type"]),
            _ => [],
        };
        foreach (var key in keys)
        {
            var owned = table.Name + "-attribute";
            if (set.Rows[owned].Values.Any(r => r[table.Name] == row["name"] && r["key"] == key.Name)) continue;
            set.Rows[owned][set.NextId(owned)] = BuiltInRows.KeyRow(table.Name, row["name"], key);
        }
    }

    private static void Rename(SettingTableSet set, TableSpec table, Dictionary<string, string> row, IReadOnlyDictionary<string, string> cells)
    {
        if (!cells.TryGetValue("name", out var name) || table.Name is not ("task" or "channel" or "protocol") || row["name"] == name) return;
        foreach (var (dependent, column) in References(table))
        {
            foreach (var referring in set.Rows[dependent].Values.Where(r => r[column] == row["name"])) referring[column] = name;
        }
    }

    private static IEnumerable<(string Table, string Column)> Dependents(TableSpec table) => table.Name switch
    {
        "task" => [("task-item", "task")],
        "channel" => [("channel-attribute", "channel")],
        "protocol" => [("protocol-attribute", "protocol")],
        _ => [],
    };

    private static IEnumerable<(string Table, string Column)> References(TableSpec table) =>
        SettingTables.All.SelectMany(t => t.Columns.Where(c => c.Kind == ValueKind.Reference && c.Table == table.Name).Select(c => (t.Name, c.Name)));

    private void Seal(SettingTableSet set)
    {
        foreach (var row in set.Rows["system"].Values.Where(r => IsSecret(set, SettingTables.System, r)))
        {
            if (row["value"].Length > 0 && !row["value"].StartsWith(SealedPrefix, StringComparison.Ordinal))
                row["value"] = SealedPrefix + Convert.ToBase64String(_secrets.Seal(Encoding.UTF8.GetBytes(row["value"]), Purpose(row["key"])));
        }
    }

    private Dictionary<string, string> Show(TableSpec table, Dictionary<string, string> row)
    {
        var shown = new Dictionary<string, string>(row);
        if (IsSecret(_set, table, row) && shown["value"].Length > 0) shown["value"] = Hidden;
        return shown;
    }

    private static string Purpose(string key) => $"setting {key}";
}
