using System.Security.Cryptography;
using Gridtally.Cosem.Security;

namespace Gridtally.Cosem.Explain;

/// <summary>What is known while octets are explained: keys and titles given, and those that the octets themselves tell.</summary>
internal sealed class ExplainSession(ExplainOptions options) : IDisposable
{
    private readonly byte[] _dedicatedKey = options.DedicatedKey.ToArray();
    private byte[] _toldDedicatedKey = [];

    public ExplainOptions Options => options;

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
        if (octets.Length == SecurityKeys.KeySize) _toldDedicatedKey = octets.ToArray();
    }

    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_dedicatedKey);
        CryptographicOperations.ZeroMemory(_toldDedicatedKey);
    }
}
