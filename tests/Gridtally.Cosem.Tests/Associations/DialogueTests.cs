using Gridtally.Cosem.Acse;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Client;
using Gridtally.Cosem.Security;
using Gridtally.Cosem.Server;
using Gridtally.Testing;
using static Gridtally.Testing.Bytes;

namespace Gridtally.Cosem.Tests.Associations;

/// <summary>Client and server in memory, for each mechanism and each protection.</summary>
public sealed class DialogueTests
{
    private static readonly byte[] Name = Hex("09 10 47545930303030303030303030303031");

    public static TheoryData<Protection, bool, bool> Protections
    {
        get
        {
            var data = new TheoryData<Protection, bool, bool>();
            foreach (var protection in new[] { Protection.Authenticated, Protection.Encrypted, Protection.AuthenticatedEncrypted })
            {
                foreach (var dedicated in new[] { false, true })
                {
                    foreach (var general in new[] { false, true }) data.Add(protection, dedicated, general);
                }
            }

            return data;
        }
    }

    [Fact, Shows("get.normal.client", "get.normal.server")]
    public void A_public_client_reads_without_security()
    {
        using var talk = Dialogue.Plain().Associated();

        Assert.Equal(Name, talk.Get(TestDevice.Name).Data.ToArray());
        Assert.Equal(["1 gets 1/0-0:42.0.0.255:2"], talk.Device.Asked);
        Assert.Equal(ClientStep.Released, talk.Release());
        Assert.Equal((ClientState.Idle, ServerAssociationState.Idle), (talk.Client.State, talk.Server.State));
        Assert.Equal(Hex("62 03 80 01 00"), talk.Apdus[^2]);
        Assert.Equal(Hex("63 03 80 01 00"), talk.Apdus[^1]);
    }

    [Fact]
    public void A_client_with_the_right_password_is_let_in()
    {
        using var talk = Lls("12345678", "12345678").Associated();

        Assert.True(talk.Get(TestDevice.Name).Succeeded);
    }

