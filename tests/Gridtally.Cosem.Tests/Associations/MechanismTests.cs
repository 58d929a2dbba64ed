using Gridtally.Cosem.Acse;
using Gridtally.Cosem.Client;
using Gridtally.Cosem.Security;
using Gridtally.Cosem.Server;
using Gridtally.Testing;
using static Gridtally.Testing.Bytes;

namespace Gridtally.Cosem.Tests.Associations;

/// <summary>How the parties prove who they are, in every suite that has the mechanism.</summary>
public sealed class MechanismTests
{
    private const SecuritySuite Zero = SecuritySuite.Suite0, One = SecuritySuite.Suite1, Two = SecuritySuite.Suite2;

    public static TheoryData<AuthenticationMechanism, SecuritySuite, Protection> All
    {
        get
        {
            var data = new TheoryData<AuthenticationMechanism, SecuritySuite, Protection>();
            foreach (var mechanism in Enum.GetValues<AuthenticationMechanism>().Where(m => m != AuthenticationMechanism.Unknown))
            {
                foreach (var suite in Enum.GetValues<SecuritySuite>().Where(s => s != Zero || mechanism != AuthenticationMechanism.HighLevelEcdsa))
                {
                    data.Add(mechanism, suite, Protection.None);
                    data.Add(mechanism, suite, Protection.AuthenticatedEncrypted);
                }
            }

            return data;
        }
    }

    [Theory, MemberData(nameof(All))]
    [Shows("mechanism.0.client", "mechanism.0.server", "mechanism.1.client", "mechanism.1.server", "mechanism.2.client", "mechanism.2.server", "mechanism.3.client", "mechanism.3.server",
        "mechanism.4.client", "mechanism.4.server", "mechanism.5.client", "mechanism.5.server", "mechanism.6.client", "mechanism.6.server", "mechanism.7.client", "mechanism.7.server")]
    public void Client_and_server_authenticate_each_other(AuthenticationMechanism mechanism, SecuritySuite suite, Protection protection)
    {
        using var talk = SuiteDialogues.Between(suite, mechanism, protection);

        Assert.Equal(ClientStep.Associated, talk.Open());
        Assert.Equal(ServerAssociationState.Associated, talk.Server.State);
        Assert.True(talk.Get(TestDevice.Name).Succeeded);
        Assert.Equal(ClientStep.Released, talk.Release());
        Assert.Empty(talk.Incidents);
    }

    [Theory, MemberData(nameof(Secrets))]
    [Shows("downgrade")]
    public void A_client_with_another_secret_is_refused_and_reported(AuthenticationMechanism mechanism)
    {
        using var talk = new Dialogue(
            SuiteDialogues.Options(One, mechanism, Protection.None) with { Password = "another secret"u8.ToArray() }, SuiteDialogues.Spec(One, mechanism, SecurityPolicy.None));

        Assert.Equal(ClientStep.Failed, talk.Open());
        Assert.IsType<AssociationFailure.AuthenticationRefused>(talk.Client.Failure);
        Assert.Equal([AssociationIncident.AuthenticationFailed], talk.Incidents);
        Assert.Equal(ServerAssociationState.Idle, talk.Server.State);
    }

    public static TheoryData<AuthenticationMechanism> Secrets =>
    [
        AuthenticationMechanism.LowLevel, AuthenticationMechanism.HighLevelManufacturer, AuthenticationMechanism.HighLevelMd5,
        AuthenticationMechanism.HighLevelSha1, AuthenticationMechanism.HighLevelSha256,
    ];

    public static TheoryData<AuthenticationMechanism> Hls =>
    [
        AuthenticationMechanism.HighLevelManufacturer, AuthenticationMechanism.HighLevelMd5, AuthenticationMechanism.HighLevelSha1,
        AuthenticationMechanism.HighLevelGmac, AuthenticationMechanism.HighLevelSha256, AuthenticationMechanism.HighLevelEcdsa,
    ];

    [Theory, MemberData(nameof(Hls))]
    public void A_server_that_can_not_prove_itself_is_refused_by_the_client(AuthenticationMechanism mechanism)
    {
        using var talk = SuiteDialogues.Between(One, mechanism, Protection.None);
        talk.OnTheWay = apdu =>
        {
            if (apdu[0] == 0xC7) apdu[^1] ^= 1; // pass 4
            return apdu;
        };

        Assert.Equal(ClientStep.Failed, talk.Open());
        Assert.Equal(new AssociationFailure.ServerNotAuthentic(), talk.Client.Failure);
    }

    [Theory, MemberData(nameof(Hls))]
    public void A_server_that_sends_our_own_challenge_back_is_refused(AuthenticationMechanism mechanism)
    {
        using var talk = SuiteDialogues.Between(One, mechanism, Protection.None);
        talk.OnTheWay = apdu => Replace(apdu, "StoCStoCStoCStoCStoCStoCStoCStoC"u8, "CtoSCtoSCtoSCtoSCtoSCtoSCtoSCtoS"u8);

        Assert.Equal(ClientStep.Failed, talk.Open());
        Assert.Contains("other than CtoS", talk.Client.Failure!.ToString(), StringComparison.Ordinal);
        Assert.Equal(2, talk.Apdus.Count); // no proof was sent
    }

