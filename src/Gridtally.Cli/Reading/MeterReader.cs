using Gridtally.Cli.Commands;
using Gridtally.Cosem;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Client;
using Gridtally.Cosem.Data;
using Gridtally.Cosem.Profiles;
using Gridtally.Metering;
using Gridtally.Sessions;

namespace Gridtally.Cli.Reading;

/// <summary>One value as read: what it is, and how it looks.</summary>
internal sealed record ValueRead(AttributeRef Target, string? Name, CosemValue Value, ScalerUnit? Scale, RequestFailure? Failure);

/// <summary>A profile as read.</summary>
internal sealed record ProfileRead(ProfileLayout Layout, IReadOnlyList<(DateTime Utc, byte[] Row)> Rows);

/// <summary>One object of a meter's object list.</summary>
internal sealed record ListedObject(ushort ClassId, byte Version, ObisCode Instance);

/// <summary>Reads what a user asks for through one association.</summary>
internal sealed class MeterReader(DlmsClient client)
{
    private const ushort ProfileGeneric = 7;

    private IReadOnlyList<ListedObject>? _objects;

    /// <summary>Fills in what the user left out: the class from the object list, the attribute that holds the value.</summary>
    public async Task<AttributeRef> ResolveAsync(ReadTarget target, CancellationToken cancellationToken)
    {
        var classId = target.ClassId;
        if (classId is null)
        {
            var listed = await ObjectsAsync(cancellationToken).ConfigureAwait(false);
            classId = listed.FirstOrDefault(o => o.Instance == target.Instance)?.ClassId
                ?? throw new CommandException($"{target.Instance}: the meter's object list does not have it for this client. "
                    + "Read 'objects' to see what there is, or name the class: 3/1-0:1.8.0.255:2.");
        }

        return new(classId.Value, target.Instance, target.AttributeId ?? 2);
    }

    public async Task<IReadOnlyList<ListedObject>> ObjectsAsync(CancellationToken cancellationToken)
    {
        if (_objects is not null) return _objects;
        var target = new AttributeRef(15, new(0, 0, 40, 0, 0, 255), 2);
        var result = await client.GetAsync(target, cancellationToken).ConfigureAwait(false);
        if (!result.Succeeded) throw new CommandException($"{client.Name}: the object list can't be read: {result.Failure}");
        return _objects = ReadObjects(result.Data.Span);
    }

    /// <summary>Reads one attribute, with scaler and unit where its class has them.</summary>
    public async Task<ValueRead> ReadAsync(AttributeRef target, CancellationToken cancellationToken)
    {
        var name = QuantityNames.Of(target.Instance);
        var result = await client.GetAsync(target, cancellationToken).ConfigureAwait(false);
        if (!result.Succeeded) return new(target, name, default, null, result.Failure);
        if (!CosemValue.TryRead(result.Data.Span, out var value, out var error)) return new(target, name, default, null, new RequestFailure.Malformed(error));
        return new(target, name, value, await ScaleOfAsync(target, cancellationToken).ConfigureAwait(false), null);
    }

    /// <summary>Reads rows of a profile: by time where given, else the last ones.</summary>
    public async Task<ProfileRead> ReadProfileAsync(ObisCode profile, DateTime? fromUtc, DateTime? toUtc, uint lastRows, CancellationToken cancellationToken)
    {
        var (layout, failure) = await client.ReadLayoutAsync(profile, cancellationToken).ConfigureAwait(false);
        if (layout is null) throw new CommandException($"{client.Name}: the columns of {profile} can't be read: {failure}");
        var access = fromUtc is null && toUtc is null
            ? await LastAsync(profile, lastRows, cancellationToken).ConfigureAwait(false)
            : SelectiveAccess.ByClock(
                CosemDateTime.From(new DateTimeOffset(fromUtc ?? new DateTime(2000, 1, 1, 0, 0, 0, DateTimeKind.Utc), TimeSpan.Zero)),
                CosemDateTime.From(new DateTimeOffset(toUtc ?? new DateTime(2099, 12, 31, 0, 0, 0, DateTimeKind.Utc), TimeSpan.Zero)));
        var result = await client.GetAsync(new(ProfileGeneric, profile, 2), access, cancellationToken).ConfigureAwait(false);
        if (!result.Succeeded) throw new CommandException($"{client.Name}: the rows of {profile} can't be read: {result.Failure}");
        return new(layout, ReadRows(result.Data.Span, layout));
    }

    private async Task<SelectiveAccess> LastAsync(ObisCode profile, uint rows, CancellationToken cancellationToken)
    {
        var inUse = await client.GetAsync(new(ProfileGeneric, profile, 7), cancellationToken).ConfigureAwait(false);
        var count = inUse.Succeeded && new AxdrReader(inUse.Data.Span).TryReadNumber(out var number) ? (uint)Math.Max(0, number) : 0;
        return SelectiveAccess.By(new EntryDescriptor(count > rows ? count - rows + 1 : 1, 0));
    }

    private async Task<ScalerUnit?> ScaleOfAsync(AttributeRef target, CancellationToken cancellationToken)
    {
        if (ProfileLayoutReading.ScalerUnitOf(target) is not { } attribute) return null;
        var result = await client.GetAsync(attribute, cancellationToken).ConfigureAwait(false);
        return result.Succeeded && new AxdrReader(result.Data.Span).TryReadScalerUnit(out var scale) ? scale : null;
    }

    private List<(DateTime, byte[])> ReadRows(ReadOnlySpan<byte> buffer, ProfileLayout layout)
    {
        var rows = new List<(DateTime, byte[])>();
        var reader = new ProfileBufferReader(buffer, layout);
        while (reader.TryRead(out var row)) rows.Add((row.Utc, row.Octets.ToArray()));
        return reader.Failed ? throw new CommandException($"{client.Name}: the rows of {layout.Profile} are malformed after row {rows.Count}: {reader.Error}") : rows;
    }

    private List<ListedObject> ReadObjects(ReadOnlySpan<byte> data)
    {
        var objects = new List<ListedObject>();
        var reader = new AxdrReader(data, "object_list");
        if (reader.TryReadArray(out var count))
        {
            for (var i = 0; i < count; i++)
            {
                if (!reader.TryReadStructureOf(4) || !reader.TryReadNumber(out var classId) || !reader.TryReadNumber(out var version)
                    || !reader.TryReadObis(out var name) || !reader.TrySkip(out _)) break;
                objects.Add(new((ushort)classId, (byte)version, name));
            }
        }

        return reader.Failed ? throw new CommandException($"{client.Name}: the object list is malformed: {reader.Error}") : objects;
    }
}
