using System.Buffers;
using Gridtally.Cosem.Acse;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Client;
using Gridtally.Cosem.Security;
using Gridtally.Cosem.Server;
using Gridtally.Testing;
using static Gridtally.Testing.Bytes;

namespace Gridtally.Cosem.Tests.Associations;

/// <summary>The least protection: by policy for each direction, by the rights of attributes and methods; and the broadcast key.</summary>
public sealed class PolicyTests
{
    private const Protection Nothing = Protection.None, Authenticated = Protection.Authenticated, Encrypted = Protection.Encrypted, Both = Protection.AuthenticatedEncrypted, Signed = Protection.Signed;
    private const AccessMode Access = AccessMode.Read | AccessMode.Write;

    private static readonly byte[] PlainGet = Hex("C001C1 0001 00002A0000FF 02 00");

    [Theory]
    [InlineData(0, Nothing)]
    [InlineData(1, Authenticated)]
    [InlineData(2, Encrypted)]
    [InlineData(3, Both)]
    [Shows("policy.v0")]
    public void Version_0_demands_the_same_of_both_directions(byte value, Protection protection)
    {
        Assert.True(SecurityPolicy.TryFromVersion0(value, out var policy));
        Assert.Equal(SecurityPolicy.Both(protection), policy);
        Assert.Equal(value, policy.ToVersion0());
        Assert.False(SecurityPolicy.TryFromVersion0(4, out _));
    }

    [Theory]
    [InlineData(0x00, Nothing, Nothing)]
    [InlineData(0x04, Authenticated, Nothing)]
    [InlineData(0x08, Encrypted, Nothing)]
    [InlineData(0x10, Signed, Nothing)]
    [InlineData(0x20, Nothing, Authenticated)]
    [InlineData(0x40, Nothing, Encrypted)]
    [InlineData(0x80, Nothing, Signed)]
    [InlineData(0x6C, Both, Both)]
    [InlineData(0xFC, Both | Signed, Both | Signed)]
    [Shows("policy.v1")]
    public void Version_1_has_a_bit_for_each_protection_and_direction(byte value, Protection request, Protection response)
    {
        Assert.True(SecurityPolicy.TryFromVersion1(value, out var policy));
        Assert.Equal(new(request, response), policy);
        Assert.Equal(value, policy.ToVersion1());
        Assert.False(SecurityPolicy.TryFromVersion1((byte)(value | 1), out _));
        Assert.False(SecurityPolicy.TryFromVersion1((byte)(value | 2), out _));
    }

    /// <summary>For every policy and every protection of a request: it is served if it has what the policy demands, else refused.</summary>
    [Theory]
    [InlineData(SecuritySuite.Suite0)]
    [InlineData(SecuritySuite.Suite1)]
    [Shows("policy.v0", "policy.v1")]
    public void A_request_with_less_than_the_policy_is_refused_as_not_possible(SecuritySuite suite)
    {
        foreach (var demanded in Protections(suite))
        {
            foreach (var given in Protections(suite))
            {
                using var talk = SuiteDialogues.Between(suite, AuthenticationMechanism.HighLevelGmac, demanded | Both);
                talk.Server.Spec = talk.Server.Spec with { Policy = new(demanded, Nothing) };
                talk.Associated();
                using var cipher = new ApduCipher(SuiteDialogues.Keys(suite, ofClient: true), Dialogue.ClientTitle, new InMemoryInvocationCounters(5000)) { Peer = Dialogue.ServerTitle };
                var request = new ArrayBufferWriter<byte>();
                Assert.Null(cipher.Protect(PlainGet, new(given), request));

                var answer = talk.Ask(request.WrittenSpan.ToArray());
                if (given.Covers(demanded)) Assert.NotEqual(0xD8, answer[0]);
                else Assert.Equal("D80101", Convert.ToHexString(answer)); // service-not-allowed, operation-not-possible
                Assert.Equal(given.Covers(demanded) ? 1 : 0, talk.Device.Asked.Count);
            }
        }
    }

    [Theory]
    [InlineData(Authenticated, Both)]
    [InlineData(Authenticated, Signed)]
    [InlineData(Encrypted, Authenticated)]
    [InlineData(Both, Both | Signed)]
    [Shows("policy.v1")]
    public void A_response_has_the_protection_of_its_request_and_of_the_policy(Protection request, Protection response)
    {
        using var talk = new Dialogue(
            SuiteDialogues.Options(SecuritySuite.Suite1, AuthenticationMechanism.HighLevelGmac, request) with { ResponseProtection = request | response },
            SuiteDialogues.Spec(SecuritySuite.Suite1, AuthenticationMechanism.HighLevelGmac, new(request, response))).Associated();
        using var cipher = new ApduCipher(SuiteDialogues.Keys(SecuritySuite.Suite1, ofClient: true), Dialogue.ClientTitle, new InMemoryInvocationCounters(5000)) { Peer = Dialogue.ServerTitle };

        Assert.True(talk.Get(TestDevice.Name).Succeeded);
        Assert.Null(cipher.Unprotect(talk.Apdus[1], new ArrayBufferWriter<byte>(), out var wrapping));
        Assert.Equal(request | response, wrapping.Protection);
    }

