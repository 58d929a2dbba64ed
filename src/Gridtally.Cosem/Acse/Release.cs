using System.Buffers;
using Gridtally.Cosem.Apdus;

namespace Gridtally.Cosem.Acse;

/// <summary>The request to end an association (RLRQ) or its answer (RLRE), read in place.</summary>
/// <remarks>RLRQ-apdu and RLRE-apdu, IEC 62056-5-3 (BER). Both have the same fields.</remarks>
public readonly ref struct Release
{
    /// <summary>Reason of either: an ordinary release.</summary>
    public const byte Normal = 0;

    /// <summary>Reason of an RLRE: the association goes on.</summary>
    public const byte NotFinished = 1;

    /// <summary>True for the RLRE.</summary>
    public bool IsResponse { get; init; }

    /// <summary>reason; null where it is left out.</summary>
    public byte? Reason { get; init; }

    /// <summary>user-information: InitiateRequest or InitiateResponse, ciphered; empty where there is none.</summary>
    public ReadOnlySpan<byte> UserInformation { get; init; }

    /// <summary>Reads a whole APDU, tag included.</summary>
    public static bool TryRead(ReadOnlySpan<byte> apdu, out Release value, out DecodeError error)
    {
        var response = !apdu.IsEmpty && apdu[0] == (byte)ApduTag.Rlre;
        var outer = new BerReader(apdu, response ? "RLRE" : "RLRQ");
        value = default;
        if (outer.TryRead((byte)(response ? ApduTag.Rlre : ApduTag.Rlrq), out var body) && outer.TryEnd()) value = Read(ref body, response);
        outer.FailAs(body);
        error = outer.Error;
        return !outer.Failed;
    }

    /// <summary>Writes the whole APDU.</summary>
    public void WriteTo(IBufferWriter<byte> target)
    {
        var body = new ArrayBufferWriter<byte>(64);
        if (Reason is { } reason) body.WriteField(0x80, [reason]);
        if (!UserInformation.IsEmpty) body.WriteNested(0xBE, Ber.OctetString, UserInformation);
        target.WriteField((byte)(IsResponse ? ApduTag.Rlre : ApduTag.Rlrq), body.WrittenSpan);
    }

    private static Release Read(scoped ref BerReader body, bool response)
    {
        byte? reason = null;
        ReadOnlySpan<byte> user = default;
        while (!body.AtEnd && body.TryRead(out var tag, out var content))
        {
            if (tag == 0x80 && content.Rest.Length == 1) reason = content.Rest[0];
            else if (tag == 0x80) content.Fail(DecodeFault.BadLength);
            else if (tag == 0xBE) content.TryReadOctets(Ber.OctetString, out user);
            if (!body.FailAs(content)) break;
        }

        return new() { IsResponse = response, Reason = reason, UserInformation = user };
    }
}
