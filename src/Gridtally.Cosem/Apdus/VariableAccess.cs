using System.Buffers;
using Gridtally.Cosem.Data;

namespace Gridtally.Cosem.Apdus;

/// <summary>First octet of a Variable-Access-Specification: how a short name is accessed.</summary>
/// <remarks>Variable-Access-Specification, IEC 62056-5-3.</remarks>
public enum VariableAccessKind : byte
{
    /// <summary>A short name: an attribute, or a method.</summary>
    VariableName = 2,
    /// <summary>A short name with a selector and parameters: selective access, or a method that returns something.</summary>
    ParameterizedAccess = 4,
    /// <summary>The next block of a long answer: number of the block received last.</summary>
    BlockNumberAccess = 5,
    /// <summary>A block of a long read-request.</summary>
    ReadDataBlockAccess = 6,
    /// <summary>A block of a long write-request; its octets are the request's one Data.</summary>
    WriteDataBlockAccess = 7,
}

/// <summary>What one item of a read- or write-request names, read in place.</summary>
/// <remarks>Variable-Access-Specification, IEC 62056-5-3. Which members count depends on <see cref="Kind"/>.</remarks>
public readonly ref struct VariableAccess : IApduItem<VariableAccess>
{
    /// <summary>How it is accessed.</summary>
    public VariableAccessKind Kind { get; init; }

    /// <summary>Variable name, parameterized access: the short name.</summary>
    public ushort Name { get; init; }

    /// <summary>Parameterized access: the selector.</summary>
    public byte Selector { get; init; }

    /// <summary>Parameterized access: the parameters, encoded Data.</summary>
    public ReadOnlySpan<byte> Parameters { get; init; }

    /// <summary>Blocks: true for the last one.</summary>
    public bool LastBlock { get; init; }

    /// <summary>Blocks: the number, from 1.</summary>
    public ushort BlockNumber { get; init; }

    /// <summary>Read data block: a slice of the request.</summary>
    public ReadOnlySpan<byte> Raw { get; init; }

    /// <summary>Writes a short name.</summary>
    public static void WriteName(IBufferWriter<byte> target, ushort name)
    {
        target.WriteByte((byte)VariableAccessKind.VariableName);
        target.WriteUInt16(name);
    }

    /// <summary>Writes a short name with a selector and encoded parameters.</summary>
    public static void WriteParameterized(IBufferWriter<byte> target, ushort name, byte selector, ReadOnlySpan<byte> parameters)
    {
        target.WriteByte((byte)VariableAccessKind.ParameterizedAccess);
        target.WriteUInt16(name);
        target.WriteByte(selector);
        target.Write(parameters);
    }

    /// <inheritdoc/>
    public static bool TryRead(scoped ref AxdrReader reader, out VariableAccess value)
    {
        value = default;
        if (!reader.TryReadByte(out var kind)) return false;
        value = (VariableAccessKind)kind switch
        {
            VariableAccessKind.VariableName or VariableAccessKind.ParameterizedAccess => ReadNamed(ref reader, (VariableAccessKind)kind),
            VariableAccessKind.BlockNumberAccess => ReadBlock(ref reader, VariableAccessKind.BlockNumberAccess, hasLast: false, hasRaw: false),
            VariableAccessKind.ReadDataBlockAccess => ReadBlock(ref reader, VariableAccessKind.ReadDataBlockAccess, hasLast: true, hasRaw: true),
            VariableAccessKind.WriteDataBlockAccess => ReadBlock(ref reader, VariableAccessKind.WriteDataBlockAccess, hasLast: true, hasRaw: false),
            _ => default,
        };
        return value.Kind != 0 ? !reader.Failed : reader.Fail(DecodeFault.BadValue);
    }

    private static VariableAccess ReadNamed(scoped ref AxdrReader reader, VariableAccessKind kind)
    {
        byte selector = 0;
        ReadOnlySpan<byte> parameters = default;
        if (reader.TryReadUInt16(out var name) && kind == VariableAccessKind.ParameterizedAccess && reader.TryReadByte(out selector)) reader.TrySkip(out parameters);
        return new() { Kind = kind, Name = name, Selector = selector, Parameters = parameters };
    }

    private static VariableAccess ReadBlock(scoped ref AxdrReader reader, VariableAccessKind kind, bool hasLast, bool hasRaw)
    {
        byte last = 0;
        ReadOnlySpan<byte> raw = default;
        if (hasLast) reader.TryReadByte(out last);
        reader.TryReadUInt16(out var number);
        if (hasRaw) reader.TryReadLengthPrefixed(out raw);
        return new() { Kind = kind, LastBlock = last != 0, BlockNumber = number, Raw = raw };
    }
}
