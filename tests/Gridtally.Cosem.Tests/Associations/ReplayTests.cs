using System.Buffers;
using Gridtally.Cosem.Client;
using Gridtally.Cosem.Security;
using Gridtally.Cosem.Server;
using static Gridtally.Testing.Bytes;

namespace Gridtally.Cosem.Tests.Associations;

/// <summary>Recorded, changed and exhausted: what the ciphering is for.</summary>
public sealed class ReplayTests
{
    [Fact]
    public void A_recorded_request_is_refused_with_the_counter_that_is_expected()
    {
        using var talk = Dialogue.Ciphered().Associated();
        talk.Set(TestDevice.Setting, Hex("11 01"));
        var recorded = talk.Apdus[0];

        // AARQ 100, proof 101, pass 3 102, SET 103: 104 (0x68) is next.
        Assert.Equal("D8010600000068", Convert.ToHexString(talk.Ask(recorded)));
        Assert.Single(talk.Device.Asked);
        Assert.Equal([AssociationIncident.Replay], talk.Incidents);
        Assert.True(talk.Get(TestDevice.Name).Succeeded);
    }

    [Fact]
    public void A_recorded_aarq_is_refused_with_the_counter_that_is_expected()
    {
        using var talk = Dialogue.Ciphered();
        talk.Open();

        Assert.Equal("D8010600000067", Convert.ToHexString(talk.Ask(talk.Apdus[0])));
        Assert.Equal(ServerAssociationState.Idle, talk.Server.State);
    }

    [Fact]
    public void A_client_whose_counter_is_behind_learns_the_expected_one_and_goes_on_from_there()
    {
        var serverCounters = new InMemoryInvocationCounters(200);
        serverCounters.Accept(KeyRole.GlobalUnicast, Dialogue.ClientTitle, 5000);
        using var talk = new Dialogue(Dialogue.Options(Protection.AuthenticatedEncrypted), Dialogue.Spec(Protection.AuthenticatedEncrypted), serverCounters: serverCounters);

        Assert.Equal(ClientStep.Failed, talk.Open());
        var expected = Assert.IsType<AssociationFailure.Exception>(talk.Client.Failure).Response.ExpectedCounter;
        Assert.Equal(5001u, expected);
        talk.ClientCounters.RaiseSend(KeyRole.GlobalUnicast, expected!.Value);
        Assert.Equal(ClientStep.Associated, talk.Open());
    }

    [Fact]
    public void A_recorded_response_is_refused_by_the_client()
    {
        using var talk = Dialogue.Ciphered().Associated();
        talk.Get(TestDevice.Name);
        var recorded = talk.Apdus[1];
        talk.OnTheWay = _ => recorded;

        Assert.Equal(new RequestFailure.Security(SecurityFault.Replayed), talk.Get(TestDevice.Setting).Failure);
    }

    [Fact]
    public void A_recorded_request_of_an_earlier_association_with_a_dedicated_key_is_refused()
    {
        using var talk = Dialogue.Ciphered(dedicated: true).Associated();
        talk.Set(TestDevice.Setting, Hex("11 01"));

        Assert.StartsWith("D80106", Convert.ToHexString(talk.Ask(talk.Apdus[0])), StringComparison.Ordinal);
        Assert.Single(talk.Device.Asked);
    }

    [Theory]
    [InlineData(Protection.Authenticated, false, false)]
    [InlineData(Protection.AuthenticatedEncrypted, false, false)]
    [InlineData(Protection.AuthenticatedEncrypted, true, false)]
    [InlineData(Protection.AuthenticatedEncrypted, false, true)]
    [InlineData(Protection.AuthenticatedEncrypted, true, true)]
    public void No_changed_bit_of_an_authenticated_request_gets_through(Protection protection, bool dedicated, bool general)
    {
        using var talk = Dialogue.Ciphered(protection, dedicated, general).Associated();
        var request = new ArrayBufferWriter<byte>();
        talk.Client.Set(TestDevice.Setting, Hex("12 1234"), request);
        var octets = request.WrittenSpan.ToArray();
        for (var bit = 0; bit < octets.Length * 8; bit++)
        {
            var changed = (byte[])octets.Clone();
            changed[bit / 8] ^= (byte)(1 << (bit % 8));

            Assert.Equal(0xD8, talk.Ask(changed)[0]);
        }

        Assert.Empty(talk.Device.Asked);
        Assert.NotEqual(0xD8, talk.Ask(octets)[0]); // the true one is still good
        Assert.Single(talk.Device.Asked);
    }

