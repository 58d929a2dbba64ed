using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Client;
using Gridtally.Cosem.Security;
using Gridtally.Cosem.Server;
using Gridtally.Testing;
using static Gridtally.Testing.Bytes;

namespace Gridtally.Cosem.Tests.Associations;

/// <summary>What was not negotiated is refused, form by form; what a device protects stays protected.</summary>
public sealed class ConformanceTests
{
    /// <summary>A request of each form, one for each row of the table.</summary>
    private static readonly Dictionary<string, string> Requests = new()
    {
        ["get-request-normal"] = "C001C1 0001 00002A0000FF 02 00",
        ["get-request-next"] = "C002C1 00000001",
        ["get-request-with-list"] = "C003C1 01 0001 00002A0000FF 02 00",
        ["set-request-normal"] = "C101C1 0001 0000800000FF 02 00 1105",
        ["set-request-with-first-datablock"] = "C102C1 0001 0000800000FF 02 00 00 00000001 02 0904",
        ["set-request-with-datablock"] = "C103C1 00 00000002 02 0904",
        ["set-request-with-list"] = "C104C1 01 0001 0000800000FF 02 00 01 1105",
        ["set-request-with-list-and-first-datablock"] = "C105C1 01 0001 0000800000FF 02 00 00 00000001 01 01",
        ["action-request-normal"] = "C301C1 0009 00000A0000FF 01 00",
        ["action-request-next-pblock"] = "C302C1 00000001",
        ["action-request-with-list"] = "C303C1 01 0009 00000A0000FF 01 01 00",
        ["action-request-with-first-pblock"] = "C304C1 0009 00000A0000FF 01 00 00000001 01 11",
        ["action-request-with-list-and-first-pblock"] = "C305C1 01 0009 00000A0000FF 01 00 00000001 01 01",
        ["action-request-with-pblock"] = "C306C1 00 00000002 01 11",
        ["access-request"] = "D9 40000001 00 01 01 0001 00002A0000FF 02 01 00",
    };

    public static TheoryData<string, Conformance> Bits
    {
        get
        {
            var rows = new TheoryData<string, Conformance>();
            foreach (var form in ServiceForms.Table.Where(form => Requests.ContainsKey(form.Name)))
            {
                foreach (var bit in ConformanceBits.Table.Where(bit => (form.Needed & bit.Flag) != 0)) rows.Add(form.Name, bit.Flag);
            }

            return rows;
        }
    }

    [Fact]
    public void The_table_has_every_request_that_there_is()
    {
        var forms = ServiceForms.Table.Select(form => form.Name).ToHashSet();

        Assert.Superset(Requests.Keys.ToHashSet(), forms);
        Assert.Equal(["data-notification", "data-notification-confirm", "event-notification-request", "information-report-request"], forms.Except(Requests.Keys).Order());
        Assert.All(ServiceForms.Table, form => Assert.Equal(form.Needed, ServiceForms.NeededBy(form.Tag, form.Kind)));
        Assert.Equal(Conformance.None, ServiceForms.NeededBy(ApduTag.GetRequest, 9));
    }

    [Theory, MemberData(nameof(Bits)), Shows("conformance.honoured.server")]
    public void A_form_is_refused_where_one_bit_that_it_needs_is_missing(string form, Conformance missing)
    {
        using var without = new Dialogue(new() { ProposedConformance = (Conformance)0xFFFFFF }, new() { Conformance = Conformance.Supported & ~missing }).Associated();
        Assert.Equal("D80102", Convert.ToHexString(without.Ask(Hex(Requests[form])))); // service-not-allowed, service-not-supported
        Assert.Empty(without.Device.Asked);

        using var with = Dialogue.Plain().Associated();
        Assert.NotEqual(0xD8, with.Ask(Hex(Requests[form]))[0]);
    }

    [Theory, Shows("conformance.honoured.client")]
    [InlineData(Conformance.Get)]
    [InlineData(Conformance.Set)]
    [InlineData(Conformance.Action)]
    [InlineData(Conformance.Access)]
    [InlineData(Conformance.SelectiveAccess)]
    [InlineData(Conformance.Attribute0SupportedWithGet)]
    [InlineData(Conformance.Attribute0SupportedWithSet)]
    public void A_client_sends_nothing_that_was_not_granted(Conformance missing)
    {
        using var talk = Dialogue.Plain(Conformance.Supported & ~missing).Associated();
        var part = SelectiveAccess.By(new EntryDescriptor(1, 1));
        var all = TestDevice.Setting with { AttributeId = 0 };
        var failure = missing switch
        {
            Conformance.Get => talk.Get(TestDevice.Name).Failure,
            Conformance.Set => talk.Set(TestDevice.Setting, Hex("00")).Failure,
            Conformance.Action => talk.Invoke(TestDevice.Echo, Hex("00")).Failure,
            Conformance.Access => talk.Access(AccessItem.Get(TestDevice.Name))[0].Failure,
            Conformance.SelectiveAccess => talk.Get(TestDevice.Profile, part).Failure,
            Conformance.Attribute0SupportedWithGet => talk.Get(all).Failure,
            _ => talk.Set(all, Hex("020000")).Failure,
        };

        Assert.Equal(new RequestFailure.NotNegotiated(missing), failure);
        Assert.Empty(talk.Apdus);
    }

