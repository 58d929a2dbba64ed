using System.Buffers;
using Gridtally.Cosem.Data;

namespace Gridtally.Cosem.Server;

/// <content>The object lists of associations.</content>
public sealed partial class ObjectTable<TDevice>
{
    /// <summary>Version of Association LN that devices of today have.</summary>
    internal const byte UsualAssociationVersion = 2;

    /// <summary>Writes object_list of Association LN version 2 as <paramref name="clientSap"/> sees it.</summary>
    public void WriteObjectList(ushort clientSap, IBufferWriter<byte> output) => WriteObjectList(clientSap, UsualAssociationVersion, ObjectSelection.All, output);

    /// <summary>Writes object_list as the asking client sees it, or the part of it that its selector asks for.</summary>
    /// <param name="context">Who asks, and for which part.</param>
    /// <param name="version">Version of Association LN, 0 to 3: it decides how access is written.</param>
    /// <param name="output">Encoded Data.</param>
    /// <returns>type-unmatched where the parameters are not those of the selector.</returns>
    /// <remarks>Blue Book, class 15, attribute 2. Access of methods is a boolean in version 0; from version 3 on, access is a mask: <see cref="AccessMode"/>.</remarks>
    public DataAccessResult WriteObjectList(in RequestContext context, byte version, IBufferWriter<byte> output) =>
        WriteObjectList(context.ClientSap, context, version, output);

    /// <summary>Writes object_list of Association SN: base name, class, version and logical name of each object.</summary>
    /// <param name="clientSap">As who sees it.</param>
    /// <param name="baseNameOf">Base name of an object; null for one that has none, which is left out.</param>
    /// <param name="output">Encoded Data.</param>
    public void WriteShortNameList(ushort clientSap, Func<ObjectEntry<TDevice>, short?> baseNameOf, IBufferWriter<byte> output)
    {
        var listed = Named(clientSap, baseNameOf);
        output.WriteArray(listed.Count);
        foreach (var (entry, baseName) in listed)
        {
            output.WriteStructure(4);
            output.WriteLong(baseName);
            output.WriteLongUnsigned(entry.Class.Id);
            output.WriteUnsigned(entry.Class.Version);
            output.WriteObis(entry.LogicalName);
        }
    }

    /// <summary>Writes access_rights_list of Association SN.</summary>
    /// <inheritdoc cref="WriteShortNameList"/>
    public void WriteShortNameRights(ushort clientSap, Func<ObjectEntry<TDevice>, short?> baseNameOf, IBufferWriter<byte> output)
    {
        var listed = Named(clientSap, baseNameOf);
        output.WriteArray(listed.Count);
        foreach (var (entry, baseName) in listed)
        {
            output.WriteStructure(3);
            output.WriteLong(baseName);
            entry.WriteRights(clientSap, UsualAssociationVersion, output);
        }
    }

    /// <summary>As <paramref name="owner"/> sees it, which is not the client that asks where it reads the association of another.</summary>
    internal DataAccessResult WriteObjectList(ushort owner, in RequestContext context, byte version, IBufferWriter<byte> output)
    {
        if (ObjectSelection.Read(context.Selector, context.SelectorParameters) is not { } selection) return DataAccessResult.TypeUnmatched;
        WriteObjectList(owner, version, selection, output);
        return DataAccessResult.Success;
    }

    private void WriteObjectList(ushort clientSap, byte version, ObjectSelection selection, IBufferWriter<byte> output)
    {
        var count = 0;
        foreach (var entry in _ordered)
        {
            if (IsListed(entry)) count++;
        }

        output.WriteArray(count);
        foreach (var entry in _ordered)
        {
            if (IsListed(entry)) entry.WriteListElement(clientSap, version, output);
        }

        bool IsListed(ObjectEntry<TDevice> entry) => entry.VisibleTo.Contains(clientSap) && selection.Selects(entry.Class.Id, entry.LogicalName);
    }

    private List<(ObjectEntry<TDevice> Entry, short BaseName)> Named(ushort clientSap, Func<ObjectEntry<TDevice>, short?> baseNameOf) =>
    [
        .. _ordered.Where(entry => entry.VisibleTo.Contains(clientSap)).Select(entry => (entry, baseNameOf(entry)))
            .Where(pair => pair.Item2 is not null).Select(pair => (pair.entry, pair.Item2!.Value)),
    ];
}
