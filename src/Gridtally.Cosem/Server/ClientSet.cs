namespace Gridtally.Cosem.Server;

/// <summary>A set of client SAPs, 0..127.</summary>
/// <remarks>Client SAPs are one HDLC octet (IEC 62056-46), hence the range.</remarks>
public readonly record struct ClientSet
{
    private readonly UInt128 _bits;

    private ClientSet(UInt128 bits) => _bits = bits;

    /// <summary>Nobody.</summary>
    public static ClientSet None => default;

    /// <summary>Every client.</summary>
    public static ClientSet All => new(UInt128.MaxValue);

    /// <summary>These clients.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A SAP above 127.</exception>
    public static ClientSet Of(params ReadOnlySpan<byte> saps)
    {
        UInt128 bits = 0;
        foreach (var sap in saps)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan(sap, 127);
            bits |= UInt128.One << sap;
        }

        return new(bits);
    }

    /// <summary>True when the client is in the set.</summary>
    public bool Contains(ushort sap) => sap < 128 && (_bits >> sap & 1) != 0;

    /// <summary>Clients of either set.</summary>
    public static ClientSet operator |(ClientSet left, ClientSet right) => new(left._bits | right._bits);

    /// <inheritdoc cref="op_BitwiseOr"/>
    public static ClientSet BitwiseOr(ClientSet left, ClientSet right) => left | right;

    /// <summary>Clients of both sets.</summary>
    public static ClientSet operator &(ClientSet left, ClientSet right) => new(left._bits & right._bits);

    /// <inheritdoc cref="op_BitwiseAnd"/>
    public static ClientSet BitwiseAnd(ClientSet left, ClientSet right) => left & right;
}
