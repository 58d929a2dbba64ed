using System.Buffers;
using System.Buffers.Binary;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Client;
using Gridtally.Cosem.Security;
using Gridtally.Cosem.Server;
using static Gridtally.Testing.Bytes;

namespace Gridtally.Cosem.Tests.Associations;

/// <summary>What other people's stacks do, and what one that means ill could do.</summary>
public sealed class PeerTests
{
    private static readonly byte[] BroadcastKey = Hex("0F0E0D0C0B0A09080706050403020100");

    [Fact]
    public void Both_keys_draw_from_one_counter_that_never_goes_back()
    {
        using var talk = Dialogue.Ciphered(dedicated: true);
        talk.Open();
        talk.Get(TestDevice.Name);
        talk.Release();

        // AARQ 100, proof 101, pass 3 102; a server with one floor for all keys would refuse ded-get-request 0.
        Assert.Equal([103u, 203u], talk.Apdus[4..6].Select(apdu => BinaryPrimitives.ReadUInt32BigEndian(apdu.AsSpan(3))));
        Assert.Equal(105UL, NextOf(talk.ClientCounters));
    }

    [Fact]
    public void A_dedicated_key_used_a_second_time_meets_no_counter_twice()
    {
        using var talk = Dialogue.Ciphered(dedicated: true);
        var seen = new HashSet<uint>();
        for (var association = 0; association < 2; association++)
        {
            talk.Client.Reset();
            talk.Associated();
            for (var i = 0; i < 5; i++) talk.Get(TestDevice.Name);
            Assert.All(talk.Apdus.Where((_, i) => i % 2 == 1), apdu => Assert.True(seen.Add(BinaryPrimitives.ReadUInt32BigEndian(apdu.AsSpan(3)))));
        }
    }

    [Theory]
    [InlineData("C502C1 00000001")]
    [InlineData("C502C1 00000001 00")] // a Gurux server acknowledges so
    public void An_acknowledged_block_may_end_in_success(string acknowledged)
    {
        Assert.True(SetResponse.TryRead(Hex(acknowledged), out var response, out _));
        Assert.Equal((SetResponseKind.Datablock, 1u), (response.Kind, response.BlockNumber));
    }

    [Theory]
    [InlineData("C502C1 00000001 01")]
    [InlineData("C502C1 00000001 0000")]
    public void An_acknowledged_block_ends_in_nothing_else(string acknowledged) => Assert.False(SetResponse.TryRead(Hex(acknowledged), out _, out _));

    [Fact]
    public void General_protection_is_proposed_where_something_needs_it_and_granted_in_a_ciphered_context()
    {
        var spec = Dialogue.Spec(Protection.AuthenticatedEncrypted);
        using var general = new Dialogue(Dialogue.Options(Protection.AuthenticatedEncrypted, general: true), spec).Associated();
        using var access = new Dialogue(Dialogue.Options(Protection.AuthenticatedEncrypted), spec).Associated();
        using var service = new Dialogue(Dialogue.Options(Protection.AuthenticatedEncrypted) with { ProposedConformance = Conformance.Supported & ~Conformance.Access }, spec).Associated();
        using var plain = new Dialogue(new() { ProposedConformance = (Conformance)0xFFFFFF }, new() { Conformance = (Conformance)0xFFFFFF }).Associated();

        Assert.True(general.Client.NegotiatedConformance.HasFlag(Conformance.GeneralProtection));
        Assert.True(general.Get(TestDevice.Name).Succeeded);
        Assert.True(access.Client.NegotiatedConformance.HasFlag(Conformance.GeneralProtection)); // there is no glo-access-request
        Assert.False(service.Client.NegotiatedConformance.HasFlag(Conformance.GeneralProtection));
        Assert.False(plain.Client.NegotiatedConformance.HasFlag(Conformance.GeneralProtection));
    }

    [Fact]
    public void A_response_under_the_broadcast_key_is_not_believed()
    {
        using var withBroadcast = new SecurityKeys(Dialogue.Keys.Encryption, Dialogue.Keys.Authentication, BroadcastKey);
        using var talk = new Dialogue(Dialogue.Options(Protection.AuthenticatedEncrypted) with { Keys = withBroadcast }, Dialogue.Spec(Protection.AuthenticatedEncrypted)).Associated();
        talk.OnTheWay = _ => Protected(ApduTag.GloGetResponse, BroadcastKey, 0x70, Dialogue.ServerTitle, counter: 7, Hex("C401C1 00 06 00000000"));

        Assert.Equal(new RequestFailure.Security(SecurityFault.UnsupportedSuite), talk.Get(TestDevice.Name).Failure);
    }

    [Fact]
    public void The_broadcast_key_does_not_open_an_association()
    {
        using var withBroadcast = new SecurityKeys(Dialogue.Keys.Encryption, Dialogue.Keys.Authentication, BroadcastKey);
        using var talk = new Dialogue(Dialogue.Options(Protection.AuthenticatedEncrypted), Dialogue.Spec(Protection.AuthenticatedEncrypted) with { Keys = withBroadcast });
        var aarq = new ArrayBufferWriter<byte>();
        talk.Client.Open(aarq);
        var octets = aarq.WrittenSpan.ToArray();
        var start = octets.AsSpan().IndexOf<byte>([(byte)ApduTag.GloInitiateRequest, 0x1F, 0x30]);
        Protected(ApduTag.GloInitiateRequest, BroadcastKey, 0x70, Dialogue.ClientTitle, counter: 7, Hex("01000000065F1F0400001E1D FFFF")).CopyTo(octets, start);

        talk.Ask(octets);
        Assert.Equal(ServerAssociationState.Idle, talk.Server.State);
        Assert.Equal(0UL, talk.ServerCounters.ReceiveFloor(KeyRole.GlobalBroadcast, Dialogue.ClientTitle));
    }

    [Fact]
    public void A_list_of_long_profiles_is_cut_where_no_client_would_go_on_reassembling()
    {
        using var talk = Dialogue.Plain().Associated();
        talk.Device.Rows = Limits.MaxReassembly / 5 / 2;
        byte[] head = Hex("C003C1 04"), item = Hex("0007 0100630100FF 02 00");

        talk.Ask([.. head, .. item, .. item, .. item, .. item]);
        Assert.Equal(2, talk.Device.Asked.Count);
    }

    private static byte[] Protected(ApduTag tag, byte[] key, byte control, SystemTitle originator, uint counter, byte[] apdu)
    {
        using var gcm = new GcmKey(key, Dialogue.Keys.Authentication);
        var (content, mac) = (new byte[apdu.Length], new byte[CipheredApdu.TagSize]);
        gcm.Protect(new(control), originator, counter, apdu, content, mac);
        return [(byte)tag, (byte)(5 + apdu.Length + mac.Length), control, 0, 0, (byte)(counter >> 8), (byte)counter, .. content, .. mac];
    }

    private static ulong NextOf(IInvocationCounters counters) => counters.TryTakeSend(KeyRole.GlobalUnicast, out var next) ? next : 0;
}
