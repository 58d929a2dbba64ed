using System.Buffers;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Data;
using Gridtally.Cosem.Security;
using Gridtally.Cosem.ShortNames;

namespace Gridtally.Cosem.Server;

/// <content>Read and Write: the same objects by short names, for clients that know nothing else.</content>
public sealed partial class ServerAssociation
{
    // There are no invoke ids: one transfer at a time, and a new request ends it.
    private static readonly InvokeIdAndPriority NoInvokeId = new(0);

    private bool _shortNames;

    /// <summary>What is being served: a refusal by short names says whether it is of a read or a write.</summary>
    private ApduTag _tag;

    private ShortNameMap Names => _active.ShortNames!;

    /// <summary>Passes 3 and 4 of HLS: reply_to_HLS_authentication of the association is read with the client's proof.</summary>
    private void OnNamedPass3(ReadOnlySpan<byte> plain, Wrapping wrapping, IBufferWriter<byte> response)
    {
        if (!ReadRequest.TryRead(plain, out var request, out _) || request.Items.Count != 1
            || First(request.Items) is not { Kind: VariableAccessKind.ParameterizedAccess } item
            || !Names.TryFind(item.Name, out var target) || !IsOwnAssociation(target) || !target.IsMethod || target.Id != ReplyToHlsWithShortNames)
        {
            Refuse(NotPossible, response);
            return;
        }

        var reader = new AxdrReader(item.Parameters);
        Span<byte> own = stackalloc byte[HlsProof.MaxSize];
        reader.TryReadOctets(out var proof);
        var result = Authenticate(proof, own, out var size);
        _answer.Clear();
        ReadResponse.WriteHead(_answer, 1);
        if (result == ActionResult.Success)
        {
            _answer.WriteByte((byte)ReadResultKind.Data);
            _answer.WriteOctetString(own[..size]);
        }
        else ReadResponse.WriteError(_answer, (DataAccessResult)result);

        Send(_answer.Span, wrapping, response);
        if (result == ActionResult.Success) State = ServerAssociationState.Associated;
        else Reset();
    }

    private void OnRead(ReadOnlySpan<byte> plain, Wrapping wrapping, IBufferWriter<byte> response)
    {
        if (!ReadRequest.TryRead(plain, out var request, out _)) Refuse(NotDecodable, response);
        else if (!Grants(Conformance.Read)) Refuse(NotSupported, response);
        else if (request.Items.Count == 1 && First(request.Items) is var one && IsBlock(one.Kind)) OnReadBlock(one, wrapping, response);
        else
        {
            EndTransfersBefore(NoInvokeId);
            ReadVariables(request, wrapping, response);
        }
    }

    private void ReadVariables(in ReadRequest request, Wrapping wrapping, IBufferWriter<byte> response)
    {
        if (!GrantsAccessTo(request.Items))
        {
            Refuse(NotSupported, response);
            return;
        }

        _answer.Clear();
        ReadResponse.WriteHead(_answer, request.Items.Count);
        foreach (var item in request.Items)
        {
            var start = _answer.Length;
            _answer.WriteByte((byte)ReadResultKind.Data);
            var result = _full ? DataAccessResult.OtherReason : ReadVariable(item, ref wrapping);
            _full |= _answer.Length > Limits.MaxReassembly; // one request may name a long profile many times over
            if (_full && result == DataAccessResult.Success) result = DataAccessResult.OtherReason;
            if (result == DataAccessResult.Success) continue;
            _answer.Truncate(start);
            ReadResponse.WriteError(_answer, result);
        }

        SendWholeOrInBlocks(BlockTransfer.Purpose.ReadAnswer, headLength: 1, NoInvokeId, wrapping, response);
    }

    private DataAccessResult ReadVariable(in VariableAccess item, ref Wrapping wrapping)
    {
        if (IsBlock(item.Kind)) return DataAccessResult.OtherReason;
        if (!Names.TryFind(item.Name, out var target)) return DataAccessResult.ObjectUndefined;
        if (!target.IsMethod) return ReadNamed(target, item, ref wrapping);

        // A method that returns something is invoked by reading it; without parameters there is nothing to read.
        if (item.Kind != VariableAccessKind.ParameterizedAccess) return DataAccessResult.ReadWriteDenied;
        var start = _answer.Length;
        var result = InvokeNamed(target, item.Parameters, ref wrapping);
        if (result == DataAccessResult.Success && _answer.Length == start) _answer.WriteNull();
        return result;
    }

