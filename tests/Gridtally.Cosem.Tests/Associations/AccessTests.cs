using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Client;
using Gridtally.Cosem.Data;
using Gridtally.Cosem.Security;
using Gridtally.Testing;
using static Gridtally.Testing.Bytes;

namespace Gridtally.Cosem.Tests.Associations;

/// <summary>ACCESS: several reads, writes and invocations in one APDU.</summary>
public sealed class AccessTests
{
    private static readonly SelectiveAccess FirstRows = SelectiveAccess.By(new EntryDescriptor(1, 2));

    [Fact, Shows("access.client", "access.server")]
    public void One_request_reads_writes_and_invokes()
    {
        using var talk = Dialogue.Plain().Associated();
        talk.Device.Rows = 1;
        var results = talk.Access(
            AccessItem.Get(TestDevice.Setting), AccessItem.Set(TestDevice.Setting, Hex("1105")), AccessItem.Invoke(TestDevice.Echo, Hex("1106")),
            AccessItem.Get(TestDevice.Profile, FirstRows), AccessItem.Set(TestDevice.Name, Hex("1107"), FirstRows), AccessItem.Invoke(TestDevice.Denied));

        const string request = "D9 C0000001 00 06 01 0001 0000800000FF 02 02 0001 0000800000FF 02 03 0009 00000A0000FF 01"
            + "04 0007 0100630100FF 02 02 0204 0600000001 0600000002 120001 120000 05 0001 00002A0000FF 02 02 0204 0600000001 0600000002 120001 120000 03 0046 000060030AFF 01"
            + "06 00 1105 1106 00 1107 00";
        const string response = "DA C0000001 00 00 06 00 00 1106 0101 0600000000 00 00 06 0100 0200 0300 0100 0203 0303";
        Assert.Equal(Convert.ToHexString(Hex(request)), Convert.ToHexString(talk.Apdus[0]));
        Assert.Equal(Convert.ToHexString(Hex(response)), Convert.ToHexString(talk.Apdus[1]));
        Assert.Equal(["00", "", "1106", "01010600000000", "", ""], results.Select(r => Convert.ToHexString(r.Data.Span)));
        Assert.Equal(new RequestFailure.Refused(TestDevice.Name, DataAccessResult.ReadWriteDenied), results[4].Failure);
        Assert.Equal(new RequestFailure.MethodRefused(TestDevice.Denied, ActionResult.ReadWriteDenied), results[5].Failure);
        Assert.Equal(Hex("1105"), talk.Device.SettingData);
    }

    [Fact, Shows("access.break-on-error.client", "access.break-on-error.server")]
    public void Nothing_is_done_after_the_first_error_where_the_client_says_so()
    {
        using var talk = Dialogue.Plain().Associated();
        AccessItem[] items = [AccessItem.Set(TestDevice.Setting, Hex("1105")), AccessItem.Get(TestDevice.Unknown), AccessItem.Set(TestDevice.Setting, Hex("1106"))];
        var results = talk.Access(new AccessOptions { BreakOnError = true }, items);

        Assert.Equal(Hex("1105"), talk.Device.SettingData);
        Assert.Equal(new RequestFailure.Refused(TestDevice.Unknown, DataAccessResult.ObjectUndefined), results[1].Failure);
        Assert.Equal(new RequestFailure.Refused(TestDevice.Setting, DataAccessResult.OtherReason), results[2].Failure);

        Assert.True(talk.Access(items)[2].Succeeded);
        Assert.Equal(Hex("1106"), talk.Device.SettingData);
    }

    [Fact, Shows("access.self-descriptive.client", "access.self-descriptive.server")]
    public void The_response_repeats_the_specifications_where_the_client_asks_for_that()
    {
        using var talk = Dialogue.Plain().Associated();
        talk.Access(new AccessOptions { SelfDescriptive = true }, AccessItem.Get(TestDevice.Setting));
        Assert.Equal(Convert.ToHexString(Hex("DA D0000001 00 01 01 01 0001 0000800000FF 02 01 00 01 0100")), Convert.ToHexString(talk.Apdus[1]));

        // Other specifications than those that were sent are no answer to them.
        talk.OnTheWay = apdu => [.. apdu[..17], 3, .. apdu[18..]];
        Assert.IsType<RequestFailure.OutOfPlace>(talk.Access(new AccessOptions { SelfDescriptive = true }, AccessItem.Get(TestDevice.Setting))[0].Failure);
    }

