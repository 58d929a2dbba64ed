using System.Buffers;
using Gridtally.Cosem.Data;

namespace Gridtally.Cosem.Apdus;

/// <summary>An access-request, read in place: several reads, writes and invocations in one APDU.</summary>
/// <remarks>Access-Request, IEC 62056-5-3. It has no glo-* or ded-* form: where it is protected, it is so by the general ones.</remarks>
public readonly ref struct AccessRequest
{
    private const string Production = "Access-Request";

    /// <summary>To be copied into the response; its bits say how to carry the request out.</summary>
    public LongInvokeIdAndPriority InvokeId { get; init; }

    /// <summary>When the client made the request; null where it does not say.</summary>
    public CosemDateTime? DateTime { get; init; }

    /// <summary>What to do; checked already.</summary>
    public ApduList<AccessSpecification> Specifications { get; init; }

    /// <summary>One Data for each specification, null-data for a read; checked already, as many as <see cref="Specifications"/>.</summary>
    public ApduList<DataItem> Values { get; init; }

    /// <summary>Reads a whole APDU, tag included.</summary>
    public static bool TryRead(ReadOnlySpan<byte> apdu, out AccessRequest value, out DecodeError error)
    {
        var reader = new AxdrReader(apdu, Production);
        value = reader.TryReadTag(ApduTag.AccessRequest) ? Read(ref reader) : default;
        reader.TryEnd();
        error = reader.Error;
        return !reader.Failed;
    }

    /// <summary>Begins an access-request: <paramref name="count"/> specifications follow (<see cref="AccessSpecification"/>), then the count again and as many Data.</summary>
    public static void WriteHead(IBufferWriter<byte> target, LongInvokeIdAndPriority invokeId, in CosemDateTime? time, int count)
    {
        target.WriteByte((byte)ApduTag.AccessRequest);
        target.WriteUInt32(invokeId.Value);
        target.WriteBareDateTime(time);
        target.WriteLength(count);
    }

    private static AccessRequest Read(scoped ref AxdrReader reader)
    {
        reader.TryReadLongInvokeId(out var invokeId);
        reader.TryReadBareDateTime(out var time);
        if (!ApduList<AccessSpecification>.TryRead(ref reader, out var specifications) || !ApduList<DataItem>.TryRead(ref reader, out var values)) return default;
        if (specifications.Count != values.Count) reader.Fail(DecodeFault.BadLength);
        return new() { InvokeId = invokeId, DateTime = time, Specifications = specifications, Values = values };
    }
}

/// <summary>An access-response, read in place.</summary>
/// <remarks>Access-Response, IEC 62056-5-3.</remarks>
public readonly ref struct AccessResponse
{
    private const string Production = "Access-Response";

    /// <summary>Copied from the request.</summary>
    public LongInvokeIdAndPriority InvokeId { get; init; }

    /// <summary>When the server made the response; null where it does not say.</summary>
    public CosemDateTime? DateTime { get; init; }

    /// <summary>True where the specifications of the request are repeated (self-descriptive).</summary>
    public bool HasSpecifications { get; init; }

    /// <summary>The specifications that are answered; empty unless <see cref="HasSpecifications"/>.</summary>
    public ApduList<AccessSpecification> Specifications { get; init; }

    /// <summary>One Data for each specification, null-data where there is nothing to return; checked already.</summary>
    public ApduList<DataItem> Values { get; init; }

    /// <summary>What became of each specification; checked already, as many as <see cref="Values"/>.</summary>
    public AccessResultList Results { get; init; }

    /// <summary>Reads a whole APDU, tag included.</summary>
    public static bool TryRead(ReadOnlySpan<byte> apdu, out AccessResponse value, out DecodeError error)
    {
        var reader = new AxdrReader(apdu, Production);
        value = reader.TryReadTag(ApduTag.AccessResponse) ? Read(ref reader) : default;
        reader.TryEnd();
        error = reader.Error;
        return !reader.Failed;
    }

    /// <summary>
    /// Begins an access-response; the count and the Data follow, then the count again and as many results (<see cref="WriteResult"/>).
    /// </summary>
    /// <param name="target">Receives the octets.</param>
    /// <param name="invokeId">Copied from the request.</param>
    /// <param name="time">When the response is made; null for not said.</param>
    /// <param name="echo">The specifications to repeat; empty for none.</param>
    public static void WriteHead(IBufferWriter<byte> target, LongInvokeIdAndPriority invokeId, in CosemDateTime? time, ApduList<AccessSpecification> echo)
    {
        target.WriteByte((byte)ApduTag.AccessResponse);
        target.WriteUInt32(invokeId.Value);
        target.WriteBareDateTime(time);
        target.WriteByte(echo.Count == 0 ? (byte)0 : (byte)1);
        if (echo.Count > 0) echo.WriteTo(target);
    }

    /// <summary>Writes one result. The codes of data-access-result and action-result are the same where they overlap.</summary>
    public static void WriteResult(IBufferWriter<byte> target, AccessKind kind, byte result)
    {
        target.WriteByte((byte)AccessResultList.FamilyOf(kind));
        target.WriteByte(result);
    }

    private static AccessResponse Read(scoped ref AxdrReader reader)
    {
        reader.TryReadLongInvokeId(out var invokeId);
        reader.TryReadBareDateTime(out var time);
        ApduList<AccessSpecification> specifications = default;
        if (reader.TryReadPresence(out var present) && present) ApduList<AccessSpecification>.TryRead(ref reader, out specifications);
        if (!ApduList<DataItem>.TryRead(ref reader, out var values) || !AccessResultList.TryRead(ref reader, out var results)) return default;
        if (values.Count != results.Count || (present && specifications.Count != values.Count)) reader.Fail(DecodeFault.BadLength);
        return new() { InvokeId = invokeId, DateTime = time, HasSpecifications = present, Specifications = specifications, Values = values, Results = results };
    }
}
