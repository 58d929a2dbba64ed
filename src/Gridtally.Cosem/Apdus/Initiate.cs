using System.Buffers;
using Gridtally.Cosem.Data;

namespace Gridtally.Cosem.Apdus;

/// <summary>What the client proposes inside the AARQ.</summary>
/// <remarks>InitiateRequest, IEC 62056-5-3 (A-XDR).</remarks>
public readonly ref struct InitiateRequest
{
    /// <summary>The only DLMS version there is in practice.</summary>
    public const byte DlmsVersion = 6;

    private const string Production = "InitiateRequest";

    /// <summary>Key for this association alone; empty where there is none.</summary>
    public ReadOnlySpan<byte> DedicatedKey { get; init; }

    /// <summary>True where the client wants no answer.</summary>
    public bool ResponseForbidden { get; init; }

    /// <summary>proposed-quality-of-service; null where there is none.</summary>
    public byte? QualityOfService { get; init; }

    /// <summary>proposed-dlms-version-number.</summary>
    public byte Version { get; init; }

    /// <summary>proposed-conformance.</summary>
    public Conformance Conformance { get; init; }

    /// <summary>client-max-receive-pdu-size in octets; 0 for no limit.</summary>
    public ushort MaxReceivePdu { get; init; }

    /// <summary>Reads a whole APDU, tag included.</summary>
    public static bool TryRead(ReadOnlySpan<byte> apdu, out InitiateRequest value, out DecodeError error)
    {
        var reader = new AxdrReader(apdu, Production);
        value = Read(ref reader);
        error = reader.Error;
        return !reader.Failed;
    }

    /// <summary>Writes the whole APDU.</summary>
    public void WriteTo(IBufferWriter<byte> target)
    {
        target.WriteByte((byte)ApduTag.InitiateRequest);
        target.WriteByte(DedicatedKey.IsEmpty ? (byte)0 : (byte)1);
        if (!DedicatedKey.IsEmpty)
        {
            target.WriteLength(DedicatedKey.Length);
            target.Write(DedicatedKey);
        }

        // response-allowed DEFAULT TRUE: 00 stands for the default.
        target.WriteByte(ResponseForbidden ? (byte)1 : (byte)0);
        if (ResponseForbidden) target.WriteByte(0);
        InitiateFields.WriteOptional(target, QualityOfService);
        target.WriteByte(Version);
        InitiateFields.WriteConformance(target, Conformance);
        target.WriteUInt16(MaxReceivePdu);
    }

    private static InitiateRequest Read(scoped ref AxdrReader reader)
    {
        var key = ReadOnlySpan<byte>.Empty;
        byte allowed = 1;
        if (!reader.TryReadTag(ApduTag.InitiateRequest)) return default;
        if (reader.TryReadPresence(out var hasKey) && hasKey) reader.TryReadLengthPrefixed(out key);
        if (reader.TryReadPresence(out var hasAllowed) && hasAllowed) reader.TryReadByte(out allowed);
        var quality = InitiateFields.ReadOptional(ref reader);
        reader.TryReadByte(out var version);
        var conformance = InitiateFields.ReadConformance(ref reader);
        reader.TryReadUInt16(out var maxPdu);
        reader.TryEnd();
        return new()
        {
            DedicatedKey = key,
            ResponseForbidden = allowed == 0,
            QualityOfService = quality,
            Version = version,
            Conformance = conformance,
            MaxReceivePdu = maxPdu,
        };
    }
}

/// <summary>What the server grants inside the AARE.</summary>
/// <remarks>InitiateResponse, IEC 62056-5-3 (A-XDR).</remarks>
public readonly record struct InitiateResponse
{
    /// <summary>vaa-name of an association that uses logical names.</summary>
    public const ushort LogicalNameVaa = 0x0007;

    private const string Production = "InitiateResponse";

    /// <summary>negotiated-quality-of-service; null where there is none.</summary>
    public byte? QualityOfService { get; init; }

    /// <summary>negotiated-dlms-version-number.</summary>
    public byte Version { get; init; }

    /// <summary>negotiated-conformance.</summary>
    public Conformance Conformance { get; init; }

    /// <summary>server-max-receive-pdu-size in octets; 0 for no limit.</summary>
    public ushort MaxReceivePdu { get; init; }

    /// <summary>vaa-name: 0007 with logical names, FA00 with short names.</summary>
    public ushort VaaName { get; init; }

    /// <summary>Reads a whole APDU, tag included.</summary>
    public static bool TryRead(ReadOnlySpan<byte> apdu, out InitiateResponse value, out DecodeError error)
    {
        var reader = new AxdrReader(apdu, Production);
        value = reader.TryReadTag(ApduTag.InitiateResponse) ? Read(ref reader) : default;
        error = reader.Error;
        return !reader.Failed;
    }

    /// <summary>Writes the whole APDU.</summary>
    public void WriteTo(IBufferWriter<byte> target)
    {
        target.WriteByte((byte)ApduTag.InitiateResponse);
        InitiateFields.WriteOptional(target, QualityOfService);
        target.WriteByte(Version);
        InitiateFields.WriteConformance(target, Conformance);
        target.WriteUInt16(MaxReceivePdu);
        target.WriteUInt16(VaaName);
    }

    private static InitiateResponse Read(scoped ref AxdrReader reader)
    {
        var quality = InitiateFields.ReadOptional(ref reader);
        reader.TryReadByte(out var version);
        var conformance = InitiateFields.ReadConformance(ref reader);
        reader.TryReadUInt16(out var maxPdu);
        reader.TryReadUInt16(out var vaa);
        reader.TryEnd();
        return new() { QualityOfService = quality, Version = version, Conformance = conformance, MaxReceivePdu = maxPdu, VaaName = vaa };
    }
}

/// <summary>Fields that InitiateRequest and InitiateResponse share.</summary>
internal static class InitiateFields
{
    public static byte? ReadOptional(scoped ref AxdrReader reader) =>
        reader.TryReadPresence(out var present) && present && reader.TryReadByte(out var value) ? value : null;

    public static void WriteOptional(IBufferWriter<byte> target, byte? value)
    {
        target.WriteByte(value is null ? (byte)0 : (byte)1);
        if (value is { } octet) target.WriteByte(octet);
    }

    /// <summary>Application tag 31 (5F 1F), which old stacks send as 5F alone; length 4; no unused bits; 24 bits.</summary>
    public static Conformance ReadConformance(scoped ref AxdrReader reader)
    {
        if (reader.Peek != (DataTag)0x5F) reader.Fail(DecodeFault.UnknownTag);
        reader.TryReadByte(out _);
        if (reader.Peek == (DataTag)0x1F) reader.TryReadByte(out _);
        if (!reader.TryReadUInt32(out var head) || !reader.TryReadByte(out var last)) return Conformance.None;
        if (head >> 16 != 0x0400) reader.Fail(DecodeFault.BadLength);
        return (Conformance)((head & 0xFFFF) << 8 | last);
    }

    public static void WriteConformance(IBufferWriter<byte> target, Conformance value)
    {
        var span = target.GetSpan(ConformanceBits.EncodedSize);
        var bits = (uint)value;
        (span[0], span[1], span[2], span[3], span[4], span[5], span[6]) =
            (0x5F, 0x1F, 4, 0, (byte)(bits >> 16), (byte)(bits >> 8), (byte)bits);
        target.Advance(ConformanceBits.EncodedSize);
    }
}