    [Fact]
    public void No_changed_bit_of_an_authenticated_response_gets_through()
    {
        using var talk = Dialogue.Ciphered().Associated();
        talk.Get(TestDevice.Name);
        var bits = talk.Apdus[1].Length * 8;
        for (var bit = 0; bit < bits; bit++)
        {
            talk.OnTheWay = apdu =>
            {
                apdu[bit / 8] ^= (byte)(1 << (bit % 8));
                return apdu;
            };
            Assert.False(talk.Get(TestDevice.Name).Succeeded, $"bit {bit}");
        }
    }

    [Fact]
    public void Requests_cut_short_anywhere_are_refused()
    {
        using var talk = Dialogue.Ciphered().Associated();
        var request = new ArrayBufferWriter<byte>();
        talk.Client.Get(TestDevice.Name, null, request);
        for (var length = 1; length < request.WrittenCount; length++) Assert.Equal(0xD8, talk.Ask(request.WrittenSpan[..length].ToArray())[0]);
        Assert.Empty(talk.Device.Asked);
    }

    [Fact]
    public void A_forged_request_without_a_tag_does_not_move_the_counter()
    {
        using var talk = Dialogue.Ciphered(Protection.Encrypted).Associated();
        var floor = talk.ServerCounters.ReceiveFloor(KeyRole.GlobalUnicast, Dialogue.ClientTitle);

        // encrypted only, counter FFFFFFFF, octets at random: deciphers to no APDU
        Assert.Equal("D80105", Convert.ToHexString(talk.Ask(Hex("C8 12 20 FFFFFFFF 411312FF935A47566827C467BC"))));
        Assert.Equal(floor, talk.ServerCounters.ReceiveFloor(KeyRole.GlobalUnicast, Dialogue.ClientTitle));
    }

    [Fact]
    public void A_plain_request_in_a_ciphered_association_is_refused()
    {
        using var talk = Dialogue.Ciphered().Associated();

        Assert.Equal("D80101", Convert.ToHexString(talk.Ask(Hex("C001C1 0001 00002A0000FF 02 00"))));
        Assert.Empty(talk.Device.Asked);
    }

    [Fact]
    public void A_plain_response_in_a_ciphered_association_is_refused()
    {
        using var talk = Dialogue.Ciphered().Associated();
        talk.OnTheWay = _ => Hex("C401C1 00 0600001391");

        Assert.Equal(new RequestFailure.Security(SecurityFault.ProtectionTooWeak), talk.Get(TestDevice.Name).Failure);
    }

    [Theory]
    [InlineData(0x31)] // suite 1
    [InlineData(0xB0)] // compressed
    [InlineData(0x70)] // broadcast key, of which there is none
    [InlineData(0x00)] // not protected at all
    public void Another_suite_or_key_set_is_refused(byte control)
    {
        using var talk = Dialogue.Ciphered().Associated();
        var request = new ArrayBufferWriter<byte>();
        talk.Client.Get(TestDevice.Name, null, request);
        var octets = request.WrittenSpan.ToArray();
        octets[2] = control;

        Assert.Equal(0xD8, talk.Ask(octets)[0]);
        Assert.Empty(talk.Device.Asked);
    }

