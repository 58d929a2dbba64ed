using Gridtally.Cosem.Acse;

namespace Gridtally.Cosem.Security;

/// <summary>The kind of APDU that a protected one travels in.</summary>
/// <remarks>IEC 62056-5-3. A signature is general-signing inside of any of them but the first.</remarks>
public enum Envelope : byte
{
    /// <summary>glo-* and ded-*: a tag for each service; general-glo- or general-ded-ciphering where the service has none.</summary>
    Service,
    /// <summary>general-glo-ciphering (DB) and general-ded-ciphering (DC), with the originator's system title.</summary>
    General,
    /// <summary>general-ciphering (DD), with both titles, a transaction-id and a statement of the key.</summary>
    GeneralCiphering,
}

/// <summary>The key that a ciphered APDU uses.</summary>
/// <remarks>IEC 62056-5-3. The last three are made for one APDU and need <see cref="Envelope.GeneralCiphering"/>.</remarks>
public enum KeyChoice : byte
{
    /// <summary>GUEK.</summary>
    GlobalUnicast,
    /// <summary>GBEK: bit 6 of the security control, or key-id 1.</summary>
    GlobalBroadcast,
    /// <summary>The dedicated key of the association.</summary>
    Dedicated,
    /// <summary>A fresh key, wrapped with the master key.</summary>
    Wrapped,
    /// <summary>Agreed by one-pass Diffie-Hellman C(1e,1s): an ephemeral key of the sender, the static one of the recipient.</summary>
    OnePass,
    /// <summary>Agreed by the static unified model C(0e,2s): both static keys, and the transaction-id.</summary>
    StaticUnified,
}

/// <summary>How a protected APDU was, or is to be, wrapped: which protection, which key, which envelope.</summary>
/// <param name="Protection">None for a plain APDU.</param>
/// <param name="Key">The key, where it is authenticated or encrypted.</param>
/// <param name="Envelope">The kind of APDU around it.</param>
public readonly record struct Wrapping(Protection Protection, KeyChoice Key = KeyChoice.GlobalUnicast, Envelope Envelope = Envelope.Service)
{
    /// <summary>transaction-id of general-ciphering and general-signing. Null to take a new one when sending, and where an APDU had none.</summary>
    public TransactionId? Transaction { get; init; }

    /// <summary>True where it is authenticated or encrypted.</summary>
    public bool IsCiphered => (Protection & Protection.AuthenticatedEncrypted) != 0;

    /// <summary>True where it is signed.</summary>
    public bool IsSigned => (Protection & Protection.Signed) != 0;

    /// <summary>True where the key is made for one APDU.</summary>
    internal bool HasOwnKey => Key >= KeyChoice.Wrapped;

    /// <summary>True where it has the fields of general-ciphering or general-signing.</summary>
    internal bool HasHeader => IsSigned || (IsCiphered && Envelope == Envelope.GeneralCiphering);

    /// <summary>
    /// How the answer is wrapped: the same way, and with what <paramref name="more"/> demands. An answer to a broadcast key comes under the
    /// unicast one: the broadcast key is everybody's.
    /// </summary>
    public Wrapping Answer(Protection more = Protection.None) => (this with
    {
        Protection = Protection | more,
        Key = Key == KeyChoice.GlobalBroadcast ? KeyChoice.GlobalUnicast : Key,
        Transaction = HasHeader ? Transaction ?? default(TransactionId) : null,
    }).Consistent;

    /// <summary>The same for an APDU that has no glo-* and ded-* tag of its own, such as ACCESS.</summary>
    internal Wrapping InGeneralEnvelope => Envelope == Envelope.Service ? this with { Envelope = Envelope.General } : this;

    /// <summary>The same with the envelope that its key and its signature need.</summary>
    internal Wrapping Consistent => this with
    {
        Key = Envelope == Envelope.GeneralCiphering && Key == KeyChoice.Dedicated ? KeyChoice.GlobalUnicast : Key,
        Envelope = HasOwnKey ? Envelope.GeneralCiphering : IsSigned && Envelope == Envelope.Service ? Envelope.General : Envelope,
    };

    /// <summary>Octets of a plain APDU that still fit when wrapped so into <paramref name="maxPdu"/> octets.</summary>
    /// <param name="maxPdu">Octets of the largest APDU that may be sent.</param>
    /// <param name="suite">Decides the size of wrapped keys, public keys and signatures.</param>
    /// <param name="information">Octets of date-time and other-information that are sent.</param>
    public int MaxPlain(int maxPdu, SecuritySuite suite = SecuritySuite.Suite0, int information = 0) => Math.Max(0, maxPdu - Consistent.Overhead(maxPdu, suite, information));

    private int Overhead(int maxPdu, SecuritySuite suite, int information)
    {
        var used = 0;
        var header = 1 + (Transaction?.Size ?? TransactionId.MaxSize) + 2 * (1 + SystemTitle.Size) + 2 + information;
        if (IsSigned) used += 1 + header + Ber.LengthSize(maxPdu) + Ber.LengthSize(suite.SignatureSize()) + suite.SignatureSize();
        if (IsCiphered)
        {
            var tag = (Protection & Protection.Authenticated) != 0 ? CipheredApdu.TagSize : 0;
            var envelope = Envelope switch { Envelope.General => 1 + SystemTitle.Size, Envelope.GeneralCiphering => header + KeyInfoSize(suite), _ => 0 };
            used += 1 + envelope + Ber.LengthSize(maxPdu) + CipheredApdu.HeaderSize + tag;
        }

        return used;
    }

    private int KeyInfoSize(SecuritySuite suite)
    {
        var agreed = suite.PublicKeySize() + suite.SignatureSize();
        var wrapped = suite.KeySize() + KeyWrap.Overhead;
        return Key switch
        {
            KeyChoice.Wrapped => 3 + Ber.LengthSize(wrapped) + wrapped,
            KeyChoice.OnePass => 4 + Ber.LengthSize(agreed) + agreed,
            KeyChoice.StaticUnified => 5,
            _ => 3,
        };
    }
}