    [Fact]
    public void A_client_refuses_a_response_with_less_than_it_expects()
    {
        using var talk = new Dialogue(
            SuiteDialogues.Options(SecuritySuite.Suite1, AuthenticationMechanism.HighLevelGmac, Authenticated) with { ResponseProtection = Both },
            SuiteDialogues.Spec(SecuritySuite.Suite1, AuthenticationMechanism.HighLevelGmac, new(Authenticated, Nothing)));

        Assert.Equal(ClientStep.Failed, talk.Open());
        Assert.Equal(new AssociationFailure.Security(SecurityFault.ProtectionTooWeak), talk.Client.Failure);
    }

    [Theory]
    [InlineData(AccessMode.AuthenticatedRequest, Nothing, false)]
    [InlineData(AccessMode.AuthenticatedRequest, Authenticated, true)]
    [InlineData(AccessMode.AuthenticatedRequest, Encrypted, false)]
    [InlineData(AccessMode.EncryptedRequest, Authenticated, false)]
    [InlineData(AccessMode.EncryptedRequest, Both, true)]
    [InlineData(AccessMode.AuthenticatedRequest | AccessMode.EncryptedRequest, Encrypted, false)]
    [InlineData(AccessMode.SignedRequest, Both, false)]
    [InlineData(AccessMode.SignedRequest, Both | Signed, true)]
    [Shows("rights.attribute", "rights.method")]
    public void An_attribute_or_method_that_demands_more_than_the_request_has_is_denied(AccessMode demanded, Protection given, bool served)
    {
        using var talk = SuiteDialogues.Between(SecuritySuite.Suite1, AuthenticationMechanism.HighLevelGmac, given);
        talk.Device.AttributeRights[TestDevice.Setting] = Access | demanded;
        talk.Device.MethodRights[TestDevice.Echo] = AccessMode.Invoke | demanded;
        talk.Associated();

        Assert.Equal(served ? null : new RequestFailure.Refused(TestDevice.Setting, DataAccessResult.ReadWriteDenied), talk.Set(TestDevice.Setting, Hex("1101")).Failure);
        Assert.Equal(served ? null : new RequestFailure.Refused(TestDevice.Setting, DataAccessResult.ReadWriteDenied), talk.Get(TestDevice.Setting).Failure);
        Assert.Equal(served ? null : new RequestFailure.MethodRefused(TestDevice.Echo, ActionResult.ReadWriteDenied), talk.Invoke(TestDevice.Echo, Hex("1101")).Failure);
        Assert.Equal(served ? 3 : 0, talk.Device.Asked.Count);
        Assert.True(talk.Get(TestDevice.Name).Succeeded); // it demands nothing
    }

    [Theory]
    [InlineData(AccessMode.AuthenticatedResponse, Encrypted, Both)]
    [InlineData(AccessMode.EncryptedResponse, Authenticated, Both)]
    [InlineData(AccessMode.SignedResponse, Authenticated, Authenticated | Signed)]
    [Shows("rights.attribute", "rights.method")]
    public void An_attribute_or_method_that_demands_a_better_response_gets_it_also_in_blocks_and_lists(AccessMode demanded, Protection given, Protection expected)
    {
        using var talk = new Dialogue(
            SuiteDialogues.Options(SecuritySuite.Suite1, AuthenticationMechanism.HighLevelGmac, given) with { MaxReceivePdu = 400 },
            SuiteDialogues.Spec(SecuritySuite.Suite1, AuthenticationMechanism.HighLevelGmac, SecurityPolicy.Both(given)));
        talk.Device.AttributeRights[TestDevice.Profile] = Access | demanded;
        talk.Device.MethodRights[TestDevice.Echo] = AccessMode.Invoke | demanded;
        talk.Device.Rows = 200;
        talk.Associated();

        Assert.True(talk.Get(TestDevice.Profile).Succeeded);
        Assert.True(talk.Invoke(TestDevice.Echo, Hex("1101")).Succeeded);
        Assert.All(talk.GetList(TestDevice.Name, TestDevice.Profile), result => Assert.True(result.Succeeded));

        using var cipher = new ApduCipher(SuiteDialogues.Keys(SecuritySuite.Suite1, ofClient: true), Dialogue.ClientTitle, new InMemoryInvocationCounters(5000)) { Peer = Dialogue.ServerTitle };
        Assert.True(talk.Apdus.Count > 10);
        foreach (var response in talk.Apdus.Where((_, i) => i % 2 == 1))
        {
            Assert.Null(cipher.Unprotect(response, new ArrayBufferWriter<byte>(), out var wrapping));
            Assert.Equal(expected, wrapping.Protection);
            Assert.InRange(response.Length, 0, 400);
        }
    }

