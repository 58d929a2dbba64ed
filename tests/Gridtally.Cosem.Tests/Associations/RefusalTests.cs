using System.Buffers;
using Gridtally.Cosem.Acse;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Client;
using Gridtally.Cosem.Security;
using Gridtally.Cosem.Server;
using static Gridtally.Testing.Bytes;

namespace Gridtally.Cosem.Tests.Associations;

/// <summary>Wrong keys, wrong places, services that were not granted: each with an answer that says what was wrong.</summary>
public sealed class RefusalTests
{
    [Fact]
    public void A_client_with_a_wrong_key_learns_that_the_server_can_not_decipher()
    {
        using var talk = new Dialogue(Dialogue.Options(Protection.AuthenticatedEncrypted) with { Keys = Dialogue.OtherKeys }, Dialogue.Spec(Protection.AuthenticatedEncrypted));

        Assert.Equal(ClientStep.Failed, talk.Open());
        Assert.Equal("no-reason-given, application-reference: deciphering-error", Assert.IsType<AssociationFailure.AuthenticationRefused>(talk.Client.Failure).Detail);
        Assert.Equal([AssociationIncident.DecipheringFailed], talk.Incidents);
        Assert.Equal(0UL, talk.ServerCounters.ReceiveFloor(KeyRole.GlobalUnicast, Dialogue.ClientTitle));
    }

    [Fact]
    public void Without_ciphering_a_wrong_key_fails_in_pass_3()
    {
        using var talk = new Dialogue(Dialogue.Options(Protection.None) with { Keys = Dialogue.OtherKeys }, Dialogue.Spec(Protection.None));

        Assert.Equal(ClientStep.Failed, talk.Open());
        Assert.Contains("ReadWriteDenied", Assert.IsType<AssociationFailure.AuthenticationRefused>(talk.Client.Failure).Detail, StringComparison.Ordinal);
        Assert.Equal([AssociationIncident.AuthenticationFailed], talk.Incidents);
        Assert.Equal(ServerAssociationState.Idle, talk.Server.State);
    }

    [Fact]
    public void A_server_whose_proof_is_wrong_is_not_believed()
    {
        using var talk = new Dialogue(Dialogue.Options(Protection.None), Dialogue.Spec(Protection.None));
        talk.OnTheWay = apdu => apdu[0] == (byte)ApduTag.ActionResponse ? [.. apdu[..^1], (byte)(apdu[^1] ^ 1)] : apdu;

        Assert.Equal(ClientStep.Failed, talk.Open());
        Assert.IsType<AssociationFailure.ServerNotAuthentic>(talk.Client.Failure);
    }

    [Fact]
    public void A_server_that_plays_the_clients_challenge_back_is_not_believed()
    {
        using var talk = new Dialogue(Dialogue.Options(Protection.None), Dialogue.Spec(Protection.None));
        var (stoc, ctos) = ("StoCStoC"u8.ToArray(), "CtoSCtoS"u8.ToArray());
        talk.OnTheWay = apdu => apdu.AsSpan().IndexOf(stoc) is var at and >= 0 ? [.. apdu[..at], .. ctos, .. apdu[(at + 8)..]] : apdu;

        Assert.Equal(ClientStep.Failed, talk.Open());
        Assert.IsType<AssociationFailure.OutOfPlace>(talk.Client.Failure);
    }

    [Fact]
    public void A_server_that_skips_hls_is_not_believed()
    {
        using var talk = new Dialogue(Dialogue.Options(Protection.None), Dialogue.Spec(Protection.None));
        talk.OnTheWay = apdu => apdu[0] == 0x61 ? Hex("6129A109060760857405080101A203020100A305A103020100BE10040E0800065F1F040000501F01F40007") : apdu;

        Assert.Equal(ClientStep.Failed, talk.Open());
        Assert.IsNotType<AssociationFailure.Refused>(talk.Client.Failure);
    }

    [Fact]
    public void A_server_may_not_share_the_clients_system_title()
    {
        using var talk = new Dialogue(Dialogue.Options(Protection.AuthenticatedEncrypted) with { SystemTitle = Dialogue.ServerTitle }, Dialogue.Spec(Protection.AuthenticatedEncrypted));

        Assert.Equal(ClientStep.Failed, talk.Open());
        Assert.Equal("calling-AP-title-not-recognized", Assert.IsType<AssociationFailure.Refused>(talk.Client.Failure).Diagnostic.ToString());
    }

    [Fact]
    public void Another_meter_than_the_expected_one_is_found_out()
    {
        using var talk = new Dialogue(Dialogue.Options(Protection.AuthenticatedEncrypted) with { ServerSystemTitle = SystemTitle.Of("GTM", 78) }, Dialogue.Spec(Protection.AuthenticatedEncrypted));

        Assert.Equal(ClientStep.Failed, talk.Open());
        Assert.Equal(new AssociationFailure.Security(SecurityFault.WrongOriginator), talk.Client.Failure);
    }

