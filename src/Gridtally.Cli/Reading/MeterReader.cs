using Gridtally.Cli.Commands;
using Gridtally.Cosem;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Classes;
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
        var classId = await ClassOfAsync(target, cancellationToken).ConfigureAwait(false);
        if (target.MemberName is not { } name) return new(classId, target.Instance, target.AttributeId ?? 2);
        var attributes = InterfaceClasses.Find(classId)?.Attributes ?? [];
        return Array.Find(attributes, a => a.Name == name) is { } found
            ? new(classId, target.Instance, found.Id)
            : throw new CommandException($"{target.Instance}: class {classId} has no attribute '{name}'; expected {Names(attributes.Select(a => a.Name))}.", ExitCodes.Usage);
    }

    /// <summary>The method that a target of <c>invoke</c> names.</summary>
    public async Task<MethodRef> ResolveMethodAsync(ReadTarget target, CancellationToken cancellationToken)
    {
        var classId = await ClassOfAsync(target, cancellationToken).ConfigureAwait(false);
        var methods = InterfaceClasses.Find(classId)?.Methods ?? [];
        if (target.MemberName is not { } name)
        {
            return target.AttributeId is { } id
                ? new(classId, target.Instance, id)
                : throw new CommandException($"{target.Instance}: which method? Expected {target.Instance}:number or :name, one of {Names(methods.Select(m => m.Name))}.", ExitCodes.Usage);
        }

        return Array.Find(methods, m => m.Name == name) is { } found
            ? new(classId, target.Instance, found.Id)
            : throw new CommandException($"{target.Instance}: class {classId} has no method '{name}'; expected {Names(methods.Select(m => m.Name))}.", ExitCodes.Usage);
    }

    private static string Names(IEnumerable<string> names) => string.Join(", ", names) is { Length: > 0 } known ? known : "a number";

    private async Task<ushort> ClassOfAsync(ReadTarget target, CancellationToken cancellationToken)
    {
        if (target.ClassId is { } given) return given;
        var listed = await ObjectsAsync(cancellationToken).ConfigureAwait(false);
        return listed.FirstOrDefault(o => o.Instance == target.Instance)?.ClassId
            ?? throw new CommandException($"{target.Instance}: the meter's object list does not have it for this client. "
                + "Read 'objects' to see what there is, or name the class: 3/1-0:1.8.0.255:2.");
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
        var name = ObisMeanings.Find(target.Instance);
        var result = await client.GetAsync(target, cancellationToken).ConfigureAwait(false);
        if (!result.Succeeded) return new(target, name, default, null, result.Failure);
        if (!CosemValue.TryRead(result.Data.Span, out var value, out var error)) return new(target, name, default, null, new RequestFailure.Malformed(error));
        return new(target, name, value, await ScaleOfAsync(target, cancellationToken).ConfigureAwait(false), null);
    }

    /// <summary>Reads rows of a profile: by time or by entry where given, else the last ones.</summary>
    public async Task<ProfileRead> ReadProfileAsync(ObisCode profile, ProfileSelection selection, IProgress<TransferProgress>? progress, CancellationToken cancellationToken)
    {
        var (layout, failure) = await client.ReadLayoutAsync(profile, cancellationToken).ConfigureAwait(false);
        if (layout is null) throw new CommandException($"{client.Name}: the columns of {profile} can't be read: {failure}");
        var columns = selection.ColumnsOf(layout);
        if (selection.IsRange && columns is null)
        {
            var rows = new List<(DateTime, byte[])>();
            var options = new ProfileReadOptions { Progress = progress };
            await foreach (var row in client.ReadRowsAsync(profile, selection.From, selection.To, options, cancellationToken).ConfigureAwait(false)) rows.Add((row.Utc, row.Octets.ToArray()));
            return new(layout, rows);
        }

        var access = selection.IsRange
            ? SelectiveAccess.By(RangeDescriptor.ByClock(CosemDateTime.From(selection.From), CosemDateTime.From(selection.To)) with { Columns = columns! })
            : await EntriesAsync(profile, selection, layout, columns, cancellationToken).ConfigureAwait(false);
        var result = await client.GetAsync(new(ProfileGeneric, profile, 2), access, progress, cancellationToken).ConfigureAwait(false);
        if (!result.Succeeded) throw new CommandException($"{client.Name}: the rows of {profile} can't be read: {result.Failure}");
        if (columns is not null) layout = new(layout.Profile, layout.CapturePeriodSeconds, [.. layout.Columns.Where(c => columns.Contains(c.Object))]);
        var read = ReadRows(result.Data.Span, layout);

        // The meter may have captured another row between the two requests.
        var surplus = selection is { IsRange: false, Entries: null } ? (int)Math.Max(0, read.Count - (long)selection.LastRows) : 0;
        return new(layout, read[surplus..]);
    }

    private async Task<SelectiveAccess> EntriesAsync(
        ObisCode profile, ProfileSelection selection, ProfileLayout layout, IReadOnlyList<CaptureObject>? columns, CancellationToken cancellationToken)
    {
        var (first, last) = (1, 0);
        if (columns is not null)
        {
            var chosen = layout.Columns.Select((c, i) => (c.Object, Number: i + 1)).Where(c => columns.Contains(c.Object)).Select(c => c.Number).ToArray();
            (first, last) = (chosen[0], chosen[^1]);
            if (last - first + 1 != chosen.Length) throw new CommandException("--columns: by entry only columns that stand side by side, the clock with them, can be chosen; add --from and --to, or name those between.", ExitCodes.Usage);
        }

        if (selection.Entries is { } entries) return SelectiveAccess.By(new EntryDescriptor(entries.First, entries.Last, (ushort)first, (ushort)last));
        var rows = await LastAsync(profile, selection.LastRows, cancellationToken).ConfigureAwait(false);
        return SelectiveAccess.By(new EntryDescriptor(rows, 0, (ushort)first, (ushort)last));
    }

    private async Task<uint> LastAsync(ObisCode profile, uint rows, CancellationToken cancellationToken)
    {
        var inUse = await client.GetAsync(new(ProfileGeneric, profile, 7), cancellationToken).ConfigureAwait(false);
        var count = inUse.Succeeded && new AxdrReader(inUse.Data.Span).TryReadNumber(out var number) ? (uint)Math.Max(0, number) : 0;
        return count > rows ? count - rows + 1 : 1;
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
