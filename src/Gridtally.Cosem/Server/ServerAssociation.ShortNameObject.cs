using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Data;
using Gridtally.Cosem.Security;
using Gridtally.Cosem.ShortNames;

namespace Gridtally.Cosem.Server;

/// <content>The current association as an object: class 12 Association SN, at FA00.</content>
/// <remarks>Blue Book, class 12, version 2.</remarks>
public sealed partial class ServerAssociation
{
    private const sbyte ReadByLogicalName = 3;
    private const sbyte ReplyToHlsWithShortNames = 8;
    private const sbyte ObjectList = 2, AccessRightsList = 3, SecuritySetupReference = 4;

    private static bool IsOwnAssociation(in ShortNameTarget target) => target.Object.BaseName == ShortNameMap.Association;

    private DataAccessResult ReadAssociation(sbyte attribute, byte selector)
    {
        if (selector != 0) return DataAccessResult.ScopeOfAccessViolated;
        switch (attribute)
        {
            case 1: _answer.WriteObis(ShortNameMap.AssociationName); return DataAccessResult.Success;
            case ObjectList: WriteShortNameList(static (output, one, _) => ShortNameMap.WriteElement(output, one)); return DataAccessResult.Success;
            case AccessRightsList: WriteShortNameList(WriteRights); return DataAccessResult.Success;
            case SecuritySetupReference: _answer.WriteOctetString([]); return DataAccessResult.Success;
            default: return DataAccessResult.ReadWriteDenied;
        }
    }

    /// <summary>Writes an array with an element for each object that the client may see.</summary>
    private void WriteShortNameList(Action<ApduBuffer, ShortNameObject, ServerAssociation> write)
    {
        var count = 0;
        foreach (var one in Names.Objects) count += IsVisible(one) ? 1 : 0;
        _answer.WriteArray(count);
        foreach (var one in Names.Objects)
        {
            if (IsVisible(one)) write(_answer, one, this);
        }
    }

    private bool IsVisible(in ShortNameObject one) =>
        one.BaseName == ShortNameMap.Association || _device.AccessTo(new AttributeRef(one.ClassId, one.LogicalName, 1), ClientSap) is null or { CanRead: true };

    /// <summary>One element of access_rights_list. An attribute or method whose rights the device does not tell is left out.</summary>
    private static void WriteRights(ApduBuffer output, ShortNameObject one, ServerAssociation association)
    {
        output.WriteStructure(3);
        output.WriteLong((short)one.BaseName);
        var spec = one.Class;
        var attributes = spec?.Attributes.Where(a => association.RightsTo(one, a.Id) is not null).ToList() ?? [];
        output.WriteArray(attributes.Count);
        foreach (var attribute in attributes)
        {
            output.WriteStructure(3);
            output.WriteInteger(attribute.Id);
            output.WriteEnum(association.RightsTo(one, attribute.Id)!.Value.ToAttributeMode());
            output.WriteNull();
        }

        var methods = spec?.Methods.Where(m => association.RightsToMethod(one, m.Id) is not null).ToList() ?? [];
        output.WriteArray(methods.Count);
        foreach (var method in methods)
        {
            output.WriteStructure(2);
            output.WriteInteger(method.Id);
            output.WriteEnum(association.RightsToMethod(one, method.Id)!.Value.ToMethodMode());
        }
    }

    private AccessRights? RightsTo(in ShortNameObject one, sbyte attribute) => one.BaseName == ShortNameMap.Association
        ? attribute <= SecuritySetupReference ? new(AccessMode.Read) : AccessRights.None
        : _device.AccessTo(new AttributeRef(one.ClassId, one.LogicalName, attribute), ClientSap);

    private AccessRights? RightsToMethod(in ShortNameObject one, sbyte method) => one.BaseName == ShortNameMap.Association
        ? method is ReadByLogicalName or ReplyToHlsWithShortNames ? new(AccessMode.Invoke) : AccessRights.None
        : _device.AccessTo(new MethodRef(one.ClassId, one.LogicalName, method), ClientSap);

    /// <summary>
    /// read_by_logicalname: an array of class, logical name and attribute brings an array of values, null-data for what can't be read.
    /// </summary>
    private DataAccessResult ReadByLogicalNames(ReadOnlySpan<byte> parameter, ref Wrapping wrapping)
    {
        var reader = new AxdrReader(parameter);
        if (!reader.TryReadArray(out var count) || count > Limits.MaxListItems) return DataAccessResult.TypeUnmatched;
        _answer.WriteArray(count);
        for (var i = 0; i < count; i++)
        {
            if (!reader.TryReadStructureOf(3) || !reader.TryReadNumber(out var classId) || !reader.TryReadObis(out var name) || !reader.TryReadNumber(out var attribute)
                || classId is < 0 or > ushort.MaxValue || attribute is < 1 or > sbyte.MaxValue) return DataAccessResult.TypeUnmatched;
            var start = _answer.Length;
            if (start <= Limits.MaxReassembly && ReadOne(new((ushort)classId, name, (sbyte)attribute), 0, default, ref wrapping) == DataAccessResult.Success) continue;
            _answer.Truncate(start);
            _answer.WriteNull();
        }

        return reader.TryEnd() ? DataAccessResult.Success : DataAccessResult.TypeUnmatched;
    }
}
