using System.Buffers;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Client;
using Gridtally.Cosem.Data;
using Gridtally.Cosem.Quirks;
using Gridtally.Cosem.Security;
using Gridtally.Cosem.Server;
using Gridtally.Testing;
using static Gridtally.Testing.Bytes;

namespace Gridtally.Cosem.Tests.Associations;

/// <summary>What servers say unasked, within an association and without one.</summary>
public sealed class NotificationTests
{
    private const Conformance WithGeneral = Conformance.Supported | Conformance.GeneralProtection;

    private static readonly CosemDateTime Time = CosemDateTime.From(new(2026, 1, 15, 10, 15, 0, TimeSpan.FromHours(1)));

    private readonly ArrayBufferWriter<byte> _down = new(), _up = new();

    [Fact, Shows("data-notification.client", "data-notification.server")]
    public void A_server_pushes_within_an_association()
    {
        using var talk = Dialogue.Plain().Associated();

        Assert.Equal(NotifyResult.Written, talk.Server.Notify(LongInvokeIdAndPriority.Of(7, confirmed: false), Time, Hex("02 01 1105"), _down));
        Assert.Equal(Convert.ToHexString(Hex("0F 00000007 0C 07EA010F040A0F0000FFC400 02 01 1105")), Convert.ToHexString(_down.WrittenSpan));
        Assert.Equal(ClientStep.Notified, talk.Client.Receive(_down.WrittenSpan, _up));
        Assert.Equal(0, _up.WrittenCount);
        Assert.True(NotificationApdu.TryRead(talk.Client.Notification.Span, out var notification, out _));
        Assert.Equal((ApduTag.DataNotification, 7u, Time, "02011105"), (notification.Kind, notification.InvokeId.Id, notification.Time, Convert.ToHexString(notification.Data)));
    }

    [Theory, Shows("data-notification.confirm.client", "data-notification.confirm.server")]
    [InlineData(Protection.None)]
    [InlineData(Protection.AuthenticatedEncrypted)]
    public void One_that_asks_for_it_is_confirmed(Protection protection)
    {
        using var talk = Open(protection);
        talk.Server.Notify(LongInvokeIdAndPriority.Of(7), null, Hex("1105"), _down);

        Assert.Equal(ClientStep.Notified, talk.Client.Receive(_down.WrittenSpan, _up));
        Assert.Equal(protection == Protection.None ? "104000000700" : "DB", Convert.ToHexString(_up.WrittenSpan)[..(protection == Protection.None ? 12 : 2)]);
        Assert.Empty(talk.Ask(_up.WrittenSpan.ToArray()));
        Assert.Equal([7u], talk.Device.Confirmed);
    }

    [Theory, Shows("event-notification.client", "event-notification.server")]
    [InlineData(Protection.None, (byte)ApduTag.EventNotificationRequest)]
    [InlineData(Protection.AuthenticatedEncrypted, (byte)ApduTag.GloEventNotificationRequest)]
    public void A_server_reports_an_event_while_a_request_is_under_way(Protection protection, byte tag)
    {
        using var talk = Open(protection);
        Assert.Equal(NotifyResult.Written, talk.Server.NotifyEvent(Time, TestDevice.Name, Hex("1105"), _down));
        Assert.Equal(tag, _down.WrittenSpan[0]);

        talk.Client.Get(TestDevice.Name, null, _up);
        Assert.Equal(ClientStep.Notified, talk.Client.Receive(_down.WrittenSpan, new ArrayBufferWriter<byte>()));
        Assert.True(NotificationApdu.TryRead(talk.Client.Notification.Span, out var notification, out _));
        Assert.Equal((TestDevice.Name, Time), (notification.Target, notification.Time));
        Assert.Equal(ClientStep.Answered, talk.Client.Receive(talk.Ask(_up.WrittenSpan.ToArray()), _up));
        Assert.True(talk.Client.Result.Succeeded);
    }

    [Fact]
    public void A_forged_event_does_not_disturb_the_request_under_way()
    {
        using var talk = Dialogue.Ciphered().Associated();
        talk.Server.NotifyEvent(null, TestDevice.Name, Hex("1105"), _down);
        byte[] forged = [.. _down.WrittenSpan[..^1], (byte)(_down.WrittenSpan[^1] ^ 1)];
        talk.Client.Get(TestDevice.Name, null, _up);

        Assert.Equal(ClientStep.Ignored, talk.Client.Receive(forged, new ArrayBufferWriter<byte>()));
        Assert.Equal(ClientStep.Ignored, talk.Client.Receive(Hex("C2 00 0001 00002A0000FF 02 00"), new ArrayBufferWriter<byte>())); // plain in a ciphered association
        Assert.Equal(ClientStep.Answered, talk.Client.Receive(talk.Ask(_up.WrittenSpan.ToArray()), _up));
    }

    [Fact]
    public void What_was_not_negotiated_is_neither_sent_nor_taken()
    {
        using var talk = Dialogue.Plain(Conformance.Get).Associated();

        Assert.Equal(NotifyResult.NotNegotiated, talk.Server.Notify(LongInvokeIdAndPriority.Of(1), null, Hex("00"), _down));
        Assert.Equal(NotifyResult.NotNegotiated, talk.Server.NotifyEvent(null, TestDevice.Name, Hex("00"), _down));
        Assert.Equal(0, _down.WrittenCount);
        Assert.Equal(ClientStep.Ignored, talk.Client.Receive(Hex("0F 00000001 00 1105"), _up));
        talk.Server.Reset();
        Assert.Equal(NotifyResult.NotAssociated, talk.Server.Notify(LongInvokeIdAndPriority.Of(1), null, Hex("00"), _down));
    }

