using System.Buffers;
using Gridtally.Cosem.Apdus;

namespace Gridtally.Cosem.Acse;

/// <summary>The request for an association, read in place.</summary>
/// <remarks>AARQ-apdu, IEC 62056-5-3 (BER). Fields that this library has no use for are stepped over.</remarks>
public readonly ref struct Aarq
{
    private const string Production = "AARQ";

    /// <summary>application-context-name.</summary>
    public ApplicationContext Context { get; init; }

    /// <summary>calling-AP-title: the client's system title; empty where there is none.</summary>
    public ReadOnlySpan<byte> CallingApTitle { get; init; }

    /// <summary>calling-AE-qualifier: the client's certificate; empty where there is none.</summary>
    public ReadOnlySpan<byte> CallingAeQualifier { get; init; }

    /// <summary>calling-AP-invocation-id; null where there is none.</summary>
    public byte? CallingApInvocationId { get; init; }

    /// <summary>calling-AE-invocation-id: the user id; null where there is none.</summary>
    public byte? CallingAeInvocationId { get; init; }

    /// <summary>mechanism-name; <see cref="AuthenticationMechanism.None"/> where there is none.</summary>
    public AuthenticationMechanism Mechanism { get; init; }

    /// <summary>calling-authentication-value: password or CtoS; empty where there is none.</summary>
    public ReadOnlySpan<byte> AuthenticationValue { get; init; }

    /// <summary>user-information: an InitiateRequest, plain or ciphered.</summary>
    public ReadOnlySpan<byte> UserInformation { get; init; }

    /// <summary>Reads a whole APDU, tag included.</summary>
    public static bool TryRead(ReadOnlySpan<byte> apdu, out Aarq value, out DecodeError error)
    {
        var outer = new BerReader(apdu, Production);
        value = default;
        if (outer.TryRead((byte)ApduTag.Aarq, out var body) && outer.TryEnd()) value = Read(ref body);
        outer.FailAs(body);
        error = outer.Error;
        return !outer.Failed;
    }

    /// <summary>Writes the whole APDU.</summary>
    public void WriteTo(IBufferWriter<byte> target)
    {
        var body = new ArrayBufferWriter<byte>(128);
        body.WriteContext(Context);
        if (!CallingApTitle.IsEmpty) body.WriteNested(0xA6, Ber.OctetString, CallingApTitle);
        if (!CallingAeQualifier.IsEmpty) body.WriteNested(0xA7, Ber.OctetString, CallingAeQualifier);
        if (CallingApInvocationId is { } apId) body.WriteNested(0xA8, Ber.Integer, [apId]);
        if (CallingAeInvocationId is { } aeId) body.WriteNested(0xA9, Ber.Integer, [aeId]);
        if (Mechanism != AuthenticationMechanism.None)
        {
            body.WriteRequirements(0x8A);
            body.WriteMechanism(0x8B, Mechanism);
            body.WriteNested(0xAC, Ber.CharString, AuthenticationValue);
        }

        if (!UserInformation.IsEmpty) body.WriteNested(0xBE, Ber.OctetString, UserInformation);
        target.WriteField((byte)ApduTag.Aarq, body.WrittenSpan);
    }

    private static Aarq Read(scoped ref BerReader body)
    {
        var context = ApplicationContext.Unknown;
        var mechanism = AuthenticationMechanism.None;
        byte? apId = null, aeId = null;
        ReadOnlySpan<byte> title = default, qualifier = default, authentication = default, user = default;
        while (!body.AtEnd && body.TryRead(out var tag, out var content))
        {
            switch (tag)
            {
                case 0xA1: context = Ber.ReadContext(ref content); break;
                case 0xA6: content.TryReadOctets(Ber.OctetString, out title); break;
                case 0xA7: content.TryReadOctets(Ber.OctetString, out qualifier); break;
                case 0xA8: apId = content.TryReadInteger(out var ap) ? ap : null; break;
                case 0xA9: aeId = content.TryReadInteger(out var ae) ? ae : null; break;
                case 0x8B: mechanism = Ber.ReadMechanism(content.Rest); break;
                case 0xAC: authentication = Ber.ReadAuthenticationValue(ref content); break;
                case 0xBE: content.TryReadOctets(Ber.OctetString, out user); break;
                default: break;
            }

            if (!body.FailAs(content)) break;
        }

        return new()
        {
            Context = context,
            Mechanism = mechanism,
            CallingApTitle = title,
            CallingAeQualifier = qualifier,
            CallingApInvocationId = apId,
            CallingAeInvocationId = aeId,
            AuthenticationValue = authentication,
            UserInformation = user,
        };
    }
}
