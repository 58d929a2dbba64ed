using System.Buffers;
using Gridtally.Cosem.Acse;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Client;
using Gridtally.Cosem.Security;
using Gridtally.Cosem.Server;

namespace Gridtally.Fuzz;

/// <summary>A dialogue of APDUs with one end of an association. What the set-up octet chooses is the same for both ends.</summary>
internal abstract class AssociationTarget : Target
{
    private static readonly byte[] Challenge = "CtoSCtoS"u8.ToArray(), Answer = "StoCStoC"u8.ToArray();

    private static readonly byte[] DedicatedKey = Convert.FromHexString("00112233445566778899AABBCCDDEEFF");

    private readonly ArrayBufferWriter<byte> _protected = new();

    public override bool IsDialogue => true;

    public override int MaxInput => 4096;

    protected static AssociationOptions Options(byte setUp)
    {
        AssociationOptions options = new() { MaxReceivePdu = MaxPdu(setUp), ProposedConformance = AllServices(setUp), GeneralBlockWindow = Window(setUp) };
        return (setUp & 3) switch
        {
            0 => options,
            1 => options with { Mechanism = AuthenticationMechanism.LowLevel, Password = "12345678"u8.ToArray() },
            2 => Ciphered(options, setUp),
            _ => Ciphered(options, setUp) with { Mechanism = AuthenticationMechanism.HighLevelGmac, Challenge = Challenge },
        };
    }

    protected static AssociationSpec Spec(byte setUp)
    {
        AssociationSpec spec = new() { MaxPdu = MaxPdu(setUp), Conformance = AllServices(setUp), GeneralBlockWindow = Window(setUp), MaxSetOctets = 4096 };
        return (setUp & 3) switch
        {
            0 => spec,
            1 => spec with { Mechanism = AuthenticationMechanism.LowLevel, Password = "12345678"u8.ToArray() },
            2 => Ciphered(spec),
            _ => Ciphered(spec) with { Mechanism = AuthenticationMechanism.HighLevelGmac, Challenge = static () => Answer },
        };
    }

    /// <summary>The least and the largest PDU, and two between.</summary>
    protected static ushort MaxPdu(byte setUp) => (setUp >> 2 & 3) switch { 0 => 1024, 1 => AssociationSpec.MinPdu, 2 => 200, _ => 0xFFFF };

    /// <summary>A plain APDU as the true partner would protect it.</summary>
    protected ReadOnlySpan<byte> Protect(ApduCipher cipher, byte setUp, ReadOnlySpan<byte> apdu)
    {
        if (apdu.IsEmpty || (setUp & 3) < 2) return apdu;
        _protected.ResetWrittenCount();
        var wrapping = new Wrapping(Protection.AuthenticatedEncrypted, (setUp & 0x20) != 0 ? KeyChoice.Dedicated : KeyChoice.GlobalUnicast, (setUp & 0x10) != 0 ? Envelope.General : Envelope.Service);
        return cipher.Protect(apdu, wrapping, _protected) is null ? _protected.WrittenSpan : apdu;
    }

    /// <summary>The partner's cipher, its counters far ahead of what the opening of an association takes.</summary>
    protected static ApduCipher Partner(byte setUp, SystemTitle own, SystemTitle peer)
    {
        var cipher = new ApduCipher(Peers.Keys, own, new InMemoryInvocationCounters(1000)) { Peer = peer };
        if ((setUp & 0x20) != 0) cipher.UseDedicatedKey(DedicatedKey);
        return cipher;
    }

    /// <summary>Lets two true ends set up their association, so that what follows meets one that is open.</summary>
    protected static void Open(ClientAssociation client, ServerAssociation server)
    {
        var (up, down) = (new ArrayBufferWriter<byte>(256), new ArrayBufferWriter<byte>(256));
        var step = client.Open(up);
        while (step == ClientStep.Send)
        {
            down.ResetWrittenCount();
            server.Handle(up.WrittenSpan, down);
            up.ResetWrittenCount();
            step = client.Receive(down.WrittenSpan, up);
        }

        Require(step == ClientStep.Associated, $"two true ends come together, not to {step} ({client.Failure})");
    }

    // Bit 7: general block transfer, with windows of one, or of three where PDUs are not the usual ones.
    private static Conformance AllServices(byte setUp) =>
        Conformance.Supported | Conformance.GeneralProtection | ((setUp & 0x80) != 0 ? Conformance.GeneralBlockTransfer : Conformance.None);

    private static byte Window(byte setUp) => (setUp & 0x0C) == 0 ? (byte)1 : (byte)3;

    private static AssociationOptions Ciphered(AssociationOptions options, byte setUp) => options with
    {
        Keys = Peers.Keys,
        Protection = Protection.AuthenticatedEncrypted,
        SystemTitle = Peers.Client,
        UseGeneralCiphering = (setUp & 0x10) != 0,
        DedicatedKey = (setUp & 0x20) != 0 ? DedicatedKey : default,
    };

    private static AssociationSpec Ciphered(AssociationSpec spec) => spec with { Keys = Peers.Keys, RequiredProtection = Protection.AuthenticatedEncrypted, SystemTitle = Peers.Server };

    /// <summary>Each set-up that is worth a seed.</summary>
    protected static byte[] SetUps => [0x00, 0x04, 0x01, 0x02, 0x16, 0x22, 0x03, 0x1F, 0x40, 0x46, 0x80, 0x84, 0x96];
}
