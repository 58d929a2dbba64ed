using System.Buffers;
using Gridtally.Cosem.Data;

namespace Gridtally.Cosem.Acse;

/// <summary>Reads BER fields one after the other; a nested field is a reader of its own that knows its place in the APDU.</summary>
internal ref struct BerReader
{
    private readonly string _production;
    private readonly int _offset;
    private AxdrReader _octets;
    private DecodeError _nestedError;

    public BerReader(ReadOnlySpan<byte> source, string production, int offset = 0)
    {
        (_production, _offset) = (production, offset);
        _octets = new(source, production);
    }

    public readonly bool AtEnd => _octets.Remaining == 0;

    public readonly bool Failed => _octets.Failed;

    public readonly DecodeError Error => !Failed ? default : _nestedError != default ? _nestedError : _octets.Error with { Offset = _octets.Error.Offset + _offset };

    public readonly ReadOnlySpan<byte> Rest => _octets.Rest;

    /// <summary>Reads the next field, whatever it is. Tags are one octet in ACSE, lengths are definite.</summary>
    public bool TryRead(out byte tag, out BerReader content)
    {
        content = default;
        if (!_octets.TryReadByte(out tag) || !_octets.TryReadLengthPrefixed(out var octets)) return false;
        content = new(octets, _production, _offset + _octets.Position - octets.Length);
        return true;
    }

    /// <summary>Reads the next field, which must have the tag <paramref name="expected"/>.</summary>
    public bool TryRead(byte expected, out BerReader content)
    {
        if (_octets.Peek == (DataTag)expected) return TryRead(out _, out content);
        content = default;
        return Fail(_octets.Remaining == 0 ? DecodeFault.Truncated : DecodeFault.UnknownTag);
    }

    /// <summary>Reads the next field, which must have the tag <paramref name="expected"/>, as octets.</summary>
    public bool TryReadOctets(byte expected, out ReadOnlySpan<byte> value)
    {
        var done = TryRead(expected, out var content);
        value = done ? content.Rest : default;
        return done;
    }

    /// <summary>Reads an INTEGER of one octet. A leading 00 octet, as some stacks put before 80..FF, is stepped over.</summary>
    public bool TryReadInteger(out byte value)
    {
        value = 0;
        if (!TryReadOctets(Ber.Integer, out var octets)) return false;
        if (octets.Length is 0 or > 2 || (octets.Length == 2 && octets[0] != 0)) return Fail(DecodeFault.BadValue);
        value = octets[^1];
        return true;
    }

    public bool Fail(DecodeFault fault) => _octets.Fail(fault);

    /// <summary>Takes over the failure of a nested field, if it has one.</summary>
    public bool FailAs(scoped in BerReader nested)
    {
        if (!nested.Failed || Failed) return !Failed;
        _nestedError = nested.Error;
        return _octets.Fail(_nestedError.Fault);
    }

    public bool TryEnd() => _octets.TryEnd();
}

/// <summary>Tags that all ACSE APDUs share, and writing of BER fields.</summary>
internal static class Ber
{
    public const byte Integer = 0x02;
    public const byte OctetString = 0x04;
    public const byte ObjectIdentifier = 0x06;

    /// <summary>CHOICE charstring of Authentication-value.</summary>
    public const byte CharString = 0x80;

    /// <summary>authentication-functional-unit: one bit, 7 unused.</summary>
    private static ReadOnlySpan<byte> AuthenticationUnit => [0x07, 0x80];

    private static ReadOnlySpan<byte> ContextArc => [0x60, 0x85, 0x74, 0x05, 0x08, 0x01];

    private static ReadOnlySpan<byte> MechanismArc => [0x60, 0x85, 0x74, 0x05, 0x08, 0x02];

    public static void WriteField(this IBufferWriter<byte> target, byte tag, ReadOnlySpan<byte> content)
    {
        target.WriteByte(tag);
        target.WriteLength(content.Length);
        target.Write(content);
    }

    /// <summary>A field that holds one inner field.</summary>
    public static void WriteNested(this IBufferWriter<byte> target, byte tag, byte innerTag, ReadOnlySpan<byte> content)
    {
        target.WriteByte(tag);
        target.WriteLength(1 + LengthSize(content.Length) + content.Length);
        target.WriteField(innerTag, content);
    }

    public static void WriteContext(this IBufferWriter<byte> target, ApplicationContext context) =>
        target.WriteNested(0xA1, ObjectIdentifier, [.. ContextArc, (byte)context]);

    public static void WriteMechanism(this IBufferWriter<byte> target, byte tag, AuthenticationMechanism mechanism) =>
        target.WriteField(tag, [.. MechanismArc, (byte)mechanism]);

    public static void WriteRequirements(this IBufferWriter<byte> target, byte tag) => target.WriteField(tag, AuthenticationUnit);

    public static ApplicationContext ReadContext(scoped ref BerReader content)
    {
        if (!content.TryReadOctets(ObjectIdentifier, out var name)) return ApplicationContext.Unknown;
        return name.Length == 7 && name.StartsWith(ContextArc) && name[6] is >= 1 and <= 4 ? (ApplicationContext)name[6] : ApplicationContext.Unknown;
    }

    public static AuthenticationMechanism ReadMechanism(ReadOnlySpan<byte> name) =>
        name.Length == 7 && name.StartsWith(MechanismArc) && name[6] <= 7 ? (AuthenticationMechanism)name[6] : AuthenticationMechanism.Unknown;

    /// <summary>Authentication-value: charstring in practice; bitstring and external are stepped into as octets all the same.</summary>
    public static ReadOnlySpan<byte> ReadAuthenticationValue(scoped ref BerReader content) =>
        content.TryRead(out _, out var value) ? value.Rest : default;

    /// <summary>Octets of the length field for <paramref name="length"/>.</summary>
    public static int LengthSize(int length) => length switch { < 0x80 => 1, <= 0xFF => 2, <= 0xFFFF => 3, _ => 5 };
}
