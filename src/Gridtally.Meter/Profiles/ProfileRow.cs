using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Gridtally.Cosem.Data;
using Gridtally.Meter.Metrology;

namespace Gridtally.Meter.Profiles;

/// <summary>Load profile status word of one interval.</summary>
/// <remarks>DTSD545 5.2.5. Bits 4 and 6 are reserved.</remarks>
[Flags]
public enum ProfileStatus : byte
{
    /// <summary>Nothing to say.</summary>
    None = 0,
    /// <summary>ERR: critical error. DNV is set with it.</summary>
    CriticalError = 0x01,
    /// <summary>CIV: the power reserve of the clock ran out. DNV is set with it.</summary>
    ClockInvalid = 0x02,
    /// <summary>DNV: not for billing without further validation.</summary>
    DataNotValid = 0x04,
    /// <summary>DST: daylight saving was active.</summary>
    DaylightSaving = 0x08,
    /// <summary>CAD: the clock was adjusted by more than the limit.</summary>
    ClockAdjusted = 0x20,
    /// <summary>PDN: a total power outage.</summary>
    PowerDown = 0x80,
}

/// <summary>Meter internal status, the last column of the energy load profile.</summary>
/// <remarks>
/// The manual names the object (0-0:96.10.3.255) and not its bits: 0 to 14 follow its tamper disconnect filter (5.2.8) in order;
/// those that need a sensor which a virtual meter has not yet stay 0. 16 to 18 are ours.
/// </remarks>
[Flags]
public enum InternalStatus : uint
{
    /// <summary>Nothing to say.</summary>
    None = 0,
    /// <summary>Active power of L1 flows to the net.</summary>
    CurrentReversalL1 = 1 << 0,
    /// <summary>Active power of L2 flows to the net.</summary>
    CurrentReversalL2 = 1 << 1,
    /// <summary>Active power of L3 flows to the net.</summary>
    CurrentReversalL3 = 1 << 2,
    /// <summary>No voltage on L1.</summary>
    VoltageMissingL1 = 1 << 10,
    /// <summary>No voltage on L2.</summary>
    VoltageMissingL2 = 1 << 11,
    /// <summary>No voltage on L3.</summary>
    VoltageMissingL3 = 1 << 12,
    /// <summary>The supply relay is open.</summary>
    RelayOpen = 1 << 16,
    /// <summary>The clock has lost the time.</summary>
    ClockInvalid = 1 << 17,
    /// <summary>The memory does not take what the meter writes.</summary>
    MemoryError = 1 << 18,
}

/// <summary>Six demands, in the order of <see cref="DemandRegisters.Quantities"/>: +P, −P, +Q, −Q, +S, −S; W, var, VA.</summary>
[InlineArray(Count)]
public struct SixDemands : IEquatable<SixDemands>
{
    /// <summary>Demands in a row.</summary>
    public const int Count = 6;

    private uint _first;

    /// <inheritdoc/>
    public readonly bool Equals(SixDemands other) => ((ReadOnlySpan<uint>)this).SequenceEqual(other);

    /// <inheritdoc/>
    public override readonly bool Equals(object? obj) => obj is SixDemands other && Equals(other);

    /// <inheritdoc/>
    public override readonly int GetHashCode() => HashCode.Combine(this[0], this[1], this[2], this[3], this[4], this[5]);

    /// <summary>True when all six are equal.</summary>
    public static bool operator ==(SixDemands left, SixDemands right) => left.Equals(right);

    /// <summary>True when one of them differs.</summary>
    public static bool operator !=(SixDemands left, SixDemands right) => !left.Equals(right);
}

/// <summary>One row of the energy load profile, as compact as it is kept.</summary>
/// <param name="Time">End of the interval on the meter's clock.</param>
/// <param name="Status">Status word.</param>
/// <param name="Demands">The last demands.</param>
/// <param name="Internal">Meter internal status at the capture.</param>
public readonly record struct ProfileRow(MeterTime Time, ProfileStatus Status, SixDemands Demands, InternalStatus Internal)
{
    /// <summary>Octets in the meter's memory file.</summary>
    internal const int StoredSize = 4 + 2 + 1 + 1 + SixDemands.Count * 4 + 4;

    /// <summary>Writes the row as the structure that a client receives.</summary>
    public void WriteTo(IBufferWriter<byte> output)
    {
        output.WriteStructure(EnergyProfile.Columns.Length);
        for (var i = 0; i < EnergyProfile.Columns.Length; i++) WriteCell(i, output);
    }

    /// <summary>Writes the value of one column, from 0.</summary>
    internal void WriteCell(int column, IBufferWriter<byte> output)
    {
        switch (column)
        {
            case 0: output.WriteDateTime(Time.ToCosem()); break;
            case 1: output.WriteUnsigned((byte)Status); break;
            case 8: output.WriteDoubleLongUnsigned((uint)Internal); break;
            default: output.WriteDoubleLongUnsigned(Demands[column - 2]); break;
        }
    }

    internal void Store(Span<byte> target)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(target, Time.Utc);
        BinaryPrimitives.WriteInt16LittleEndian(target[4..], Time.Deviation);
        (target[6], target[7]) = ((byte)Time.Status, (byte)Status);
        for (var i = 0; i < SixDemands.Count; i++) BinaryPrimitives.WriteUInt32LittleEndian(target[(8 + 4 * i)..], Demands[i]);
        BinaryPrimitives.WriteUInt32LittleEndian(target[32..], (uint)Internal);
    }

    internal static ProfileRow Restore(ReadOnlySpan<byte> source)
    {
        var demands = new SixDemands();
        for (var i = 0; i < SixDemands.Count; i++) demands[i] = BinaryPrimitives.ReadUInt32LittleEndian(source[(8 + 4 * i)..]);
        var time = new MeterTime(BinaryPrimitives.ReadUInt32LittleEndian(source), BinaryPrimitives.ReadInt16LittleEndian(source[4..]), (ClockStatus)source[6]);
        return new(time, (ProfileStatus)source[7], demands, (InternalStatus)BinaryPrimitives.ReadUInt32LittleEndian(source[32..]));
    }
}
