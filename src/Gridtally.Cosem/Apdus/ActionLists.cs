using System.Buffers;
using Gridtally.Cosem.Data;

namespace Gridtally.Cosem.Apdus;

/// <summary>The methods that a with-list request names, read in place and checked as a whole.</summary>
/// <remarks>SEQUENCE OF Cosem-Method-Descriptor, IEC 62056-5-3.</remarks>
public readonly ref struct MethodList
{
    private readonly ReadOnlySpan<byte> _items;

    private MethodList(ReadOnlySpan<byte> items, int count)
    {
        _items = items;
        Count = count;
    }

    /// <summary>Items, at most <see cref="Limits.MaxListItems"/>.</summary>
    public int Count { get; }

    /// <summary>Starts at the first item.</summary>
    public Enumerator GetEnumerator() => new(_items);

    internal static bool TryRead(scoped ref AxdrReader reader, out MethodList value)
    {
        value = default;
        if (!reader.TryReadCount(out var count) || !reader.TryReadBytes(count * AttributeRef.Size, out var items)) return false;
        value = new(items, count);
        return true;
    }

    /// <summary>Writes the count and the methods as they were read.</summary>
    internal void WriteTo(IBufferWriter<byte> target)
    {
        target.WriteLength(Count);
        target.Write(_items);
    }

    /// <summary>Steps through the items.</summary>
    public ref struct Enumerator
    {
        private ReadOnlySpan<byte> _rest;

        internal Enumerator(ReadOnlySpan<byte> items) => _rest = items;

        /// <summary>The method.</summary>
        public MethodRef Current { get; private set; }

        /// <summary>Goes to the next item.</summary>
        public bool MoveNext()
        {
            if (MethodRef.TryRead(_rest, out var method, out var consumed) != OperationStatus.Done) return false;
            Current = method;
            _rest = _rest[consumed..];
            return true;
        }
    }
}

/// <summary>The results in an action-response-with-list, read in place and checked as a whole.</summary>
/// <remarks>SEQUENCE OF Action-Response-With-Optional-Data, IEC 62056-5-3.</remarks>
public readonly ref struct ActionResultList
{
    private readonly ReadOnlySpan<byte> _items;

    private ActionResultList(ReadOnlySpan<byte> items, int count)
    {
        _items = items;
        Count = count;
    }

    /// <summary>Results, at most <see cref="Limits.MaxListItems"/>.</summary>
    public int Count { get; }

    /// <summary>Starts at the first result.</summary>
    public Enumerator GetEnumerator() => new(_items, Count);

    /// <summary>Reads the reassembled pblocks of a with-list response: count, then the results, and nothing after.</summary>
    public static bool TryRead(ReadOnlySpan<byte> source, out ActionResultList value, out DecodeError error)
    {
        var reader = new AxdrReader(source, "Action-Response-With-List");
        TryRead(ref reader, out value);
        reader.TryEnd();
        error = reader.Error;
        return !reader.Failed;
    }

    internal static bool TryRead(scoped ref AxdrReader reader, out ActionResultList value)
    {
        value = default;
        if (!reader.TryReadCount(out var count)) return false;
        var rest = reader.Rest;
        var start = reader.Position;
        for (var i = 0; i < count; i++)
        {
            if (!reader.TryReadActionResult(out _, out _, out _)) return false;
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
            _reader = new(items, "Action-Response-With-Optional-Data");
            _left = count;
        }

        /// <summary>What became of the method.</summary>
        public ActionResult Result { get; private set; }

        /// <summary>Success, or why the method's value could not be returned though it was carried out.</summary>
        public DataAccessResult ReturnResult { get; private set; }

        /// <summary>Encoded return Data; empty where there is none.</summary>
        public ReadOnlySpan<byte> Data { get; private set; }

        /// <summary>The enumerator itself: it is the result.</summary>
        public readonly Enumerator Current => this;

        /// <summary>Goes to the next result.</summary>
        public bool MoveNext()
        {
            if (_left-- <= 0 || !_reader.TryReadActionResult(out var result, out var returned, out var data)) return false;
            (Result, ReturnResult) = (result, returned);
            Data = data;
            return true;
        }
    }
}