    private DataAccessResult ReadNamed(in ShortNameTarget target, in VariableAccess item, ref Wrapping wrapping) =>
        IsOwnAssociation(target) ? ReadAssociation(target.Id, item.Selector) : ReadOne(target.Attribute, item.Selector, item.Parameters, ref wrapping);

    private DataAccessResult InvokeNamed(in ShortNameTarget target, ReadOnlySpan<byte> parameter, ref Wrapping wrapping) =>
        IsOwnAssociation(target) && target.Id == ReadByLogicalName ? ReadByLogicalNames(parameter, ref wrapping)
        : (DataAccessResult)Invoke(target.Method, parameter is [(byte)DataTag.NullData] ? default : parameter, ref wrapping);

    private void OnReadBlock(in VariableAccess item, Wrapping wrapping, IBufferWriter<byte> response)
    {
        if (!Grants(Conformance.BlockTransferWithGetOrRead)) Refuse(NotSupported, response);
        else if (item.Kind == VariableAccessKind.ReadDataBlockAccess) GatherRead(item, wrapping, response);
        else if (item.Kind != VariableAccessKind.BlockNumberAccess) Refuse(NotDecodable, response);
        else if (!TrySendBlockAfter(BlockTransfer.Purpose.ReadAnswer, item.BlockNumber, NoInvokeId, wrapping, response, out var inProgress))
            SendReadError(inProgress ? DataAccessResult.DataBlockNumberInvalid : DataAccessResult.NoLongGetInProgress, wrapping, response);
    }

    private void SendReadError(DataAccessResult error, Wrapping wrapping, IBufferWriter<byte> response)
    {
        _block.Clear();
        ReadResponse.WriteHead(_block, 1);
        ReadResponse.WriteError(_block, error);
        Send(_block.Span, wrapping, response);
    }

    private void GatherRead(in VariableAccess item, Wrapping wrapping, IBufferWriter<byte> response)
    {
        var transfer = GatherIn(BlockTransfer.Purpose.ReadRequest, ApduTag.ReadRequest, item, wrapping);
        switch (transfer?.Gather(item.BlockNumber, item.LastBlock, item.Raw, _active.MaxSetOctets, _received))
        {
            case null: SendReadError(DataAccessResult.NoLongGetInProgress, wrapping, response); break;
            case BlockTransfer.Arrival.More:
                _block.Clear();
                ReadResponse.WriteBlockNumber(_block, (ushort)transfer.Number);
                Send(_block.Span, wrapping, response);
                break;
            case BlockTransfer.Arrival.Complete:
                if (ReadRequest.TryRead(transfer.Octets.Span, out var whole, out _)) ReadVariables(whole, wrapping, response);
                else Refuse(NotDecodable, response);
                transfer.End();
                break;
            case var arrival:
                transfer.End();
                SendReadError(arrival == BlockTransfer.Arrival.TooLong ? DataAccessResult.LongGetAborted : DataAccessResult.DataBlockNumberInvalid, wrapping, response);
                break;
        }
    }

    /// <summary>The transfer that a block belongs to; the first block begins one.</summary>
    private BlockTransfer? GatherIn(BlockTransfer.Purpose purpose, ApduTag tag, in VariableAccess item, Wrapping wrapping)
    {
        if (Find(purpose, NoInvokeId) is { } transfer && (item.BlockNumber != 1 || transfer.Number == 1)) return transfer;
        if (item.BlockNumber != 1) return null;
        EndTransfersBefore(NoInvokeId);
        var begun = Begin(purpose, NoInvokeId, wrapping);
        begun.Octets.WriteByte((byte)tag);
        begun.EndHead();
        return begun;
    }

    private void OnWrite(ReadOnlySpan<byte> plain, Wrapping wrapping, IBufferWriter<byte> response)
    {
        if (!WriteRequest.TryRead(plain, out var request, out _)) Refuse(NotDecodable, response);
        else if (!Grants(request.Unconfirmed ? Conformance.UnconfirmedWrite : Conformance.Write)) Refuse(NotSupported, response);
        else if (request.Items.Count == 1 && First(request.Items) is { Kind: VariableAccessKind.WriteDataBlockAccess } block) OnWriteBlock(block, request.Values, wrapping, response);
        else
        {
            EndTransfersBefore(NoInvokeId);
            WriteVariables(request, wrapping, response);
        }
    }

    private void WriteVariables(in WriteRequest request, Wrapping wrapping, IBufferWriter<byte> response)
    {
        if (!GrantsAccessTo(request.Items))
        {
            Refuse(NotSupported, response);
            return;
        }

        _block.Clear();
        WriteResponse.WriteHead(_block, request.Items.Count);
        var values = request.Values.GetEnumerator();
        foreach (var item in request.Items)
        {
            values.MoveNext();
            WriteResponse.WriteResult(_block, WriteVariable(item, values.Current.Data, ref wrapping));
        }

        Send(_block.Span, wrapping, response);
    }

