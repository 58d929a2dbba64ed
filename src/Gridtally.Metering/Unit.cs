namespace Gridtally.Metering;

/// <summary>Physical units, numbered as on the wire.</summary>
/// <remarks>unit enum of scal_unit_type, Blue Book, class 3 Register.</remarks>
public enum Unit : byte
{
#pragma warning disable CS1591 // each name is its meaning
    Undefined = 0, Year = 1, Month = 2, Week = 3, Day = 4, Hour = 5, Minute = 6, Second = 7,
    Degree = 8, DegreeCelsius = 9, Currency = 10, Metre = 11, MetrePerSecond = 12, CubicMetre = 13, CorrectedCubicMetre = 14,
    CubicMetrePerHour = 15, CorrectedCubicMetrePerHour = 16, CubicMetrePerDay = 17, CorrectedCubicMetrePerDay = 18, Litre = 19,
    Kilogram = 20, Newton = 21, NewtonMetre = 22, Pascal = 23, Bar = 24, Joule = 25, JoulePerHour = 26,
    Watt = 27, VoltAmpere = 28, Var = 29, WattHour = 30, VoltAmpereHour = 31, VarHour = 32,
    Ampere = 33, Coulomb = 34, Volt = 35, VoltPerMetre = 36, Farad = 37, Ohm = 38, OhmMetre = 39, Weber = 40, Tesla = 41, AmperePerMetre = 42,
    Henry = 43, Hertz = 44, ActiveEnergyMeterConstant = 45, ReactiveEnergyMeterConstant = 46, ApparentEnergyMeterConstant = 47,
    VoltSquaredHour = 48, AmpereSquaredHour = 49, KilogramPerSecond = 50, Siemens = 51, Kelvin = 52,
    VoltSquaredHourMeterConstant = 53, AmpereSquaredHourMeterConstant = 54, VolumeMeterConstant = 55,
    Percent = 56, AmpereHour = 57, WattHourPerCubicMetre = 60, JoulePerCubicMetre = 61, MolePercent = 62, GramPerCubicMetre = 63, PascalSecond = 64,
    JoulePerKilogram = 65, GramPerSquareCentimetre = 66, Atmosphere = 67, DecibelMilliwatt = 70, DecibelMicrovolt = 71, Decibel = 72,
    Other = 254, None = 255,
#pragma warning restore CS1591
}

