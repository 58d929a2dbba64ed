namespace Gridtally.Concentrator.Settings;

/// <summary>One value that may not be stored.</summary>
/// <param name="Table">The table.</param>
/// <param name="Row">Which row: its key or name, or <c>row 3</c>.</param>
/// <param name="RowId">Its id; 0 for a row that is not stored yet.</param>
/// <param name="Column">The column.</param>
/// <param name="Value">What it was to be.</param>
/// <param name="Expected">What is allowed.</param>
public sealed record SettingError(string Table, string Row, long RowId, string Column, string Value, string Expected)
{
    /// <summary>Names table, row, column, value and what is allowed.</summary>
    public override string ToString() => $"{Table}, {Row}: {Column} is '{Value}'; expected {Expected}";
}

/// <summary>Settings that may not be stored; nothing of the change was.</summary>
public sealed class SettingsException : Exception
{
    /// <summary>Lists what is wrong.</summary>
    public SettingsException(IReadOnlyList<SettingError> errors, string source = "Settings")
        : base($"{source} not accepted, nothing was changed: {string.Join("; ", errors.Take(5))}{(errors.Count > 5 ? $"; and {errors.Count - 5} more" : "")}.") => Errors = errors;

    /// <summary>Says what is wrong with the settings as a whole.</summary>
    public SettingsException(string message, Exception? inner = null) : base(message, inner) => Errors = [];

    /// <inheritdoc cref="SettingsException(string, Exception)"/>
    public SettingsException() : this("Settings not accepted.") { }

    /// <inheritdoc cref="SettingsException(string, Exception)"/>
    public SettingsException(string message) : this(message, null) { }

    /// <summary>Each value that was wrong.</summary>
    public IReadOnlyList<SettingError> Errors { get; }
}

/// <summary>One stored row of a settings table.</summary>
/// <param name="Id">Stays the same while the row exists.</param>
/// <param name="Cells">Column name to text. A secret reads <see cref="SettingsStore.Hidden"/> when set, empty when not.</param>
public sealed record SettingRow(long Id, IReadOnlyDictionary<string, string> Cells)
{
    /// <summary>The text of a column; empty where the row has none.</summary>
    public string this[string column] => Cells.GetValueOrDefault(column, "");
}
