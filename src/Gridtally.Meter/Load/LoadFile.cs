using System.Globalization;

namespace Gridtally.Meter.Load;

/// <summary>Measured load of one household, minute by minute: what virtual meters draw their samples from.</summary>
/// <remarks>
/// CSV, UTF-8, comma, one header line, the columns of <see cref="Header"/>; consecutive minutes, whole days. A minute without
/// measurement has four empty value fields and is bridged by a straight line between its neighbours (held at the file's ends): the
/// energy of an unknown minute is then the best guess that needs no model.
/// </remarks>
public sealed class LoadFile
{
    /// <summary>The columns, in their order.</summary>
    public const string Header = "timestamp,active_power_kw,reactive_power_kvar,voltage_v,current_a";

    /// <summary>Minutes of the longest file: a year. Its values take 6 MB.</summary>
    public const int MaxMinutes = 366 * MinutesPerDay;

    private const int MinutesPerDay = 24 * 60;
    private const string TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss";

    private readonly float[] _active;
    private readonly float[] _reactive;
    private readonly float[] _voltage;

    private LoadFile(DateTime start, float[] active, float[] reactive, float[] voltage, int missing) =>
        (Start, _active, _reactive, _voltage, MissingMinutes) = (start, active, reactive, voltage, missing);

    /// <summary>First minute, local time as recorded.</summary>
    public DateTime Start { get; }

    /// <summary>Minutes in the file.</summary>
    public int Minutes => _active.Length;

    /// <summary>Minutes that had no measurement and were bridged.</summary>
    public int MissingMinutes { get; }

    /// <summary>Active power of a minute, W; negative where the household exports.</summary>
    public float ActivePower(int minute) => _active[minute];

    /// <summary>Reactive power of a minute, var.</summary>
    public float ReactivePower(int minute) => _reactive[minute];

    /// <summary>Voltage of a minute, V.</summary>
    public float Voltage(int minute) => _voltage[minute];

    /// <summary>Reads a file.</summary>
    /// <exception cref="LoadFileException">It is not a load file; the message names line and column.</exception>
    /// <exception cref="IOException">It can't be read.</exception>
    public static LoadFile Read(string path)
    {
        using var reader = new StreamReader(path);
        return Read(reader, path);
    }

    /// <summary>Reads a file from any source.</summary>
    /// <param name="reader">The text.</param>
    /// <param name="name">What messages call it.</param>
    /// <exception cref="LoadFileException">It is not a load file; the message names line and column.</exception>
    public static LoadFile Read(TextReader reader, string name)
    {
        var parser = new Parser(name);
        parser.ReadHeader(reader.ReadLine());
        while (reader.ReadLine() is { } line) parser.ReadRow(line);
        return parser.Finish();
    }

    private sealed class Parser(string name)
    {
        private static readonly string[] Columns = Header.Split(',');
        private static readonly (float Scale, float Min, float Max, string Range)[] Ranges =
        [
            (1000, -1000, 1000, "a number of kilowatts from -1000 to 1000"),
            (1000, -1000, 1000, "a number of kilovars from -1000 to 1000"),
            (1, 1, 1000, "a number of volts from 1 to 1000"),
            (1, 0, 10_000, "a number of amperes from 0 to 10000"),
        ];

        private readonly List<float>[] _values = [[], [], [], []];
        private DateTime _start;
        private int _line = 1;
        private int _missing;

        public void ReadHeader(string? line)
        {
            if (line is null) throw Error(1, "header", $"the header line \"{Header}\"", "an empty file");
            var fields = line.Split(',');
            for (var i = 0; i < Columns.Length; i++)
            {
                if (i >= fields.Length) throw Error(i + 1, Columns[i], $"the column name \"{Columns[i]}\"", "the end of the line");
                if (fields[i] != Columns[i]) throw Error(i + 1, Columns[i], $"the column name \"{Columns[i]}\"", Quote(fields[i]));
            }

            if (fields.Length > Columns.Length) throw Error(Columns.Length + 1, "", $"the end of the line after {Columns.Length} columns", Quote(fields[Columns.Length]));
        }

