using System.Buffers;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Quirks;

namespace Gridtally.Cosem.Client;

/// <content>What a server says unasked. Meters push when they like, also between a request and its answer.</content>
public sealed partial class ClientAssociation
{
    private readonly ApduBuffer _notification = new();

    /// <summary>The last notification, plain, after <see cref="ClientStep.Notified"/>; stays until the next call. <see cref="NotificationApdu"/> reads it.</summary>
    public ReadOnlyMemory<byte> Notification => _notification.Memory;

    private static bool IsNotification(ReadOnlySpan<byte> plain) => !plain.IsEmpty && ApduTags.IsUnsolicited((ApduTag)plain[0]);

    /// <summary>True for an APDU that can be no answer: where it can't be trusted, the request under way is none the worse for it.</summary>
    private bool MayBeUnasked(ReadOnlySpan<byte> apdu) => State == ClientState.Ready || IsNotification(apdu) || (!apdu.IsEmpty
        && ApduTags.IsUnsolicited(ApduTags.Plain((ApduTag)apdu[0])));

    private ClientStep OnNotification(IBufferWriter<byte> output)
    {
        var plain = _response.Span;
        if (State is not (ClientState.Ready or ClientState.Busy) || Missing(ServiceForms.NeededBy((ApduTag)plain[0], 0)) is not null) return ClientStep.Ignored;
        if (!NotificationApdu.TryRead(plain, out var notification, out _, Accepts(Quirk.TaggedNotificationTime))) return ClientStep.Ignored;
        _notification.Clear();
        _notification.Append(plain);
        if (notification.Kind == ApduTag.DataNotification && notification.InvokeId.Confirmed) Confirm(notification.InvokeId, output);
        return ClientStep.Notified;
    }

    /// <summary>Says that a notification has arrived. Where the counter is used up it stays unsaid, and the server sends it again.</summary>
    private void Confirm(LongInvokeIdAndPriority invokeId, IBufferWriter<byte> output)
    {
        _request.Clear();
        new DataNotificationConfirm(invokeId, null).WriteTo(_request);
        TrySend(output, dedicated: true);
    }
}
