using System.Buffers;
using Gridtally.Cosem.Client;
using static Gridtally.Testing.Bytes;

namespace Gridtally.Cosem.Tests.Associations;

/// <summary>What the client makes of strange answers.</summary>
public sealed class ClientTests
{
    private readonly ArrayBufferWriter<byte> _output = new();

    [Theory]
    [InlineData("C501C100", "expected a get-response, got set-response")]
    [InlineData("C401C2000600001391", "expected an answer with invoke id 1, got one with invoke id 2; the quirk 'invoke-id-not-echoed' would accept this")]
    [InlineData("C401C1000600", "the answer is malformed: Truncated in Get-Response at octet 5")]
    [InlineData("C401C10006000013910000", "the answer is malformed: TrailingBytes in Get-Response at octet 9")]
    [InlineData("C403C1010000", "expected the get-response that was asked for, got get-response WithList")]
    [InlineData("D80202", "the device answered exception-response service-unknown / service-not-supported")]
    [InlineData("", "expected a get-response, got nothing")]
    [InlineData("CC0710000000019999", "the APDU is ciphered or signed, but the association has no key for it")]
    public void A_strange_answer_fails_the_request_and_not_the_association(string answer, string text)
    {
        using var talk = Dialogue.Plain().Associated();
        talk.OnTheWay = _ => Hex(answer);

        Assert.Equal(text, talk.Get(TestDevice.Name).Failure!.ToString());
        Assert.Equal(ClientState.Ready, talk.Client.State);
    }

    [Theory]
    [InlineData("C401C100", "expected an AARE, got get-response")]
    [InlineData("", "expected an AARE, got nothing")]
    [InlineData("61 03 A10100", "the server's answer is malformed: UnknownTag in AARE at octet 4")]
    [InlineData("D80101", "the server answered exception-response service-not-allowed / operation-not-possible")]
    [InlineData("6129A109060760857405080101A203020101A305A103020102BE10040E0800065F1F040000501F01F40007", "the server refused the association (permanently): application-context-name-not-supported")]
    [InlineData("611FA109060760857405080101A203020101A305A103020101BE0604040E010601", "the server refused the association (permanently): no-reason-given, initiate: dlms-version-too-low")]
    public void A_strange_answer_to_the_aarq_fails_the_association_and_says_why(string answer, string text)
    {
        using var talk = Dialogue.Plain();
        talk.OnTheWay = _ => Hex(answer);

        Assert.Equal(ClientStep.Failed, talk.Open());
        Assert.StartsWith(text, talk.Client.Failure!.ToString(), StringComparison.Ordinal);
        Assert.Equal(ClientState.Idle, talk.Client.State);
    }

    [Fact]
    public void A_push_in_between_is_handed_over_and_the_answer_still_awaited()
    {
        using var talk = Dialogue.Plain().Associated();
        talk.Client.Get(TestDevice.Name, null, _output);

        Assert.Equal(ClientStep.Notified, talk.Client.Receive(Hex("0F 00000001 00 0200"), _output));
        Assert.Equal(ClientStep.Notified, talk.Client.Receive(Hex("C2 00 0001 00002A0000FF 02 00"), _output));
        Assert.Equal(Hex("C2 00 0001 00002A0000FF 02 00"), talk.Client.Notification.ToArray());
        Assert.Equal(ClientStep.Answered, talk.Client.Receive(Hex("C401C1 00 11 07"), _output));
        Assert.Equal(Hex("11 07"), talk.Client.Result.Data.ToArray());
    }

    [Fact]
    public void The_late_answer_to_an_abandoned_request_is_not_taken_for_that_of_the_next()
    {
        using var talk = Dialogue.Plain().Associated();
        talk.Client.Get(TestDevice.Name, null, _output);
        talk.Client.Abandon();
        talk.Client.Get(TestDevice.Setting, null, _output);

        Assert.Equal(ClientStep.Ignored, talk.Client.Receive(Hex("C401C1 00 11 07"), _output));
        Assert.Equal(ClientStep.Answered, talk.Client.Receive(Hex("C401C2 00 11 08"), _output));
        Assert.Equal(Hex("11 08"), talk.Client.Result.Data.ToArray());
    }

    [Fact]
    public void A_value_outlives_the_next_request_only_if_kept()
    {
        using var talk = Dialogue.Plain().Associated();
        var kept = talk.Get(TestDevice.Name).Keep();
        talk.Get(TestDevice.Setting);

        Assert.Equal(0x09, kept.Data.Span[0]);
    }

    [Fact]
    public void One_request_at_a_time()
    {
        using var talk = Dialogue.Plain().Associated();
        talk.Client.Get(TestDevice.Name, null, _output);

        Assert.Throws<InvalidOperationException>(() => talk.Client.Get(TestDevice.Name, null, _output));
    }

    [Fact]
    public void A_set_acknowledged_before_its_end_is_not_taken_for_done()
    {
        using var talk = Dialogue.Plain(maxPdu: 100).Associated();
        talk.OnTheWay = apdu => apdu[1] == 2 ? Hex("C503C1 00 00000001") : apdu;

        Assert.IsType<RequestFailure.OutOfPlace>(talk.Set(TestDevice.Setting, [0x09, 0x82, 0x01, 0x00, .. new byte[256]]).Failure);
    }
}