    [Theory, MemberData(nameof(Hls))]
    public void A_server_never_takes_the_clients_challenge_for_its_own(AuthenticationMechanism mechanism)
    {
        using var talk = new Dialogue(
            SuiteDialogues.Options(One, mechanism, Protection.None),
            SuiteDialogues.Spec(One, mechanism, SecurityPolicy.None) with { Challenge = () => "CtoSCtoSCtoSCtoSCtoSCtoSCtoSCtoS"u8.ToArray() });

        Assert.Equal(ClientStep.Associated, talk.Open());
        Assert.DoesNotContain(Convert.ToHexString("CtoSCtoS"u8), Convert.ToHexString(talk.Apdus[1]), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(AuthenticationMechanism.None, AuthenticationMechanism.HighLevelGmac, 12)] // mechanism-name-required
    [InlineData(AuthenticationMechanism.LowLevel, AuthenticationMechanism.HighLevelGmac, 11)] // mechanism-name-not-recognised
    [InlineData(AuthenticationMechanism.HighLevelMd5, AuthenticationMechanism.HighLevelSha256, 11)]
    [InlineData(AuthenticationMechanism.HighLevelSha256, AuthenticationMechanism.HighLevelEcdsa, 11)]
    [Shows("downgrade")]
    public void A_server_refuses_another_mechanism_than_its_own(AuthenticationMechanism asked, AuthenticationMechanism demanded, byte diagnostic)
    {
        using var talk = new Dialogue(SuiteDialogues.Options(One, asked, Protection.None), SuiteDialogues.Spec(One, demanded, SecurityPolicy.None));

        Assert.Equal(ClientStep.Failed, talk.Open());
        Assert.Equal(new AcseDiagnostic(false, diagnostic), Assert.IsType<AssociationFailure.Refused>(talk.Client.Failure).Diagnostic);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(5)]
    [Shows("downgrade")]
    public void A_client_refuses_another_mechanism_than_it_asked_for(byte named)
    {
        using var talk = SuiteDialogues.Between(One, AuthenticationMechanism.HighLevelSha256, Protection.None);
        talk.OnTheWay = apdu => Replace(apdu, Hex("60857405080206"), [.. Hex("608574050802"), named]);

        Assert.Equal(ClientStep.Failed, talk.Open());
        Assert.Contains("HighLevelSha256", talk.Client.Failure!.ToString(), StringComparison.Ordinal);
        Assert.Equal(2, talk.Apdus.Count);
    }

    [Fact]
    [Shows("downgrade")]
    public void A_client_refuses_a_plain_context_where_it_asked_for_ciphering()
    {
        using var talk = SuiteDialogues.Between(Zero, AuthenticationMechanism.LowLevel, Protection.AuthenticatedEncrypted);
        talk.OnTheWay = apdu => Replace(apdu, Hex("60857405080103"), Hex("60857405080101"));

        Assert.Equal(ClientStep.Failed, talk.Open());
        Assert.Contains("LogicalNameCiphered", talk.Client.Failure!.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(AuthenticationMechanism.HighLevelGmac, 7)]
    [InlineData(AuthenticationMechanism.HighLevelGmac, 65)]
    [InlineData(AuthenticationMechanism.HighLevelEcdsa, 31)]
    [InlineData(AuthenticationMechanism.HighLevelEcdsa, 65)]
    public void A_challenge_of_another_length_than_the_standards_is_refused(AuthenticationMechanism mechanism, int length)
    {
        var options = SuiteDialogues.Options(One, mechanism, Protection.None) with { Challenge = new byte[length] };
        Assert.Throws<ArgumentException>(options.Validate);

        using var talk = new Dialogue(SuiteDialogues.Options(One, mechanism, Protection.None), SuiteDialogues.Spec(One, mechanism, SecurityPolicy.None));
        var aarq = Written(output => new Aarq
        {
            Context = ApplicationContext.LogicalName,
            CallingApTitle = Hex("4754430000000001"),
            Mechanism = mechanism,
            AuthenticationValue = new byte[length],
            UserInformation = Hex("01000000065F1F0400007E1F04B0"),
        }.WriteTo(output));
        Assert.True(Aare.TryRead(talk.Ask(aarq), out var aare, out _));
        Assert.True(aare.Diagnostic.Is(AcseServiceUserDiagnostic.AuthenticationFailure));
    }

    private static byte[] Replace(byte[] apdu, ReadOnlySpan<byte> before, ReadOnlySpan<byte> after)
    {
        var at = apdu.AsSpan().IndexOf(before);
        if (at >= 0) after.CopyTo(apdu.AsSpan(at));
        return apdu;
    }
}
