namespace Gridtally.Cosem.Data;

/// <summary>The tags of the Data CHOICE.</summary>
/// <remarks>Data, IEC 62056-5-3 (A-XDR); Blue Book 4.1.5.</remarks>
public enum DataTag : byte
{
#pragma warning disable CS1591 // each name is the standard's own
    NullData = 0x00, Array = 0x01, Structure = 0x02, Boolean = 0x03, BitString = 0x04, DoubleLong = 0x05, DoubleLongUnsigned = 0x06,
    OctetString = 0x09, VisibleString = 0x0A, Utf8String = 0x0C, Bcd = 0x0D, Integer = 0x0F, Long = 0x10, Unsigned = 0x11,
    LongUnsigned = 0x12, CompactArray = 0x13, Long64 = 0x14, Long64Unsigned = 0x15, Enum = 0x16, Float32 = 0x17, Float64 = 0x18,
    DateTime = 0x19, Date = 0x1A, Time = 0x1B, DeltaInteger = 0x1C, DeltaLong = 0x1D, DeltaDoubleLong = 0x1E, DeltaUnsigned = 0x1F,
    DeltaLongUnsigned = 0x20, DeltaDoubleLongUnsigned = 0x21, DontCare = 0xFF,
#pragma warning restore CS1591
}
