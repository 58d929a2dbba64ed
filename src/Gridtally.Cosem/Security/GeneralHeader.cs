using System.Buffers;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Data;

namespace Gridtally.Cosem.Security;

/// <summary>The fields with which general-ciphering and general-signing begin, read in place.</summary>
/// <remarks>General-Ciphering and General-Signing, IEC 62056-5-3: five octet-strings, each empty where it says nothing.</remarks>
public readonly ref struct GeneralHeader
{
    /// <summary>Octets of other-information that are sent; what arrives is bounded by the APDU alone and never copied.</summary>
    public const int MaxOtherInformation = 64;

    /// <summary>Octets of the longest header that is sent.</summary>
    internal const int MaxSize = 1 + TransactionId.MaxSize + 2 * (1 + SystemTitle.Size) + 1 + CosemDateTime.Size + 1 + MaxOtherInformation;

    /// <summary>transaction-id.</summary>
    public TransactionId Transaction { get; private init; }

    /// <summary>originator-system-title.</summary>
    public ReadOnlySpan<byte> Originator { get; private init; }

    /// <summary>recipient-system-title.</summary>
    public ReadOnlySpan<byte> Recipient { get; private init; }

    /// <summary>date-time: twelve octets, or none.</summary>
    public ReadOnlySpan<byte> DateTime { get; private init; }

    /// <summary>other-information.</summary>
    public ReadOnlySpan<byte> OtherInformation { get; private init; }

    /// <summary>All five as they stand in the APDU, lengths included: part of what is authenticated or signed.</summary>
    internal ReadOnlySpan<byte> Octets { get; private init; }

    internal static GeneralHeader Read(scoped ref AxdrReader reader)
    {
        var rest = reader.Rest;
        var start = reader.Position;
        reader.TryReadLengthPrefixed(out var transaction);
        if (transaction.Length > TransactionId.MaxSize) reader.Fail(DecodeFault.BadLength);
        reader.TryReadLengthPrefixed(out var originator);
        reader.TryReadLengthPrefixed(out var recipient);
        if (originator.Length is not 0 and not SystemTitle.Size || recipient.Length is not 0 and not SystemTitle.Size) reader.Fail(DecodeFault.BadLength);
        reader.TryReadLengthPrefixed(out var dateTime);
        if (dateTime.Length is not 0 and not CosemDateTime.Size) reader.Fail(DecodeFault.BadLength);
        if (!reader.TryReadLengthPrefixed(out var other)) return default;
        return new()
        {
            Transaction = TransactionId.Read(transaction),
            Originator = originator,
            Recipient = recipient,
            DateTime = dateTime,
            OtherInformation = other,
            Octets = rest[..(reader.Position - start)],
        };
    }

    /// <summary>Writes the five fields.</summary>
    /// <returns>How many octets of <paramref name="target"/> they take.</returns>
    internal static int Write(Span<byte> target, TransactionId transaction, SystemTitle originator, SystemTitle recipient, ReadOnlySpan<byte> dateTime, ReadOnlySpan<byte> otherInformation)
    {
        var length = 0;
        target[length++] = transaction.Size;
        transaction.Write(target[length..]);
        length += transaction.Size;
        foreach (var title in (ReadOnlySpan<SystemTitle>)[originator, recipient])
        {
            target[length++] = SystemTitle.Size;
            title.Write(target[length..]);
            length += SystemTitle.Size;
        }

        target[length++] = (byte)dateTime.Length;
        dateTime.CopyTo(target[length..]);
        length += dateTime.Length;
        target[length++] = (byte)otherInformation.Length;
        otherInformation.CopyTo(target[length..]);
        return length + otherInformation.Length;
    }
}

/// <summary>How general-ciphering says which key it uses.</summary>
public enum KeyInfoKind : byte
{
#pragma warning disable CS1591 // each name is the standard's own
    Identified = 0, Wrapped = 1, Agreed = 2,
#pragma warning restore CS1591
}

