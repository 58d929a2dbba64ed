using System.Buffers;
using Gridtally.Companion;
using Gridtally.Cosem.Data;
using Gridtally.Cosem.Profiles;

namespace Gridtally.Concentrator.Uplink;

/// <summary>The buffer of a profile on its way out: rows are added until it is full, with the columns that were asked for.</summary>
internal sealed class ProfileAnswer(in ColumnChoice choice)
{
    private readonly int[]? _columns = choice.IsAll ? null : choice.ToArray();
    private readonly ArrayBufferWriter<byte> _rows = new(4096);
    private int _count;

    /// <summary>True once the answer has reached <see cref="JournalProfile.MaxAnswer"/>: the client reads on from its last row.</summary>
    public bool IsFull => _rows.WrittenCount >= JournalProfile.MaxAnswer;

    /// <summary>Adds one row, an encoded structure.</summary>
    public void Add(ReadOnlySpan<byte> row)
    {
        _count++;
        if (_columns is null)
        {
            _rows.Write(row);
            return;
        }

        _rows.WriteStructure(_columns.Length);
        foreach (var column in _columns)
        {
            var reader = new AxdrReader(row);
            reader.TryReadStructure(out _);
            ReadOnlySpan<byte> element = default;
            for (var i = 0; i <= column; i++) reader.TrySkip(out element);
            _rows.Write(element);
        }
    }

    /// <summary>Writes the whole buffer.</summary>
    public void WriteTo(IBufferWriter<byte> output)
    {
        output.WriteArray(_count);
        output.Write(_rows.WrittenSpan);
    }
}
