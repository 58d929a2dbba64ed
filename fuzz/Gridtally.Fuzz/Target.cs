namespace Gridtally.Fuzz;

/// <summary>An invariant that does not hold.</summary>
internal sealed class InvariantException(string message) : Exception(message);

/// <summary>How much one input may allocate on the managed heap.</summary>
/// <param name="Fixed">Octets, whatever the input.</param>
/// <param name="PerOctet">Octets more for each octet of the input.</param>
internal readonly record struct Bound(int Fixed, int PerOctet)
{
    public long For(int length) => Fixed + (long)PerOctet * length;
}

/// <summary>Something that reads what a peer sent, with what must hold whatever comes.</summary>
/// <remarks>
/// No exception, no more memory than <see cref="Allocation"/>, no more time than a fixed share of a second (see the runner), and
/// what each target checks besides.
/// </remarks>
internal abstract class Target
{
    /// <summary>What it is called on the command line, and its corpus.</summary>
    public abstract string Name { get; }

    /// <summary>What is tried, and what must hold, in one line.</summary>
    public abstract string What { get; }

    /// <summary>The most that one input may allocate.</summary>
    public abstract Bound Allocation { get; }

    /// <summary>Longest input.</summary>
    public virtual int MaxInput => 2048;

    /// <summary>True where an input is a list of messages (<see cref="Messages"/>).</summary>
    public virtual bool IsDialogue => false;

    /// <summary>Tries one input.</summary>
    /// <returns>True where the input was accepted; for the statistics.</returns>
    public abstract bool Try(ReadOnlySpan<byte> input);

    /// <summary>Makes checks and lengths right again that stand between a mutation and the code behind them.</summary>
    public virtual void Repair(Octets input, ref FuzzRandom random)
    {
    }

    /// <summary>Inputs to begin with: made by our own encoders.</summary>
    public virtual IEnumerable<(string Name, byte[] Octets)> OwnSeeds => [];

    /// <summary>Kinds of golden vectors that are inputs to begin with.</summary>
    public virtual string[] VectorKinds => [];

    /// <summary>Makes an input of a golden vector.</summary>
    public virtual byte[] FromVector(byte[] octets) => octets;

    protected static void Require(bool holds, string invariant)
    {
        if (!holds) throw new InvariantException(invariant);
    }
}
