using System.Buffers;
using Gridtally.Cosem.Acse;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Client;
using Gridtally.Cosem.Security;
using Gridtally.Cosem.Server;
using static Gridtally.Testing.Bytes;

namespace Gridtally.Cosem.Tests.Associations;

/// <summary>What somebody on the line tries who has no key, or not the one that it takes.</summary>
public sealed class AttackTests
{
    private const Protection Both = Protection.AuthenticatedEncrypted;

    /// <summary>
    /// One in 65536 forged get-request-next without a tag deciphers to a valid one. The test finds it with the key, as a patient attacker does
    /// without; were its counter accepted, FFFFFFFF would lock the client out until the keys are renewed.
    /// </summary>
    [Fact]
    public void A_lucky_forgery_without_a_tag_moves_no_counter_where_the_policy_demands_one()
    {
        using var talk = Dialogue.Ciphered(Both).Associated();
        var floor = talk.ServerCounters.ReceiveFloor(KeyRole.GlobalUnicast, Dialogue.ClientTitle);

        Assert.Equal("D80101", Convert.ToHexString(talk.Ask(Forged(ApduTag.GloGetRequest, Dialogue.ClientTitle, Hex("C002C1 00000001")))));
        Assert.Equal(floor, talk.ServerCounters.ReceiveFloor(KeyRole.GlobalUnicast, Dialogue.ClientTitle));
        Assert.True(talk.Get(TestDevice.Name).Succeeded);
    }

    [Fact]
    public void A_lucky_forgery_in_an_aarq_moves_no_counter_unless_it_is_an_initiate_request()
    {
        using var talk = new Dialogue(Dialogue.Options(Protection.Encrypted), Dialogue.Spec(Protection.None));
        Assert.Equal(ClientStep.Associated, talk.Open());
        var floor = talk.ServerCounters.ReceiveFloor(KeyRole.GlobalUnicast, Dialogue.ClientTitle);
        var aarq = new ArrayBufferWriter<byte>();
        new Aarq
        {
            Context = ApplicationContext.LogicalNameCiphered,
            CallingApTitle = TitleOf(Dialogue.ClientTitle),
            Mechanism = AuthenticationMechanism.HighLevelGmac,
            AuthenticationValue = "CtoSCtoS"u8,
            UserInformation = Forged(ApduTag.GloGetRequest, Dialogue.ClientTitle, Hex("C002C1 00000001")),
        }.WriteTo(aarq);

        Assert.Equal(0x61, talk.Ask(aarq.WrittenSpan.ToArray())[0]);
        Assert.Equal(floor, talk.ServerCounters.ReceiveFloor(KeyRole.GlobalUnicast, Dialogue.ClientTitle));
    }

    [Fact]
    public void A_lucky_forgery_of_a_response_moves_no_counter_where_the_client_expects_a_tag()
    {
        using var talk = Dialogue.Ciphered(Both).Associated();
        talk.OnTheWay = _ => Forged(ApduTag.GloGetResponse, Dialogue.ServerTitle, Hex("C401C1 01 03"));
        Assert.Equal(new RequestFailure.Security(SecurityFault.ProtectionTooWeak), talk.Get(TestDevice.Name).Failure);

        talk.OnTheWay = apdu => apdu;
        Assert.True(talk.Get(TestDevice.Name).Succeeded);
    }

    [Fact]
    public void A_plain_block_can_not_be_slipped_into_an_authenticated_set_whatever_the_policy_is()
    {
        using var talk = new Dialogue(Dialogue.Options(Both), Dialogue.Spec(Both));
        talk.Server.Spec = talk.Server.Spec with { Policy = new(Protection.None, Both) };
        talk.Associated();
        talk.Device.AttributeRights[TestDevice.Setting] = AccessMode.Read | AccessMode.Write | AccessMode.AuthenticatedRequest;
        using var cipher = new ApduCipher(Dialogue.Keys, Dialogue.ClientTitle, new InMemoryInvocationCounters(5000)) { Peer = Dialogue.ServerTitle };

        talk.Ask(Sent(cipher, Hex("C102C1 0001 0000800000FF 02 00 00 00000001 02 0904")));
        talk.Ask(Hex("C103C1 00 00000002 02 6666")); // the attacker's
        talk.Ask(Sent(cipher, Hex("C103C1 01 00000003 02 1111")));

        Assert.Empty(talk.Device.Asked);
    }

    [Theory]
    [InlineData(KeyChoice.Wrapped)]
    [InlineData(KeyChoice.OnePass)]
    public void A_client_that_takes_too_short_apdus_for_its_envelope_is_told_so(KeyChoice key)
    {
        using var talk = new Dialogue(
            SuiteDialogues.Options(SecuritySuite.Suite1, AuthenticationMechanism.HighLevelGmac, Both, key, Envelope.GeneralCiphering) with { MaxReceivePdu = AssociationSpec.MinPdu },
            SuiteDialogues.Spec(SecuritySuite.Suite1, AuthenticationMechanism.HighLevelGmac, SecurityPolicy.Both(Both))).Associated();
        talk.Device.Rows = 500;

        var failure = Assert.IsType<RequestFailure.Exception>(talk.Get(TestDevice.Profile).Failure);
        Assert.Equal(ExceptionService.PduTooLong, failure.Response.Service);
    }

