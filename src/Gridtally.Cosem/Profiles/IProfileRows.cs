using System.Buffers;

namespace Gridtally.Cosem.Profiles;

/// <summary>How the keys of a profile's rows follow each other.</summary>
public enum ProfileOrder
{
    /// <summary>No key is less than the one before: ranges are found by bisection.</summary>
    Rising,

    /// <summary>No key is greater than the one before: newest first.</summary>
    Falling,

    /// <summary>Keys are right but in no order, as after a clock was set back: ranges look at each key.</summary>
    Unordered,

    /// <summary>There are rows without a key (a clock that lost its time): ranges look at each row itself.</summary>
    None,
}

/// <summary>The columns that an answer has, in its order.</summary>
public readonly ref struct ColumnChoice
{
    private readonly ReadOnlySpan<int> _indices;

    /// <summary>Chooses columns.</summary>
    /// <param name="indices">Their places in the profile, from 0.</param>
    /// <param name="all">Columns that the profile has.</param>
    public ColumnChoice(ReadOnlySpan<int> indices, int all)
    {
        _indices = indices;
        IsAll = indices.Length == all;
        for (var i = 0; i < indices.Length && IsAll; i++) IsAll = indices[i] == i;
    }

    /// <summary>True where these are all columns in the profile's own order: a row may be copied as it is.</summary>
    public bool IsAll { get; }

    /// <summary>Columns of the answer.</summary>
    public int Count => _indices.Length;

    /// <summary>The place in the profile of the answer's column <paramref name="index"/>, both from 0.</summary>
    public int this[int index] => _indices[index];

    /// <summary>The places, to keep beyond the request.</summary>
    public int[] ToArray() => _indices.ToArray();
}

/// <summary>The rows of a profile as a device keeps them: what <see cref="ProfileServer"/> needs to serve its buffer.</summary>
/// <remarks>Row 0 is entry 1 of the standard: the first in the profile's sort order.</remarks>
public interface IProfileRows
{
    /// <summary>capture_objects, in order.</summary>
    IReadOnlyList<CaptureObject> Columns { get; }

    /// <summary>Rows.</summary>
    int Count { get; }

    /// <summary>The column that <see cref="KeyAt"/> is taken from, usually the clock; -1 where rows are never found by key.</summary>
    int SortColumn { get; }

    /// <summary>How the keys follow each other, now.</summary>
    ProfileOrder Order { get; }

    /// <summary>The key of a row: of a clock column the <see cref="DateTime.Ticks"/> of its moment in UTC, of another its number.</summary>
    long KeyAt(int row);

    /// <summary>Writes the chosen cells of a row, each as Data with its tag; the structure's head is written already.</summary>
    void WriteCells(int row, in ColumnChoice columns, IBufferWriter<byte> output);
}
