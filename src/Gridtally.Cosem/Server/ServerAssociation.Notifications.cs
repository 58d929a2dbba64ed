using System.Buffers;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Data;
using Gridtally.Cosem.Security;

namespace Gridtally.Cosem.Server;

/// <summary>What came of a notification that a server was to send.</summary>
public enum NotifyResult : byte
{
    /// <summary>It was written; send it.</summary>
    Written,
    /// <summary>There is no association that it could go to.</summary>
    NotAssociated,
    /// <summary>The client has not negotiated this kind of notification.</summary>
    NotNegotiated,
    /// <summary>It is longer than what the client takes.</summary>
    TooLong,
    /// <summary>The invocation counter is used up: the keys must be renewed.</summary>
    CounterExhausted,
}

/// <content>What a server says unasked: protected as the association's policy wants it.</content>
public sealed partial class ServerAssociation
{
    /// <summary>Writes a data-notification (push).</summary>
    /// <param name="invokeId">Counts the notifications; of the confirmed service class where <see cref="ILogicalDevice.NotificationConfirmed"/> is to be told.</param>
    /// <param name="time">When it is made; null for not said.</param>
    /// <param name="data">Encoded Data.</param>
    /// <param name="output">Receives one APDU, with <see cref="NotifyResult.Written"/> only; <see cref="TryNext"/> goes on where it is cut into general blocks.</param>
    public NotifyResult Notify(LongInvokeIdAndPriority invokeId, in CosemDateTime? time, ReadOnlySpan<byte> data, IBufferWriter<byte> output)
    {
        if (Refused(ApduTag.DataNotification) is { } refused) return refused;
        DataNotification.WriteHead(_answer, invokeId, time);
        return SendNotification(data, general: true, output);
    }

    /// <summary>Writes an event-notification: the value of one attribute.</summary>
    /// <param name="time">When it happened; null for not said.</param>
    /// <param name="attribute">Whose value it is.</param>
    /// <param name="data">Encoded Data.</param>
    /// <param name="output">Receives one APDU, with <see cref="NotifyResult.Written"/> only; <see cref="TryNext"/> goes on where it is cut into general blocks.</param>
    public NotifyResult NotifyEvent(in CosemDateTime? time, in AttributeRef attribute, ReadOnlySpan<byte> data, IBufferWriter<byte> output)
    {
        if (Refused(ApduTag.EventNotificationRequest) is { } refused) return refused;
        EventNotification.WriteHead(_answer, time, attribute);
        return SendNotification(data, general: false, output);
    }

    /// <summary>Writes an information-report: the values of some short names, for a client that uses these.</summary>
    /// <param name="time">current-time; empty for not said.</param>
    /// <param name="names">Whose values they are, at most <see cref="Limits.MaxListItems"/>.</param>
    /// <param name="values">Encoded Data, one for each name.</param>
    /// <param name="output">Receives one APDU, with <see cref="NotifyResult.Written"/> only; <see cref="TryNext"/> goes on where it is cut into general blocks.</param>
    public NotifyResult Report(ReadOnlySpan<byte> time, ReadOnlySpan<ushort> names, ReadOnlySpan<byte> values, IBufferWriter<byte> output)
    {
        if (Refused(ApduTag.InformationReportRequest) is { } refused) return refused;
        _answer.Clear();
        InformationReport.WriteHead(_answer, time, names.Length);
        foreach (var name in names) InformationReport.WriteName(_answer, name);
        _answer.WriteLength(names.Length);
        return SendNotification(values, general: false, output);
    }

    private NotifyResult? Refused(ApduTag tag)
    {
        if (State != ServerAssociationState.Associated) return NotifyResult.NotAssociated;
        return Grants(ServiceForms.NeededBy(tag, 0)) ? null : NotifyResult.NotNegotiated;
    }

    private NotifyResult SendNotification(ReadOnlySpan<byte> data, bool general, IBufferWriter<byte> output)
    {
        _answer.Append(data);
        _silent = false;
        var result = TrySendNotification(NotificationWrapping(general), output);
        GiveBack();
        return result;
    }

    private NotifyResult TrySendNotification(Wrapping wrapping, IBufferWriter<byte> output)
    {
        if (_answer.Length > MaxWhole(wrapping)) return UsesGeneralBlocks ? PushInBlocks(_answer.Span, wrapping, output) : NotifyResult.TooLong;
        if (wrapping.Protection == Protection.None) output.Write(_answer.Span);
        else if (_cipher!.Protect(_answer.Span, wrapping, output) is not null) return NotifyResult.CounterExhausted;
        return NotifyResult.Written;
    }

    /// <summary>Where the policy demands nothing, what leaves a ciphered association unasked is protected all the same.</summary>
    private Wrapping NotificationWrapping(bool general)
    {
        if (!_ciphered) return default;
        var protection = _active.Policy.Response == Protection.None ? Protection.AuthenticatedEncrypted : _active.Policy.Response;
        return new(protection, _cipher!.HasDedicatedKey ? KeyChoice.Dedicated : KeyChoice.GlobalUnicast, general ? Envelope.General : Envelope.Service);
    }

    private void OnNotificationConfirm(ReadOnlySpan<byte> plain)
    {
        if (DataNotificationConfirm.TryRead(plain, out var confirm, out _) && Grants(ServiceForms.NeededBy(ApduTag.DataNotificationConfirm, 0)))
            _device.NotificationConfirmed(confirm.InvokeId, ClientSap);
    }
}
