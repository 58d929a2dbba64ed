using System.Buffers;
using Gridtally.Companion;
using Gridtally.Cosem;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Data;

namespace Gridtally.Concentrator.Uplink;

/// <summary>The buffer of a profile on its way out: rows are added until it is full, with the columns that were asked for.</summary>
internal sealed class ProfileAnswer(int[]? columns)
{
    private readonly ArrayBufferWriter<byte> _rows = new(4096);
    private int _count;

    /// <summary>True once the answer has reached <see cref="JournalProfile.MaxAnswer"/>: the client reads on from its last row.</summary>
    public bool IsFull => _rows.WrittenCount >= JournalProfile.MaxAnswer;

    /// <summary>The columns of a range request; false where one of them is not a column of the profile.</summary>
    public static bool TryChoose(IReadOnlyList<CaptureObject> all, IReadOnlyList<CaptureObject> asked, out int[]? choice)
    {
        choice = null;
        if (asked.Count == 0) return true;
        choice = new int[asked.Count];
        for (var i = 0; i < choice.Length; i++)
        {
            choice[i] = IndexOf(all, asked[i]);
            if (choice[i] < 0) return false;
        }

        return true;
    }

    /// <summary>The columns of an entry request; false where there are none such.</summary>
    public static bool TryChoose(int columns, in EntryDescriptor asked, out int[]? choice)
    {
        choice = null;
        var last = asked.ToColumn == 0 ? columns : Math.Min(asked.ToColumn, columns);
        if (asked.FromEntry == 0 || asked.FromColumn == 0 || asked.FromColumn > last) return false;
        if (asked.FromColumn > 1 || last < columns) choice = [.. Enumerable.Range(asked.FromColumn - 1, last - asked.FromColumn + 1)];
        return true;
    }

    /// <summary>Adds one row, an encoded structure.</summary>
    public void Add(ReadOnlySpan<byte> row)
    {
        _count++;
        if (columns is null)
        {
            _rows.Write(row);
            return;
        }

        _rows.WriteStructure(columns.Length);
        foreach (var column in columns)
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

    private static int IndexOf(IReadOnlyList<CaptureObject> all, in CaptureObject one)
    {
        for (var i = 0; i < all.Count; i++)
        {
            if (all[i] == one) return i;
        }

        return -1;
    }
}