    [Theory]
    [InlineData(Protection.None, "application-context-name-not-supported")]
    [InlineData(Protection.Authenticated, "no-reason-given")]
    public void Less_protection_than_the_policy_is_refused(Protection offered, string diagnostic)
    {
        using var talk = new Dialogue(Dialogue.Options(offered), Dialogue.Spec(Protection.AuthenticatedEncrypted));

        // The InitiateRequest is authenticated and encrypted in any ciphered context, so only the request itself falls short.
        var step = talk.Open();
        if (offered == Protection.None) Assert.Equal(diagnostic, Assert.IsType<AssociationFailure.Refused>(talk.Client.Failure).Diagnostic.ToString());
        else Assert.Equal(ExceptionService.OperationNotPossible, Assert.IsType<AssociationFailure.Exception>(talk.Client.Failure).Response.Service);
        Assert.Equal(ClientStep.Failed, step);
    }

    [Fact]
    public void The_mechanism_must_be_the_agreed_one()
    {
        using var none = new Dialogue(new(), Dialogue.Spec(Protection.None));
        using var other = new Dialogue(new() { Mechanism = AuthenticationMechanism.LowLevel, Password = "12345678"u8.ToArray() }, Dialogue.Spec(Protection.None));

        none.Open();
        other.Open();

        Assert.Equal("authentication-mechanism-name-required", Assert.IsType<AssociationFailure.Refused>(none.Client.Failure).Diagnostic.ToString());
        Assert.Equal("authentication-mechanism-name-not-recognised", Assert.IsType<AssociationFailure.Refused>(other.Client.Failure).Diagnostic.ToString());
    }

    [Theory]
    [InlineData("05 5F1F0400007E1F 04B0", "initiate: dlms-version-too-low")]
    [InlineData("06 5F1F0400100000 04B0", "initiate: incompatible-conformance")] // read with short names only
    [InlineData("06 5F1F0400007E1F 000C", "initiate: pdu-size-too-short")]
    public void An_impossible_proposal_is_refused_with_its_reason(string proposal, string reason)
    {
        using var talk = Dialogue.Plain();
        byte[] aarq = [.. Hex("60 1D A109060760857405080101 BE10 040E 01000000"), .. Hex(proposal)];

        Assert.True(Aare.TryRead(talk.Ask(aarq), out var aare, out _));
        Assert.True(ConfirmedServiceError.TryRead(aare.UserInformation, out var error, out _));
        Assert.Equal((AssociationResult.RejectedPermanent, reason), (aare.Result, error.ToString()));
        Assert.Equal(ServerAssociationState.Idle, talk.Server.State);
    }

    [Fact]
    public void Before_an_association_nothing_is_served()
    {
        using var talk = Dialogue.Plain();

        Assert.Equal("D80101", Convert.ToHexString(talk.Ask(Hex("C001C1 0001 00002A0000FF 02 00"))));
        Assert.Equal("D80101", Convert.ToHexString(talk.Ask(Hex("C8 12 20 01234567 411312FF935A47566827C467BC"))));
        Assert.Empty(talk.Device.Asked);
    }

    [Fact]
    public void While_authentication_is_pending_only_pass_3_is_served()
    {
        using var talk = new Dialogue(Dialogue.Options(Protection.None), Dialogue.Spec(Protection.None));
        var aarq = new ArrayBufferWriter<byte>();
        talk.Client.Open(aarq);
        talk.Ask(aarq.WrittenSpan.ToArray());

        Assert.Equal(ServerAssociationState.AuthenticationPending, talk.Server.State);
        Assert.Equal("D80101", Convert.ToHexString(talk.Ask(Hex("C001C1 0001 00002A0000FF 02 00"))));
        Assert.Equal("D80101", Convert.ToHexString(talk.Ask(Hex("C301C1 0009 00000A0000FF 01 00"))));
        Assert.Equal("D80101", Convert.ToHexString(talk.Ask(Hex("C101C1 0001 0000800000FF 02 00 00"))));
        Assert.Empty(talk.Device.Asked);
        Assert.Equal(ServerAssociationState.AuthenticationPending, talk.Server.State);
    }

    [Fact]
    public void Pass_3_is_not_served_twice_and_never_reaches_the_device()
    {
        using var talk = new Dialogue(Dialogue.Options(Protection.None), Dialogue.Spec(Protection.None));
        talk.Open();

        Assert.Equal("C701C10300", Convert.ToHexString(talk.Ask(talk.Apdus[2])));
        Assert.Empty(talk.Device.Asked);
    }

