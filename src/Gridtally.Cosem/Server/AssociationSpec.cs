using Gridtally.Cosem.Acse;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Security;

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

    /// <summary>Password for LLS.</summary>
    public ReadOnlyMemory<byte> Password { get; init; }

    /// <summary>Keys for HLS-5 and ciphering.</summary>
    public SecurityKeys? Keys { get; init; }

    /// <summary>The security policy: the least protection of requests, and of responses.</summary>
    public Protection RequiredProtection { get; init; } = Protection.None;

    /// <summary>The server's system title; needed where <see cref="Keys"/> are.</summary>
    public SystemTitle SystemTitle { get; init; }

    /// <summary>The client's system title, where it is agreed in advance: an AARQ may then leave it out, but not carry another.</summary>
    public SystemTitle? ClientSystemTitle { get; init; }

    /// <summary>Services that this client may be granted; those that nothing here carries out are left out.</summary>
    public Conformance Conformance { get; init; } = Conformance.Supported;

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

    /// <summary>Gives StoC for HLS: 8 to 64 fresh random octets each time.</summary>
    public Func<byte[]>? Challenge { get; init; }

    /// <summary>Told of each incident, for event logs and lock-out.</summary>
    public Action<AssociationIncident>? OnIncident { get; init; }

    /// <summary>Checks that all that the mechanism and the policy need is there.</summary>
    /// <exception cref="ArgumentException">Something is missing; the message says what.</exception>
    public void Validate()
    {
        Require(Mechanism is AuthenticationMechanism.None or AuthenticationMechanism.LowLevel or AuthenticationMechanism.HighLevelGmac,
            $"Authentication mechanism {Mechanism} is not supported; expected none, LLS or HLS-5 (GMAC).");
        var hls = Mechanism == AuthenticationMechanism.HighLevelGmac;
        Require(Keys is not null || !(hls || RequiredProtection != Protection.None), "HLS-5 and ciphering need keys.");
        Require(SystemTitle != default || Keys is null, "Keys need a system title of the server.");
        Require(!hls || Challenge is not null, "HLS-5 needs a source of challenges.");
        Require(Mechanism != AuthenticationMechanism.LowLevel || !Password.IsEmpty, "LLS needs a password.");
        Require(GeneralBlockWindow is >= 1 and <= GeneralBlock.MaxWindow, $"The window of general blocks must be 1 to {GeneralBlock.MaxWindow}, not {GeneralBlockWindow}.");
        Require(MaxPdu >= MinPdu, $"The largest APDU must have {MinPdu} octets or more.");
    }

    /// <summary>Mechanism and policy, no secrets.</summary>
    public override string ToString() => $"{Mechanism}, {RequiredProtection}";

    private static void Require(bool condition, string message)
    {
        if (!condition) throw new ArgumentException(message);
    }
}
