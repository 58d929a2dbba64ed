using System.Buffers;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Data;

namespace Gridtally.Cosem.Client;

/// <content>Requests without an answer, and urgent requests in the middle of a long transfer.</content>
public sealed partial class ClientAssociation
{
    private Suspended? _suspended;
    private bool _suspend;

    /// <summary>
    /// True to send requests with high priority, as most clients do (and what a server needs to see in a request that overtakes a transfer). The bit
    /// means nothing where priority-mgmt is not negotiated.
    /// </summary>
    public bool HighPriority { get; set; } = true;

    /// <summary>True while a transfer is put aside; <see cref="Resume"/> goes on with it.</summary>
    public bool HasSuspended => _suspended is not null;

    /// <summary>
    /// Asks that the long answer under way be put aside after its next block, so that an urgent request can be made: <see cref="Receive"/> then comes
    /// to <see cref="ClientStep.Suspended"/>. One whose last block comes first is answered as usual.
    /// </summary>
    /// <returns>False where nothing is under way, one transfer is put aside already, or the server does not know priorities (priority-mgmt not negotiated).</returns>
    public bool Suspend() => _suspend = State == ClientState.Busy && _suspended is null && Missing(Conformance.PriorityMgmtSupported) is null;

    /// <summary>Goes on with the transfer that was put aside.</summary>
    /// <exception cref="InvalidOperationException">Not associated, a request is under way, or nothing was put aside.</exception>
    public ClientStep Resume(IBufferWriter<byte> output)
    {
        Expect(ClientState.Ready, "resume");
        if (_suspended is not { } suspended) throw new InvalidOperationException("No transfer was put aside.");
        _suspended = null;
        _answer.Recycle();
        (_service, _invokeId, _target, _access, _method) = (suspended.Service, suspended.InvokeId, suspended.Target, suspended.Access, suspended.Method);
        (_items, _chunk, _receivedBlocks, _answer, _results) = (suspended.Items, suspended.Chunk, suspended.ReceivedBlocks, suspended.Answer, suspended.Results);
        (_targets, _invokeItems) = (suspended.Targets, suspended.InvokeItems);
        (_sent, _sentBlocks, _data) = (0, 0, default);
        _request.Recycle();
        Result = default;
        State = ClientState.Busy;
        return SendOrSuspend(output);
    }

    /// <summary>Asks for the next block, or puts the transfer aside instead.</summary>
    private ClientStep SendOrSuspend(IBufferWriter<byte> output)
    {
        if (_suspend)
        {
            PutAside();
            return ClientStep.Suspended;
        }

        _request.Clear();
        if (_service is Service.Get or Service.GetList) GetRequest.WriteNext(_request, _invokeId, _receivedBlocks);
        else ActionRequest.WriteNext(_request, _invokeId, _receivedBlocks);
        return Send(output);
    }

    private void PutAside()
    {
        _suspended = new(_service, _invokeId, _target, _access, _method, _items, _chunk, _receivedBlocks, _answer, _results, _targets, _invokeItems);
        (_answer, _results, _suspend) = (new(), [], false);
        State = ClientState.Ready;
    }

    private void ForgetSuspended()
    {
        _suspended = null;
        _suspend = false;
    }

    /// <summary>The next invoke id that nothing under way has.</summary>
    private InvokeIdAndPriority NextInvokeId(bool confirmed = true)
    {
        var id = (_invokeId.Id + 1) & 0x0F;
        if (id == _suspended?.InvokeId.Id) id = (id + 1) & 0x0F;
        return InvokeIdAndPriority.Of((byte)id, confirmed, HighPriority);
    }

    private ClientStep SendSetUnconfirmed(in AttributeRef target, ReadOnlySpan<byte> data, IBufferWriter<byte> output)
    {
        Begin(Service.Set);
        if (UsesShortNames) return SendWriteUnconfirmed(Names.TryGetName(target, out var name), name, target.ToString(), data, output);
        _invokeId = InvokeIdAndPriority.Of(_invokeId.Id, confirmed: false, HighPriority);
        if (Missing(ServiceForms.NeededBy(SetRequestKind.Normal) | AllAttributes(ApduTag.SetRequest, target)) is { } missing) return Refuse(missing);
        SetRequest.WriteNormal(_request, _invokeId, target, data);
        return SendUnconfirmed(output);
    }

    private ClientStep SendInvokeUnconfirmed(in MethodRef target, ReadOnlySpan<byte> parameter, IBufferWriter<byte> output)
    {
        Begin(Service.Invoke);
        if (UsesShortNames) return SendWriteUnconfirmed(Names.TryGetName(target, out var name), name, target.ToString(), parameter.IsEmpty ? [(byte)DataTag.NullData] : parameter, output);
        _invokeId = InvokeIdAndPriority.Of(_invokeId.Id, confirmed: false, HighPriority);
        if (Missing(ServiceForms.NeededBy(ActionRequestKind.Normal)) is { } missing) return Refuse(missing);
        ActionRequest.WriteNormal(_request, _invokeId, target, parameter);
        return SendUnconfirmed(output);
    }

    /// <summary>Blocks need answers: what has none must fit into one APDU.</summary>
    private ClientStep SendUnconfirmed(IBufferWriter<byte> output)
    {
        if (_request.Length > MaxPlainInOneApdu) return Refuse(new RequestFailure.TooLong($"the {RequestName}", _request.Length, MaxPlainInOneApdu));
        var step = Send(output);
        return step == ClientStep.Send ? Answer(default) : step;
    }

    /// <summary>What must be kept of a transfer while another request is made.</summary>
    private sealed record Suspended(
        Service Service, InvokeIdAndPriority InvokeId, AttributeRef Target, SelectiveAccess? Access, MethodRef Method, int Items, int Chunk, uint ReceivedBlocks,
        ApduBuffer Answer, List<RequestResult> Results, IReadOnlyList<AttributeRef> Targets, IReadOnlyList<InvokeItem> InvokeItems);
}
