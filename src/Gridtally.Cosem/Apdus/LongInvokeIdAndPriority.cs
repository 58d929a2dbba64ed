namespace Gridtally.Cosem.Apdus;

/// <summary>Long-invoke-id-and-priority of ACCESS and DataNotification: which request a response answers, and how it is to be carried out.</summary>
/// <param name="Value">The 32 bits as sent.</param>
/// <remarks>Long-Invoke-Id-And-Priority, IEC 62056-5-3: bits 23..0 id, 28 self-descriptive, 29 processing option, 30 service class, 31 priority.</remarks>
public readonly record struct LongInvokeIdAndPriority(uint Value)
{
    /// <summary>The greatest <see cref="Id"/>; the one after it is 0.</summary>
    public const uint MaxId = 0xFF_FFFF;

    private const uint SelfDescriptiveBit = 1u << 28, BreakOnErrorBit = 1u << 29, ConfirmedBit = 1u << 30, HighPriorityBit = 1u << 31;

    /// <summary>0..<see cref="MaxId"/>.</summary>
    public uint Id => Value & MaxId;

    /// <summary>ACCESS: the response repeats the specifications of the request.</summary>
    public bool SelfDescriptive => (Value & SelfDescriptiveBit) != 0;

    /// <summary>ACCESS: nothing after the first specification that fails is carried out.</summary>
    public bool BreakOnError => (Value & BreakOnErrorBit) != 0;

    /// <summary>False for a request or notification that wants no answer.</summary>
    public bool Confirmed => (Value & ConfirmedBit) != 0;

    /// <summary>True for a request that overtakes others.</summary>
    public bool HighPriority => (Value & HighPriorityBit) != 0;

    /// <summary>Puts the fields together; bits of <paramref name="id"/> above <see cref="MaxId"/> are left out.</summary>
    public static LongInvokeIdAndPriority Of(uint id, bool confirmed = true, bool highPriority = false, bool selfDescriptive = false, bool breakOnError = false) => new((id & MaxId)
        | (selfDescriptive ? SelfDescriptiveBit : 0) | (breakOnError ? BreakOnErrorBit : 0) | (confirmed ? ConfirmedBit : 0) | (highPriority ? HighPriorityBit : 0));

    /// <summary>The four octets in hex.</summary>
    public override string ToString() => Value.ToString("X8");
}
