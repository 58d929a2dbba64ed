namespace Gridtally.Cosem.Explain;

/// <summary>One part of explained octets, with its own parts below it.</summary>
public sealed class ExplainNode
{
    private readonly List<ExplainNode> _children = [];

    internal ExplainNode(string name, string? value, int offset, int length) => (Name, Value, Offset, Length) = (name, value, offset, length);

    /// <summary>The standard's name of the part.</summary>
    public string Name { get; }

    /// <summary>What it says; null where its parts say it.</summary>
    public string? Value { get; internal set; }

    /// <summary>
    /// Octets from the start of the input to the first of this part. True for deciphered and reassembled parts too: it is where
    /// their octets came from.
    /// </summary>
    public int Offset { get; }

    /// <summary>Octets of this part, without the headers of frames that lie between them.</summary>
    public int Length { get; internal set; }

    /// <summary>Something worth knowing that is not wrong: a tolerated deviation, a key that would be needed.</summary>
    public string? Note { get; internal set; }

    /// <summary>What is wrong here; null where nothing is.</summary>
    public string? Problem { get; internal set; }

    /// <summary>The parts, in the order of the wire.</summary>
    public IReadOnlyList<ExplainNode> Children => _children;

    /// <summary>This part and everything below it, in the order of the wire.</summary>
    public IEnumerable<ExplainNode> All => _children.SelectMany(child => child.All).Prepend(this);

    /// <summary>Everything that is wrong, first things first.</summary>
    public IEnumerable<ExplainNode> Problems => All.Where(node => node.Problem is not null);

    /// <summary>The first part of that name in this tree; null where there is none.</summary>
    public ExplainNode? Find(string name) => All.FirstOrDefault(node => node.Name == name);

    /// <summary><c>control: I N(S)=0 N(R)=0 P/F</c>.</summary>
    public override string ToString() => Value is null ? Name : $"{Name}: {Value}";

    internal ExplainNode Add(ExplainNode child)
    {
        _children.Add(child);
        return child;
    }
}