    [Theory, Shows("data-notification.client", "event-notification.client")]
    [InlineData("push-tirol-plain", ApduTag.DataNotification)]
    [InlineData("push-smr5-alarm", ApduTag.DataNotification)]
    [InlineData("data-notification-octets", ApduTag.DataNotification)]
    public void A_push_of_a_real_meter_is_read_without_an_association(string id, ApduTag kind)
    {
        var reader = new NotificationReader(new());

        Assert.True(reader.TryRead(Vectors.ById(id).Octets, out var notification), reader.Failure?.ToString());
        Assert.Equal(kind, notification.Kind);
        Assert.False(notification.Data.IsEmpty);
    }

    [Theory]
    [InlineData("event-notification-last-gasp", 8)] // after the wrapper
    [InlineData("event-notification-wakeup", 8)]
    public void A_time_with_a_type_octet_needs_its_quirk_and_the_error_names_it(string id, int start)
    {
        var apdu = Vectors.ById(id).Octets[start..];
        var strict = new NotificationReader(new());
        Assert.False(strict.TryRead(apdu, out _));
        Assert.Equal(Quirk.TaggedNotificationTime, Assert.IsType<NotificationFailure.Malformed>(strict.Failure).AcceptedBy);
        Assert.Contains("tagged-notification-time", strict.Failure.ToString(), StringComparison.Ordinal);

        var lenient = new NotificationReader(new() { Quirks = new("a maker", Quirk.TaggedNotificationTime) });
        Assert.True(lenient.TryRead(apdu, out var notification));
        Assert.Equal(2023, notification.Time!.Value.Year);
    }

    [Fact]
    public void A_ciphered_push_is_read_with_the_keys_of_its_sender_and_never_twice()
    {
        using var meter = new ApduCipher(Dialogue.Keys, Dialogue.ServerTitle, new InMemoryInvocationCounters(50)) { Peer = Dialogue.ClientTitle };
        using var own = new ApduCipher(Dialogue.Keys, Dialogue.ClientTitle, new InMemoryInvocationCounters(1)) { Peer = Dialogue.ServerTitle };
        meter.Protect(Hex("0F 00000001 00 1105"), new(Protection.AuthenticatedEncrypted, KeyChoice.GlobalUnicast, Envelope.General), _down);
        var reader = new NotificationReader(new() { CipherOf = title => title == Dialogue.ServerTitle ? own : null, RequiredProtection = Protection.AuthenticatedEncrypted });

        Assert.True(reader.TryRead(_down.WrittenSpan, out var notification), reader.Failure?.ToString());
        Assert.Equal(("1105", Dialogue.ServerTitle, Protection.AuthenticatedEncrypted), (Convert.ToHexString(notification.Data), reader.Originator, reader.Wrapping.Protection));

        Assert.False(reader.TryRead(_down.WrittenSpan, out _));
        Assert.Equal(new NotificationFailure.Security(SecurityFault.Replayed), reader.Failure);
        Assert.False(reader.TryRead(Hex("0F 00000001 00 1105"), out _));
        Assert.Equal(new NotificationFailure.Security(SecurityFault.ProtectionTooWeak), reader.Failure);
        Assert.False(new NotificationReader(new()).TryRead(_down.WrittenSpan, out _));
    }

    [Fact]
    public void What_is_no_notification_says_what_it_is()
    {
        var reader = new NotificationReader(new());

        Assert.False(reader.TryRead(Hex("C401C1 00 1105"), out _));
        Assert.Equal(new NotificationFailure.OutOfPlace("get-response"), reader.Failure);
        Assert.False(reader.TryRead([], out _));
        Assert.False(reader.TryRead(Hex("0F 000000"), out _));
        Assert.Equal(DecodeFault.Truncated, Assert.IsType<NotificationFailure.Malformed>(reader.Failure).Error.Fault);
    }

    [Fact, Shows("sn.information-report.client")]
    public void An_information_report_gives_names_and_values()
    {
        Assert.True(new NotificationReader(new()).TryRead(Hex("18 01 0C 07EA010FFF0A0F0000800000 02 02 FA08 02 FA10 02 1105 1106"), out var notification));
        Assert.Equal((2, 0xFA08, 0xFA10), (notification.Report.Count, notification.Report.NameAt(0), notification.Report.NameAt(1)));
        Assert.Equal(2026, notification.Time!.Value.Year);
        var values = new List<string>();
        foreach (var value in notification.Report.Values) values.Add(Convert.ToHexString(value.Data));
        Assert.Equal(["1105", "1106"], values);
    }

    private static Dialogue Open(Protection protection) => (protection == Protection.None
        ? Dialogue.Plain()
        : new(Dialogue.Options(protection) with { ProposedConformance = WithGeneral }, Dialogue.Spec(protection) with { Conformance = WithGeneral })).Associated();
}
