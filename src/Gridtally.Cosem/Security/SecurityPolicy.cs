namespace Gridtally.Cosem.Security;

/// <summary>The least protection of every request and of every response of an association.</summary>
/// <param name="Request">What a request must have.</param>
/// <param name="Response">What a response is given, whatever the request had.</param>
/// <remarks>security_policy, Blue Book, class 64: an enumeration in version 0, a bit mask in version 1.</remarks>
public readonly record struct SecurityPolicy(Protection Request, Protection Response)
{
    // Version 1: 04 authenticated, 08 encrypted, 10 signed request; 20, 40, 80 the same of responses; bits 0 and 1 are reserved.
    private const byte RequestBits = 0x1C, ResponseBits = 0xE0;
    private const int RequestShift = 2, ResponseShift = 1;

    /// <summary>Nothing is demanded.</summary>
    public static SecurityPolicy None => default;

    /// <summary>The same of both directions.</summary>
    public static SecurityPolicy Both(Protection protection) => new(protection, protection);

    /// <summary>Reads attribute 2 of version 0: 0 nothing, 1 authenticated, 2 encrypted, 3 both, for all messages.</summary>
    /// <returns>False for another number.</returns>
    public static bool TryFromVersion0(byte value, out SecurityPolicy policy)
    {
        policy = Both((Protection)(value << 4) & Protection.AuthenticatedEncrypted);
        return value <= 3;
    }

    /// <summary>Reads attribute 2 of version 1.</summary>
    /// <returns>False where a reserved bit is set.</returns>
    public static bool TryFromVersion1(byte value, out SecurityPolicy policy)
    {
        policy = new((Protection)((value & RequestBits) << RequestShift), (Protection)((value & ResponseBits) >> ResponseShift));
        return (value & ~(RequestBits | ResponseBits)) == 0;
    }

    /// <summary>The enumeration of version 0; what only version 1 can say (directions that differ, signatures) is rounded up.</summary>
    public byte ToVersion0() => (byte)((byte)((Request | Response) & Protection.AuthenticatedEncrypted) >> 4);

    /// <summary>The bit mask of version 1.</summary>
    public byte ToVersion1() => (byte)((byte)Request >> RequestShift | (byte)Response << ResponseShift);

    /// <summary>True where this demands all that <paramref name="other"/> does: security_activate only ever strengthens.</summary>
    public bool IsAtLeast(SecurityPolicy other) => Request.Covers(other.Request) && Response.Covers(other.Response);

    /// <summary>Both directions by their names.</summary>
    public override string ToString() => $"requests {Request}, responses {Response}";
}
