using Gridtally.Cli.Commands;
using Gridtally.Cli.Decoding;
using Gridtally.Cosem;
using Gridtally.Cosem.Client;
using Gridtally.Cosem.Data;
using Gridtally.Cosem.Framing;
using Gridtally.Cosem.Server;
using Gridtally.Meter.Templates;
using Gridtally.Metering;
using Gridtally.Sessions;

namespace Gridtally.Cli.Reading;

/// <summary>Reads a meter completely: its object list, and every attribute that the client may read.</summary>
internal static class MeterDump
{
    private const ushort AssociationLn = 15;

    private static readonly AttributeRef ObjectList = new(AssociationLn, new(0, 0, 40, 0, 0, 255), 2);

    /// <summary>Reads everything. What the meter refuses is noted; only a lost association ends it.</summary>
    public static async Task<MeterTemplate> ReadAsync(DlmsClient client, PeerAddress peer, bool withBuffers, bool showsProgress, CancellationToken cancellationToken)
    {
        var list = await client.GetAsync(ObjectList, cancellationToken).ConfigureAwait(false);
        if (!list.Succeeded) throw new CommandException($"{client.Name}: the object list can't be read: {list.Failure}. Another client may be allowed to; see --client.");
        var listed = ReadList(list.Data.Span, client.Name);
        var objects = await ReadProgress.RunAsync(showsProgress, async report =>
        {
            var read = new List<TemplateObject>();
            foreach (var one in listed)
            {
                report($"{one.ClassId}/{one.Instance}", read.Count, listed.Count);
                read.Add(one with { Attributes = await ReadAttributesAsync(client, one, list.Data, withBuffers, cancellationToken).ConfigureAwait(false) });
            }

            return read;
        }).ConfigureAwait(false);
        return new()
        {
            Source = client.Name,
            ReadAt = DateTime.UtcNow,
            ClientSap = peer.Client,
            LogicalDevice = peer.LogicalDevice,
            SystemTitle = client.ServerSystemTitle,
            Objects = objects,
        };
    }

    /// <summary>Writes the file, or standard output where none is named.</summary>
    public static void Write(MeterTemplate template, FileInfo? file, TextWriter output)
    {
        if (file is null)
        {
            using var stream = new TextStream(output);
            TemplateFile.Write(template, stream);
            output.WriteLine();
            return;
        }

        // First beside it: an old dump is not lost where the disk is full.
        var temporary = file.FullName + ".part";
        using (var stream = File.Create(temporary)) TemplateFile.Write(template, stream);
        File.Move(temporary, file.FullName, overwrite: true);
    }

    private static async Task<List<TemplateAttribute>> ReadAttributesAsync(
        DlmsClient client, TemplateObject one, ReadOnlyMemory<byte> list, bool withBuffers, CancellationToken cancellationToken)
    {
        var attributes = new List<TemplateAttribute>();
        foreach (var attribute in one.Attributes)
        {
            var target = new AttributeRef(one.ClassId, one.Instance, attribute.Id);
            if (target == ObjectList) attributes.Add(attribute with { Data = list });
            else if (!attribute.Rights.CanRead) attributes.Add(attribute);
            else if (target is { ClassId: 7, AttributeId: 2 } && !withBuffers) attributes.Add(attribute with { Refusal = DataAccessResult.DataBlockUnavailable });
            else attributes.Add(Read(attribute, await client.GetAsync(target, cancellationToken).ConfigureAwait(false)));
        }

        return attributes;
    }

    private static TemplateAttribute Read(TemplateAttribute attribute, RequestResult result) => result.Succeeded
        ? attribute with { Data = result.Data.ToArray() }
        : attribute with { Refusal = result.Failure is RequestFailure.Refused { Result: var refusal } ? refusal : DataAccessResult.OtherReason };

    private static List<TemplateObject> ReadList(ReadOnlySpan<byte> data, string name)
    {
        if (!CosemValue.TryRead(data, out var list, out var error)) throw new CommandException($"{name}: the object list is malformed: {error}");
        var version = VersionOfCurrentAssociation(list);
        var objects = new List<TemplateObject>();
        foreach (var element in list.Elements)
        {
            if (element.Elements is not [var classId, var classVersion, var instance, var rights] || instance.Octets.Length != ObisCode.Size
                || !classId.TryGetNumber(out var id) || !classVersion.TryGetNumber(out var number))
                throw new CommandException($"{name}: element {objects.Count + 1} of the object list is malformed: {element}");
            objects.Add(new((ushort)id, (byte)number, ObisCode.Read(instance.Octets), ReadAttributeRights(rights, version), ReadMethodRights(rights, version)));
        }

        return objects;
    }

    // From version 3 on the modes are masks, before that enumerations.
    private static byte VersionOfCurrentAssociation(in CosemValue list)
    {
        foreach (var element in list.Elements)
        {
            if (element.Elements is [var classId, var version, var instance, ..] && classId.TryGetNumber(out var id) && id == AssociationLn
                && instance.Octets.Length == ObisCode.Size && ObisCode.Read(instance.Octets) == ObjectList.Instance && version.TryGetNumber(out var number)) return (byte)number;
        }

        return 0;
    }

    private static List<TemplateAttribute> ReadAttributeRights(in CosemValue rights, byte version)
    {
        var attributes = new List<TemplateAttribute>();
        if (rights.Elements is not [var list, ..]) return attributes;
        foreach (var item in list.Elements)
        {
            if (item.Elements is not [var id, var mode, ..] || !id.TryGetNumber(out var number) || !mode.TryGetNumber(out var bits)) continue;
            var selectors = new List<sbyte>();
            foreach (var selector in item.Elements.Length > 2 ? item.Elements[2].Elements : default)
            {
                if (selector.TryGetNumber(out var which)) selectors.Add((sbyte)which);
            }

            attributes.Add(new((sbyte)number, version >= 3 ? new((AccessMode)(byte)bits) : AccessRights.FromAttributeMode((byte)bits)) { Selectors = selectors });
        }

        return attributes;
    }

    private static List<TemplateMethod> ReadMethodRights(in CosemValue rights, byte version)
    {
        var methods = new List<TemplateMethod>();
        if (rights.Elements is not [_, var list]) return methods;
        foreach (var item in list.Elements)
        {
            if (item.Elements is [var id, var mode] && id.TryGetNumber(out var number) && mode.TryGetNumber(out var bits))
                methods.Add(new((sbyte)number, version >= 3 ? new((AccessMode)(byte)bits) : AccessRights.FromMethodMode((byte)bits)));
        }

        return methods;
    }
}
