using Gridtally.Cosem.Acse;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Quirks;
using Gridtally.Cosem.Security;
using Gridtally.Cosem.Server;
using Gridtally.Cosem.ShortNames;

namespace Gridtally.Cosem.Client;

/// <summary>What a client asks of an association. Secrets are never shown.</summary>
public sealed record AssociationOptions
{
    /// <summary>The PDU size that fits every link that we drive: wrapper length is 16 bits.</summary>
    public const ushort DefaultMaxReceivePdu = 0xFFFF;

    /// <summary>How the parties prove who they are: none, LLS, or HLS with one of the mechanisms 2 to 7.</summary>
    public AuthenticationMechanism Mechanism { get; init; } = AuthenticationMechanism.None;

    /// <summary>Password for LLS; shared secret for HLS 2, 3, 4 and 6.</summary>
    public ReadOnlyMemory<byte> Password { get; init; }

    /// <summary>Keys for HLS-5 and for ciphering; with key pairs (<see cref="SecurityKeys.Elliptic"/>) for HLS-7, signatures and key agreement.</summary>
    public SecurityKeys? Keys { get; init; }

    /// <summary>Protection of each request. Any but None means a ciphered context.</summary>
    public Protection Protection { get; init; } = Protection.None;

    /// <summary>The least protection that is accepted of each response; that of requests where not given.</summary>
    public Protection? ResponseProtection { get; init; }

    /// <summary>Own system title; needed where <see cref="Keys"/> are.</summary>
    public SystemTitle SystemTitle { get; init; }

    /// <summary>The server's title, where its AARE does not carry it; a title in the AARE must be this one.</summary>
    public SystemTitle? ServerSystemTitle { get; init; }

    /// <summary>A fresh random key for this association alone, of 16 octets, 32 in suite 2; empty for none.</summary>
    public ReadOnlyMemory<byte> DedicatedKey { get; init; }

    /// <summary>CtoS for HLS: 8 to 64 fresh random octets, 32 to 64 with ECDSA.</summary>
    public ReadOnlyMemory<byte> Challenge { get; init; }

    /// <summary>
    /// The envelope of requests. Others than glo-* and ded-* propose general-protection; where the server does not grant it, general-glo-
    /// and general-ded-ciphering give way to glo-* and ded-*, and the rest fails.
    /// </summary>
    public Envelope Envelope { get; init; }

    /// <summary>The key of requests: the dedicated one where there is one, unless another is named here.</summary>
    public KeyChoice Key { get; init; }

    /// <summary>True for general-glo- and general-ded-ciphering: another way to set <see cref="Envelope"/>.</summary>
    public bool UseGeneralCiphering
    {
        get => Envelope == Envelope.General;
        init => Envelope = value ? Envelope.General : Envelope.Service;
    }

    /// <summary>Where fresh keys come from: needed with <see cref="KeyChoice.Wrapped"/> and <see cref="KeyChoice.OnePass"/>.</summary>
    public RandomSource? Random { get; init; }

    /// <summary>other-information of general-ciphering and general-signing.</summary>
    public ReadOnlyMemory<byte> OtherInformation { get; init; }

    /// <summary>Own certificate for digital signatures (DER), sent in the AARQ of HLS-7; empty for none.</summary>
    public ReadOnlyMemory<byte> Certificate { get; init; }

    /// <summary>Judges the server's certificate in the AARE of HLS-7; null where its key is among <see cref="Keys"/> and certificates are passed over.</summary>
    public ICertificateTrust? Trust { get; init; }

    /// <summary>Services to propose; the server grants a part.</summary>
    public Conformance ProposedConformance { get; init; } = Conformance.Supported;

    /// <summary>Octets of the largest APDU that the client takes; 0 for no limit.</summary>
    public ushort MaxReceivePdu { get; init; } = DefaultMaxReceivePdu;

