using Gridtally.Cosem.Acse;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Quirks;
using Gridtally.Cosem.Security;
using Gridtally.Cosem.Server;

namespace Gridtally.Cosem.Client;

/// <summary>What a client asks of an association. Secrets are never shown.</summary>
public sealed record AssociationOptions
{
    /// <summary>The PDU size that fits every link that we drive: wrapper length is 16 bits.</summary>
    public const ushort DefaultMaxReceivePdu = 0xFFFF;

    /// <summary>How the parties prove who they are: none, LLS or HLS-5 (GMAC).</summary>
    public AuthenticationMechanism Mechanism { get; init; } = AuthenticationMechanism.None;

    /// <summary>Password for LLS.</summary>
    public ReadOnlyMemory<byte> Password { get; init; }

    /// <summary>Keys for HLS-5 and for ciphering.</summary>
    public SecurityKeys? Keys { get; init; }

    /// <summary>Protection of each request, and the least that is accepted of each response. Any but None means a ciphered context.</summary>
    public Protection Protection { get; init; } = Protection.None;

    /// <summary>Own system title; needed where <see cref="Keys"/> are.</summary>
    public SystemTitle SystemTitle { get; init; }

    /// <summary>The server's title, where its AARE does not carry it; a title in the AARE must be this one.</summary>
    public SystemTitle? ServerSystemTitle { get; init; }

    /// <summary>A fresh random key of 16 octets for this association alone; empty for none.</summary>
    public ReadOnlyMemory<byte> DedicatedKey { get; init; }

    /// <summary>CtoS for HLS: 8 to 64 fresh random octets.</summary>
    public ReadOnlyMemory<byte> Challenge { get; init; }

    /// <summary>True to propose general-protection, and to send general-glo- and general-ded-ciphering instead of the glo-* and ded-* tags.</summary>
    public bool UseGeneralCiphering { get; init; }

    /// <summary>Services to propose; the server grants a part.</summary>
    public Conformance ProposedConformance { get; init; } = Conformance.Supported;

    /// <summary>Octets of the largest APDU that the client takes; 0 for no limit.</summary>
    public ushort MaxReceivePdu { get; init; } = DefaultMaxReceivePdu;

    /// <summary>General blocks that the client takes in one stream, 1 to 63. Used where <see cref="Conformance.GeneralBlockTransfer"/> is proposed and granted.</summary>
    public byte GeneralBlockWindow { get; init; } = AssociationSpec.DefaultGeneralBlockWindow;

    /// <summary>How the server deviates from the standard; strictly by it where not given.</summary>
    public QuirkProfile Quirks { get; init; } = QuirkProfile.Strict;

    /// <summary>User id for servers with an association user list; null for none.</summary>
    public byte? UserId { get; init; }

    /// <summary>True where a ciphered context is proposed.</summary>
    public bool IsCiphered => Protection != Protection.None;

    /// <summary>Checks that all that the mechanism and protection need is there.</summary>
    /// <exception cref="ArgumentException">Something is missing or has the wrong length; the message says what.</exception>
    public void Validate()
    {
        Require(Mechanism is AuthenticationMechanism.None or AuthenticationMechanism.LowLevel or AuthenticationMechanism.HighLevelGmac,
            $"Authentication mechanism {Mechanism} is not supported; expected none, LLS or HLS-5 (GMAC).");
        Require((Protection & ~Protection.AuthenticatedEncrypted) == 0, "Protection has bits that suite 0 does not know.");
        var hls = Mechanism == AuthenticationMechanism.HighLevelGmac;
        Require(Keys is not null || !(hls || IsCiphered), "HLS-5 and ciphering need keys.");
        Require(SystemTitle != default || !(hls || IsCiphered), "HLS-5 and ciphering need an own system title.");
        Require(!hls || Challenge.Length is >= 8 and <= 64, "HLS-5 needs a challenge of 8 to 64 octets.");
        Require(Mechanism != AuthenticationMechanism.LowLevel || !Password.IsEmpty, "LLS needs a password.");
        Require(DedicatedKey.Length is 0 or SecurityKeys.KeySize, $"A dedicated key has {SecurityKeys.KeySize} octets.");
        Require(DedicatedKey.IsEmpty || IsCiphered, "A dedicated key needs a protection level: it must not travel in the clear.");
        Require(GeneralBlockWindow is >= 1 and <= GeneralBlock.MaxWindow, $"The window of general blocks must be 1 to {GeneralBlock.MaxWindow}, not {GeneralBlockWindow}.");
        Require(MaxReceivePdu is 0 or >= 12, "The largest APDU must have 12 octets or more, or 0 for no limit.");
    }

    /// <summary>Mechanism and protection, no secrets.</summary>
    public override string ToString() => $"{Mechanism}, {Protection}{(DedicatedKey.IsEmpty ? "" : ", dedicated key")}";

    private static void Require(bool condition, string message)
    {
        if (!condition) throw new ArgumentException(message);
    }
}