    [Fact, Shows("conformance.negotiated.client", "conformance.negotiated.server")]
    public void What_both_sides_name_is_granted_and_nothing_more()
    {
        using var talk = new Dialogue(
            new() { ProposedConformance = Conformance.Get | Conformance.Set | Conformance.Access },
            new() { Conformance = Conformance.Get | Conformance.Access | Conformance.Action }).Associated();

        Assert.Equal(Conformance.Get | Conformance.Access, talk.Client.NegotiatedConformance);
        Assert.Equal(talk.Client.NegotiatedConformance, talk.Server.NegotiatedConformance);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Each_item_of_a_list_is_held_against_its_own_rights(bool byAccess)
    {
        using var talk = new Dialogue(Dialogue.Options(Protection.Authenticated) with { ProposedConformance = Conformance.Supported | Conformance.GeneralProtection },
            Dialogue.Spec(Protection.Authenticated) with { Conformance = Conformance.Supported | Conformance.GeneralProtection }).Associated();
        talk.Device.AttributeRights[TestDevice.Name] = AccessMode.Read | AccessMode.EncryptedResponse;
        talk.Device.AttributeRights[TestDevice.Setting] = AccessMode.Read | AccessMode.Write | AccessMode.EncryptedRequest;
        var results = byAccess ? talk.Access(AccessItem.Get(TestDevice.Name), AccessItem.Get(TestDevice.Setting)) : talk.GetList(TestDevice.Name, TestDevice.Setting);

        // The first item raises the response; that must not pass for a request that was encrypted.
        Assert.True(results[0].Succeeded, results[0].ToString());
        Assert.Equal(new RequestFailure.Refused(TestDevice.Setting, DataAccessResult.ReadWriteDenied), results[1].Failure);
        var control = talk.Apdus[1][0] == (byte)ApduTag.GeneralGloCiphering ? talk.Apdus[1][11] : talk.Apdus[1][2];
        Assert.Equal(0x30, control);
    }

    [Fact]
    public void Every_block_of_an_answer_is_as_protected_as_its_rights_demand()
    {
        using var talk = new Dialogue(Dialogue.Options(Protection.Authenticated) with { MaxReceivePdu = 100 }, Dialogue.Spec(Protection.Authenticated)).Associated();
        talk.Device.Rows = 60;
        talk.Device.AttributeRights[TestDevice.Profile] = AccessMode.Read | AccessMode.EncryptedResponse;

        Assert.True(talk.Get(TestDevice.Profile).Succeeded);
        Assert.All(talk.Apdus.Where((_, i) => i % 2 == 0), request => Assert.Equal(0x10, request[2]));
        Assert.All(talk.Apdus.Where((_, i) => i % 2 == 1), response => Assert.Equal(0x30, response[2]));
        Assert.True(talk.Apdus.Count > 4);
        Assert.All(talk.Apdus, apdu => Assert.InRange(apdu.Length, 1, 100));
    }

    [Theory, Shows("exception-response.client", "exception-response.server")]
    [InlineData("D80101", "service-not-allowed / operation-not-possible")]
    [InlineData("D80202", "service-unknown / service-not-supported")]
    [InlineData("D80103", "service-not-allowed / other-reason")]
    [InlineData("D80104", "service-not-allowed / pdu-too-long")]
    [InlineData("D80105", "service-not-allowed / deciphering-error")]
    [InlineData("D8010600001234", "service-not-allowed / invocation-counter-error, expected counter 4660")]
    public void An_exception_response_ends_the_request_and_says_why(string apdu, string text)
    {
        using var talk = Dialogue.Plain().Associated();
        talk.OnTheWay = _ => Hex(apdu);

        Assert.Equal(text, Assert.IsType<RequestFailure.Exception>(talk.Get(TestDevice.Name).Failure).Response.ToString());
        Assert.Equal(ClientState.Ready, talk.Client.State);
    }

    [Theory, Shows("confirmed-service-error.client")]
    [InlineData("0E050401", "definition: object-undefined")]
    [InlineData("0E060501", "access: scope-of-access-violated")]
    [InlineData("0E010006", "application-reference: deciphering-error")]
    public void A_confirmed_service_error_ends_the_request_and_says_why(string apdu, string text)
    {
        using var talk = Dialogue.Plain().Associated();
        talk.OnTheWay = _ => Hex(apdu);

        Assert.Equal(text, Assert.IsType<RequestFailure.ServiceError>(talk.Get(TestDevice.Name).Failure).Error.ToString());
        Assert.Contains("confirmed-service-error", talk.Client.Result.Failure!.ToString(), StringComparison.Ordinal);
    }

    [Fact, Shows("confirmed-service-error.client")]
    public void A_confirmed_service_error_in_place_of_an_aare_fails_the_association()
    {
        using var talk = Dialogue.Plain();
        talk.OnTheWay = _ => Hex("0E010601");

        Assert.Equal(ClientStep.Failed, talk.Open());
        Assert.Equal("the server answered confirmed-service-error initiate: dlms-version-too-low", talk.Client.Failure!.ToString());
    }

    [Fact, Shows("confirmed-service-error.server")]
    public void A_server_that_can_not_accept_an_initiate_request_says_so_in_a_confirmed_service_error()
    {
        using var talk = Dialogue.Plain();
        //                                                                  version 5
        var aare = talk.Ask(Hex("601D A109060760857405080101 BE10 040E 01000000 05 5F1F0400007E1F 04B0"));

        Assert.EndsWith("0E010601", Convert.ToHexString(aare), StringComparison.Ordinal);
    }
}
