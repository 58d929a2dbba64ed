using Gridtally.Cosem.Security;

namespace Gridtally.Cosem.Explain;

/// <summary>What octets are to be taken for.</summary>
public enum ExplainFormat : byte
{
    /// <summary>Found out: capture files, HDLC, the wrapper and M-Bus by how they begin, else APDUs, else Data.</summary>
    Auto,
    /// <summary>HDLC frames.</summary>
    Hdlc,
    /// <summary>APDUs with the TCP/UDP wrapper.</summary>
    Wrapper,
    /// <summary>M-Bus frames with APDUs in segments.</summary>
    MBus,
    /// <summary>One APDU, or several that follow each other.</summary>
    Apdu,
    /// <summary>One Data.</summary>
    Data,
    /// <summary>A pcap or pcapng file, whose connections carry any of the others.</summary>
    Capture,
}

/// <summary>What an explanation may use besides the octets. Keys are used and never shown.</summary>
public sealed record ExplainOptions
{
    /// <summary>What the octets are.</summary>
    public ExplainFormat Format { get; init; }

    /// <summary>Global unicast (and where it has one, broadcast) encryption key, and authentication key; null: ciphered parts stay so.</summary>
    public SecurityKeys? Keys { get; init; }

    /// <summary>False where the authentication key of <see cref="Keys"/> is not the real one: ciphertext is read, tags are not verified.</summary>
    public bool VerifiesTags { get; init; } = true;

    /// <summary>False where the encryption key of <see cref="Keys"/> is not the real one: only other keys of it are used.</summary>
    public bool HasEncryptionKey { get; init; } = true;

    /// <summary>Dedicated key, 16 octets, or 32 in suite 2; one that is delivered in the octets is used without being asked for.</summary>
    public ReadOnlyMemory<byte> DedicatedKey { get; init; }

    /// <summary>System title of the client; one in the octets (AARQ) goes before it.</summary>
    public SystemTitle? ClientTitle { get; init; }

    /// <summary>System title of the server; one in the octets (AARE, general ciphering) goes before it.</summary>
    public SystemTitle? ServerTitle { get; init; }

    /// <summary>For capture files: the TCP or UDP port to look at; null for all connections that begin like DLMS.</summary>
    public ushort? Port { get; init; }

    /// <summary>Shows passwords and dedicated keys that are in the octets.</summary>
    public bool ShowSecrets { get; init; }
}