    private DataAccessResult WriteVariable(in VariableAccess item, ReadOnlySpan<byte> data, ref Wrapping wrapping)
    {
        if (IsBlock(item.Kind)) return DataAccessResult.OtherReason;
        if (!Names.TryFind(item.Name, out var target)) return DataAccessResult.ObjectUndefined;
        if (!target.IsMethod) return WriteOne(target.Attribute, item.Selector, item.Parameters, data, ref wrapping);
        var result = InvokeNamed(target, data, ref wrapping);
        _answer.Clear(); // who writes to a method wants nothing back
        return result;
    }

    private void OnWriteBlock(in VariableAccess item, ApduList<DataItem> values, Wrapping wrapping, IBufferWriter<byte> response)
    {
        var value = values.GetEnumerator();
        value.MoveNext();
        var reader = new AxdrReader(value.Current.Data);
        if (!Grants(Conformance.BlockTransferWithSetOrWrite)) Refuse(NotSupported, response);
        else if (!reader.TryReadOctets(out var raw)) Refuse(NotDecodable, response);
        else GatherWrite(item, raw, wrapping, response);
    }

    private void GatherWrite(in VariableAccess item, ReadOnlySpan<byte> raw, Wrapping wrapping, IBufferWriter<byte> response)
    {
        var transfer = GatherIn(BlockTransfer.Purpose.WriteRequest, ApduTag.WriteRequest, item, wrapping);
        switch (transfer?.Gather(item.BlockNumber, item.LastBlock, raw, _active.MaxSetOctets, _received))
        {
            case null: SendWriteError(DataAccessResult.NoLongSetInProgress, wrapping, response); break;
            case BlockTransfer.Arrival.More:
                _block.Clear();
                WriteResponse.WriteBlockNumber(_block, (ushort)transfer.Number);
                Send(_block.Span, wrapping, response);
                break;
            case BlockTransfer.Arrival.Complete:
                if (WriteRequest.TryRead(transfer.Octets.Span, out var whole, out _)) WriteVariables(whole, wrapping, response);
                else Refuse(NotDecodable, response);
                transfer.End();
                break;
            case var arrival:
                transfer.End();
                SendWriteError(arrival == BlockTransfer.Arrival.TooLong ? DataAccessResult.LongSetAborted : DataAccessResult.DataBlockNumberInvalid, wrapping, response);
                break;
        }
    }

    private void SendWriteError(DataAccessResult error, Wrapping wrapping, IBufferWriter<byte> response)
    {
        _block.Clear();
        WriteResponse.WriteHead(_block, 1);
        WriteResponse.WriteResult(_block, error);
        Send(_block.Span, wrapping, response);
    }

    private bool GrantsAccessTo(ApduList<VariableAccess> items)
    {
        if (items.Count > 1 && !Grants(Conformance.MultipleReferences)) return false;
        foreach (var item in items)
        {
            if (item.Kind == VariableAccessKind.ParameterizedAccess && !Grants(Conformance.ParameterizedAccess)) return false;
        }

        return true;
    }

    private static bool IsBlock(VariableAccessKind kind) => kind is not (VariableAccessKind.VariableName or VariableAccessKind.ParameterizedAccess);

    private static VariableAccess First(ApduList<VariableAccess> items)
    {
        var item = items.GetEnumerator();
        item.MoveNext();
        return item.Current;
    }

    /// <summary>With short names a refusal is a confirmed-service-error: the exception-response came later.</summary>
    private static ConfirmedServiceError ShortNameRefusal(ExceptionResponse exception, ApduTag tag)
    {
        const byte read = 5, write = 6;
        var service = tag is ApduTag.WriteRequest or ApduTag.UnconfirmedWriteRequest ? write : read;
        return exception.Service switch
        {
            ExceptionService.OperationNotPossible => new(service, 2, 1),    // vde-state-error: no-dlms-context
            ExceptionService.ServiceNotSupported => new(service, 3, 2),     // service: service-unsupported
            ExceptionService.PduTooLong => new(service, 3, 1),              // service: pdu-size
            ExceptionService.DecipheringError or ExceptionService.InvocationCounterError => new(service, 0, 6), // application-reference: deciphering-error
            _ => new(service, 0, 0),                                        // application-reference: other
        };
    }
}
