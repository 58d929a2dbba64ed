using Gridtally.Cosem.Data;
using Gridtally.Meter.Persistence;

namespace Gridtally.Meter.Metrology;

/// <summary>A moment on the meter's own clock, as small as it can be kept in a row.</summary>
/// <param name="Utc">Seconds since 1970; 0 for "never".</param>
/// <param name="Deviation">UTC minus local time, minutes, daylight saving included.</param>
/// <param name="Status">Clock status.</param>
public readonly record struct MeterTime(uint Utc, short Deviation, ClockStatus Status)
{
    private static readonly CosemDateTime Unspecified =
        new(0xFFFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, CosemDateTime.NoDeviation, ClockStatus.NotSpecified);

    /// <summary>As on the wire; every field not specified for "never".</summary>
    public CosemDateTime ToCosem() => Utc == 0
        ? Unspecified
        : CosemDateTime.From(DateTimeOffset.FromUnixTimeSeconds(Utc).ToOffset(TimeSpan.FromMinutes(-Deviation)), Status);

    internal void Save(StateWriter writer)
    {
        writer.Write(Utc);
        writer.Write(Deviation);
        writer.Write((byte)Status);
    }

    internal static MeterTime Load(ref StateReader reader) => new(reader.ReadUInt32(), reader.ReadInt16(), (ClockStatus)reader.ReadByte());
}