/// <summary>How units are written for people.</summary>
public static class UnitNames
{
    /// <summary>The usual symbol, such as <c>kWh</c> without its prefix: <c>Wh</c>; empty where there is none.</summary>
    public static string Symbol(this Unit unit) => unit switch
    {
        Unit.Year => "a",
        Unit.Month => "mo",
        Unit.Week => "wk",
        Unit.Day => "d",
        Unit.Hour => "h",
        Unit.Minute => "min",
        Unit.Second => "s",
        Unit.Degree => "°",
        Unit.DegreeCelsius => "°C",
        Unit.Metre => "m",
        Unit.MetrePerSecond => "m/s",
        Unit.CubicMetre or Unit.CorrectedCubicMetre => "m³",
        Unit.CubicMetrePerHour or Unit.CorrectedCubicMetrePerHour => "m³/h",
        Unit.CubicMetrePerDay or Unit.CorrectedCubicMetrePerDay => "m³/d",
        Unit.Litre => "l",
        Unit.Kilogram => "kg",
        Unit.Newton => "N",
        Unit.NewtonMetre => "Nm",
        Unit.Pascal => "Pa",
        Unit.Bar => "bar",
        Unit.Joule => "J",
        Unit.JoulePerHour => "J/h",
        Unit.Watt => "W",
        Unit.VoltAmpere => "VA",
        Unit.Var => "var",
        Unit.WattHour => "Wh",
        Unit.VoltAmpereHour => "VAh",
        Unit.VarHour => "varh",
        Unit.Ampere => "A",
        Unit.Coulomb => "C",
        Unit.Volt => "V",
        Unit.VoltPerMetre => "V/m",
        Unit.Farad => "F",
        Unit.Ohm => "Ω",
        Unit.OhmMetre => "Ωm²/m",
        Unit.Weber => "Wb",
        Unit.Tesla => "T",
        Unit.AmperePerMetre => "A/m",
        Unit.Henry => "H",
        Unit.Hertz => "Hz",
        Unit.ActiveEnergyMeterConstant => "1/Wh",
        Unit.ReactiveEnergyMeterConstant => "1/varh",
        Unit.ApparentEnergyMeterConstant => "1/VAh",
        Unit.VoltSquaredHour => "V²h",
        Unit.AmpereSquaredHour => "A²h",
        Unit.KilogramPerSecond => "kg/s",
        Unit.Siemens => "S",
        Unit.Kelvin => "K",
        Unit.VoltSquaredHourMeterConstant => "1/V²h",
        Unit.AmpereSquaredHourMeterConstant => "1/A²h",
        Unit.VolumeMeterConstant => "1/m³",
        Unit.Percent => "%",
        Unit.AmpereHour => "Ah",
        Unit.WattHourPerCubicMetre => "Wh/m³",
        Unit.JoulePerCubicMetre => "J/m³",
        Unit.MolePercent => "mol%",
        Unit.GramPerCubicMetre => "g/m³",
        Unit.PascalSecond => "Pa s",
        Unit.JoulePerKilogram => "J/kg",
        Unit.GramPerSquareCentimetre => "g/cm²",
        Unit.Atmosphere => "atm",
        Unit.DecibelMilliwatt => "dBm",
        Unit.DecibelMicrovolt => "dBµV",
        Unit.Decibel => "dB",
        _ => "",
    };
}

/// <summary>Scaler and unit of a register: the quantity is raw × 10^<see cref="Scaler"/> <see cref="Unit"/>.</summary>
/// <param name="Scaler">Power of ten, -128..127; -2 means hundredths.</param>
/// <param name="Unit">The unit of the scaled value.</param>
/// <remarks>scal_unit_type, Blue Book, class 3 Register.</remarks>
public readonly record struct ScalerUnit(sbyte Scaler, Unit Unit)
{
    /// <summary>A plain number: scaler 0, no unit.</summary>
    public static ScalerUnit None => new(0, Unit.None);

    /// <summary>Converts a raw register value to its physical quantity, exactly.</summary>
    /// <param name="raw">Value as sent, unscaled.</param>
    /// <returns>The quantity in <see cref="Unit"/>. Money depends on it: decimal, never double.</returns>
    /// <exception cref="OverflowException">The result does not fit in a <see cref="decimal"/>: 28 digits, at most 28 of them after the point.</exception>
    public decimal Scale(decimal raw) => TryScale(raw, out var quantity) ? quantity : throw new OverflowException($"{raw}e{Scaler} does not fit in a decimal.");

    /// <summary>As <see cref="Scale"/>; false where the result does not fit. A meter may send any scaler.</summary>
    public bool TryScale(decimal raw, out decimal quantity)
    {
        quantity = raw;
        if (raw == 0) return true;
        for (var i = Scaler; i > 0; i--)
        {
            if (Math.Abs(quantity) > decimal.MaxValue / 10m) return false;
            quantity *= 10m;
        }

        for (var i = Scaler; i < 0; i++)
        {
            // A decimal has 28 places: what has more is refused, not rounded away.
            var tenth = quantity / 10m;
            if (tenth * 10m != quantity) return false;
            quantity = tenth;
        }

        return true;
    }

    /// <summary>Converts a raw register value to a point of a chart; sums and bills take <see cref="Scale"/>.</summary>
    /// <param name="raw">Value as sent, unscaled.</param>
    /// <returns>The nearest double in <see cref="Unit"/>. Null where the quantity does not fit in a decimal: a scaler may be anything from -128 to 127.</returns>
    public double? ScaleForChart(long raw) => TryScale(raw, out var quantity) ? (double)quantity : null;
}
