using System.Buffers;
using Gridtally.Cosem.Acse;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Data;
using Gridtally.Cosem.ShortNames;

namespace Gridtally.Cosem.Client;

/// <content>Old meters: the same requests by short names, with Read and Write.</content>
public sealed partial class ClientAssociation
{
    // A method is read with a selector that means nothing.
    private const byte MethodSelector = 0;

    /// <summary>reply_to_HLS_authentication, method 8 of the association at FA00; its methods begin 20 (hex) above it.</summary>
    private const ushort ReplyToHlsName = ShortNameMap.Association + 0x20 + (7 * ShortNameObject.Step);

    private static readonly ShortNameMap AssociationOnly = new([]);

    /// <summary>The short name that was asked for by itself; null where the caller named an attribute or method.</summary>
    private ushort? _rawName;

    /// <summary>
    /// The short names of the meter's objects. Taken from the options, or read with <see cref="ReadObjectList"/>; until then only the current
    /// association (class 12 at FA00) has one.
    /// </summary>
    public ShortNameMap? ShortNames { get; private set; }

    private bool UsesShortNames => _options.UseShortNames;

    private ShortNameMap Names => ShortNames ?? _options.ShortNames ?? AssociationOnly;

    /// <summary>Reads object_list of the current association; its answer becomes <see cref="ShortNames"/>.</summary>
    /// <exception cref="InvalidOperationException">Not associated, a request is under way, or the association does not use short names.</exception>
    public ClientStep ReadObjectList(IBufferWriter<byte> output)
    {
        ExpectShortNames("read the object list");
        return Get(new(12, ShortNameMap.AssociationName, 2), null, output);
    }

    /// <summary>Reads one short name as it is: an attribute, or (with <paramref name="access"/>) a part of one or what a method returns.</summary>
    /// <exception cref="InvalidOperationException">Not associated, a request is under way, or the association does not use short names.</exception>
    public ClientStep ReadShortName(ushort name, SelectiveAccess? access, IBufferWriter<byte> output)
    {
        ExpectShortNames("read");
        Begin(Service.Get);
        _rawName = name;
        return SendRead(name, access?.Selector, ParametersOf(access), output);
    }

    /// <summary>Writes one short name as it is: an attribute, or the parameter of a method that returns nothing.</summary>
    /// <exception cref="ArgumentException">No data at all.</exception>
    /// <exception cref="InvalidOperationException">Not associated, a request is under way, or the association does not use short names.</exception>
    public ClientStep WriteShortName(ushort name, ReadOnlyMemory<byte> data, IBufferWriter<byte> output)
    {
        ExpectShortNames("write");
        RequireData(data, nameof(data));
        Begin(Service.Set);
        _rawName = name;
        return SendWrite(name, null, data.Span, output);
    }

    private void ExpectShortNames(string what)
    {
        Expect(ClientState.Ready, what);
        if (!UsesShortNames) throw new InvalidOperationException($"Can't {what} by short names: the association uses logical names. Set AssociationOptions.UseShortNames.");
    }

    /// <summary>Reads reply_to_HLS_authentication with the proof f(StoC).</summary>
    private void WriteNamedPass3(ReadOnlySpan<byte> proof)
    {
        ReadRequest.WriteHead(_request, 1);
        VariableAccess.WriteParameterized(_request, ReplyToHlsName, MethodSelector, proof);
    }

    private ClientStep GetNamed(SelectiveAccess? access, IBufferWriter<byte> output) => Names.TryGetName(_target, out var name)
        ? SendRead(name, access?.Selector, ParametersOf(access), output)
        : RefuseOne(new RequestFailure.NoShortName(_target.ToString()), output);

    private ClientStep SetNamed(in AttributeRef target, SelectiveAccess? access, ReadOnlySpan<byte> data, IBufferWriter<byte> output) => Names.TryGetName(target, out var name)
        ? SendWrite(name, access, data, output)
        : RefuseOne(new RequestFailure.NoShortName(target.ToString()), output);

    /// <summary>A method that returns something is read with its parameter; another one is written with it. Null-data where there is none.</summary>
    private ClientStep InvokeNamed(ReadOnlySpan<byte> parameter, IBufferWriter<byte> output)
    {
        if (!Names.TryGetName(_method, out var name)) return RefuseOne(new RequestFailure.NoShortName(_method.ToString()), output);
        ReadOnlySpan<byte> data = parameter.IsEmpty ? [(byte)DataTag.NullData] : parameter;
        var returns = Names.TryFind(name, out var target) && target.Object.Class?.Method(target.Id)?.Returns is not null;
        return returns ? SendRead(name, MethodSelector, data, output) : SendWrite(name, null, data, output);
    }

