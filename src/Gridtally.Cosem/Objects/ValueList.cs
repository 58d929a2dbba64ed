using System.Collections;
using System.Runtime.CompilerServices;

namespace Gridtally.Cosem.Objects;

/// <summary>An array of Data as a value: equal where its elements are. Written as a collection expression, <c>[a, b]</c>.</summary>
[CollectionBuilder(typeof(ValueList), nameof(ValueList.Of))]
public sealed class ValueList<T> : IReadOnlyList<T>, IEquatable<ValueList<T>>
{
    private readonly T[] _elements;

    internal ValueList(T[] elements) => _elements = elements;

    /// <summary>How many elements.</summary>
    public int Count => _elements.Length;

    /// <summary>The elements.</summary>
    public ReadOnlySpan<T> Span => _elements;

    /// <inheritdoc/>
    public T this[int index] => _elements[index];

    /// <summary>As many elements, equal one by one.</summary>
    public bool Equals(ValueList<T>? other) => other is not null && Span.SequenceEqual(other.Span);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ValueList<T>);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var element in _elements) hash.Add(element);
        return hash.ToHashCode();
    }

    /// <summary>The elements in brackets.</summary>
    public override string ToString() => $"[{string.Join(", ", _elements)}]";

    /// <inheritdoc/>
    public IEnumerator<T> GetEnumerator() => ((IEnumerable<T>)_elements).GetEnumerator();

    /// <inheritdoc/>
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}

/// <summary>Makes lists.</summary>
public static class ValueList
{
    /// <summary>A list of these elements, which are copied.</summary>
    public static ValueList<T> Of<T>(params ReadOnlySpan<T> elements) => new(elements.ToArray());
}