    [Theory]
    [InlineData(false, (byte)ApduTag.GeneralGloCiphering)]
    [InlineData(true, (byte)ApduTag.GeneralDedCiphering)]
    public void It_is_protected_by_the_general_tags_only(bool dedicated, byte tag)
    {
        using var talk = new Dialogue(
            Dialogue.Options(Protection.AuthenticatedEncrypted, dedicated) with { ProposedConformance = Conformance.Supported | Conformance.GeneralProtection },
            Dialogue.Spec(Protection.AuthenticatedEncrypted) with { Conformance = Conformance.Supported | Conformance.GeneralProtection }).Associated();

        Assert.True(talk.Access(AccessItem.Get(TestDevice.Name))[0].Succeeded);
        Assert.Equal([tag, tag], talk.Apdus.Select(apdu => apdu[0]));
        Assert.True(talk.Get(TestDevice.Name).Succeeded);
        Assert.Equal(dedicated ? (byte)ApduTag.DedGetRequest : (byte)ApduTag.GloGetRequest, talk.Apdus[2][0]);
    }

    [Fact]
    public void In_a_ciphered_association_it_needs_general_protection()
    {
        using var talk = new Dialogue(
            Dialogue.Options(Protection.AuthenticatedEncrypted) with { ProposedConformance = Conformance.Supported & ~Conformance.Access }, Dialogue.Spec(Protection.AuthenticatedEncrypted)).Associated();

        Assert.Equal(new RequestFailure.NotNegotiated(Conformance.Access | Conformance.GeneralProtection), talk.Access(AccessItem.Get(TestDevice.Name))[0].Failure);
    }

    [Fact]
    public void A_long_access_travels_in_general_blocks()
    {
        const Conformance all = Conformance.Supported | Conformance.GeneralProtection | Conformance.GeneralBlockTransfer;
        using var talk = new Dialogue(
            Dialogue.Options(Protection.AuthenticatedEncrypted) with { ProposedConformance = all }, Dialogue.Spec(Protection.AuthenticatedEncrypted) with { Conformance = all, MaxPdu = 200 }).Associated();
        talk.Device.Rows = 200;
        var value = Written(w => w.WriteOctetString(new byte[600]));
        var results = talk.Access(AccessItem.Set(TestDevice.Setting, value), AccessItem.Get(TestDevice.Profile), AccessItem.Get(TestDevice.Setting));

        Assert.All(results, r => Assert.True(r.Succeeded));
        Assert.Equal(value, results[2].Data.ToArray());
        Assert.All(talk.Apdus, apdu => Assert.InRange(apdu.Length, 1, 200));
    }

    [Fact]
    public void Without_general_blocks_a_long_access_is_refused_on_either_side()
    {
        using var talk = Dialogue.Plain(maxPdu: 64, clientMaxPdu: 64).Associated();
        talk.Device.Rows = 100;

        Assert.IsType<RequestFailure.TooLong>(talk.Access(AccessItem.Set(TestDevice.Setting, new byte[100]))[0].Failure);
        Assert.Equal(ExceptionService.PduTooLong, Assert.IsType<RequestFailure.Exception>(talk.Access(AccessItem.Get(TestDevice.Profile))[0].Failure).Response.Service);
        Assert.True(talk.Access(AccessItem.Get(TestDevice.Name))[0].Succeeded);
    }

    [Theory]
    [InlineData("DA C0000002 00 00 01 00 01 01 00", "one with 2")]           // another long invoke id
    [InlineData("DA C0000001 00 00 02 00 00 02 0100 0100", "2")]            // two results for one
    [InlineData("DA C0000001 00 00 01 00 01 02 00", "that of a Set")]       // of another family
    public void An_answer_to_something_else_is_none(string answer, string got)
    {
        using var talk = Dialogue.Plain().Associated();
        talk.OnTheWay = _ => Hex(answer);

        Assert.Equal(got, Assert.IsType<RequestFailure.OutOfPlace>(talk.Access(AccessItem.Get(TestDevice.Name))[0].Failure).Got);
    }

    [Fact]
    public void A_late_answer_to_an_access_is_passed_over()
    {
        using var talk = Dialogue.Plain().Associated();
        talk.Access(AccessItem.Get(TestDevice.Name));
        var late = talk.Apdus[1];
        talk.Call((client, output) => client.Access([AccessItem.Get(TestDevice.Name)], default, new System.Buffers.ArrayBufferWriter<byte>()) == ClientStep.Send
            ? client.Receive(late, output)
            : ClientStep.Failed);

        Assert.Equal(ClientState.Busy, talk.Client.State);
    }

    [Fact]
    public void Items_that_make_no_request_are_a_callers_mistake()
    {
        using var talk = Dialogue.Plain().Associated();

        Assert.Throws<ArgumentException>(() => talk.Access());
        Assert.Throws<ArgumentException>(() => talk.Access([.. Enumerable.Repeat(AccessItem.Get(TestDevice.Name), Limits.MaxListItems + 1)]));
        Assert.Throws<ArgumentException>(() => talk.Access(AccessItem.Set(TestDevice.Name, default)));
    }
}