    /// <summary>Encryption alone covers no transaction-id, so that a recorded APDU could be given a new one.</summary>
    [Theory]
    [InlineData(KeyChoice.Wrapped)]
    [InlineData(KeyChoice.OnePass)]
    public void A_recorded_request_under_a_key_of_its_own_can_not_be_given_a_new_transaction(KeyChoice key)
    {
        using var talk = new Dialogue(
            SuiteDialogues.Options(SecuritySuite.Suite1, AuthenticationMechanism.HighLevelGmac, Both, key, Envelope.GeneralCiphering),
            SuiteDialogues.Spec(SecuritySuite.Suite1, AuthenticationMechanism.HighLevelGmac, SecurityPolicy.None)).Associated();
        Assert.True(talk.Set(TestDevice.Setting, Hex("11 01")).Succeeded);
        Assert.Single(talk.Device.Asked);

        talk.Ask(WithoutTag(talk.Apdus[0], Hex("00000000 00001000")));

        Assert.Single(talk.Device.Asked);
    }

    /// <summary>The key of C(0e,2s) follows from the transaction-id: a second answer to the same one would repeat key and counter.</summary>
    [Fact]
    public void No_two_answers_have_the_same_key_and_counter_even_where_any_transaction_is_taken()
    {
        using var talk = new Dialogue(
            SuiteDialogues.Options(SecuritySuite.Suite1, AuthenticationMechanism.HighLevelGmac, Both, KeyChoice.StaticUnified, Envelope.GeneralCiphering),
            SuiteDialogues.Spec(SecuritySuite.Suite1, AuthenticationMechanism.HighLevelGmac, SecurityPolicy.Both(Both)) with { TakesAnyTransaction = true }).Associated();
        Assert.True(talk.Get(TestDevice.Setting).Succeeded);

        var again = talk.Ask(talk.Apdus[0]);
        Assert.True(CipheredApdu.TryRead(talk.Apdus[1], out var first, out _));
        Assert.True(CipheredApdu.TryRead(again, out var second, out _));
        Assert.Equal(first.Header.Transaction, second.Header.Transaction);
        Assert.NotEqual(first.InvocationCounter, second.InvocationCounter);
    }

    [Fact]
    public void Confirming_a_notification_does_not_forget_which_transaction_is_under_way()
    {
        using var talk = SuiteDialogues.Between(SecuritySuite.Suite1, AuthenticationMechanism.HighLevelGmac, Both, KeyChoice.GlobalUnicast, Envelope.GeneralCiphering).Associated();
        var (request, pushed, confirm, answer) = (new ArrayBufferWriter<byte>(), new ArrayBufferWriter<byte>(), new ArrayBufferWriter<byte>(), new ArrayBufferWriter<byte>());
        talk.Client.Get(TestDevice.Name, null, request);
        Assert.Equal(NotifyResult.Written, talk.Server.Notify(LongInvokeIdAndPriority.Of(7), null, Hex("1105"), pushed));
        Assert.Equal(ClientStep.Notified, talk.Client.Receive(pushed.WrittenSpan, confirm)); // it crosses the request
        talk.Server.Handle(request.WrittenSpan, answer);

        Assert.Equal(ClientStep.Answered, talk.Client.Receive(answer.WrittenSpan, request));
        Assert.True(talk.Client.Result.Succeeded);
    }

    /// <summary>An APDU that is encrypted only, with the highest counter.</summary>
    private static byte[] Forged(ApduTag tag, SystemTitle title, byte[] plain)
    {
        using var gcm = new GcmKey(Dialogue.Keys.Encryption, Dialogue.Keys.Authentication);
        var content = new byte[plain.Length];
        gcm.Protect(new(0x20), title, uint.MaxValue, plain, content, default);
        return [(byte)tag, (byte)(5 + plain.Length), 0x20, 0xFF, 0xFF, 0xFF, 0xFF, .. content];
    }

    private static byte[] Sent(ApduCipher cipher, byte[] plain)
    {
        var request = new ArrayBufferWriter<byte>();
        Assert.Null(cipher.Protect(plain, new(Both), request));
        return request.WrittenSpan.ToArray();
    }

    /// <summary>A general-ciphering APDU without its authentication bit and tag, under another transaction-id.</summary>
    private static byte[] WithoutTag(byte[] apdu, byte[] transaction)
    {
        Assert.True(CipheredApdu.TryRead(apdu, out var read, out _));
        var head = apdu[..(apdu.Length - 1 - CipheredApdu.HeaderSize - read.Content.Length - CipheredApdu.TagSize)];
        transaction.CopyTo(head, 2);
        return [.. head, (byte)(CipheredApdu.HeaderSize + read.Content.Length), (byte)(read.Control.Value & ~0x10), 0, 0, 0, 0, .. read.Content];
    }

    private static byte[] TitleOf(SystemTitle title)
    {
        var octets = new byte[SystemTitle.Size];
        title.Write(octets);
        return octets;
    }
}
