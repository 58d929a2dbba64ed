namespace Gridtally.Cosem.Apdus;

/// <summary>What a client proposes and a server grants: one bit for each service or feature.</summary>
/// <remarks>Conformance, IEC 62056-5-3: 24 bits, bit 0 of the standard is the most significant one here.</remarks>
[Flags]
public enum Conformance : uint
{
#pragma warning disable CS1591 // each name is the standard's own
    None = 0,
    GeneralProtection = 0x400000, GeneralBlockTransfer = 0x200000, Read = 0x100000, Write = 0x080000, UnconfirmedWrite = 0x040000,
    DeltaValueEncoding = 0x020000,
    Attribute0SupportedWithSet = 0x008000, PriorityMgmtSupported = 0x004000, Attribute0SupportedWithGet = 0x002000,
    BlockTransferWithGetOrRead = 0x001000, BlockTransferWithSetOrWrite = 0x000800, BlockTransferWithAction = 0x000400,
    MultipleReferences = 0x000200, InformationReport = 0x000100,
    DataNotification = 0x000080, Access = 0x000040, ParameterizedAccess = 0x000020, Get = 0x000010, Set = 0x000008,
    SelectiveAccess = 0x000004, EventNotification = 0x000002, Action = 0x000001,
#pragma warning restore CS1591

    /// <summary>What the client and server associations of this library carry out.</summary>
    Supported = Attribute0SupportedWithSet | PriorityMgmtSupported | Attribute0SupportedWithGet | BlockTransferWithGetOrRead | BlockTransferWithSetOrWrite
        | BlockTransferWithAction | MultipleReferences | DataNotification | Access | Get | Set | SelectiveAccess | EventNotification | Action,

    /// <summary>What they carry out besides where the options of both sides name it: general blocks take the place of the blocks of each service.</summary>
    SupportedOnRequest = GeneralBlockTransfer,

    /// <summary>What they carry out in an association that uses short names.</summary>
    SupportedWithShortNames = Read | Write | UnconfirmedWrite | BlockTransferWithGetOrRead | BlockTransferWithSetOrWrite | MultipleReferences
        | InformationReport | ParameterizedAccess,
}

/// <summary>One row of the conformance table.</summary>
/// <param name="Bit">Number of the bit in the standard; 0 is sent first.</param>
/// <param name="Flag">The same bit as a flag.</param>
/// <param name="Name">The standard's name.</param>
public readonly record struct ConformanceBit(int Bit, Conformance Flag, string Name);

/// <summary>The conformance block on the wire, and the names of its bits.</summary>
public static class ConformanceBits
{
    /// <summary>Octets of the whole block: application tag 5F 1F, length, count of unused bits, 24 bits.</summary>
    public const int EncodedSize = 7;

    /// <summary>Every bit that has a meaning, in the order in which they are sent.</summary>
    public static readonly ConformanceBit[] Table =
    [
        new(1, Conformance.GeneralProtection, "general-protection"),
        new(2, Conformance.GeneralBlockTransfer, "general-block-transfer"),
        new(3, Conformance.Read, "read"),
        new(4, Conformance.Write, "write"),
        new(5, Conformance.UnconfirmedWrite, "unconfirmed-write"),
        new(6, Conformance.DeltaValueEncoding, "delta-value-encoding"),
        new(8, Conformance.Attribute0SupportedWithSet, "attribute0-supported-with-set"),
        new(9, Conformance.PriorityMgmtSupported, "priority-mgmt-supported"),
        new(10, Conformance.Attribute0SupportedWithGet, "attribute0-supported-with-get"),
        new(11, Conformance.BlockTransferWithGetOrRead, "block-transfer-with-get-or-read"),
        new(12, Conformance.BlockTransferWithSetOrWrite, "block-transfer-with-set-or-write"),
        new(13, Conformance.BlockTransferWithAction, "block-transfer-with-action"),
        new(14, Conformance.MultipleReferences, "multiple-references"),
        new(15, Conformance.InformationReport, "information-report"),
        new(16, Conformance.DataNotification, "data-notification"),
        new(17, Conformance.Access, "access"),
        new(18, Conformance.ParameterizedAccess, "parameterized-access"),
        new(19, Conformance.Get, "get"),
        new(20, Conformance.Set, "set"),
        new(21, Conformance.SelectiveAccess, "selective-access"),
        new(22, Conformance.EventNotification, "event-notification"),
        new(23, Conformance.Action, "action"),
    ];

    /// <summary>The standard's names of the bits that are set, in the order in which they are sent.</summary>
    public static IEnumerable<string> NamesOf(Conformance conformance) =>
        Table.Where(row => conformance.HasFlag(row.Flag)).Select(row => row.Name);
}
