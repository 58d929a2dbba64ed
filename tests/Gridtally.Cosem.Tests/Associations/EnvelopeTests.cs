using System.Buffers;
using Gridtally.Cosem.Acse;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Client;
using Gridtally.Cosem.Security;
using Gridtally.Cosem.Server;
using Gridtally.Testing;
using static Gridtally.Testing.Bytes;

namespace Gridtally.Cosem.Tests.Associations;

/// <summary>Every envelope, key and suite between a client and a server: what gets through, and what is refused as what.</summary>
public sealed class EnvelopeTests
{
    private const Protection Both = Protection.AuthenticatedEncrypted;

    /// <summary>Suite, protection, key, envelope, and the first octet of requests and responses.</summary>
    public static TheoryData<SecuritySuite, Protection, KeyChoice, Envelope, byte, byte> All
    {
        get
        {
            var data = new TheoryData<SecuritySuite, Protection, KeyChoice, Envelope, byte, byte>();
            foreach (var suite in Enum.GetValues<SecuritySuite>())
            {
                foreach (var protection in (Protection[])[Protection.Authenticated, Protection.Encrypted, Both])
                {
                    data.Add(suite, protection, KeyChoice.GlobalUnicast, Envelope.Service, 0xC9, 0xCD);
                    data.Add(suite, protection, KeyChoice.Dedicated, Envelope.Service, 0xD1, 0xD5);
                    data.Add(suite, protection, KeyChoice.GlobalUnicast, Envelope.General, 0xDB, 0xDB);
                    data.Add(suite, protection, KeyChoice.Dedicated, Envelope.General, 0xDC, 0xDC);
                    data.Add(suite, protection, KeyChoice.GlobalUnicast, Envelope.GeneralCiphering, 0xDD, 0xDD);
                    var vouched = protection != Protection.Encrypted; // else a wrapped or one-pass key is refused: its APDUs could be played back
                    if (vouched) data.Add(suite, protection, KeyChoice.Wrapped, Envelope.GeneralCiphering, 0xDD, 0xDD);
                    if (!suite.HasPublicKeys()) continue;
                    if (vouched) data.Add(suite, protection, KeyChoice.OnePass, Envelope.GeneralCiphering, 0xDD, 0xDD);
                    data.Add(suite, protection, KeyChoice.StaticUnified, Envelope.GeneralCiphering, 0xDD, 0xDD);
                    data.Add(suite, protection | Protection.Signed, KeyChoice.GlobalUnicast, Envelope.Service, 0xDB, 0xDB);
                    data.Add(suite, protection | Protection.Signed, KeyChoice.OnePass, Envelope.GeneralCiphering, 0xDD, 0xDD);
                }

                if (suite.HasPublicKeys()) data.Add(suite, Protection.Signed, KeyChoice.GlobalUnicast, Envelope.Service, 0xDF, 0xDF);
            }

            return data;
        }
    }

    public static TheoryData<SecuritySuite, Protection, KeyChoice, Envelope> Kinds
    {
        get
        {
            var data = new TheoryData<SecuritySuite, Protection, KeyChoice, Envelope>();
            foreach (var row in All) data.Add((SecuritySuite)row[0], (Protection)row[1], (KeyChoice)row[2], (Envelope)row[3]);
            return data;
        }
    }

