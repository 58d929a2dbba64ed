using Gridtally.Cosem.Acse;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Security;
using Gridtally.Cosem.ShortNames;

namespace Gridtally.Cosem.Server;

/// <summary>Something that a device wants to log about an association.</summary>
public enum AssociationIncident : byte
{
    /// <summary>A wrong password, or a wrong proof in pass 3 of HLS.</summary>
    AuthenticationFailed,
    /// <summary>An APDU that does not verify or decipher.</summary>
    DecipheringFailed,
    /// <summary>An APDU whose invocation counter was used before.</summary>
    Replay,
}

/// <summary>What a server grants one client (SAP), and what it demands of it.</summary>
public sealed record AssociationSpec
{
    /// <summary>Large enough for a day of a profile in one APDU, small enough for HDLC segmentation in a meter.</summary>
    public const ushort DefaultMaxPdu = 1024;

    /// <summary>Smallest PDU that a party may have: below, ciphering and the head of a datablock leave no room for data.</summary>
    public const int MinPdu = 64;

    /// <summary>Octets of one SET in blocks: activity calendars and special day tables stay far below.</summary>
    public const int DefaultMaxSetOctets = 64 * 1024;

    /// <summary>A round trip for eight blocks: what the line's delay costs is then little beside the blocks, and a lost block costs at most seven others.</summary>
    public const byte DefaultGeneralBlockWindow = 8;

    /// <summary>The client must authenticate so.</summary>
    public AuthenticationMechanism Mechanism { get; init; } = AuthenticationMechanism.None;

    /// <summary>Password for LLS; shared secret for HLS 2, 3, 4 and 6.</summary>
    public ReadOnlyMemory<byte> Password { get; init; }

    /// <summary>Keys for HLS-5 and ciphering; with key pairs (<see cref="SecurityKeys.Elliptic"/>) for HLS-7, signatures and key agreement.</summary>
    public SecurityKeys? Keys { get; init; }

    /// <summary>The security policy: the least protection of requests, and of responses.</summary>
    public SecurityPolicy Policy { get; init; }

    /// <summary>A policy that demands the same of both directions. Reads as what <see cref="Policy"/> demands of requests.</summary>
    public Protection RequiredProtection
    {
        get => Policy.Request;
        init => Policy = SecurityPolicy.Both(value);
    }

    /// <summary>The server's system title; needed where <see cref="Keys"/> are.</summary>
    public SystemTitle SystemTitle { get; init; }

    /// <summary>The client's system title, where it is agreed in advance: an AARQ may then leave it out, but not carry another.</summary>
    public SystemTitle? ClientSystemTitle { get; init; }

    /// <summary>Services that this client may be granted; those that nothing here carries out are left out.</summary>
    public Conformance Conformance { get; init; } = Conformance.Supported;

    /// <summary>The short names of the device's objects; with them, clients may associate by short names too.</summary>
    public ShortNameMap? ShortNames { get; init; }

    /// <summary>Services that a client which uses short names may be granted.</summary>
    public Conformance ShortNameConformance { get; init; } = Conformance.SupportedWithShortNames;

    /// <summary>Octets of the largest APDU that the server takes.</summary>
    public ushort MaxPdu { get; init; } = DefaultMaxPdu;

    /// <summary>Octets that the value of one SET, or the parameter of one ACTION, in blocks may add up to.</summary>
    public int MaxSetOctets { get; init; } = DefaultMaxSetOctets;

    /// <summary>
    /// True to answer SET, ACTION and ACCESS of the unconfirmed service class too. The standard leaves them unanswered; some clients (jDLMS, in a
    /// captured session) send every request so and wait for its answer.
    /// </summary>
    public bool AnswersUnconfirmed { get; init; }

    /// <summary>General blocks that the server takes in one stream, 1 to 63. Used where the client negotiates general block transfer.</summary>
    public byte GeneralBlockWindow { get; init; } = DefaultGeneralBlockWindow;

    /// <summary>Gives StoC for HLS: 8 to 64 fresh random octets each time, 32 to 64 with ECDSA.</summary>
    public Func<byte[]>? Challenge { get; init; }

    /// <summary>
    /// Where fresh keys come from: needed to answer general-ciphering under wrapped keys and C(1e,1s). Without it such requests are refused.
    /// </summary>
    public RandomSource? Random { get; init; }

    /// <summary>True to take transaction-ids that do not rise; see <see cref="ApduCipher.TakesAnyTransaction"/>.</summary>
    public bool TakesAnyTransaction { get; init; }

    /// <summary>Own certificate for digital signatures (DER), sent in the AARE of HLS-7; empty for none.</summary>
    public ReadOnlyMemory<byte> Certificate { get; init; }

    /// <summary>Judges the client's certificate in the AARQ of HLS-7; null where its key is among <see cref="Keys"/> and certificates are passed over.</summary>
    public ICertificateTrust? Trust { get; init; }

    /// <summary>Told of each incident, for event logs and lock-out.</summary>
    public Action<AssociationIncident>? OnIncident { get; init; }

    /// <summary>Checks that all that the mechanism and the policy need is there.</summary>
    /// <exception cref="ArgumentException">Something is missing; the message says what.</exception>
    public void Validate()
    {
        MechanismRules.Check(Mechanism, Password.Length, Keys, SystemTitle, Policy != SecurityPolicy.None, Trust);
        Require(SystemTitle != default || Keys is null, "Keys need a system title of the server.");
        Require(!HlsProof.IsHls(Mechanism) || Challenge is not null, "HLS needs a source of challenges.");
        Require((Policy.Request & Protection.Signed) == 0 || Keys?.Elliptic is { } verifying && (verifying.CanVerify || Trust is not null), "A policy of signed requests needs the client's signing key, or trust in its certificate.");
        Require((Policy.Response & Protection.Signed) == 0 || Keys?.Elliptic is { CanSign: true }, "A policy of signed responses needs an own signing key.");
        Require(GeneralBlockWindow is >= 1 and <= GeneralBlock.MaxWindow, $"The window of general blocks must be 1 to {GeneralBlock.MaxWindow}, not {GeneralBlockWindow}.");
        Require(MaxPdu >= MinPdu, $"The largest APDU must have {MinPdu} octets or more.");
    }

    /// <summary>Mechanism and policy, no secrets.</summary>
    public override string ToString() => $"{Mechanism}, {Policy}";

    private static void Require(bool condition, string message)
    {
        if (!condition) throw new ArgumentException(message);
    }
}
