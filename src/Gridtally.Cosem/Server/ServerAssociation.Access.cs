using System.Buffers;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Data;
using Gridtally.Cosem.Security;

namespace Gridtally.Cosem.Server;

/// <content>ACCESS. A request or answer that is too long for one APDU goes by general block transfer; ACCESS has no blocks of its own.</content>
public sealed partial class ServerAssociation
{
    private void OnAccess(ReadOnlySpan<byte> plain, Wrapping wrapping, IBufferWriter<byte> response)
    {
        if (!AccessRequest.TryRead(plain, out var request, out _)) Refuse(NotDecodable, response);
        else if (!Grants(ServiceForms.NeededBy(ApduTag.AccessRequest, 0))) Refuse(NotSupported, response);
        else
        {
            if (!request.InvokeId.HighPriority || !Grants(Conformance.PriorityMgmtSupported)) EndTransfers();

            // There is no glo-access-response: protected, it is so by the general tags.
            wrapping = wrapping.InGeneralEnvelope;
            CarryOut(request, ref wrapping);
            if (_answer.Length <= MaxPlain(wrapping) || _silent) Send(_answer.Span, wrapping, response);
            else Refuse(PduTooLong, response);
        }
    }

    /// <summary>The answer has all Data first, then all results: these gather in a buffer of their own.</summary>
    private void CarryOut(in AccessRequest request, ref Wrapping wrapping)
    {
        var specifications = request.Specifications;
        _answer.Clear();
        _block.Clear();
        AccessResponse.WriteHead(_answer, request.InvokeId, null, request.InvokeId.SelfDescriptive ? specifications : default);
        _answer.WriteLength(specifications.Count);
        var values = request.Values.GetEnumerator();
        var broken = false;
        foreach (var specification in specifications)
        {
            values.MoveNext();
            var result = broken ? (byte)DataAccessResult.OtherReason : CarryOut(specification, values.Current.Data, ref wrapping);
            if (broken) _answer.WriteNull();
            broken |= result != 0 && request.InvokeId.BreakOnError;
            AccessResponse.WriteResult(_block, specification.Kind, result);
        }

        _answer.WriteLength(specifications.Count);
        _answer.Append(_block.Span);
    }

    /// <summary>Carries out one specification, and appends its Data to the answer: null-data where there is nothing to return.</summary>
    private byte CarryOut(in AccessSpecification specification, ReadOnlySpan<byte> value, ref Wrapping wrapping)
    {
        var start = _answer.Length;
        var result = specification.Kind switch
        {
            AccessKind.Get or AccessKind.GetWithSelection => (byte)ReadWhileShort(specification.Attribute, specification.Selector, specification.Parameters, ref wrapping),
            AccessKind.Action => (byte)InvokeWhileShort(specification.Method, value, ref wrapping),
            _ when !MaySelect(specification.Selector) => (byte)DataAccessResult.ScopeOfAccessViolated,
            _ => (byte)Write(specification.Attribute, specification.Selector, specification.Parameters, value, ref wrapping),
        };
        if (result != 0) _answer.Truncate(start);
        if (_answer.Length == start) _answer.WriteNull();
        return result;
    }
}