    [Theory, MemberData(nameof(All))]
    [Shows("suite.0.client", "suite.0.server", "suite.1.client", "suite.1.server", "suite.2.client", "suite.2.server",
        "protect.authenticated.client", "protect.authenticated.server", "protect.encrypted.client", "protect.encrypted.server", "protect.both.client", "protect.both.server",
        "envelope.glo.client", "envelope.glo.server", "envelope.ded.client", "envelope.ded.server", "envelope.general-glo.client", "envelope.general-glo.server",
        "envelope.general-ded.client", "envelope.general-ded.server", "envelope.general-ciphering.identified.client", "envelope.general-ciphering.identified.server",
        "envelope.general-ciphering.wrapped.client", "envelope.general-ciphering.wrapped.server", "envelope.general-ciphering.one-pass.client", "envelope.general-ciphering.one-pass.server",
        "envelope.general-ciphering.static.client", "envelope.general-ciphering.static.server", "envelope.general-signing.client", "envelope.general-signing.server")]
    public void Requests_and_responses_travel_in_the_same_envelope(SecuritySuite suite, Protection protection, KeyChoice key, Envelope envelope, byte request, byte response)
    {
        using var talk = SuiteDialogues.Between(suite, AuthenticationMechanism.HighLevelGmac, protection, key, envelope).Associated();

        Assert.True(talk.Set(TestDevice.Setting, Hex("11 2A")).Succeeded);
        Assert.True(talk.Get(TestDevice.Name).Succeeded);
        Assert.Equal(Hex("11 2A"), talk.Get(TestDevice.Setting).Data.ToArray());

        Assert.Equal((request, response), (talk.Apdus[0][0], talk.Apdus[1][0]));
        var secret = (protection & Protection.Encrypted) != 0;
        Assert.Equal(secret, talk.Apdus[3].AsSpan().IndexOf("GTY0000000000001"u8) < 0);
        Assert.Equal(ClientStep.Released, talk.Release());
        Assert.Empty(talk.Incidents);
    }

    [Theory, MemberData(nameof(Kinds))]
    public void The_largest_plain_apdu_fills_the_largest_pdu(SecuritySuite suite, Protection protection, KeyChoice key, Envelope envelope)
    {
        const int maxPdu = 600;
        using var talk = new Dialogue(
            SuiteDialogues.Options(suite, AuthenticationMechanism.HighLevelGmac, protection, key, envelope) with { MaxReceivePdu = maxPdu },
            SuiteDialogues.Spec(suite, AuthenticationMechanism.HighLevelGmac, SecurityPolicy.Both(protection)) with { MaxPdu = maxPdu }).Associated();
        talk.Device.Rows = 500;

        Assert.True(talk.Get(TestDevice.Profile).Succeeded);
        Assert.True(talk.Set(TestDevice.Setting, [0x09, 0x82, 0x03, 0xE8, .. new byte[1000]]).Succeeded);
        Assert.InRange(talk.Apdus.Max(a => a.Length), maxPdu - 8, maxPdu);
    }

    [Theory, MemberData(nameof(Kinds))]
    [Shows("counter.replay")]
    public void A_recorded_request_is_refused_with_the_counter_that_is_expected(SecuritySuite suite, Protection protection, KeyChoice key, Envelope envelope)
    {
        using var talk = SuiteDialogues.Between(suite, AuthenticationMechanism.HighLevelGmac, protection, key, envelope).Associated();
        talk.Set(TestDevice.Setting, Hex("11 01"));

        Assert.StartsWith("D8010600", Convert.ToHexString(talk.Ask(talk.Apdus[0])), StringComparison.Ordinal);
        Assert.Equal([AssociationIncident.Replay], talk.Incidents);
        Assert.Single(talk.Device.Asked);
        Assert.True(talk.Get(TestDevice.Name).Succeeded);
    }

    [Theory, MemberData(nameof(Kinds))]
    [Shows("counter.replay")]
    public void A_recorded_response_is_refused_by_the_client(SecuritySuite suite, Protection protection, KeyChoice key, Envelope envelope)
    {
        using var talk = SuiteDialogues.Between(suite, AuthenticationMechanism.HighLevelGmac, protection, key, envelope).Associated();
        talk.Get(TestDevice.Name);
        var recorded = talk.Apdus[1];
        talk.OnTheWay = _ => recorded;

        var failure = Assert.IsType<RequestFailure.Security>(talk.Get(TestDevice.Setting).Failure);
        Assert.Contains(failure.Fault, (SecurityFault[])[SecurityFault.Replayed, SecurityFault.WrongTransaction]);
    }

