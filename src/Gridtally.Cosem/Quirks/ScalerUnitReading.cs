using Gridtally.Cosem.Data;
using Gridtally.Metering;

namespace Gridtally.Cosem.Quirks;

/// <summary>Reads scaler and unit as a meter gives them.</summary>
public static class ScalerUnitReading
{
    /// <summary>Reads scal_unit_type.</summary>
    /// <param name="data">Encoded Data: a structure of integer and enum.</param>
    /// <param name="quirks">With <see cref="Quirk.OddScalerUnit"/>, any whole-number types are taken whose values fit.</param>
    /// <param name="value">Scaler and unit.</param>
    /// <param name="error">What is wrong, and where.</param>
    /// <param name="acceptedBy">The quirk that would accept what is refused.</param>
    /// <remarks>Blue Book, class 3 Register, attribute 3.</remarks>
    public static bool TryRead(ReadOnlySpan<byte> data, QuirkProfile quirks, out ScalerUnit value, out DecodeError error, out Quirk acceptedBy)
    {
        acceptedBy = Quirk.None;
        if (TryReadAny(data, out value, out var strict, out error) && !strict && !quirks.Accepts(Quirk.OddScalerUnit))
        {
            acceptedBy = Quirk.OddScalerUnit;
            error = new(DecodeFault.UnknownTag, "scal_unit_type", 2);
            value = ScalerUnit.None;
            return false;
        }

        return error == default;
    }

    private static bool TryReadAny(ReadOnlySpan<byte> data, out ScalerUnit value, out bool strict, out DecodeError error)
    {
        var reader = new AxdrReader(data, "scal_unit_type");
        value = ScalerUnit.None;
        strict = false;
        if (reader.TryReadStructureOf(2))
        {
            var scalerTag = reader.Peek;
            if (reader.TryReadNumber(out var scaler) && scaler is < sbyte.MinValue or > sbyte.MaxValue) reader.Fail(DecodeFault.BadValue);
            var unitTag = reader.Peek;
            if (reader.TryReadNumber(out var unit) && unit is < 0 or > byte.MaxValue) reader.Fail(DecodeFault.BadValue);
            strict = scalerTag == DataTag.Integer && unitTag == DataTag.Enum;
            if (reader.TryEnd()) value = new((sbyte)scaler, (Unit)(byte)unit);
        }

        error = reader.Error;
        return !reader.Failed;
    }
}
