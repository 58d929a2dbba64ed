using Gridtally.Cosem.Apdus;

namespace Gridtally.Cosem.Explain;

/// <summary>Blocks and segments on their way to one whole, with where each octet came from.</summary>
internal sealed class ExplainAssembly
{
    private readonly List<byte> _octets = [];
    private readonly ExplainOrigins _origins = new();

    /// <summary>Parts taken so far.</summary>
    public int Parts { get; private set; }

    /// <summary>Octets taken so far.</summary>
    public int Length => _octets.Count;

    /// <summary>Number of the part taken last, as the protocol counts.</summary>
    public uint LastNumber { get; set; }

    /// <summary>Adds what the cursor has left; the cursor stays where it is.</summary>
    /// <returns>False when that would be more than <see cref="Limits.MaxReassembly"/>.</returns>
    public bool Take(ExplainCursor part)
    {
        if (_octets.Count + part.Remaining > Limits.MaxReassembly) return false;
        _octets.AddRange(part.Rest);
        part.CopyOrigins(_origins, part.Remaining);
        Parts++;
        return true;
    }

    /// <summary>What was put together.</summary>
    public ExplainCursor Whole() => new(_octets.ToArray(), _origins);
}

/// <summary>Assemblies of a dialogue that are under way.</summary>
internal sealed class ExplainAssemblies
{
    // Way, service and invoke id each: more at a time would only be a capture made to fill memory.
    private const int MaxOpen = 4096;

    private readonly Dictionary<(ulong From, ulong To, ApduTag Service, uint InvokeId), ExplainAssembly> _open = [];

    /// <summary>Parts that wait for others.</summary>
    public IEnumerable<(ApduTag Service, ExplainAssembly Assembly)> Open => _open.Select(pair => (pair.Key.Service, pair.Value));

    /// <summary>The assembly under way, a new one for the first block; null where the first is missing.</summary>
    public ExplainAssembly? Of((ulong From, ulong To) way, ApduTag service, uint invokeId, bool isFirst)
    {
        var key = (way.From, way.To, service, invokeId);
        if (isFirst)
        {
            if (_open.Count >= MaxOpen) _open.Clear();
            return _open[key] = new();
        }

        return _open.GetValueOrDefault(key);
    }

    public void Done((ulong From, ulong To) way, ApduTag service, uint invokeId) => _open.Remove((way.From, way.To, service, invokeId));
}
