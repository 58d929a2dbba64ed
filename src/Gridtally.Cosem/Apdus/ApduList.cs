using System.Buffers;
using Gridtally.Cosem.Data;

namespace Gridtally.Cosem.Apdus;

/// <summary>An item of a SEQUENCE OF in an APDU, read in place.</summary>
/// <typeparam name="TSelf">The item.</typeparam>
public interface IApduItem<TSelf> where TSelf : struct, allows ref struct
{
    /// <summary>Reads one item. False after a failure of the reader.</summary>
    static abstract bool TryRead(scoped ref AxdrReader reader, out TSelf value);
}

/// <summary>A SEQUENCE OF in an APDU: count and items, read in place and checked as a whole.</summary>
/// <typeparam name="TItem">Its items.</typeparam>
public readonly ref struct ApduList<TItem> where TItem : struct, IApduItem<TItem>, allows ref struct
{
    private ApduList(ReadOnlySpan<byte> octets, int count)
    {
        Octets = octets;
        Count = count;
    }

    /// <summary>Items, at most <see cref="Limits.MaxListItems"/>.</summary>
    public int Count { get; }

    /// <summary>The items as they stand in the APDU, without the count.</summary>
    internal ReadOnlySpan<byte> Octets { get; }

    /// <summary>Starts at the first item.</summary>
    public Enumerator GetEnumerator() => new(Octets, Count);

    internal static bool TryRead(scoped ref AxdrReader reader, out ApduList<TItem> value)
    {
        value = default;
        if (!reader.TryReadCount(out var count)) return false;
        var rest = reader.Rest;
        var start = reader.Position;
        for (var i = 0; i < count; i++)
        {
            if (!TItem.TryRead(ref reader, out _)) return false;
        }

        value = new(rest[..(reader.Position - start)], count);
        return true;
    }

    /// <summary>Writes the count and the items as they were read.</summary>
    internal void WriteTo(IBufferWriter<byte> target)
    {
        target.WriteLength(Count);
        target.Write(Octets);
    }

    /// <summary>Steps through the items.</summary>
    public ref struct Enumerator
    {
        private AxdrReader _reader;
        private TItem _current;
        private int _left;

        internal Enumerator(ReadOnlySpan<byte> items, int count)
        {
            _reader = new(items);
            _left = count;
            _current = default;
        }

        /// <summary>The item.</summary>
        public readonly TItem Current => _current;

        /// <summary>Goes to the next item.</summary>
        public bool MoveNext() => _left-- > 0 && TItem.TryRead(ref _reader, out _current);
    }
}

/// <summary>Lists by themselves, outside of an APDU.</summary>
public static class ApduLists
{
    /// <summary>Reads what the blocks of a long list add up to: count, items, and nothing after.</summary>
    /// <param name="source">The reassembled octets.</param>
    /// <param name="production">The standard's name of the whole, for errors.</param>
    /// <param name="value">The list.</param>
    /// <param name="error">What is wrong, and where.</param>
    public static bool TryRead<TItem>(ReadOnlySpan<byte> source, string production, out ApduList<TItem> value, out DecodeError error)
        where TItem : struct, IApduItem<TItem>, allows ref struct
    {
        var reader = new AxdrReader(source, production);
        ApduList<TItem>.TryRead(ref reader, out value);
        reader.TryEnd();
        error = reader.Error;
        return !reader.Failed;
    }
}
