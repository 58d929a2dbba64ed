using System.Buffers;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Client;
using Gridtally.Cosem.Data;
using Gridtally.Cosem.Security;
using Gridtally.Testing;
using static Gridtally.Testing.Bytes;

namespace Gridtally.Cosem.Tests.Associations;

/// <summary>Urgent requests in the middle of long transfers, and requests that nobody answers.</summary>
public sealed class PriorityTests
{
    private const string GetProfile = "0007 0100630100FF 02 00", GetName = "0001 00002A0000FF 02 00";
    private const Conformance NoPriority = Conformance.Supported & ~Conformance.PriorityMgmtSupported;

    [Fact, Shows("priority.server")]
    public void A_request_of_high_priority_overtakes_a_long_answer_without_ending_it()
    {
        using var talk = Dialogue.Plain(clientMaxPdu: 64).Associated();
        talk.Device.Rows = 30;
        Assert.StartsWith("C4024100" + "00000001", Ask(talk, $"C00141 {GetProfile}"), StringComparison.Ordinal); // normal priority, invoke id 1
        Assert.StartsWith("C401C200", Ask(talk, $"C001C2 {GetName}"), StringComparison.Ordinal); // high priority, invoke id 2

        Assert.StartsWith("C4024100" + "00000002", Ask(talk, "C00241 00000001"), StringComparison.Ordinal);
        Assert.StartsWith("C4024101" + "00000003", Ask(talk, "C00241 00000002"), StringComparison.Ordinal);
    }

    [Theory, Shows("priority.server")]
    [InlineData("C001C2", NoPriority)]              // not negotiated
    [InlineData("C00142", Conformance.Supported)]   // normal priority
    [InlineData("C001C1", Conformance.Supported)]   // the same invoke id: the client has given the transfer up
    public void Any_other_request_ends_it(string head, Conformance granted)
    {
        using var talk = Dialogue.Plain(granted, clientMaxPdu: 64).Associated();
        talk.Device.Rows = 30;
        Ask(talk, $"C00141 {GetProfile}");
        Ask(talk, head + GetName);

        Assert.Equal("C4024101" + "00000001" + "0110", Ask(talk, "C00241 00000001"));
    }

    [Fact]
    public void Two_transfers_are_kept_and_a_third_ends_the_first()
    {
        using var talk = Dialogue.Plain(clientMaxPdu: 64).Associated();
        talk.Device.Rows = 30;
        for (var id = 1; id <= 3; id++) Ask(talk, $"C001C{id} {GetProfile}");

        Assert.Equal("C402C101" + "00000001" + "0110", Ask(talk, "C002C1 00000001"));
        Assert.StartsWith("C402C200" + "00000002", Ask(talk, "C002C2 00000001"), StringComparison.Ordinal);
        Assert.StartsWith("C402C300" + "00000002", Ask(talk, "C002C3 00000001"), StringComparison.Ordinal);
        Assert.StartsWith("C402C201" + "00000003", Ask(talk, "C002C2 00000002"), StringComparison.Ordinal);
    }

    [Fact]
    public void An_urgent_request_leaves_a_long_set_alone()
    {
        using var talk = Dialogue.Plain().Associated();
        Ask(talk, "C10241 0001 0000800000FF 02 00 00 00000001 02 0904");
        Ask(talk, $"C001C2 {GetName}");

        Assert.Equal("C503410000000002", Ask(talk, "C10341 01 00000002 04 01020304"));
        Assert.Equal(Hex("0904 01020304"), talk.Device.SettingData);
    }

    [Theory, Shows("priority.client")]
    [InlineData(Protection.None)]
    [InlineData(Protection.AuthenticatedEncrypted)]
    public void A_client_puts_a_long_answer_aside_for_an_urgent_request(Protection protection)
    {
        using var talk = (protection == Protection.None ? Dialogue.Plain(clientMaxPdu: 100) : new(Dialogue.Options(protection) with { MaxReceivePdu = 100 }, Dialogue.Spec(protection))).Associated();
        talk.Device.Rows = 60;
        Assert.Equal(ClientStep.Suspended, talk.Call((client, output) =>
        {
            var step = client.Get(TestDevice.Profile, null, output);
            Assert.True(client.Suspend());
            return step;
        }));

        Assert.True(talk.Client.HasSuspended);
        Assert.True(talk.Get(TestDevice.Name).Succeeded);
        Assert.True(talk.Set(TestDevice.Setting, Hex("1105")).Succeeded);
        Assert.Equal(ClientStep.Answered, talk.Call((client, output) => client.Resume(output)));
        Assert.Equal(2 + 60 * 5, talk.Client.Result.Data.Length);
        Assert.False(talk.Client.HasSuspended);
        Assert.Equal(["1 gets 7/1-0:99.1.0.255:2", "1 gets 1/0-0:42.0.0.255:2", "1 sets 1/0-0:128.0.0.255:2"], talk.Device.Asked);
    }

    [Fact]
    public void A_list_that_was_put_aside_goes_on_where_it_was()
    {
        using var talk = Dialogue.Plain(clientMaxPdu: 64).Associated();
        talk.Device.Rows = 30;
        Assert.Equal(ClientStep.Suspended, talk.Call((client, output) =>
        {
            var step = client.GetList([TestDevice.Name, TestDevice.Profile], output);
            client.Suspend();
            return step;
        }));
        for (var i = 0; i < 20; i++) Assert.Single(talk.GetList(TestDevice.Name)); // more than there are invoke ids

        Assert.Equal(ClientStep.Answered, talk.Call((client, output) => client.Resume(output)));
        Assert.Equal([18, 2 + 30 * 5], talk.Client.Results.Select(r => r.Data.Length));
    }

