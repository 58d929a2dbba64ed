namespace Gridtally.Cosem.Data;

/// <summary>Why a JSON or XML text is not Data, and where.</summary>
/// <param name="Line">Line, from 1.</param>
/// <param name="Column">Character (XML) or octet (JSON) in that line, from 1.</param>
/// <param name="Problem">What was expected and what is there.</param>
public readonly record struct DataTextError(int Line, int Column, string Problem)
{
    /// <summary>For people: where, what.</summary>
    public override string ToString() => $"line {Line}, column {Column}: {Problem}";
}