    [Theory]
    [InlineData("12345679")]
    [InlineData("1234567")]
    public void A_client_with_a_wrong_password_is_told_so(string wrong)
    {
        using var talk = Lls(wrong, "12345678");

        Assert.Equal(ClientStep.Failed, talk.Open());
        Assert.Equal("authentication-failure", Assert.IsType<AssociationFailure.AuthenticationRefused>(talk.Client.Failure).Detail);
        Assert.Equal([AssociationIncident.AuthenticationFailed], talk.Incidents);
        Assert.Equal(ServerAssociationState.Idle, talk.Server.State);
        Assert.DoesNotContain(wrong, talk.Client.Failure!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Hls_works_without_ciphering_too()
    {
        using var talk = new Dialogue(Dialogue.Options(Protection.None), Dialogue.Spec(Protection.None)).Associated();

        Assert.True(talk.Get(TestDevice.Name).Succeeded);
        Assert.Equal((byte)ApduTag.GetRequest, talk.Apdus[0][0]);
    }

    [Theory, MemberData(nameof(Protections)), Shows("get.normal.client", "get.normal.server", "set.normal.client", "set.normal.server", "action.normal.client", "action.normal.server")]
    public void Every_service_works_under_every_protection(Protection protection, bool dedicated, bool general)
    {
        using var talk = Dialogue.Ciphered(protection, dedicated, general).Associated();

        Assert.Equal(Name, talk.Get(TestDevice.Name).Data.ToArray());
        Assert.True(talk.Set(TestDevice.Setting, Hex("12 1234")).Succeeded);
        Assert.Equal(Hex("12 1234"), talk.Device.SettingData);
        Assert.Equal(Hex("0F 01"), talk.Invoke(TestDevice.Echo, Hex("0F 01")).Data.ToArray());
        var expected = (general, dedicated) switch
        {
            (true, true) => ApduTag.GeneralDedCiphering,
            (true, false) => ApduTag.GeneralGloCiphering,
            (false, true) => ApduTag.DedGetResponse,
            (false, false) => ApduTag.GloGetResponse,
        };
        Assert.Equal(expected, (ApduTag)talk.Apdus[1][0]);
        Assert.True(CipheredApdu.TryRead(talk.Apdus[1], out var response, out _));
        Assert.Equal(protection, response.Control.Protection);
        Assert.Equal(ClientStep.Released, talk.Release());
    }

    [Fact]
    public void Plain_text_never_shows_on_an_encrypted_line()
    {
        using var talk = Dialogue.Ciphered().Associated();
        talk.Get(TestDevice.Name);

        Assert.All(talk.Apdus, apdu => Assert.Equal(-1, apdu.AsSpan().IndexOf(Name.AsSpan(2))));
    }

    [Fact]
    public void A_request_protected_more_than_the_policy_is_answered_alike()
    {
        using var talk = new Dialogue(Dialogue.Options(Protection.AuthenticatedEncrypted), Dialogue.Spec(Protection.Authenticated)).Associated();
        talk.Get(TestDevice.Name);

        Assert.True(CipheredApdu.TryRead(talk.Apdus[1], out var response, out _));
        Assert.Equal(Protection.AuthenticatedEncrypted, response.Control.Protection);
    }

    [Fact]
    public void Requests_are_numbered_anew_each()
    {
        using var talk = Dialogue.Plain().Associated();
        for (var i = 0; i < 17; i++) talk.Get(TestDevice.Name);

        Assert.Equal(0xC1, talk.Apdus[0][2]);
        Assert.Equal(0xC2, talk.Apdus[2][2]);
        Assert.Equal(0xC1, talk.Apdus[32][2]);
    }

    [Fact]
    public void A_refused_attribute_names_itself_and_the_result()
    {
        using var talk = Dialogue.Plain().Associated();
        var result = talk.Get(TestDevice.Unknown);

        Assert.Equal(new RequestFailure.Refused(TestDevice.Unknown, DataAccessResult.ObjectUndefined), result.Failure);
        Assert.Equal("C401C10104", Convert.ToHexString(talk.Apdus[1]));
        Assert.Equal(new RequestFailure.MethodRefused(TestDevice.Denied, ActionResult.ReadWriteDenied), talk.Invoke(TestDevice.Denied, []).Failure);
        Assert.Equal(new RequestFailure.Refused(TestDevice.Name, DataAccessResult.ReadWriteDenied), talk.Set(TestDevice.Name, Hex("00")).Failure);
    }

    [Fact, Shows("get.with-list.client", "get.with-list.server")]
    public void A_list_brings_values_and_refusals_in_the_order_asked()
    {
        using var talk = Dialogue.Ciphered().Associated();
        var results = talk.GetList(TestDevice.Name, TestDevice.Unknown, TestDevice.Setting);

        Assert.Equal(2, talk.Apdus.Count);
        Assert.Equal(Name, results[0].Data.ToArray());
        Assert.Equal(new RequestFailure.Refused(TestDevice.Unknown, DataAccessResult.ObjectUndefined), results[1].Failure);
        Assert.Equal(Hex("00"), results[2].Data.ToArray());
    }

    [Fact]
    public void A_list_is_asked_one_by_one_where_lists_are_not_granted()
    {
        using var talk = Dialogue.Plain(Conformance.Supported & ~Conformance.MultipleReferences).Associated();
        var results = talk.GetList(TestDevice.Name, TestDevice.Unknown, TestDevice.Setting);

        Assert.Equal(6, talk.Apdus.Count);
        Assert.Equal([true, false, true], results.Select(r => r.Succeeded));
    }

    [Fact]
    public void A_list_too_long_for_one_request_is_asked_in_several()
    {
        using var talk = Dialogue.Plain(maxPdu: 64).Associated();
        var results = talk.GetList([.. Enumerable.Repeat(TestDevice.Setting, 12)]);

        // 64 octets hold a head and 5 descriptors of 10 octets.
        Assert.Equal(3, talk.Apdus.Count / 2);
        Assert.Equal(12, results.Count(r => r.Succeeded));
        Assert.All(talk.Apdus, apdu => Assert.InRange(apdu.Length, 1, 64));
    }

    [Fact]
    public void An_empty_list_is_answered_at_once()
    {
        using var talk = Dialogue.Plain().Associated();

        Assert.Empty(talk.GetList());
        Assert.Empty(talk.Apdus);
    }

    [Fact]
    public void Selective_access_reaches_the_device()
    {
        using var talk = Dialogue.Plain().Associated();
        talk.Get(TestDevice.Profile, SelectiveAccess.By(new EntryDescriptor(1, 2)));

        Assert.Equal(["1 gets 7/1-0:99.1.0.255:2 by 2 020406000000010600000002120001120000"], talk.Device.Asked);
    }

    [Fact]
    public void A_second_aarq_starts_anew()
    {
        using var talk = Dialogue.Plain().Associated();
        talk.Client.Reset();

        Assert.Equal(ClientStep.Associated, talk.Open());
        Assert.True(talk.Get(TestDevice.Name).Succeeded);
    }

    [Fact]
    public void A_client_that_forbids_an_answer_to_its_aarq_gets_none_and_is_associated()
    {
        using var talk = Dialogue.Plain();
        //                                                  response-allowed: 01 00
        var silent = talk.Ask(Hex("60 1E A109060760857405080101 BE11 040F 01 00 01 00 00 065F1F0400007E1F04B0"));

        Assert.Empty(silent);
        Assert.Equal(ServerAssociationState.Associated, talk.Server.State);
    }

    private static Dialogue Lls(string clientPassword, string serverPassword) => new(
        new() { Mechanism = AuthenticationMechanism.LowLevel, Password = System.Text.Encoding.ASCII.GetBytes(clientPassword) },
        new() { Mechanism = AuthenticationMechanism.LowLevel, Password = System.Text.Encoding.ASCII.GetBytes(serverPassword) });
}
