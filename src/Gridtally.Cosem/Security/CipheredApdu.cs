using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Data;

namespace Gridtally.Cosem.Security;

/// <summary>First octet of a protected APDU's body: what protects it.</summary>
/// <param name="Value">The octet as sent.</param>
/// <remarks>Security control, IEC 62056-5-3.</remarks>
public readonly record struct SecurityControl(byte Value)
{
    /// <summary>Authentication and encryption bits.</summary>
    public Protection Protection => (Protection)(Value & (byte)Protection.AuthenticatedEncrypted);

    /// <summary>Bits 3..0: 0, 1 or 2; another is not known.</summary>
    public SecuritySuite Suite => (SecuritySuite)(Value & 0x0F);

    /// <summary>Bit 6: the broadcast key instead of the unicast one.</summary>
    public bool Broadcast => (Value & 0x40) != 0;

    /// <summary>Bit 7: V.44 compression.</summary>
    public bool Compressed => (Value & 0x80) != 0;

    /// <summary>The octet of a protection (without its signature bit, which is not part of it) in a suite.</summary>
    public static SecurityControl Of(Protection protection, SecuritySuite suite, bool broadcast = false) =>
        new((byte)((byte)(protection & Protection.AuthenticatedEncrypted) | (byte)suite | (broadcast ? 0x40 : 0)));

    /// <summary>The octet in hex.</summary>
    public override string ToString() => Value.ToString("X2");
}

/// <summary>A glo-*, ded-*, general-glo-, general-ded- or general-ciphered APDU taken apart, nothing deciphered yet.</summary>
/// <remarks>
/// IEC 62056-5-3: tag, [system title, or the fields and key-info of general-ciphering], length, security control, invocation counter,
/// content, [authentication tag].
/// </remarks>
public readonly ref struct CipheredApdu
{
    /// <summary>Octets of the authentication tag, in every suite.</summary>
    public const int TagSize = 12;

    /// <summary>Octets of security control and invocation counter.</summary>
    public const int HeaderSize = 5;

    /// <summary>The outer tag.</summary>
    public ApduTag Tag { get; private init; }

    /// <summary>general-glo-, general-ded- and general-ciphering: the originator's title; empty where the association knows it.</summary>
    public ReadOnlySpan<byte> SystemTitle { get; private init; }

    /// <summary>general-ciphering: its fields; empty for all other envelopes.</summary>
    public GeneralHeader Header { get; private init; }

    /// <summary>general-ciphering: which key; that of GUEK where it says nothing.</summary>
    public KeyInfo KeyInfo { get; private init; }

    /// <summary>What protects it.</summary>
    public SecurityControl Control { get; private init; }

    /// <summary>The originator's invocation counter.</summary>
    public uint InvocationCounter { get; private init; }

    /// <summary>Ciphertext, or the plain APDU where nothing is encrypted.</summary>
    public ReadOnlySpan<byte> Content { get; private init; }

    /// <summary>Twelve octets; empty where nothing is authenticated.</summary>
    public ReadOnlySpan<byte> AuthenticationTag { get; private init; }

    /// <summary>Reads a whole APDU, tag included.</summary>
    public static bool TryRead(ReadOnlySpan<byte> apdu, out CipheredApdu value, out DecodeError error)
    {
        var reader = new AxdrReader(apdu, apdu.IsEmpty ? "ciphered APDU" : ApduTags.NameOf((ApduTag)apdu[0]));
        value = Read(ref reader);
        error = reader.Error;
        return !reader.Failed;
    }

    private static CipheredApdu Read(scoped ref AxdrReader reader)
    {
        ReadOnlySpan<byte> title = default;
        GeneralHeader header = default;
        KeyInfo keyInfo = default;
        var first = reader.Peek;
        if (first is { } known && !ApduTags.IsCiphered((ApduTag)known)) reader.Fail(DecodeFault.UnknownTag);
        if (!reader.TryReadByte(out var tag)) return default;
        if ((ApduTag)tag is ApduTag.GeneralGloCiphering or ApduTag.GeneralDedCiphering)
        {
            reader.TryReadLengthPrefixed(out title);
            if (title.Length is not 0 and not Security.SystemTitle.Size) reader.Fail(DecodeFault.BadLength);
        }
        else if ((ApduTag)tag == ApduTag.GeneralCiphering)
        {
            header = GeneralHeader.Read(ref reader);
            keyInfo = KeyInfo.Read(ref reader);
            title = header.Originator;
        }

        if (!reader.TryReadLength(out var length)) return default;
        if (length != reader.Remaining) reader.Fail(length > reader.Remaining ? DecodeFault.Truncated : DecodeFault.TrailingBytes);
        reader.TryReadByte(out var control);
        var tagSize = (control & (byte)Protection.Authenticated) != 0 ? TagSize : 0;
        if (!reader.TryReadUInt32(out var counter)) return default;
        if (reader.Remaining < tagSize) reader.Fail(DecodeFault.Truncated);
        reader.TryReadBytes(Math.Max(0, reader.Remaining - tagSize), out var content);
        reader.TryReadBytes(tagSize, out var authentication);
        return new()
        {
            Tag = (ApduTag)tag,
            SystemTitle = title,
            Header = header,
            KeyInfo = keyInfo,
            Control = new(control),
            InvocationCounter = counter,
            Content = content,
            AuthenticationTag = authentication,
        };
    }
}
