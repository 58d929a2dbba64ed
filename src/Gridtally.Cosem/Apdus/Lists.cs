using System.Buffers;
using Gridtally.Cosem.Data;

namespace Gridtally.Cosem.Apdus;

/// <summary>The attributes that a with-list request names, read in place and checked as a whole.</summary>
public readonly ref struct AttributeList
{
    private readonly ReadOnlySpan<byte> _items;

    private AttributeList(ReadOnlySpan<byte> items, int count)
    {
        _items = items;
        Count = count;
    }

    /// <summary>Items, at most <see cref="Limits.MaxListItems"/>.</summary>
    public int Count { get; }

    /// <summary>Starts at the first item.</summary>
    public Enumerator GetEnumerator() => new(_items, Count);

    internal static bool TryRead(scoped ref AxdrReader reader, out AttributeList value)
    {
        value = default;
        if (!reader.TryReadCount(out var count)) return false;
        var rest = reader.Rest;
        var start = reader.Position;
        for (var i = 0; i < count; i++)
        {
            if (!reader.TryReadAttribute(out _) || !reader.TryReadSelection(out _, out _)) return false;
        }

        value = new(rest[..(reader.Position - start)], count);
        return true;
    }

    /// <summary>Writes the count and the items as they were read.</summary>
    internal void WriteTo(IBufferWriter<byte> target)
    {
        target.WriteLength(Count);
        target.Write(_items);
    }

    /// <summary>Steps through the items.</summary>
    public ref struct Enumerator
    {
        private AxdrReader _reader;
        private int _left;

        internal Enumerator(ReadOnlySpan<byte> items, int count)
        {
            _reader = new(items, "Cosem-Attribute-Descriptor-With-Selection");
            _left = count;
        }

        /// <summary>The attribute.</summary>
        public AttributeRef Target { get; private set; }

        /// <summary>Access selector, 0 for none.</summary>
        public byte Selector { get; private set; }

        /// <summary>The selector's parameters, encoded Data.</summary>
        public ReadOnlySpan<byte> Parameters { get; private set; }

        /// <summary>The enumerator itself: it is the item.</summary>
        public readonly Enumerator Current => this;

        /// <summary>Goes to the next item.</summary>
        public bool MoveNext()
        {
            if (_left-- <= 0 || !_reader.TryReadAttribute(out var target) || !_reader.TryReadSelection(out var selector, out var parameters)) return false;
            Target = target;
            Selector = selector;
            Parameters = parameters;
            return true;
        }
    }
}

/// <summary>The results in a with-list response, read in place and checked as a whole.</summary>
/// <remarks>SEQUENCE OF Get-Data-Result, IEC 62056-5-3.</remarks>
public readonly ref struct DataResultList
{
    private readonly ReadOnlySpan<byte> _items;

    private DataResultList(ReadOnlySpan<byte> items, int count)
    {
        _items = items;
        Count = count;
    }

    /// <summary>Results, at most <see cref="Limits.MaxListItems"/>.</summary>
    public int Count { get; }

    /// <summary>Starts at the first result.</summary>
    public Enumerator GetEnumerator() => new(_items, Count);

    /// <summary>Reads the reassembled blocks of a with-list response: count, then the results, and nothing after.</summary>
    public static bool TryRead(ReadOnlySpan<byte> source, out DataResultList value, out DecodeError error)
    {
        var reader = new AxdrReader(source, "Get-Response-With-List");
        TryRead(ref reader, out value);
        reader.TryEnd();
        error = reader.Error;
        return !reader.Failed;
    }

    internal static bool TryRead(scoped ref AxdrReader reader, out DataResultList value)
    {
        value = default;
        if (!reader.TryReadCount(out var count)) return false;
        var rest = reader.Rest;
        var start = reader.Position;
        for (var i = 0; i < count; i++)
        {
            if (!reader.TryReadDataResult(out _, out _)) return false;
        }

        value = new(rest[..(reader.Position - start)], count);
        return true;
    }

    /// <summary>Steps through the results.</summary>
    public ref struct Enumerator
    {
        private AxdrReader _reader;
        private int _left;

        internal Enumerator(ReadOnlySpan<byte> items, int count)
        {
            _reader = new(items, "Get-Data-Result");
            _left = count;
        }

        /// <summary>Success, or why there is no data.</summary>
        public DataAccessResult Result { get; private set; }

        /// <summary>Encoded Data; empty without success.</summary>
        public ReadOnlySpan<byte> Data { get; private set; }

        /// <summary>The enumerator itself: it is the result.</summary>
        public readonly Enumerator Current => this;

        /// <summary>Goes to the next result.</summary>
        public bool MoveNext()
        {
            if (_left-- <= 0 || !_reader.TryReadDataResult(out var result, out var data)) return false;
            Result = result;
            Data = data;
            return true;
        }
    }
}

/// <summary>The values in a set-request-with-list, read in place and checked as a whole.</summary>
public readonly ref struct DataList
{
    private readonly ReadOnlySpan<byte> _items;

    private DataList(ReadOnlySpan<byte> items, int count)
    {
        _items = items;
        Count = count;
    }

    /// <summary>Values, at most <see cref="Limits.MaxListItems"/>.</summary>
    public int Count { get; }

    /// <summary>Starts at the first value.</summary>
    public Enumerator GetEnumerator() => new(_items, Count);

    internal static bool TryRead(scoped ref AxdrReader reader, out DataList value)
    {
        value = default;
        if (!reader.TryReadCount(out var count)) return false;
        var rest = reader.Rest;
        var start = reader.Position;
        for (var i = 0; i < count; i++)
        {
            if (!reader.TrySkip(out _)) return false;
        }

        value = new(rest[..(reader.Position - start)], count);
        return true;
    }

    /// <summary>Steps through the values.</summary>
    public ref struct Enumerator
    {
        private AxdrReader _reader;
        private int _left;

        internal Enumerator(ReadOnlySpan<byte> items, int count)
        {
            _reader = new(items);
            _left = count;
        }

        /// <summary>Encoded Data.</summary>
        public ReadOnlySpan<byte> Current { get; private set; }

        /// <summary>Goes to the next value.</summary>
        public bool MoveNext()
        {
            if (_left-- <= 0 || !_reader.TrySkip(out var data)) return false;
            Current = data;
            return true;
        }
    }
}
