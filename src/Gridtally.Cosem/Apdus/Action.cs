using System.Buffers;
using Gridtally.Cosem.Data;

namespace Gridtally.Cosem.Apdus;

/// <summary>An action-request-normal, read in place. The other forms are not read.</summary>
/// <remarks>Action-Request, IEC 62056-5-3.</remarks>
public readonly ref struct ActionRequest
{
    private const string Production = "Action-Request";

    /// <summary>To be copied into the response.</summary>
    public InvokeIdAndPriority InvokeId { get; init; }

    /// <summary>What to invoke.</summary>
    public MethodRef Target { get; init; }

    /// <summary>Encoded Data; empty where none was sent.</summary>
    public ReadOnlySpan<byte> Parameter { get; init; }

    /// <summary>Reads a whole APDU, tag included.</summary>
    public static bool TryRead(ReadOnlySpan<byte> apdu, out ActionRequest value, out DecodeError error)
    {
        var reader = new AxdrReader(apdu, Production);
        value = Read(ref reader);
        reader.TryEnd();
        error = reader.Error;
        return !reader.Failed;
    }

    /// <summary>Writes action-request-normal; an empty <paramref name="parameter"/> is left out.</summary>
    public static void WriteNormal(IBufferWriter<byte> target, InvokeIdAndPriority invokeId, in MethodRef method, ReadOnlySpan<byte> parameter)
    {
        target.WriteHead(ApduTag.ActionRequest, (byte)ActionRequestKind.Normal, invokeId);
        method.WriteTo(target);
        target.WriteByte(parameter.IsEmpty ? (byte)0 : (byte)1);
        target.Write(parameter);
    }

    private static ActionRequest Read(scoped ref AxdrReader reader)
    {
        if (!reader.TryReadTag(ApduTag.ActionRequest) || !reader.TryReadByte(out var kind) || !reader.TryReadInvokeId(out var invokeId)) return default;
        if (kind != (byte)ActionRequestKind.Normal) reader.Fail(DecodeFault.UnknownTag);
        reader.TryReadAttribute(out var same);
        ReadOnlySpan<byte> parameter = default;
        if (reader.TryReadPresence(out var present) && present) reader.TrySkip(out parameter);
        return new() { InvokeId = invokeId, Target = new(same.ClassId, same.Instance, same.AttributeId), Parameter = parameter };
    }
}

/// <summary>An action-response-normal, read in place. The other forms are not read.</summary>
/// <remarks>Action-Response, IEC 62056-5-3.</remarks>
public readonly ref struct ActionResponse
{
    private const string Production = "Action-Response";

    /// <summary>Copied from the request.</summary>
    public InvokeIdAndPriority InvokeId { get; init; }

    /// <summary>What became of the method.</summary>
    public ActionResult Result { get; init; }

    /// <summary>Success, or why the method's value could not be returned though it was carried out.</summary>
    public DataAccessResult ReturnResult { get; init; }

    /// <summary>Encoded return Data; empty where there is none.</summary>
    public ReadOnlySpan<byte> Data { get; init; }

    /// <summary>Reads a whole APDU, tag included.</summary>
    public static bool TryRead(ReadOnlySpan<byte> apdu, out ActionResponse value, out DecodeError error)
    {
        var reader = new AxdrReader(apdu, Production);
        value = Read(ref reader);
        reader.TryEnd();
        error = reader.Error;
        return !reader.Failed;
    }

    /// <summary>Begins action-response-normal, success, with return Data, which follow.</summary>
    public static void WriteNormalHead(IBufferWriter<byte> target, InvokeIdAndPriority invokeId)
    {
        target.WriteHead(ApduTag.ActionResponse, (byte)ActionResponseKind.Normal, invokeId);
        var span = target.GetSpan(3);
        (span[0], span[1], span[2]) = ((byte)ActionResult.Success, 1, 0);
        target.Advance(3);
    }

    /// <summary>Writes action-response-normal without return Data.</summary>
    public static void WriteNormal(IBufferWriter<byte> target, InvokeIdAndPriority invokeId, ActionResult result)
    {
        target.WriteHead(ApduTag.ActionResponse, (byte)ActionResponseKind.Normal, invokeId);
        target.WriteByte((byte)result);
        target.WriteByte(0);
    }

    private static ActionResponse Read(scoped ref AxdrReader reader)
    {
        if (!reader.TryReadTag(ApduTag.ActionResponse) || !reader.TryReadByte(out var kind) || !reader.TryReadInvokeId(out var invokeId)) return default;
        if (kind != (byte)ActionResponseKind.Normal) reader.Fail(DecodeFault.UnknownTag);
        reader.TryReadByte(out var result);
        var returned = DataAccessResult.Success;
        ReadOnlySpan<byte> data = default;
        if (reader.TryReadPresence(out var present) && present) reader.TryReadDataResult(out returned, out data);
        return new() { InvokeId = invokeId, Result = (ActionResult)result, ReturnResult = returned, Data = data };
    }
}
