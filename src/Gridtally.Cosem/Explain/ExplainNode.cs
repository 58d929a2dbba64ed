using System.Globalization;
using Gridtally.Cosem.Data;
using Gridtally.Metering;

namespace Gridtally.Cosem.Explain;

/// <summary>One part of explained octets, with its own parts below it.</summary>
public sealed class ExplainNode
{
    /// <summary>Parts of one explanation; what lies beyond is told and not taken apart. A year of quarter hours in 15 columns fits.</summary>
    internal const int MaxParts = 600_000;

    private List<ExplainNode>? _children;
    private Budget? _budget;

    internal ExplainNode(string name, string? value, int offset, int length) => (Name, Value, Offset, Length) = (name, value, offset, length);

    /// <summary>The standard's name of the part.</summary>
    public string Name { get; internal set; }

    /// <summary>What it says; null where its parts say it.</summary>
    public string? Value { get; internal set; }

    /// <summary>
    /// Octets from the start of the input to the first of this part. True for deciphered and reassembled parts too: it is where
    /// their octets came from.
    /// </summary>
    public int Offset { get; }

    /// <summary>Octets of this part, without the headers of frames that lie between them.</summary>
    public int Length { get; internal set; }

    /// <summary>What it stands for: the name of an attribute, the quantity behind an OBIS code, an event; null where nothing is known.</summary>
    public string? Meaning { get; internal set; }

    /// <summary>The value in its <see cref="Unit"/>, where the input or the class says how to scale it.</summary>
    public decimal? Scaled { get; internal set; }

    /// <summary>Symbol of the unit of <see cref="Scaled"/>; empty for a plain number.</summary>
    public string? Unit { get; internal set; }

    /// <summary>Type of an element of Data; null for every other part.</summary>
    public DataTag? Type { get; internal set; }

    /// <summary>For an element of Data that has no elements itself: its octets, without tag and length.</summary>
    internal ReadOnlyMemory<byte> Content { get; set; }

    /// <summary>Bits of a bit-string.</summary>
    internal int BitCount { get; set; }

    /// <summary>When it was captured, UTC; null where the input does not say.</summary>
    public DateTime? Time { get; internal init; }

    /// <summary>The object that a value belongs to, where the input says it.</summary>
    public ObisCode? ObjectName { get; internal set; }

    /// <summary>True for an APDU.</summary>
    public bool IsApdu { get; internal init; }

    /// <summary>What the columns of the rows below hold; null where there are no rows, or nothing is known of them.</summary>
    public IReadOnlyList<string>? Columns { get; internal set; }

    /// <summary>What a compressed cell stands for.</summary>
    internal string? Effective { get; set; }

    /// <summary>True for an array whose elements are rows: each is one line for people.</summary>
    internal bool HoldsRows { get; set; }

    /// <summary>Something worth knowing that is not wrong: a tolerated deviation, a key that would be needed.</summary>
    public string? Note { get; internal set; }

    /// <summary>What is wrong here; null where nothing is.</summary>
    public string? Problem { get; internal set; }

    /// <summary>The parts, in the order of the wire.</summary>
    public IReadOnlyList<ExplainNode> Children => _children ?? (IReadOnlyList<ExplainNode>)[];

    /// <summary>This part and everything below it, in the order of the wire.</summary>
    public IEnumerable<ExplainNode> All
    {
        get
        {
            var open = new Stack<ExplainNode>();
            open.Push(this);
            while (open.TryPop(out var node))
            {
                yield return node;
                for (var i = node.Children.Count - 1; i >= 0; i--) open.Push(node.Children[i]);
            }
        }
    }

    /// <summary>Everything that is wrong, first things first.</summary>
    public IEnumerable<ExplainNode> Problems => All.Where(node => node.Problem is not null);

    /// <summary>The first part of that name in this tree; null where there is none.</summary>
    public ExplainNode? Find(string name) => All.FirstOrDefault(node => node.Name == name);

    /// <summary><c>control: I N(S)=0 N(R)=0 P/F</c>.</summary>
    public override string ToString()
    {
        var text = Value is null ? Name : $"{Name}: {Value}";
        if (Scaled is { } scaled) text += $" = {scaled.ToString(CultureInfo.InvariantCulture)} {Unit}".TrimEnd();
        return Meaning is null ? text : $"{text} - {Meaning}";
    }

    /// <summary>The first child of that name; null where there is none.</summary>
    internal ExplainNode? Child(string name) => _children?.Find(child => child.Name == name);

    /// <summary>True when there is no room for more parts.</summary>
    internal bool IsFull => _budget is { Spent: >= MaxParts };

    /// <summary>Takes all children away, for a listener that has been given them.</summary>
    internal void Forget()
    {
        _children?.Clear();
        if (_budget is not null) _budget.Spent = 0;
    }

    internal ExplainNode Add(ExplainNode child)
    {
        _budget ??= new();
        child._budget = _budget;
        _budget.Spent++;
        (_children ??= []).Add(child);
        return child;
    }

    private sealed class Budget
    {
        public int Spent { get; set; }
    }
}