    /// <summary>Reads as many of the attributes that are left as one request holds.</summary>
    private ClientStep NextReads(IBufferWriter<byte> output)
    {
        const int itemSize = 3, headSize = 4;
        _target = _targets[_results.Count];
        var room = Missing(Conformance.Read | Conformance.MultipleReferences) is null ? Math.Min((MaxPlain - headSize) / itemSize, Limits.MaxListItems) : 1;
        _chunk = 0;
        while (_chunk < room && _results.Count + _chunk < _targets.Count && Names.TryGetName(_targets[_results.Count + _chunk], out _)) _chunk++;
        if (_chunk <= 1)
        {
            _chunk = 1;
            return GetNamed(null, output);
        }

        ReadRequest.WriteHead(_request, _chunk);
        for (var i = 0; i < _chunk; i++)
        {
            Names.TryGetName(_targets[_results.Count + i], out var name);
            VariableAccess.WriteName(_request, name);
        }

        return Send(output);
    }

    private ClientStep SendRead(ushort name, byte? selector, ReadOnlySpan<byte> parameters, IBufferWriter<byte> output)
    {
        if (Missing(Conformance.Read | (selector is null ? 0 : Conformance.ParameterizedAccess)) is { } missing) return RefuseOne(missing, output);
        ReadRequest.WriteHead(_request, 1);
        if (selector is { } number) VariableAccess.WriteParameterized(_request, name, number, parameters);
        else VariableAccess.WriteName(_request, name);
        return SendNamed(Conformance.BlockTransferWithGetOrRead, output);
    }

    private ClientStep SendWrite(ushort name, SelectiveAccess? access, ReadOnlySpan<byte> data, IBufferWriter<byte> output)
    {
        if (Missing(Conformance.Write | (access is null ? 0 : Conformance.ParameterizedAccess)) is { } missing) return RefuseOne(missing, output);
        WriteVariable(name, access, data, unconfirmed: false);
        _data = default; // the request has it now, and what is sent in blocks is the request
        return SendNamed(Conformance.BlockTransferWithSetOrWrite, output);
    }

    /// <summary>Writes one value without an answer.</summary>
    private ClientStep SendWriteUnconfirmed(bool isNamed, ushort name, string target, ReadOnlySpan<byte> data, IBufferWriter<byte> output)
    {
        if (!isNamed) return Refuse(new RequestFailure.NoShortName(target));
        if (Missing(Conformance.UnconfirmedWrite) is { } missing) return Refuse(missing);
        WriteVariable(name, null, data, unconfirmed: true);
        return SendUnconfirmed(output);
    }

    private void WriteVariable(ushort name, SelectiveAccess? access, ReadOnlySpan<byte> data, bool unconfirmed)
    {
        WriteRequest.WriteHead(_request, 1, unconfirmed);
        if (access is null) VariableAccess.WriteName(_request, name);
        else VariableAccess.WriteParameterized(_request, name, access.Selector, access.Parameters.Span);
        _request.WriteLength(1);
        _request.Write(data);
    }

    /// <summary>Sends the request: whole where it fits, else what follows its tag in blocks.</summary>
    private ClientStep SendNamed(Conformance blocks, IBufferWriter<byte> output)
    {
        if (_request.Length <= MaxPlain) return Send(output);
        if (Missing(blocks) is not null) return RefuseOne(new RequestFailure.TooLong($"the {RequestName}", _request.Length, MaxPlain), output);
        _outgoing.Clear();
        _outgoing.Append(_request.Span[1..]);
        _data = _outgoing.Memory;
        return SendNamedBlock((ApduTag)_request.Span[0], output);
    }

    private ClientStep SendNamedBlock(ApduTag tag, IBufferWriter<byte> output)
    {
        _request.Clear();
        var isRead = tag == ApduTag.ReadRequest;
        var head = (isRead ? ReadRequest.BlockHeadSize : WriteRequest.BlockHeadSize) + Ber.LengthSize(MaxPlain);
        var size = Math.Min(_data.Length - _sent, MaxPlain - head);
        if (size < 1 || _sentBlocks == ushort.MaxValue) return Refuse(new RequestFailure.TooLong($"the {RequestName}", _data.Length, MaxPlain));
        var raw = _data.Span.Slice(_sent, size);
        _sent += size;
        _sentBlocks++;
        if (isRead) ReadRequest.WriteBlock(_request, AllSent, (ushort)_sentBlocks, raw);
        else WriteRequest.WriteBlock(_request, AllSent, (ushort)_sentBlocks, raw);
        return Send(output);
    }
}
