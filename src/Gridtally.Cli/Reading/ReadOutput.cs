using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Gridtally.Cosem.Classes;
using Gridtally.Cosem.Data;
using Gridtally.Cosem.Profiles;
using Gridtally.Metering;

namespace Gridtally.Cli.Reading;

/// <summary>Shows what was read, for people or as JSON.</summary>
internal static class ReadOutput
{
    public static void WriteText(TextWriter output, ValueRead read)
    {
        var name = read.Name is { } known ? $"{known}: " : "";
        var attribute = InterfaceClasses.Find(read.Target.ClassId)?.Attribute(read.Target.AttributeId)?.Name ?? $"attribute {read.Target.AttributeId}";
        output.WriteLine(read.Failure is { } failure
            ? $"{read.Target.Instance}  {name}{failure}"
            : $"{read.Target.Instance}  {name}{TextOf(read)}{(read.Target.AttributeId == 2 ? "" : $"  ({attribute})")}");
    }

    public static void WriteText(TextWriter output, ProfileRead profile)
    {
        var columns = profile.Layout.Columns;
        var header = columns.Select(c => c.IsClock ? "time (UTC)" : HeaderOf(c)).ToArray();
        var table = profile.Rows.Select(r => columns.Select((c, i) => CellOf(c, Cells(r.Row)[i], r.Utc)).ToArray()).ToArray();
        var widths = header.Select((h, i) => table.Select(r => r[i].Length).Append(h.Length).Max()).ToArray();
        foreach (var row in table.Prepend(header)) output.WriteLine(string.Join("  ", row.Select((cell, i) => i == 0 ? cell.PadRight(widths[i]) : cell.PadLeft(widths[i]))).TrimEnd());
        output.WriteLine($"{profile.Rows.Count} rows, one every {profile.Layout.CapturePeriodSeconds} s");
    }

    /// <summary>Rows as comma-separated values: a line of names, then a line for each row, times in UTC.</summary>
    public static void WriteCsv(TextWriter output, ProfileRead profile)
    {
        var columns = profile.Layout.Columns;
        output.WriteLine(string.Join(',', columns.Select(c => Quoted(c.IsClock ? "time" : HeaderOf(c)))));
        foreach (var (utc, row) in profile.Rows)
        {
            var cells = Cells(row);
            output.WriteLine(string.Join(',', columns.Select((c, i) => c.IsClock ? utc.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture) : Quoted(CellOf(c, cells[i], utc)))));
        }
    }

    private static string Quoted(string text) => text.AsSpan().IndexOfAny(",\"\n") < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    public static void WriteText(TextWriter output, IReadOnlyList<ListedObject> objects)
    {
        foreach (var one in objects)
        {
            var name = InterfaceClasses.Find(one.ClassId)?.Name ?? $"class {one.ClassId}";
            output.WriteLine($"{one.ClassId,4}  {one.Instance,-18} {name,-20} {ObisMeanings.Find(one.Instance)}".TrimEnd());
        }
    }

    /// <summary>All that was read as one JSON array.</summary>
    public static void WriteJson(TextWriter output, IReadOnlyList<object> all)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartArray();
            foreach (var one in all)
            {
                switch (one)
                {
                    case ValueRead value: WriteJson(json, value); break;
                    case ProfileRead profile: WriteJson(json, profile); break;
                    case IReadOnlyList<ListedObject> objects: WriteJson(json, objects); break;
                }
            }

            json.WriteEndArray();
        }

        output.WriteLine(Encoding.UTF8.GetString(buffer.WrittenSpan));
    }

    private static void WriteJson(Utf8JsonWriter json, ValueRead read)
    {
        json.WriteStartObject();
        json.WriteNumber("classId", read.Target.ClassId);
        json.WriteString("obis", read.Target.Instance.ToString());
        json.WriteNumber("attribute", read.Target.AttributeId);
        if (read.Name is { } name) json.WriteString("name", name);
        if (read.Failure is { } failure)
        {
            json.WriteString("failure", failure.ToString());
        }
        else
        {
            if (Number(read.Value) is { } raw && read.Scale is { } scale)
            {
                json.WriteNumber("value", scale.Scale(raw));
                json.WriteString("unit", scale.Unit.Symbol());
            }

            if (Named(read) is { } word) json.WriteString("meaning", word);
            json.WritePropertyName("data");
            read.Value.WriteTo(json);
        }

        json.WriteEndObject();
    }

    private static void WriteJson(Utf8JsonWriter json, ProfileRead profile)
    {
        json.WriteStartObject();
        json.WriteString("obis", profile.Layout.Profile.ToString());
        json.WriteNumber("capturePeriodSeconds", profile.Layout.CapturePeriodSeconds);
        json.WriteStartArray("columns");
        foreach (var column in profile.Layout.Columns)
        {
            json.WriteStartObject();
            json.WriteString("object", column.Object.ToString());
            json.WriteString("name", ObisMeanings.Find(column.Object.Instance));
            json.WriteString("unit", column.Scale.Unit.Symbol());
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("rows");
        foreach (var (utc, row) in profile.Rows)
        {
            json.WriteStartArray();
            var cells = Cells(row);
            for (var i = 0; i < cells.Length; i++)
            {
                var column = profile.Layout.Columns[i];
                if (column.IsClock) json.WriteStringValue(utc);
                else if (Number(cells[i]) is { } raw) json.WriteNumberValue(column.Scale.Scale(raw));
                else cells[i].WriteTo(json);
            }

            json.WriteEndArray();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteJson(Utf8JsonWriter json, IReadOnlyList<ListedObject> objects)
    {
        json.WriteStartArray();
        foreach (var one in objects)
        {
            json.WriteStartObject();
            json.WriteNumber("classId", one.ClassId);
            json.WriteNumber("version", one.Version);
            json.WriteString("obis", one.Instance.ToString());
            json.WriteString("name", ObisMeanings.Find(one.Instance));
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static string TextOf(ValueRead read) =>
        Number(read.Value) is { } raw && read.Scale is { } scale
            ? $"{scale.Scale(raw).ToString(CultureInfo.InvariantCulture)} {scale.Unit.Symbol()}".TrimEnd()
            : Named(read) is { } word ? $"{read.Value.ToFriendlyString()} ({word})" : read.Value.ToFriendlyString();

    // The word of an enumeration's number.
    private static string? Named(ValueRead read) =>
        read.Value.Tag == DataTag.Enum && read.Value.TryGetNumber(out var number) && ClassNames.TypeOf(read.Target) is CosemType.EnumType names ? names.NameOf((byte)number) : null;

    private static string HeaderOf(ProfileColumn column)
    {
        var name = ObisMeanings.Find(column.Object.Instance) ?? column.Object.Instance.ToString();
        var unit = column.Scale.Unit.Symbol();
        return unit.Length == 0 ? name : $"{name} {unit}";
    }

    private static string CellOf(ProfileColumn column, CosemValue cell, DateTime utc) =>
        column.IsClock ? utc.ToString("yyyy-MM-dd HH:mm:ss")
        : Number(cell) is { } raw ? column.Scale.Scale(raw).ToString(CultureInfo.InvariantCulture)
        : cell.ToFriendlyString();

    private static CosemValue[] Cells(byte[] row) => CosemValue.TryRead(row, out var value, out _) ? value.Elements.ToArray() : [];

    private static decimal? Number(in CosemValue value) =>
        value.Tag is not (DataTag.Boolean or DataTag.Enum) && value.TryGetNumber(out var number) ? (decimal)number : null;
}