/// <summary>key-info of general-ciphering, read in place.</summary>
/// <remarks>Key-Info, IEC 62056-5-3.</remarks>
public readonly ref struct KeyInfo
{
    /// <summary>key-parameters of an agreed key: one-pass Diffie-Hellman C(1e,1s).</summary>
    public const byte OnePass = 1;

    /// <summary>key-parameters of an agreed key: static unified model C(0e,2s).</summary>
    public const byte StaticUnified = 2;

    /// <summary>Identified by number, wrapped with the master key, or agreed upon.</summary>
    public KeyInfoKind Kind { get; private init; }

    /// <summary>key-id (0 GUEK, 1 GBEK), kek-id (0 master key), or key-parameters (the scheme of agreement).</summary>
    public byte Id { get; private init; }

    /// <summary>The wrapped key, or the ephemeral key and its signature; empty for the others.</summary>
    public ReadOnlySpan<byte> Data { get; private init; }

    internal static KeyInfo Read(scoped ref AxdrReader reader)
    {
        if (!reader.TryReadPresence(out var present) || !present) return default;
        if (!reader.TryReadByte(out var kind)) return default;
        if (kind > (byte)KeyInfoKind.Agreed) reader.Fail(DecodeFault.UnknownTag);
        byte id;
        ReadOnlySpan<byte> data = default;
        if ((KeyInfoKind)kind == KeyInfoKind.Agreed)
        {
            reader.TryReadLengthPrefixed(out var parameters);
            if (parameters.Length != 1) reader.Fail(DecodeFault.BadLength);
            id = parameters.Length == 1 ? parameters[0] : (byte)0;
        }
        else reader.TryReadByte(out id);

        if ((KeyInfoKind)kind != KeyInfoKind.Identified) reader.TryReadLengthPrefixed(out data);
        return new() { Kind = (KeyInfoKind)kind, Id = id, Data = data };
    }

    internal static void Write(IBufferWriter<byte> target, KeyInfoKind kind, byte id, ReadOnlySpan<byte> data)
    {
        target.WriteByte(1);
        target.WriteByte((byte)kind);
        if (kind == KeyInfoKind.Agreed) target.WriteByte(1);
        target.WriteByte(id);
        if (kind == KeyInfoKind.Identified) return;
        target.WriteLength(data.Length);
        target.Write(data);
    }
}

/// <summary>A general-signing APDU taken apart, its signature not yet checked.</summary>
/// <remarks>General-Signing, IEC 62056-5-3: tag, five fields, content, signature over all between them.</remarks>
public readonly ref struct SignedApdu
{
    /// <summary>The five fields.</summary>
    public GeneralHeader Header { get; private init; }

    /// <summary>The APDU that is signed, plain or ciphered.</summary>
    public ReadOnlySpan<byte> Content { get; private init; }

    /// <summary>R || S.</summary>
    public ReadOnlySpan<byte> Signature { get; private init; }

    /// <summary>What the signature covers: from the length of the transaction-id to the last octet of the content.</summary>
    public ReadOnlySpan<byte> Covered { get; private init; }

    /// <summary>Reads a whole APDU, tag included.</summary>
    public static bool TryRead(ReadOnlySpan<byte> apdu, out SignedApdu value, out DecodeError error)
    {
        var reader = new AxdrReader(apdu, "general-signing");
        value = default;
        if (reader.TryReadTag(ApduTag.GeneralSigning))
        {
            var header = GeneralHeader.Read(ref reader);
            reader.TryReadLengthPrefixed(out var content);
            var covered = reader.Failed ? default : apdu[1..reader.Position];
            if (reader.TryReadLengthPrefixed(out var signature) && reader.TryEnd())
                value = new() { Header = header, Content = content, Covered = covered, Signature = signature };
        }

        error = reader.Error;
        return !reader.Failed;
    }
}