    [Fact]
    public void An_exhausted_counter_says_that_the_key_must_be_renewed()
    {
        // AARQ, proof, pass 3 and one GET use the last four values.
        var counters = new InMemoryInvocationCounters(0xFFFF_FFFC);
        using var talk = new Dialogue(Dialogue.Options(Protection.AuthenticatedEncrypted), Dialogue.Spec(Protection.AuthenticatedEncrypted), counters).Associated();

        Assert.True(talk.Get(TestDevice.Name).Succeeded);
        var failure = talk.Get(TestDevice.Name).Failure;
        Assert.Equal(new RequestFailure.Security(SecurityFault.CounterExhausted), failure);
        Assert.Contains("renew the key", failure!.ToString(), StringComparison.Ordinal);
        Assert.Equal(ClientStep.Failed, talk.Release());
        Assert.Equal(ClientStep.Failed, talk.Open());
        Assert.Equal(new AssociationFailure.Security(SecurityFault.CounterExhausted), talk.Client.Failure);
    }

    [Fact]
    public void A_server_whose_counter_is_exhausted_answers_in_the_clear_that_it_can_not()
    {
        using var talk = new Dialogue(Dialogue.Options(Protection.AuthenticatedEncrypted), Dialogue.Spec(Protection.AuthenticatedEncrypted), serverCounters: new InMemoryInvocationCounters(0xFFFF_FFFD)).Associated();

        Assert.IsType<RequestFailure.Exception>(talk.Get(TestDevice.Name).Failure);
    }

    [Fact]
    public void A_server_that_can_not_prove_itself_any_more_is_no_authentication_failure_of_the_client()
    {
        using var talk = new Dialogue(Dialogue.Options(Protection.None), Dialogue.Spec(Protection.None), serverCounters: Exhausted());

        Assert.Equal(ClientStep.Failed, talk.Open());
        Assert.Contains("OtherReason", talk.Client.Failure!.ToString(), StringComparison.Ordinal);
        Assert.Empty(talk.Incidents);
        Assert.Equal(ServerAssociationState.Idle, talk.Server.State);
    }

    private static InMemoryInvocationCounters Exhausted()
    {
        var counters = new InMemoryInvocationCounters(uint.MaxValue);
        Assert.True(counters.TryTakeSend(KeyRole.GlobalUnicast, out _));
        return counters;
    }

    [Fact]
    public void A_request_under_the_broadcast_key_is_served_once_and_has_a_counter_of_its_own()
    {
        var broadcastKey = Hex("0F0E0D0C0B0A09080706050403020100");
        using var withBroadcast = new SecurityKeys(Dialogue.Keys.Encryption, Dialogue.Keys.Authentication, broadcastKey);
        using var talk = new Dialogue(Dialogue.Options(Protection.AuthenticatedEncrypted), Dialogue.Spec(Protection.AuthenticatedEncrypted) with { Keys = withBroadcast }).Associated();
        var floor = talk.ServerCounters.ReceiveFloor(KeyRole.GlobalUnicast, Dialogue.ClientTitle);
        var request = Broadcast(broadcastKey, counter: 7, Hex("C101C1 0001 0000800000FF 02 00 1107"));

        Assert.NotEqual(0xD8, talk.Ask(request)[0]);
        Assert.Equal(0xD8, talk.Ask(request)[0]);
        Assert.Single(talk.Device.Asked);
        Assert.Equal(8UL, talk.ServerCounters.ReceiveFloor(KeyRole.GlobalBroadcast, Dialogue.ClientTitle));
        Assert.Equal(floor, talk.ServerCounters.ReceiveFloor(KeyRole.GlobalUnicast, Dialogue.ClientTitle));
    }

    private static byte[] Broadcast(byte[] key, uint counter, byte[] apdu)
    {
        using var gcm = new GcmKey(key, Dialogue.Keys.Authentication);
        var (content, tag) = (new byte[apdu.Length], new byte[CipheredApdu.TagSize]);
        gcm.Protect(new(0x70), Dialogue.ClientTitle, counter, apdu, content, tag);
        return [0xC9, (byte)(5 + apdu.Length + tag.Length), 0x70, 0, 0, 0, (byte)counter, .. content, .. tag];
    }
}
