using System.Buffers;
using Gridtally.Cosem;
using Gridtally.Cosem.Data;
using Gridtally.Cosem.Profiles;

namespace Gridtally.Meter.Templates;

/// <summary>The rows of a template's profile, taken apart once so that ranges and entries can be served.</summary>
internal sealed class TemplateRows : IProfileRows
{
    private readonly byte[] _buffer;
    private readonly List<(int Start, int Length)[]> _rows = [];
    private readonly List<long> _keys = [];

    private TemplateRows(byte[] buffer, IReadOnlyList<CaptureObject> columns)
    {
        (_buffer, Columns) = (buffer, columns);
        SortColumn = IndexOfClock(columns);
    }

    public IReadOnlyList<CaptureObject> Columns { get; }

    public int Count => _rows.Count;

    public int SortColumn { get; }

    public ProfileOrder Order { get; private set; } = ProfileOrder.Rising;

    public long KeyAt(int row) => _keys[row];

    /// <summary>Takes a buffer apart; null where it is no array of rows with these columns, as of a meter that compresses its rows otherwise.</summary>
    /// <param name="buffer">Attribute 2.</param>
    /// <param name="captureObjects">Attribute 3.</param>
    public static TemplateRows? Of(ReadOnlySpan<byte> buffer, ReadOnlySpan<byte> captureObjects)
    {
        if (ReadColumns(captureObjects) is not { } columns) return null;
        var rows = new TemplateRows(buffer.ToArray(), columns);
        return rows.TryRead() ? rows : null;
    }

    public void WriteCells(int row, in ColumnChoice columns, IBufferWriter<byte> output)
    {
        var cells = _rows[row];
        for (var i = 0; i < columns.Count; i++)
        {
            var (start, length) = cells[columns[i]];
            output.Write(_buffer.AsSpan(start, length));
        }
    }


    private static List<CaptureObject>? ReadColumns(ReadOnlySpan<byte> captureObjects)
    {
        var reader = new AxdrReader(captureObjects, "capture_objects");
        if (!reader.TryReadArray(out var count) || count is 0 or > ProfileLayout.MaxColumns) return null;
        var columns = new List<CaptureObject>();
        for (var i = 0; i < count && reader.TryReadCaptureObject(out var column); i++) columns.Add(column);
        return columns.Count == count ? columns : null;
    }

    private static int IndexOfClock(IReadOnlyList<CaptureObject> columns)
    {
        for (var i = 0; i < columns.Count; i++)
        {
            if (columns[i] is { ClassId: 8, AttributeIndex: 2 }) return i;
        }

        return -1;
    }

    private bool TryRead()
    {
        var reader = new AxdrReader(_buffer, "buffer");
        if (!reader.TryReadArray(out var count)) return false;
        for (var i = 0; i < count; i++)
        {
            if (!reader.TryReadStructureOf(Columns.Count)) return false;
            var cells = new (int, int)[Columns.Count];
            for (var c = 0; c < cells.Length; c++)
            {
                var start = reader.Position;
                if (!reader.TrySkip(out var cell)) return false;
                cells[c] = (start, cell.Length);
            }

            Add(cells);
        }

        return !reader.Failed;
    }

    private void Add((int Start, int Length)[] cells)
    {
        var key = 0L;
        if (SortColumn < 0) Order = ProfileOrder.None;
        else if (KeyOf(cells[SortColumn]) is not { } moment) Order = ProfileOrder.None; // a compressed or lost time: such rows are looked at one by one
        else key = moment;
        if (Order == ProfileOrder.Rising && _keys.Count > 0 && key < _keys[^1]) Order = ProfileOrder.Unordered;
        _rows.Add(cells);
        _keys.Add(key);
    }

    private long? KeyOf((int Start, int Length) cell) =>
        new AxdrReader(_buffer.AsSpan(cell.Start, cell.Length)).TryReadDateTime(out var time) && time.TryToUtc(out var utc) ? utc.Ticks : null;
}
