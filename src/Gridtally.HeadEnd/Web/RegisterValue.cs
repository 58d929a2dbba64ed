using System.Globalization;
using System.Text;
using System.Text.Json;
using Gridtally.Cosem.Data;
using Gridtally.HeadEnd.Commands;
using Gridtally.Metering;

namespace Gridtally.HeadEnd.Web;

/// <summary>A value that a meter sent, for people and for programs.</summary>
internal static class RegisterValue
{
    public static RegisterReadingView View(RegisterReading reading)
    {
        var (time, duration) = (new DateTimeOffset(reading.Time, TimeSpan.Zero), (long)reading.Duration.TotalMilliseconds);
        if (!CosemValue.TryRead(reading.Data.Span, out var value, out var error))
            return new(Json(Convert.ToHexString(reading.Data.Span)), "", $"not valid Data: {error}", "unknown", time, duration);
        var type = JsonNamingPolicy.KebabCaseLower.ConvertName(value.Tag.ToString());
        if (value.Tag == DataTag.NullData) return new(null, "", "no value (null-data)", type, time, duration);
        if (Number(value, reading.Scale) is not { } number)
        {
            var text = Text(value);
            return new(Json(text), "", text, type, time, duration);
        }

        var unit = reading.Scale?.Unit.Symbol() ?? "";
        return new(JsonSerializer.SerializeToElement(number, HeadEndApiJson.Default.Decimal), unit, unit.Length == 0 ? Write(number) : $"{Write(number)} {unit}", type, time, duration);
    }

    // Exact, in decimal: trailing zeros that the scaler gives stay, 230.0 V says that tenths were measured.
    private static decimal? Number(CosemValue value, ScalerUnit? scale)
    {
        if (value.Tag == DataTag.Boolean || !value.TryGetNumber(out var raw)) return null;
        try
        {
            return scale is { } known ? Scaled((decimal)raw, known.Scaler) : (decimal)raw;
        }
        catch (OverflowException)
        {
            return null;
        }
    }

    private static decimal Scaled(decimal raw, sbyte scaler)
    {
        // 10^-28 is the smallest that a decimal holds.
        if (scaler is < 0 and >= -28) return raw * new decimal(1, 0, 0, false, (byte)-scaler);
        return new ScalerUnit(scaler, Unit.None).Scale(raw);
    }

    private static string Write(decimal number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Text(CosemValue value) => value switch
    {
        { Tag: DataTag.VisibleString } => Encoding.Latin1.GetString(value.Octets),
        { Tag: DataTag.Utf8String } => Encoding.UTF8.GetString(value.Octets),
        { Tag: DataTag.OctetString, Octets.Length: CosemDateTime.Size } => CosemDateTime.Read(value.Octets).ToString(),
        { Tag: DataTag.OctetString } when value.Octets.Length > 0 && !value.Octets.ContainsAnyExceptInRange((byte)' ', (byte)'~') => Encoding.ASCII.GetString(value.Octets),
        _ => value.ToFriendlyString(),
    };

    private static JsonElement Json(string text) => JsonSerializer.SerializeToElement(text, HeadEndApiJson.Default.String);
}
