using System.Security.Cryptography;
using Gridtally.Cosem.Security;

namespace Gridtally.Cosem.Explain;

/// <summary>What is known while octets are explained: keys and titles given, and those that the octets themselves tell.</summary>
internal sealed class ExplainSession(ExplainOptions options) : IDisposable
{
    private readonly byte[] _dedicatedKey = options.DedicatedKey.ToArray();
    private byte[] _toldDedicatedKey = [];

    public ExplainOptions Options => options;

    /// <summary>What the dialogue has told so far.</summary>
    public ExplainDialogue Dialogue { get; } = new();

    /// <summary>Blocks that wait for their last one.</summary>
    public ExplainAssemblies Assemblies { get; } = new();

    /// <summary>Given each part of the input when it is explained; null to keep all of them under the root.</summary>
    public Action<ExplainNode>? Listener { get; init; }

    /// <summary>Gives the listener what is finished, so that long inputs need no memory for it.</summary>
    public void Deliver(ExplainNode root)
    {
        if (Listener is null) return;
        foreach (var child in root.Children) Listener(child);
        root.Forget();
    }

    /// <summary>The client's title: what the octets told last, else what was given.</summary>
    public SystemTitle? ClientTitle { get; private set; } = options.ClientTitle;

    /// <summary>The server's title: what the octets told last, else what was given.</summary>
    public SystemTitle? ServerTitle { get; private set; } = options.ServerTitle;

    /// <summary>The dedicated key; empty where none is known.</summary>
    public ReadOnlySpan<byte> DedicatedKey => _toldDedicatedKey.Length > 0 ? _toldDedicatedKey : _dedicatedKey;

    public void LearnClientTitle(ReadOnlySpan<byte> octets)
    {
        if (octets.Length == SystemTitle.Size) ClientTitle = SystemTitle.Read(octets);
    }

    public void LearnServerTitle(ReadOnlySpan<byte> octets)
    {
        if (octets.Length == SystemTitle.Size) ServerTitle = SystemTitle.Read(octets);
    }

    public void LearnDedicatedKey(ReadOnlySpan<byte> octets)
    {
        if (octets.Length is SecurityKeys.KeySize or SecuritySuites.MaxKeySize) _toldDedicatedKey = octets.ToArray();
    }

    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_dedicatedKey);
        CryptographicOperations.ZeroMemory(_toldDedicatedKey);
    }
}
