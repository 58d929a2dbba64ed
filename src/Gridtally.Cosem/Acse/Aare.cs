using System.Buffers;
using Gridtally.Cosem.Apdus;

namespace Gridtally.Cosem.Acse;

/// <summary>The answer to the request for an association, read in place.</summary>
/// <remarks>AARE-apdu, IEC 62056-5-3 (BER). Fields that this library has no use for are stepped over.</remarks>
public readonly ref struct Aare
{
    private const string Production = "AARE";

    /// <summary>CHOICE of Associate-source-diagnostic.</summary>
    private const byte ServiceUser = 0xA1, ServiceProvider = 0xA2;

    /// <summary>application-context-name: the client's, or the server's own where it rejects.</summary>
    public ApplicationContext Context { get; init; }

    /// <summary>result: whether the association is accepted, or rejected for now or for good.</summary>
    public AssociationResult Result { get; init; }

    /// <summary>result-source-diagnostic: who rejects it and why; null diagnostic where it is accepted.</summary>
    public AcseDiagnostic Diagnostic { get; init; }

    /// <summary>responding-AP-title: the server's system title; empty where there is none.</summary>
    public ReadOnlySpan<byte> RespondingApTitle { get; init; }

    /// <summary>responding-AE-qualifier: the server's certificate; empty where there is none.</summary>
    public ReadOnlySpan<byte> RespondingAeQualifier { get; init; }

    /// <summary>mechanism-name; <see cref="AuthenticationMechanism.None"/> where there is none.</summary>
    public AuthenticationMechanism Mechanism { get; init; }

    /// <summary>responding-authentication-value: StoC; empty where there is none.</summary>
    public ReadOnlySpan<byte> AuthenticationValue { get; init; }

    /// <summary>user-information: InitiateResponse or ConfirmedServiceError, plain or ciphered.</summary>
    public ReadOnlySpan<byte> UserInformation { get; init; }

    /// <summary>Reads a whole APDU, tag included. Without a result it is not valid.</summary>
    public static bool TryRead(ReadOnlySpan<byte> apdu, out Aare value, out DecodeError error)
    {
        var outer = new BerReader(apdu, Production);
        value = default;
        if (outer.TryRead((byte)ApduTag.Aare, out var body) && outer.TryEnd()) value = Read(ref body);
        outer.FailAs(body);
        error = outer.Error;
        return !outer.Failed;
    }

    /// <summary>Writes the whole APDU.</summary>
    public void WriteTo(IBufferWriter<byte> target)
    {
        var body = new ArrayBufferWriter<byte>(128);
        body.WriteContext(Context);
        body.WriteNested(0xA2, Ber.Integer, [(byte)Result]);
        body.WriteField(0xA3, [Diagnostic.ByProvider ? ServiceProvider : ServiceUser, 3, Ber.Integer, 1, Diagnostic.Value]);
        if (!RespondingApTitle.IsEmpty) body.WriteNested(0xA4, Ber.OctetString, RespondingApTitle);
        if (!RespondingAeQualifier.IsEmpty) body.WriteNested(0xA5, Ber.OctetString, RespondingAeQualifier);
        if (Mechanism != AuthenticationMechanism.None)
        {
            body.WriteRequirements(0x88);
            body.WriteMechanism(0x89, Mechanism);
            body.WriteNested(0xAA, Ber.CharString, AuthenticationValue);
        }

        if (!UserInformation.IsEmpty) body.WriteNested(0xBE, Ber.OctetString, UserInformation);
        target.WriteField((byte)ApduTag.Aare, body.WrittenSpan);
    }

    private static Aare Read(scoped ref BerReader body)
    {
        var context = ApplicationContext.Unknown;
        var mechanism = AuthenticationMechanism.None;
        byte? result = null;
        AcseDiagnostic diagnostic = default;
        ReadOnlySpan<byte> title = default, qualifier = default, authentication = default, user = default;
        while (!body.AtEnd && body.TryRead(out var tag, out var content))
        {
            switch (tag)
            {
                case 0xA1: context = Ber.ReadContext(ref content); break;
                case 0xA2: result = content.TryReadInteger(out var octet) ? octet : null; break;
                case 0xA3: diagnostic = ReadDiagnostic(ref content); break;
                case 0xA4: content.TryReadOctets(Ber.OctetString, out title); break;
                case 0xA5: content.TryReadOctets(Ber.OctetString, out qualifier); break;
                case 0x89: mechanism = Ber.ReadMechanism(content.Rest); break;
                case 0xAA: authentication = Ber.ReadAuthenticationValue(ref content); break;
                case 0xBE: content.TryReadOctets(Ber.OctetString, out user); break;
                default: break;
            }

            if (!body.FailAs(content)) break;
        }

        if (result is null or > (byte)AssociationResult.RejectedTransient) body.Fail(DecodeFault.BadValue);
        return new()
        {
            Context = context,
            Result = (AssociationResult)result.GetValueOrDefault(),
            Diagnostic = diagnostic,
            RespondingApTitle = title,
            RespondingAeQualifier = qualifier,
            Mechanism = mechanism,
            AuthenticationValue = authentication,
            UserInformation = user,
        };
    }

    private static AcseDiagnostic ReadDiagnostic(scoped ref BerReader content)
    {
        if (!content.TryRead(out var source, out var inner)) return default;
        var done = inner.TryReadInteger(out var value);
        content.FailAs(inner);
        return done ? new(source == ServiceProvider, value) : default;
    }
}