    [Fact]
    [Shows("broadcast-key.client", "broadcast-key.server")]
    public void What_is_sent_under_the_broadcast_key_is_taken_once_and_counted_apart()
    {
        var counters = new InMemoryInvocationCounters(7);
        using var talk = SuiteDialogues.Between(SecuritySuite.Suite0, AuthenticationMechanism.HighLevelGmac, Both).Associated();
        using var sender = new ApduCipher(SuiteDialogues.Keys(SecuritySuite.Suite0, ofClient: true), Dialogue.ClientTitle, counters);
        foreach (var envelope in Enum.GetValues<Envelope>())
        {
            var before = talk.ServerCounters.ReceiveFloor(KeyRole.GlobalUnicast, Dialogue.ClientTitle);
            var request = new ArrayBufferWriter<byte>();
            Assert.Null(sender.Protect(Hex("C10181 0001 0000800000FF 02 00 1107"), new(Both, KeyChoice.GlobalBroadcast, envelope), request));
            var octets = request.WrittenSpan.ToArray();
            talk.Device.Asked.Clear();
            talk.Server.Handle(octets, request, broadcast: true);
            talk.Server.Handle(octets, request, broadcast: true);

            Assert.Equal(octets.Length, request.WrittenCount); // no answer
            Assert.Single(talk.Device.Asked);
            Assert.Equal(before, talk.ServerCounters.ReceiveFloor(KeyRole.GlobalUnicast, Dialogue.ClientTitle));
        }

        Assert.Equal(10UL, talk.ServerCounters.ReceiveFloor(KeyRole.GlobalBroadcast, Dialogue.ClientTitle));
        Assert.True(counters.TryTakeSend(KeyRole.GlobalUnicast, out var unicast));
        Assert.Equal(7u, unicast);
    }

    [Fact]
    public void A_push_needs_no_association()
    {
        using var meter = new ApduCipher(SuiteDialogues.Keys(SecuritySuite.Suite1, ofClient: false), Dialogue.ServerTitle, new InMemoryInvocationCounters(1)) { Peer = Dialogue.ClientTitle, Random = SuiteDialogues.Random("meter") };
        using var collector = new ApduCipher(SuiteDialogues.Keys(SecuritySuite.Suite1, ofClient: true), Dialogue.ClientTitle, new InMemoryInvocationCounters(1)) { Peer = Dialogue.ServerTitle, Random = SuiteDialogues.Random("collector") };
        var notification = Hex("0F 00000001 00 0202 1101 1102");
        foreach (var wrapping in (Wrapping[])[new(Both), new(Encrypted), new(Both, KeyChoice.OnePass), new(Both | Signed, KeyChoice.StaticUnified), new(Signed)])
        {
            var (sent, taken) = (new ArrayBufferWriter<byte>(), new ArrayBufferWriter<byte>());
            Assert.Null(meter.Protect(notification, wrapping, sent));
            Assert.Null(collector.Unprotect(sent.WrittenSpan, taken, out var seen));
            Assert.Equal(notification, taken.WrittenSpan.ToArray());
            Assert.Equal(wrapping.Protection, seen.Protection);
            Assert.Equal(SecurityFault.Replayed, collector.Unprotect(sent.WrittenSpan, taken, out _));
        }
    }

    [Fact]
    [Shows("counter.durable")]
    public void An_apdu_whose_counter_can_not_be_stored_is_not_accepted()
    {
        var counters = new ForgetfulCounters();
        using var talk = new Dialogue(
            SuiteDialogues.Options(SecuritySuite.Suite0, AuthenticationMechanism.HighLevelGmac, Both), SuiteDialogues.Spec(SecuritySuite.Suite0, AuthenticationMechanism.HighLevelGmac, SecurityPolicy.Both(Both)), serverCounters: counters).Associated();
        counters.IsFull = true;

        Assert.Equal(new RequestFailure.Exception(new(ExceptionState.ServiceNotAllowed, ExceptionService.OtherReason)), talk.Set(TestDevice.Setting, Hex("1101")).Failure);
        Assert.Empty(talk.Device.Asked);
        counters.IsFull = false;
        Assert.True(talk.Set(TestDevice.Setting, Hex("1101")).Succeeded);
    }

    private static Protection[] Protections(SecuritySuite suite) =>
        [Nothing, Authenticated, Encrypted, Both, .. suite.HasPublicKeys() ? (Protection[])[Signed, Signed | Both] : []];

    private sealed class ForgetfulCounters : IInvocationCounters
    {
        private readonly InMemoryInvocationCounters _inner = new(200);

        public bool IsFull { get; set; }

        public bool TryTakeSend(KeyRole key, out uint counter) => _inner.TryTakeSend(key, out counter);

        public void RaiseSend(KeyRole key, uint next) => _inner.RaiseSend(key, next);

        public ulong ReceiveFloor(KeyRole key, SystemTitle originator) => _inner.ReceiveFloor(key, originator);

        public bool Accept(KeyRole key, SystemTitle originator, uint counter) => !IsFull && _inner.Accept(key, originator, counter);
    }
}