    [Theory, MemberData(nameof(Kinds))]
    public void No_changed_octet_of_a_request_gets_through(SecuritySuite suite, Protection protection, KeyChoice key, Envelope envelope)
    {
        if (protection == Protection.Encrypted) return; // nothing tells a changed octet there; see the tests of Protection.Encrypted
        using var talk = SuiteDialogues.Between(suite, AuthenticationMechanism.HighLevelGmac, protection, key, envelope).Associated();
        var output = new ArrayBufferWriter<byte>();
        talk.Client.Set(TestDevice.Setting, Hex("12 1234"), output);
        var octets = output.WrittenSpan.ToArray();
        var step = octets.Length > 100 ? 23 : 1; // public keys and signatures are long, and slow to check
        for (var i = 0; i < octets.Length; i += step)
        {
            var changed = (byte[])octets.Clone();
            changed[i] ^= (byte)(1 << (i % 8));
            Assert.Equal(0xD8, talk.Ask(changed)[0]);
        }

        Assert.Empty(talk.Device.Asked);
        Assert.NotEqual(0xD8, talk.Ask(octets)[0]); // the true one is still good
    }

    [Theory, MemberData(nameof(Kinds))]
    public void A_request_that_names_another_originator_is_refused(SecuritySuite suite, Protection protection, KeyChoice key, Envelope envelope)
    {
        if (envelope == Envelope.Service && !protection.HasFlag(Protection.Signed)) return; // names none
        var other = SystemTitle.Of("GTX", 9);
        using var talk = SuiteDialogues.Between(suite, AuthenticationMechanism.HighLevelGmac, protection, key, envelope).Associated();
        using var forger = new ApduCipher(SuiteDialogues.Keys(suite, ofClient: true), other, new InMemoryInvocationCounters(5000)) { Peer = Dialogue.ServerTitle, Random = SuiteDialogues.Random("forger") };
        if (key == KeyChoice.Dedicated) forger.UseDedicatedKey(SuiteDialogues.Key(suite, "dedicated"));
        var forged = new ArrayBufferWriter<byte>();
        Assert.Null(forger.Protect(Hex("C001C1 0001 00002A0000FF 02 00"), new(protection, key, envelope), forged));

        Assert.Equal("D80105", Convert.ToHexString(talk.Ask(forged.WrittenSpan.ToArray())));
        Assert.Equal([AssociationIncident.DecipheringFailed], talk.Incidents);
        Assert.Empty(talk.Device.Asked);
    }

    [Theory]
    [InlineData(KeyChoice.GlobalUnicast)]
    [InlineData(KeyChoice.Wrapped)]
    [InlineData(KeyChoice.OnePass)]
    [InlineData(KeyChoice.StaticUnified)]
    public void A_request_for_another_recipient_is_refused(KeyChoice key)
    {
        using var talk = SuiteDialogues.Between(SecuritySuite.Suite1, AuthenticationMechanism.HighLevelGmac, Both, key, Envelope.GeneralCiphering).Associated();
        using var astray = new ApduCipher(SuiteDialogues.Keys(SecuritySuite.Suite1, ofClient: true), Dialogue.ClientTitle, new InMemoryInvocationCounters(5000))
        {
            Peer = SystemTitle.Of("GTX", 9),
            Random = SuiteDialogues.Random("astray"),
        };
        var request = new ArrayBufferWriter<byte>();
        Assert.Null(astray.Protect(Hex("C001C1 0001 00002A0000FF 02 00"), new(Both, key, Envelope.GeneralCiphering), request));

        Assert.Equal("D80105", Convert.ToHexString(talk.Ask(request.WrittenSpan.ToArray())));
        Assert.Empty(talk.Device.Asked);
    }

    [Fact]
    public void An_envelope_that_was_not_negotiated_is_refused()
    {
        using var talk = new Dialogue(
            SuiteDialogues.Options(SecuritySuite.Suite1, AuthenticationMechanism.HighLevelGmac, Both) with { ProposedConformance = Conformance.Get | Conformance.Set },
            SuiteDialogues.Spec(SecuritySuite.Suite1, AuthenticationMechanism.HighLevelGmac, SecurityPolicy.Both(Both))).Associated();
        using var cipher = new ApduCipher(SuiteDialogues.Keys(SecuritySuite.Suite1, ofClient: true), Dialogue.ClientTitle, new InMemoryInvocationCounters(5000)) { Peer = Dialogue.ServerTitle };
        foreach (var wrapping in (Wrapping[])[new(Both, Envelope: Envelope.General), new(Both, Envelope: Envelope.GeneralCiphering), new(Protection.Signed)])
        {
            var request = new ArrayBufferWriter<byte>();
            Assert.Null(cipher.Protect(Hex("C001C1 0001 00002A0000FF 02 00"), wrapping, request));
            Assert.Equal("D80102", Convert.ToHexString(talk.Ask(request.WrittenSpan.ToArray()))); // service-not-supported
        }

        Assert.Empty(talk.Device.Asked);
    }