        public void ReadRow(string line)
        {
            _line++;
            var fields = line.Split(',');
            if (fields.Length != Columns.Length) throw Error(Math.Min(fields.Length, Columns.Length) + 1, "", $"{Columns.Length} fields", $"{fields.Length}");
            if (_values[0].Count == MaxMinutes) throw Error(1, Columns[0], $"at most {MaxMinutes} rows", "another row; cut the file");
            ReadTimestamp(fields[0]);
            var empty = fields.Skip(1).Count(f => f.Length == 0);
            if (empty == Ranges.Length)
            {
                _missing++;
                foreach (var column in _values) column.Add(float.NaN);
                return;
            }

            for (var i = 0; i < Ranges.Length; i++) _values[i].Add(ReadValue(i, fields[i + 1]));
        }

        public LoadFile Finish()
        {
            var minutes = _values[0].Count;
            if (minutes == 0 || minutes % MinutesPerDay != 0)
            {
                throw Error(1, Columns[0], $"whole days of {MinutesPerDay} minutes", $"the end of the file after {minutes} minutes");
            }

            if (_missing == minutes) throw Error(2, Columns[1], "at least one measured minute", "none in the whole file");
            foreach (var column in _values) Bridge(column);
            return new(_start, [.. _values[0]], [.. _values[1]], [.. _values[2]], _missing);
        }

        private void ReadTimestamp(string field)
        {
            if (!DateTime.TryParseExact(field, TimestampFormat, CultureInfo.InvariantCulture, DateTimeStyles.None, out var time))
            {
                throw Error(1, Columns[0], "a time such as 2007-02-19T00:00:00", Quote(field));
            }

            if (_values[0].Count == 0)
            {
                _start = time;
                return;
            }

            var expected = _start.AddMinutes(_values[0].Count);
            if (time != expected)
            {
                throw Error(1, Columns[0], $"{expected.ToString(TimestampFormat, CultureInfo.InvariantCulture)}, one minute after the line before", Quote(field));
            }
        }

        private float ReadValue(int index, string field)
        {
            var (scale, min, max, range) = Ranges[index];
            if (field.Length == 0) throw Error(index + 2, Columns[index + 1], $"{range} (or all four values empty)", "an empty field");
            return float.TryParse(field, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value >= min && value <= max
                ? value * scale
                : throw Error(index + 2, Columns[index + 1], range, Quote(field));
        }

        private static void Bridge(List<float> column)
        {
            var last = -1;
            for (var i = 0; i <= column.Count; i++)
            {
                if (i < column.Count && float.IsNaN(column[i])) continue;
                for (var gap = last + 1; gap < i; gap++)
                {
                    column[gap] = last < 0 ? column[i] : i == column.Count ? column[last]
                        : column[last] + (column[i] - column[last]) * (gap - last) / (i - last);
                }

                last = i;
            }
        }

        private LoadFileException Error(int column, string columnName, string expected, string got) => new(name, _line, column, columnName, expected, got);

        // What arrived may be a binary file: a message shows no more of it than helps.
        private static string Quote(string field) => $"\"{(field.Length > 40 ? field[..40] + "…" : field)}\"";
    }
}

/// <summary>A load file is not what it should be.</summary>
public sealed class LoadFileException : FormatException
{
    /// <summary>Says where, what was expected and what arrived.</summary>
    public LoadFileException(string file, int line, int column, string columnName, string expected, string got)
        : base($"{file}, line {line}, column {column}{(columnName.Length > 0 ? $" ({columnName})" : "")}: expected {expected}, got {got}.") =>
        (Line, Column) = (line, column);

    /// <inheritdoc/>
    public LoadFileException() { }

    /// <inheritdoc/>
    public LoadFileException(string message) : base(message) { }

    /// <inheritdoc/>
    public LoadFileException(string message, Exception inner) : base(message, inner) { }

    /// <summary>Line of the fault, from 1 (the header).</summary>
    public int Line { get; }

    /// <summary>Field of the fault within its line, from 1.</summary>
    public int Column { get; }
}