    /// <summary>True to address objects by short names, as old meters want it: an application context of its own, and Read and Write instead of GET, SET and ACTION.</summary>
    public bool UseShortNames { get; init; }

    /// <summary>The meter's short names, where they are known; else its object list is to be read first.</summary>
    public ShortNameMap? ShortNames { get; init; }

    /// <summary>Services to propose where <see cref="UseShortNames"/> is set.</summary>
    public Conformance ShortNameConformance { get; init; } = Conformance.SupportedWithShortNames;

    /// <summary>General blocks that the client takes in one stream, 1 to 63. Used where <see cref="Conformance.GeneralBlockTransfer"/> is proposed and granted.</summary>
    public byte GeneralBlockWindow { get; init; } = AssociationSpec.DefaultGeneralBlockWindow;

    /// <summary>How the server deviates from the standard; strictly by it where not given.</summary>
    public QuirkProfile Quirks { get; init; } = QuirkProfile.Strict;

    /// <summary>User id for servers with an association user list; null for none.</summary>
    public byte? UserId { get; init; }

    /// <summary>True where a ciphered context is proposed.</summary>
    public bool IsCiphered => Protection != Protection.None;

    /// <summary>How requests are wrapped once the association is open; the dedicated key comes in there.</summary>
    internal Wrapping Wrapping => new Wrapping(Protection, Key, Envelope).Consistent;

    /// <summary>True where requests, or ACCESS (which has no glo-* and ded-* tags), need an envelope of general-protection.</summary>
    internal bool UsesGeneralProtection => IsCiphered && (Wrapping.Envelope != Envelope.Service || (ProposedConformance & Conformance.Access) != 0);

    /// <summary>Checks that all that the mechanism and protection need is there.</summary>
    /// <exception cref="ArgumentException">Something is missing or has the wrong length; the message says what.</exception>
    public void Validate()
    {
        Require((Protection & ~(Protection.AuthenticatedEncrypted | Protection.Signed)) == 0, "Protection has bits that no suite knows.");
        MechanismRules.Check(Mechanism, Password.Length, Keys, SystemTitle, IsCiphered, Trust);
        Require(!HlsProof.IsHls(Mechanism) || HlsProof.IsChallenge(Mechanism, Challenge.Span), $"HLS needs a challenge of {HlsProof.MinChallengeOf(Mechanism)} to {HlsProof.MaxChallenge} octets.");
        Require(DedicatedKey.IsEmpty || DedicatedKey.Length == (Keys?.Suite ?? default).KeySize(), "A dedicated key has as many octets as the other keys.");
        Require((Protection & Protection.Signed) == 0 || Keys?.Elliptic is { CanSign: true }, "Signing needs an own signing key.");
        Require(!IsCiphered || !Wrapping.HasOwnKey || (Protection & Protection.AuthenticatedEncrypted) != 0, "A key of its own needs authentication or encryption.");
        Require(!IsCiphered || Wrapping.Key is not (KeyChoice.Wrapped or KeyChoice.OnePass) || (Protection & (Protection.Authenticated | Protection.Signed)) != 0, "A wrapped or one-pass key needs authentication or a signature: encrypted only, a recorded APDU could be played back.");
        Require(Key != KeyChoice.Wrapped || (Keys is { Master.IsEmpty: false } && Random is not null), "Wrapped keys need a master key and a source of randomness.");
        Require(Key != KeyChoice.OnePass || (Keys?.Elliptic is { CanSign: true, CanAgree: true, PeerAgreement.IsEmpty: false } && Random is not null), "C(1e,1s) needs own signing and agreement keys, the server's agreement key, and a source of randomness.");
        Require(Key != KeyChoice.StaticUnified || Keys?.Elliptic is { CanAgree: true, PeerAgreement.IsEmpty: false }, "C(0e,2s) needs an own agreement key and the server's.");
        Require(OtherInformation.Length <= GeneralHeader.MaxOtherInformation, $"other-information has at most {GeneralHeader.MaxOtherInformation} octets.");
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