    [Fact]
    public void General_glo_ciphering_gives_way_to_glo_where_the_server_does_not_grant_it_and_general_ciphering_fails()
    {
        Dialogue Reduced(Envelope envelope) => new(SuiteDialogues.Options(SecuritySuite.Suite0, AuthenticationMechanism.LowLevel, Protection.Encrypted, envelope: envelope), SuiteDialogues.Spec(SecuritySuite.Suite0, AuthenticationMechanism.LowLevel, SecurityPolicy.None))
        {
            OnTheWay = WithoutGeneralProtection,
        };

        using var general = Reduced(Envelope.General);
        Assert.Equal(ClientStep.Associated, general.Open());
        general.OnTheWay = apdu => apdu;
        general.Apdus.Clear();
        general.Get(TestDevice.Name);
        Assert.Equal(0xC8, general.Apdus[0][0]);

        using var ciphering = Reduced(Envelope.GeneralCiphering);
        Assert.Equal(ClientStep.Failed, ciphering.Open());
        Assert.Contains("general-protection", ciphering.Client.Failure!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_transaction_id_that_does_not_rise_is_refused_unless_that_is_allowed()
    {
        var wrapping = new Wrapping(Both, KeyChoice.Wrapped, Envelope.GeneralCiphering);
        foreach (var allowed in (bool[])[false, true])
        {
            using var talk = new Dialogue(
                SuiteDialogues.Options(SecuritySuite.Suite0, AuthenticationMechanism.HighLevelGmac, Both, KeyChoice.Wrapped, Envelope.GeneralCiphering),
                SuiteDialogues.Spec(SecuritySuite.Suite0, AuthenticationMechanism.HighLevelGmac, SecurityPolicy.Both(Both)) with { TakesAnyTransaction = allowed }).Associated();
            using var cipher = new ApduCipher(SuiteDialogues.Keys(SecuritySuite.Suite0, ofClient: true), Dialogue.ClientTitle, new InMemoryInvocationCounters(1)) { Peer = Dialogue.ServerTitle, Random = SuiteDialogues.Random("other") };
            var request = new ArrayBufferWriter<byte>();
            Assert.Null(cipher.Protect(Hex("C001C1 0001 00002A0000FF 02 00"), wrapping, request));

            // The client has used transaction-ids from 100 (0x64) on for pass 3; 101 is next.
            var answer = Convert.ToHexString(talk.Ask(request.WrittenSpan.ToArray()));
            if (allowed) Assert.StartsWith("DD", answer, StringComparison.Ordinal);
            else Assert.Equal("D8010600000065", answer);
        }
    }

    /// <summary>The AARE of a server that grants GET and no more.</summary>
    private static byte[] WithoutGeneralProtection(byte[] apdu)
    {
        if (apdu[0] != 0x61) return apdu;
        using var server = new ApduCipher(SuiteDialogues.Keys(SecuritySuite.Suite0, ofClient: false), Dialogue.ServerTitle, new InMemoryInvocationCounters(900)) { Peer = Dialogue.ClientTitle };
        var initiate = new ArrayBufferWriter<byte>();
        Assert.Null(server.Protect(Hex("08 00 06 5F1F0400 000010 0400 0007"), new(Both), initiate));
        var title = Hex("47544D000000004D");
        return Written(output => new Aare { Context = ApplicationContext.LogicalNameCiphered, RespondingApTitle = title, UserInformation = initiate.WrittenSpan }.WriteTo(output));
    }
}
