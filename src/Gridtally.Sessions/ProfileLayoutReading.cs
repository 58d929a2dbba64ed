using System.Collections.Immutable;
using Gridtally.Cosem;
using Gridtally.Cosem.Client;
using Gridtally.Cosem.Data;
using Gridtally.Cosem.Profiles;
using Gridtally.Cosem.Quirks;
using Gridtally.Metering;

namespace Gridtally.Sessions;

/// <summary>Asks a meter what the rows of one of its profiles mean.</summary>
public static class ProfileLayoutReading
{
    private const ushort ProfileGeneric = 7;

    /// <summary>Reads capture objects, capture period, and scaler and unit of each captured register.</summary>
    /// <param name="client">An association that may read the profile.</param>
    /// <param name="profile">Logical name of the profile.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>The layout, or why there is none. A register that hides its unit has none here: its raw numbers are still right.</returns>
    /// <exception cref="AssociationException">There is no association any more.</exception>
    /// <exception cref="Gridtally.Links.LinkException">The channel was lost.</exception>
    public static async Task<(ProfileLayout? Layout, RequestFailure? Failure)> ReadLayoutAsync(
        this DlmsClient client, ObisCode profile, CancellationToken cancellationToken)
    {
        var objects = await client.GetAsync(new(ProfileGeneric, profile, 3), cancellationToken).ConfigureAwait(false);
        if (!objects.Succeeded) return (null, objects.Failure);
        if (!TryReadObjects(objects.Data.Span, out var captured, out var error)) return (null, new RequestFailure.Malformed(error));
        var period = await client.GetAsync(new(ProfileGeneric, profile, 4), cancellationToken).ConfigureAwait(false);
        if (!period.Succeeded) return (null, period.Failure);
        if (!TryReadPeriod(period.Data.Span, out var seconds, out error)) return (null, new RequestFailure.Malformed(error));
        var (scales, failure) = await ReadScalesAsync(client, captured, cancellationToken).ConfigureAwait(false);
        return failure is not null ? (null, failure) : (new(profile, seconds, [.. captured.Select(c => new ProfileColumn(c, scales.GetValueOrDefault(c.Attribute, ScalerUnit.None)))]), null);
    }

    /// <summary>The attribute that holds scaler and unit of the value that <paramref name="attribute"/> is; null where its class has none.</summary>
    /// <remarks>Blue Book: attribute 3 of Register and Extended register, attribute 4 of Demand register.</remarks>
    public static AttributeRef? ScalerUnitOf(AttributeRef attribute) => attribute switch
    {
        { ClassId: 3 or 4, AttributeId: 2 } => attribute with { AttributeId = 3 },
        { ClassId: 5, AttributeId: 2 or 3 } => attribute with { AttributeId = 4 },
        _ => null,
    };

    private static async Task<(Dictionary<AttributeRef, ScalerUnit> Scales, RequestFailure? Failure)> ReadScalesAsync(
        DlmsClient client, ImmutableArray<CaptureObject> captured, CancellationToken cancellationToken)
    {
        var attributes = captured.Select(c => c.Attribute).Where(a => ScalerUnitOf(a) is not null).Distinct().ToArray();
        var scales = new Dictionary<AttributeRef, ScalerUnit>();
        if (attributes.Length == 0) return (scales, null);
        var results = await client.GetListAsync([.. attributes.Select(a => ScalerUnitOf(a)!.Value)], cancellationToken).ConfigureAwait(false);
        for (var i = 0; i < attributes.Length; i++)
        {
            if (!results[i].Succeeded) continue;
            if (!ScalerUnitReading.TryRead(results[i].Data.Span, client.Quirks, out var scale, out var error, out var acceptedBy))
                return (scales, new RequestFailure.Malformed(error, acceptedBy)); // a wrong unit would be worse than no rows
            scales[attributes[i]] = scale;
        }

        return (scales, null);
    }

    private static bool TryReadObjects(ReadOnlySpan<byte> data, out ImmutableArray<CaptureObject> objects, out DecodeError error)
    {
        var reader = new AxdrReader(data, "capture_objects");
        var builder = ImmutableArray.CreateBuilder<CaptureObject>();
        if (reader.TryReadArray(out var count) && count is 0 or > ProfileLayout.MaxColumns) reader.Fail(DecodeFault.BadLength);
        for (var i = 0; i < count && reader.TryReadCaptureObject(out var captured); i++) builder.Add(captured);
        reader.TryEnd();
        (objects, error) = (builder.ToImmutable(), reader.Error);
        return !reader.Failed;
    }

    private static bool TryReadPeriod(ReadOnlySpan<byte> data, out uint seconds, out DecodeError error)
    {
        var reader = new AxdrReader(data, "capture_period");
        seconds = reader.TryReadNumber(out var number) && number is >= 0 and <= uint.MaxValue ? (uint)number : 0;
        if (number is < 0 or > uint.MaxValue) reader.Fail(DecodeFault.BadValue);
        error = reader.Error;
        return !reader.Failed;
    }
}
