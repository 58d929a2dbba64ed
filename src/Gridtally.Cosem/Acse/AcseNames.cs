namespace Gridtally.Cosem.Acse;

/// <summary>What an association speaks: the last arc of the application context name 2.16.756.5.8.1.n.</summary>
/// <remarks>COSEM_Application_Context_Name, IEC 62056-5-3.</remarks>
public enum ApplicationContext : byte
{
#pragma warning disable CS1591 // each name is the standard's own
    Unknown = 0, LogicalName = 1, ShortName = 2, LogicalNameCiphered = 3, ShortNameCiphered = 4,
#pragma warning restore CS1591
}

/// <summary>How the parties prove who they are: the last arc of the mechanism name 2.16.756.5.8.2.n.</summary>
/// <remarks>COSEM_Authentication_Mechanism_Name, IEC 62056-5-3.</remarks>
public enum AuthenticationMechanism : byte
{
    /// <summary>Lowest level: no authentication.</summary>
    None = 0,
    /// <summary>LLS: the client sends a password.</summary>
    LowLevel = 1,
    /// <summary>HLS by the manufacturer's own function.</summary>
    HighLevelManufacturer = 2,
    /// <summary>HLS with MD5.</summary>
    HighLevelMd5 = 3,
    /// <summary>HLS with SHA-1.</summary>
    HighLevelSha1 = 4,
    /// <summary>HLS-5: both prove with GMAC that they have the keys.</summary>
    HighLevelGmac = 5,
    /// <summary>HLS with SHA-256.</summary>
    HighLevelSha256 = 6,
    /// <summary>HLS with ECDSA.</summary>
    HighLevelEcdsa = 7,
    /// <summary>A mechanism name that the standard does not have.</summary>
    Unknown = 0xFF,
}

/// <summary>What became of an AARQ.</summary>
/// <remarks>Association-result, ISO/IEC 8650-1.</remarks>
public enum AssociationResult : byte
{
#pragma warning disable CS1591 // each name is the standard's own
    Accepted = 0, RejectedPermanent = 1, RejectedTransient = 2,
#pragma warning restore CS1591
}

/// <summary>Diagnostics by the service user of ACSE.</summary>
/// <remarks>acse-service-user, IEC 62056-5-3.</remarks>
public enum AcseServiceUserDiagnostic : byte
{
#pragma warning disable CS1591 // each name is the standard's own
    Null = 0, NoReasonGiven = 1, ApplicationContextNameNotSupported = 2, CallingApTitleNotRecognized = 3, CallingApInvocationIdentifierNotRecognized = 4,
    CallingAeQualifierNotRecognized = 5, CallingAeInvocationIdentifierNotRecognized = 6, CalledApTitleNotRecognized = 7,
    CalledApInvocationIdentifierNotRecognized = 8, CalledAeQualifierNotRecognized = 9, CalledAeInvocationIdentifierNotRecognized = 10,
    AuthenticationMechanismNameNotRecognised = 11, AuthenticationMechanismNameRequired = 12, AuthenticationFailure = 13, AuthenticationRequired = 14,
#pragma warning restore CS1591
}

/// <summary>Why an AARE has the result that it has.</summary>
/// <param name="ByProvider">True where the ACSE service provider speaks, false for the service user (the application).</param>
/// <param name="Value">The number; for the service user see <see cref="AcseServiceUserDiagnostic"/>.</param>
/// <remarks>Associate-source-diagnostic, IEC 62056-5-3.</remarks>
public readonly record struct AcseDiagnostic(bool ByProvider, byte Value)
{
    private static readonly string[] UserNames =
    [
        "null", "no-reason-given", "application-context-name-not-supported", "calling-AP-title-not-recognized",
        "calling-AP-invocation-identifier-not-recognized", "calling-AE-qualifier-not-recognized", "calling-AE-invocation-identifier-not-recognized",
        "called-AP-title-not-recognized", "called-AP-invocation-identifier-not-recognized", "called-AE-qualifier-not-recognized",
        "called-AE-invocation-identifier-not-recognized", "authentication-mechanism-name-not-recognised", "authentication-mechanism-name-required",
        "authentication-failure", "authentication-required",
    ];

    private static readonly string[] ProviderNames = ["null", "no-reason-given", "no-common-acse-version"];

    /// <summary>A diagnostic by the service user.</summary>
    public static AcseDiagnostic User(AcseServiceUserDiagnostic value) => new(false, (byte)value);

    /// <summary>True where the service user gives this diagnostic.</summary>
    public bool Is(AcseServiceUserDiagnostic value) => !ByProvider && Value == (byte)value;

    /// <summary>The standard's name, such as <c>authentication-failure</c>.</summary>
    public override string ToString()
    {
        var names = ByProvider ? ProviderNames : UserNames;
        return Value < names.Length ? names[Value] : $"diagnostic {Value}";
    }
}