    [Theory]
    [InlineData("7F00", "D80202")]                 // no such service
    [InlineData("0F00000001000200", "D80202")]     // a push to a server
    [InlineData("", "D80202")]
    [InlineData("C0", "D80103")]                   // cut short
    [InlineData("C009C1", "D80103")]               // no such kind
    [InlineData("C003C184FFFFFFFF", "D80103")]     // a list of 4 billion
    [InlineData("C303C1", "D80103")]               // an action with list cut short
    [InlineData("C105C1", "D80103")]               // a set with list and first datablock cut short
    [InlineData("62038001", "D80103")]             // a release cut short
    [InlineData("6003A10100", "D80103")]           // an AARQ cut short
    [InlineData("C8023000", "D80105")]             // ciphered without keys
    public void What_is_not_understood_is_answered_and_the_association_goes_on(string request, string answer)
    {
        using var talk = Dialogue.Plain().Associated();

        Assert.Equal(answer, Convert.ToHexString(talk.Ask(Hex(request))));
        if (request.StartsWith("60", StringComparison.Ordinal)) return; // a new AARQ, even a broken one, ends the association
        Assert.True(talk.Get(TestDevice.Name).Succeeded);
    }

    [Theory]
    [InlineData(Conformance.Get, "C001C1 0001 00002A0000FF 02 00")]
    [InlineData(Conformance.Set, "C101C1 0001 0000800000FF 02 00 00")]
    [InlineData(Conformance.Action, "C301C1 0009 00000A0000FF 01 00")]
    [InlineData(Conformance.MultipleReferences, "C003C1 01 0001 00002A0000FF 02 00")]
    [InlineData(Conformance.SelectiveAccess, "C001C1 0007 0100630100FF 02 01 02 00")]
    [InlineData(Conformance.BlockTransferWithSetOrWrite, "C102C1 0001 0000800000FF 02 00 01 00000001 01 00")]
    public void A_service_that_was_not_granted_is_refused(Conformance without, string request)
    {
        using var talk = Dialogue.Plain(Conformance.Supported & ~without).Associated();

        Assert.Equal("D80102", Convert.ToHexString(talk.Ask(Hex(request))));
        Assert.Empty(talk.Device.Asked);
    }

    [Fact]
    public void A_client_does_not_even_ask_for_what_was_not_granted()
    {
        using var talk = Dialogue.Plain(Conformance.Get).Associated();

        Assert.Equal(new RequestFailure.NotNegotiated(Conformance.Set), talk.Set(TestDevice.Setting, Hex("00")).Failure);
        Assert.Equal(new RequestFailure.NotNegotiated(Conformance.Action), talk.Invoke(TestDevice.Echo, []).Failure);
        Assert.Equal("the association does not allow selective-access", talk.Get(TestDevice.Profile, SelectiveAccess.By(new EntryDescriptor(1, 1))).Failure!.ToString());
        Assert.Empty(talk.Apdus);
        Assert.True(talk.Get(TestDevice.Name).Succeeded);
    }

    [Fact]
    public void The_server_grants_no_service_that_it_does_not_carry_out()
    {
        using var talk = new Dialogue(new() { ProposedConformance = (Conformance)0xFFFFFF }, new() { Conformance = (Conformance)0xFFFFFF }).Associated();

        Assert.False(talk.Client.NegotiatedConformance.HasFlag(Conformance.DeltaValueEncoding));
        Assert.False(talk.Client.NegotiatedConformance.HasFlag(Conformance.Read));
        Assert.True(talk.Client.NegotiatedConformance.HasFlag(Conformance.Supported));
    }

    [Fact]
    public void A_release_with_a_forged_proof_does_not_end_the_association()
    {
        using var talk = Dialogue.Ciphered().Associated();
        //                           InitiateRequest ciphered with other octets
        var forged = Hex("62 26 80 01 00 BE 21 04 1F 21 1D 30 0000FFFF 0102030405060708090A0B0C0D0E0F101112131415161718");

        Assert.Equal("D80105", Convert.ToHexString(talk.Ask(forged)));
        Assert.Equal(ServerAssociationState.Associated, talk.Server.State);
        Assert.Equal([AssociationIncident.DecipheringFailed], talk.Incidents);
    }

    [Fact]
    public void New_keys_hold_from_the_next_association_on()
    {
        using var talk = Dialogue.Ciphered().Associated();
        talk.Server.Spec = talk.Server.Spec with { Keys = Dialogue.OtherKeys };

        Assert.True(talk.Get(TestDevice.Name).Succeeded);
        talk.Client.Reset();
        Assert.Equal(ClientStep.Failed, talk.Open());
    }

    [Fact]
    public void A_lost_link_ends_the_association_on_both_sides()
    {
        using var talk = Dialogue.Ciphered().Associated();
        talk.Server.Reset();

        Assert.Equal(new ExceptionResponse(ExceptionState.ServiceNotAllowed, ExceptionService.OperationNotPossible), Assert.IsType<RequestFailure.Exception>(talk.Get(TestDevice.Name).Failure).Response);
        talk.Client.Reset();
        Assert.Throws<InvalidOperationException>(() => talk.Get(TestDevice.Name));
    }
}
