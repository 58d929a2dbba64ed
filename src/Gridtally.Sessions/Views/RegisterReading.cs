using Gridtally.Cosem;
using Gridtally.Cosem.Data;
using Gridtally.Cosem.Objects;
using Gridtally.Cosem.Quirks;
using Gridtally.Metering;

namespace Gridtally.Sessions;

/// <summary>What a register holds: value, scaler and unit, read together.</summary>
/// <param name="Raw">The value as sent.</param>
/// <param name="ScalerUnit">How it is scaled, and its unit.</param>
public sealed record RegisterReading(CosemValue Raw, ScalerUnit ScalerUnit)
{
    /// <summary>The unit of <see cref="Value"/>.</summary>
    public Unit Unit => ScalerUnit.Unit;

    /// <summary>The quantity in <see cref="Unit"/>; null where the register holds no number, or one that no decimal can hold.</summary>
    public decimal? Value
    {
        get
        {
            try
            {
                if (Raw.TryGetNumber(out var number)) return ScalerUnit.Scale((decimal)number);
                return Raw.TryGetFloat(out var real) ? ScalerUnit.Scale((decimal)real) : null;
            }
            catch (OverflowException)
            {
                return null;
            }
        }
    }

    /// <summary><c>1234.5 Wh</c>; the value as sent where it is no number.</summary>
    public override string ToString() => $"{Value?.ToString() ?? Raw.ToFriendlyString()} {Unit.Symbol()}".TrimEnd();
}

/// <content>Value, scaler and unit in one request.</content>
public readonly partial record struct RegisterView
{
    /// <summary>Reads value and scaler_unit.</summary>
    public Task<RegisterReading> ReadAsync(CancellationToken cancellationToken = default) =>
        ObjectViews.ReadScaledAsync(Client, new(3, LogicalName, 2), new(3, LogicalName, 3), cancellationToken);
}

/// <content>Value, scaler and unit in one request.</content>
public readonly partial record struct ExtendedRegisterView
{
    /// <summary>Reads value and scaler_unit.</summary>
    public Task<RegisterReading> ReadAsync(CancellationToken cancellationToken = default) =>
        ObjectViews.ReadScaledAsync(Client, new(4, LogicalName, 2), new(4, LogicalName, 3), cancellationToken);
}

/// <content>Values, scaler and unit in one request.</content>
public readonly partial record struct DemandRegisterView
{
    /// <summary>Reads current_average_value and scaler_unit.</summary>
    public Task<RegisterReading> ReadCurrentAsync(CancellationToken cancellationToken = default) =>
        ObjectViews.ReadScaledAsync(Client, new(5, LogicalName, 2), new(5, LogicalName, 4), cancellationToken);

    /// <summary>Reads last_average_value and scaler_unit.</summary>
    public Task<RegisterReading> ReadLastAsync(CancellationToken cancellationToken = default) =>
        ObjectViews.ReadScaledAsync(Client, new(5, LogicalName, 3), new(5, LogicalName, 4), cancellationToken);
}

/// <content>Scaled values.</content>
public static partial class ObjectViews
{
    internal static async Task<RegisterReading> ReadScaledAsync(DlmsClient client, AttributeRef value, AttributeRef scalerUnit, CancellationToken cancellationToken)
    {
        var results = await client.GetListAsync([value, scalerUnit], cancellationToken).ConfigureAwait(false);
        var raw = Decode(client, value.ToString(), SimpleCodecs.Any, results[0]);
        return ScalerUnitReading.TryRead(results[1].Value(client).Span, client.Quirks, out var scale, out var error, out var acceptedBy)
            ? new(raw, scale)
            : throw Malformed(client, scalerUnit.ToString(), new(error, acceptedBy));
    }
}
