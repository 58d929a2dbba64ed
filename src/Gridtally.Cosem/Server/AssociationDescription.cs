using Gridtally.Metering;

namespace Gridtally.Cosem.Server;

/// <summary>What an Association LN object says of one client's association.</summary>
/// <param name="ClientSap">The client.</param>
/// <param name="ServerSap">The logical device.</param>
/// <param name="ContextId">Application context: 1 LN without ciphering, 3 LN with ciphering.</param>
/// <param name="MechanismId">Authentication mechanism: 0 lowest, 1 LLS, 2 to 7 HLS.</param>
/// <param name="Conformance">The 24 conformance bits, bit 0 of the standard most significant.</param>
/// <param name="MaxPduSize">Octets of the largest APDU, both ways.</param>
/// <param name="SecuritySetup">Logical name of the security setup object; null where the association has none.</param>
public sealed record AssociationDescription(
    byte ClientSap, ushort ServerSap, byte ContextId, byte MechanismId, uint Conformance, ushort MaxPduSize, ObisCode? SecuritySetup);

/// <summary>Takes a client's new secret: the password of LLS, or the secret of HLS.</summary>
/// <param name="device">The device.</param>
/// <param name="clientSap">The client whose secret it is.</param>
/// <param name="secret">The secret, or what the device's mechanism sends instead (a wrapped key). Never to be logged.</param>
public delegate ActionResult SecretChanger<in TDevice>(TDevice device, byte clientSap, ReadOnlySpan<byte> secret);

/// <summary>What association objects have that is the device's own state: secrets and users. All of it is optional.</summary>
/// <remarks>Nobody can read a secret: the class table knows attribute 7 as one, and an object table refuses to serve it.</remarks>
public sealed record AssociationState<TDevice>
{
    /// <summary>Version of Association LN, 0 to 3. It decides the format of object_list and which attributes there are.</summary>
    public byte Version { get; init; } = ObjectTable<TDevice>.UsualAssociationVersion;

    /// <summary>Clients that may change secrets and users: their own, and those of the associations that they can see.</summary>
    public ClientSet Managers { get; init; }

    /// <summary>Takes a new secret, by change_HLS_secret or by writing attribute 7. Not served where null.</summary>
    public SecretChanger<TDevice>? ChangeSecret { get; init; }

    /// <summary>The users of a client's association, from version 2 on. Not served where null.</summary>
    public Func<TDevice, byte, AssociationUsers>? Users { get; init; }

    /// <summary>The user of a client's association as it is open now (the calling-AE-invocation-id of its AARQ); null for none.</summary>
    public Func<TDevice, byte, byte?>? CurrentUser { get; init; }
}
