namespace Gridtally.Cosem.Server;

/// <summary>What a client may do with an attribute or a method, and how well requests and responses must be protected for it.</summary>
/// <remarks>access_mode of Association LN version 3, Blue Book, class 15: a bit mask. For a method, bit 0 means that it may be invoked.</remarks>
[Flags]
public enum AccessMode : byte
{
    /// <summary>No access.</summary>
    None = 0,
    /// <summary>The attribute may be read; the method may be invoked.</summary>
    Read = 0x01,
    /// <summary>The method may be invoked; the same bit as <see cref="Read"/>.</summary>
    Invoke = Read,
    /// <summary>The attribute may be written.</summary>
    Write = 0x02,
    /// <summary>The request must be authenticated.</summary>
    AuthenticatedRequest = 0x04,
    /// <summary>The request must be encrypted.</summary>
    EncryptedRequest = 0x08,
    /// <summary>The request must be digitally signed.</summary>
    SignedRequest = 0x10,
    /// <summary>The response is authenticated.</summary>
    AuthenticatedResponse = 0x20,
    /// <summary>The response is encrypted.</summary>
    EncryptedResponse = 0x40,
    /// <summary>The response is digitally signed.</summary>
    SignedResponse = 0x80,
    /// <summary>Any protection of the request.</summary>
    RequestProtection = AuthenticatedRequest | EncryptedRequest | SignedRequest,
    /// <summary>Any protection of the response.</summary>
    ResponseProtection = AuthenticatedResponse | EncryptedResponse | SignedResponse,
    /// <summary>Any protection.</summary>
    Protection = RequestProtection | ResponseProtection,
}

/// <summary>The rights of one client to one attribute or method, whichever version of Association LN reports them.</summary>
/// <param name="Mode">The bit mask of version 3.</param>
public readonly record struct AccessRights(AccessMode Mode)
{
    // access_mode of versions 0 to 2: 1..3 are read, write, both; 4..6 the same for authenticated requests.
    private const byte AuthenticatedOffset = 3, HighestMode = 6;

    /// <summary>No access.</summary>
    public static AccessRights None => default;

    /// <summary>Read and write, or invoke, without any protection of their own: the policy of the association decides alone.</summary>
    public static AccessRights Unprotected => new(AccessMode.Read | AccessMode.Write);

    /// <summary>True where the attribute may be read.</summary>
    public bool CanRead => (Mode & AccessMode.Read) != 0;

    /// <summary>True where the attribute may be written.</summary>
    public bool CanWrite => (Mode & AccessMode.Write) != 0;

    /// <summary>True where the method may be invoked.</summary>
    public bool CanInvoke => (Mode & AccessMode.Invoke) != 0;

    /// <summary>True where requests or responses must be protected, whatever the policy of the association is.</summary>
    public bool DemandsProtection => (Mode & AccessMode.Protection) != 0;

    /// <summary>The rights that an object_list of an older version states for an attribute.</summary>
    /// <param name="mode">0 none, 1 read, 2 write, 3 both, 4 to 6 the same for authenticated requests; others count as none.</param>
    public static AccessRights FromAttributeMode(byte mode) => mode switch
    {
        <= AuthenticatedOffset => new((AccessMode)mode),
        <= HighestMode => new((AccessMode)(mode - AuthenticatedOffset) | AccessMode.AuthenticatedRequest),
        _ => None,
    };

    /// <summary>The rights that an object_list of an older version states for a method.</summary>
    /// <param name="mode">0 (false) none, 1 (true) access, 2 access for authenticated requests; others count as none.</param>
    public static AccessRights FromMethodMode(byte mode) => mode switch
    {
        1 => new(AccessMode.Invoke),
        2 => new(AccessMode.Invoke | AccessMode.AuthenticatedRequest),
        _ => None,
    };

    /// <summary>What an object_list of versions 0 to 2 says of an attribute. It knows authenticated requests only: any protection is shown as that.</summary>
    public byte ToAttributeMode()
    {
        var access = (byte)(Mode & (AccessMode.Read | AccessMode.Write));
        return access != 0 && DemandsProtection ? (byte)(access + AuthenticatedOffset) : access;
    }

    /// <summary>What an object_list of versions 1 and 2 says of a method; version 0 says only whether it is above 0.</summary>
    public byte ToMethodMode() => !CanInvoke ? (byte)0 : DemandsProtection ? (byte)2 : (byte)1;

    /// <summary>The mask by its names.</summary>
    public override string ToString() => Mode.ToString();
}