    [Fact]
    public void Nothing_is_put_aside_where_the_server_knows_no_priorities_or_nothing_is_under_way()
    {
        using var talk = Dialogue.Plain(NoPriority, clientMaxPdu: 64).Associated();
        Assert.False(talk.Client.Suspend());
        Assert.Throws<InvalidOperationException>(() => talk.Call((client, output) => client.Resume(output)));
        talk.Device.Rows = 30;

        Assert.Equal(ClientStep.Answered, talk.Call((client, output) =>
        {
            var step = client.Get(TestDevice.Profile, null, output);
            Assert.False(client.Suspend());
            return step;
        }));
    }

    [Fact]
    public void The_client_says_how_urgent_its_requests_are()
    {
        using var talk = Dialogue.Plain().Associated();
        talk.Client.HighPriority = false;
        talk.Get(TestDevice.Name);
        talk.Access(AccessItem.Get(TestDevice.Name));

        Assert.Equal("C00141", Convert.ToHexString(talk.Apdus[0])[..6]);
        Assert.Equal("D940000001", Convert.ToHexString(talk.Apdus[2])[..10]);
    }

    [Theory, Shows("unconfirmed.server")]
    [InlineData("C10181 0001 0000800000FF 02 00 1105", 1)]
    [InlineData("C10481 01 0001 0000800000FF 02 00 01 1105", 1)]
    [InlineData("C30181 0009 00000A0000FF 01 01 1105", 1)]
    [InlineData("D9 80000001 00 01 02 0001 0000800000FF 02 01 1105", 1)]
    [InlineData("C10181 0001 00", 0)]               // not even an exception-response
    [InlineData("C10281 0001 0000800000FF 02 00 00 00000001 02 0904", 0)] // blocks need answers
    public void What_wants_no_answer_gets_none(string request, int done)
    {
        using var talk = Dialogue.Plain().Associated();

        Assert.Equal("", Ask(talk, request));
        Assert.Equal(done, talk.Device.Asked.Count);
        Assert.Equal(done, talk.Device.Unanswered);
        Assert.True(talk.Get(TestDevice.Name).Succeeded);
    }

    [Fact]
    public void A_get_is_answered_whatever_its_service_class_says()
    {
        using var talk = Dialogue.Plain().Associated();

        Assert.StartsWith("C40181", Ask(talk, $"C00181 {GetName}"), StringComparison.Ordinal);
    }

    [Fact]
    public void Clients_that_send_everything_unconfirmed_are_answered_where_the_spec_says_so()
    {
        using var talk = new Dialogue(new(), new() { AnswersUnconfirmed = true }).Associated();

        Assert.Equal("C5018100", Ask(talk, "C10181 0001 0000800000FF 02 00 1105")); // as in the captured session of hdlc-jdlms-09
    }

    [Fact]
    public void A_broadcast_is_served_and_not_answered()
    {
        using var talk = Dialogue.Plain().Associated();
        var response = new ArrayBufferWriter<byte>();
        talk.Server.Handle(Hex("C101C1 0001 0000800000FF 02 00 1105"), response, broadcast: true);
        talk.Server.Handle(Hex("7F00"), response, broadcast: true);
        talk.Server.Handle(Hex("6003A10100"), response, broadcast: true);

        Assert.Equal(0, response.WrittenCount);
        Assert.Equal(Hex("1105"), talk.Device.SettingData);
        Assert.True(talk.Get(TestDevice.Name).Succeeded);
    }

    [Fact, Shows("unconfirmed.client")]
    public void A_client_writes_and_invokes_without_waiting()
    {
        using var talk = Dialogue.Plain().Associated();
        var output = new ArrayBufferWriter<byte>();

        Assert.Equal(ClientStep.Answered, talk.Client.SetUnconfirmed(TestDevice.Setting, Hex("1105"), output));
        Assert.Equal(Convert.ToHexString(Hex("C10181 0001 0000800000FF 02 00 1105")), Convert.ToHexString(output.WrittenSpan));
        Assert.Empty(talk.Ask(output.WrittenSpan.ToArray()));
        Assert.True(talk.Client.Result.Succeeded);
        Assert.Equal(Hex("1105"), talk.Device.SettingData);

        output.ResetWrittenCount();
        Assert.Equal(ClientStep.Answered, talk.Client.InvokeUnconfirmed(TestDevice.Echo, Hex("1105"), output));
        Assert.Empty(talk.Ask(output.WrittenSpan.ToArray()));
        Assert.Equal(2, talk.Device.Unanswered);
        Assert.True(talk.Get(TestDevice.Name).Succeeded);
    }

    [Fact]
    public void What_has_no_answer_must_fit_into_one_apdu()
    {
        using var talk = Dialogue.Plain(maxPdu: 64).Associated();
        var output = new ArrayBufferWriter<byte>();

        Assert.Equal(ClientStep.Answered, talk.Client.SetUnconfirmed(TestDevice.Setting, Written(w => w.WriteOctetString(new byte[100])), output));
        Assert.IsType<RequestFailure.TooLong>(talk.Client.Result.Failure);
        Assert.Equal(0, output.WrittenCount);
    }

    private static string Ask(Dialogue talk, string apdu) => Convert.ToHexString(talk.Ask(Hex(apdu)));
}
