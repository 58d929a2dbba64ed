using System.Buffers;
using Gridtally.Cosem.Acse;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Client;
using Gridtally.Cosem.Security;
using static Gridtally.Testing.Bytes;

namespace Gridtally.Cosem.Tests.Associations;

/// <summary>A partner that has the keys, and yet sends what makes no sense: protected as it may be, in any order, with small APDUs and with blocks.</summary>
public sealed class InsiderTests
{
    private const SecuritySuite Suite = SecuritySuite.Suite1;
    private const Conformance Whole = SuiteDialogues.Everything | Conformance.Access | Conformance.DataNotification, InBlocks = Whole | Conformance.GeneralBlockTransfer;

    private static readonly (Protection Protection, KeyChoice Key, Envelope Envelope)[] Wrappings =
    [
        (Protection.None, KeyChoice.GlobalUnicast, Envelope.Service),
        (Protection.Encrypted, KeyChoice.GlobalUnicast, Envelope.Service),
        (Protection.AuthenticatedEncrypted, KeyChoice.GlobalUnicast, Envelope.General),
        (Protection.AuthenticatedEncrypted, KeyChoice.GlobalUnicast, Envelope.GeneralCiphering),
        (Protection.AuthenticatedEncrypted, KeyChoice.GlobalBroadcast, Envelope.General),
        (Protection.AuthenticatedEncrypted, KeyChoice.Wrapped, Envelope.GeneralCiphering),
        (Protection.Authenticated | Protection.Signed, KeyChoice.StaticUnified, Envelope.GeneralCiphering),
        (Protection.Signed, KeyChoice.GlobalUnicast, Envelope.Service),
    ];

    [Theory]
    [InlineData(1, 64, InBlocks)]
    [InlineData(2, 150, Whole)]
    [InlineData(3, 64, Whole)]
    [InlineData(4, 0xFFFF, InBlocks)]
    public void Whatever_a_client_with_keys_sends_the_server_goes_on(int seed, ushort maxPdu, Conformance granted)
    {
        using var talk = Between(maxPdu, granted);
        using var cipher = Cipher(ofClient: true);
        var random = new Random(seed);
        var apdus = new RandomApdus(seed);
        for (var round = 0; round < 12; round++)
        {
            foreach (var plain in apdus.All())
            {
                Redirect(plain, random);
                foreach (var octets in Sent(cipher, plain, random)) talk.Ask(octets);
            }
        }

        talk.Client.Reset();
        talk.Server.Reset();
        talk.ClientCounters.RaiseSend(KeyRole.GlobalUnicast, 1_000_000);
        Assert.NotEmpty(talk.Device.Asked);
        Assert.Equal(ClientStep.Associated, talk.Open());
    }

    [Theory]
    [InlineData(5, 64, InBlocks)]
    [InlineData(6, 150, Whole)]
    public void Whatever_a_server_with_keys_sends_the_client_comes_to_a_step(int seed, ushort maxPdu, Conformance granted)
    {
        using var talk = Between(maxPdu, granted);
        using var cipher = Cipher(ofClient: false);
        var random = new Random(seed);
        var apdus = new RandomApdus(seed);
        var output = new ArrayBufferWriter<byte>();
        for (var round = 0; round < 12; round++)
        {
            foreach (var plain in apdus.All())
            {
                if (talk.Client.State == ClientState.Ready) Begin(talk.Client, random, output);
                output.ResetWrittenCount();
                if (plain.Length > 2 && random.Next(4) > 0) plain[2] = 0xC2;
                foreach (var octets in Sent(cipher, plain, random)) Assert.True(Enum.IsDefined(talk.Client.Receive(octets, output)));
            }
        }
    }

    private static Dialogue Between(ushort maxPdu, Conformance granted)
    {
        var talk = new Dialogue(
            SuiteDialogues.Options(Suite, AuthenticationMechanism.HighLevelGmac, Protection.AuthenticatedEncrypted) with { MaxReceivePdu = maxPdu, ProposedConformance = granted, ResponseProtection = Protection.None },
            SuiteDialogues.Spec(Suite, AuthenticationMechanism.HighLevelGmac, SecurityPolicy.None) with { Conformance = granted, MaxPdu = maxPdu }).Associated();
        talk.Device.Rows = 300;
        return talk;
    }

    private static ApduCipher Cipher(bool ofClient) =>
        new(SuiteDialogues.Keys(Suite, ofClient), ofClient ? Dialogue.ClientTitle : Dialogue.ServerTitle, new InMemoryInvocationCounters(100_000))
        {
            Peer = ofClient ? Dialogue.ServerTitle : Dialogue.ClientTitle,
            Random = SuiteDialogues.Random("insider draws"),
        };

    private static void Begin(ClientAssociation client, Random random, IBufferWriter<byte> output)
    {
        switch (random.Next(5))
        {
            case 0: client.Get(TestDevice.Profile, null, output); break;
            case 1: client.GetList([TestDevice.Name, TestDevice.Profile], output); break;
            case 2: client.Set(TestDevice.Setting, (byte[])[0x09, 0x81, 0xC8, .. new byte[200]], output); break;
            case 3: client.Invoke(TestDevice.Echo, Hex("09 02 1234"), output); break;
            default: client.Access([AccessItem.Get(TestDevice.Name)], default, output); break;
        }
    }

    /// <summary>Has requests name what there is, continue what was begun, and be confirmed, more often than not.</summary>
    private static void Redirect(byte[] plain, Random random)
    {
        if (plain[0] is not (0xC0 or 0xC1 or 0xC3) || plain.Length < 12) return;
        if (random.Next(4) > 0) plain[2] = 0xC1;
        if (plain[1] is not (1 or 2 or 4) || (plain[0] == 0xC0 && plain[1] == 2) || (plain[0] == 0xC1 && plain[1] == 4)) return;
        var target = new ArrayBufferWriter<byte>();
        if (plain[0] == 0xC3) TestDevice.Echo.WriteTo(target);
        else (random.Next(2) == 0 ? TestDevice.Profile : TestDevice.Setting).WriteTo(target);
        target.WrittenSpan.CopyTo(plain.AsSpan(3));
    }

    private static List<byte[]> Sent(ApduCipher cipher, byte[] plain, Random random)
    {
        var (protection, key, envelope) = Wrappings[random.Next(Wrappings.Length)];
        var output = new ArrayBufferWriter<byte>();
        Assert.Null(cipher.Protect(plain, new(protection, key, envelope), output));
        var octets = output.WrittenSpan.ToArray();
        if (random.Next(3) > 0) return [octets];
        var blocks = new List<byte[]>();
        var size = random.Next(20, 80);
        for (var at = 0; at < octets.Length; at += size)
        {
            var block = new ArrayBufferWriter<byte>();
            new GeneralBlock
            {
                Last = at + size >= octets.Length,
                Streaming = random.Next(2) == 0,
                Window = (byte)random.Next(64),
                Number = (ushort)(1 + (at / size)),
                Acknowledged = (ushort)random.Next(3),
                Data = octets.AsSpan(at, Math.Min(size, octets.Length - at)),
            }.WriteTo(block);
            if (random.Next(10) > 0) blocks.Add(block.WrittenSpan.ToArray());
        }

        return blocks;
    }
}
