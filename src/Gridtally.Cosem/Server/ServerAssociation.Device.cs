using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Data;
using Gridtally.Cosem.Security;
using Gridtally.Metering;

namespace Gridtally.Cosem.Server;

/// <content>The one way from every service to the device's attributes and methods.</content>
public sealed partial class ServerAssociation
{
    private bool MaySelect(byte selector) => selector == 0 || Grants(ServiceForms.Selection);

    private RequestContext Context(byte selector, ReadOnlySpan<byte> parameters) => new()
    {
        ClientSap = ClientSap,
        IsAnswered = !_silent,
        Selector = selector,
        SelectorParameters = parameters,
    };

    /// <summary>Appends the value of an attribute to the answer. What is there after another result than success must be taken back.</summary>
    private DataAccessResult Read(in AttributeRef target, byte selector, ReadOnlySpan<byte> parameters, ref Wrapping wrapping) =>
        target.AttributeId == 0 ? ReadAll(target, ref wrapping) : ReadOne(target, selector, parameters, ref wrapping);

    private DataAccessResult ReadOne(in AttributeRef target, byte selector, ReadOnlySpan<byte> parameters, ref Wrapping wrapping) =>
        Admits(_device.RightsOf(target, ClientSap), ref wrapping) ? _device.Get(target, Context(selector, parameters), _answer) : DataAccessResult.ReadWriteDenied;

    /// <summary>Attribute 0: a structure of all attributes, null-data for those that the client may not read.</summary>
    private DataAccessResult ReadAll(in AttributeRef target, ref Wrapping wrapping)
    {
        if (!Grants(ServiceForms.AllAttributes(ApduTag.GetRequest))) return DataAccessResult.ScopeOfAccessViolated;
        var count = _device.AttributesOf(target.ClassId, target.Instance, ClientSap);
        if (count == 0) return DataAccessResult.ObjectUndefined;
        _answer.WriteStructure(count);
        for (var id = 1; id <= count; id++)
        {
            var start = _answer.Length;
            if (ReadOne(target with { AttributeId = (sbyte)id }, 0, default, ref wrapping) == DataAccessResult.Success) continue;
            _answer.Truncate(start);
            _answer.WriteNull();
        }

        return DataAccessResult.Success;
    }

    private DataAccessResult Write(in AttributeRef target, byte selector, ReadOnlySpan<byte> parameters, ReadOnlySpan<byte> data, ref Wrapping wrapping) =>
        target.AttributeId == 0 ? WriteAll(target, data, ref wrapping) : WriteOne(target, selector, parameters, data, ref wrapping);

    private DataAccessResult WriteOne(in AttributeRef target, byte selector, ReadOnlySpan<byte> parameters, ReadOnlySpan<byte> data, ref Wrapping wrapping) =>
        Admits(_device.RightsOf(target, ClientSap), ref wrapping) ? _device.Set(target, Context(selector, parameters), data) : DataAccessResult.ReadWriteDenied;

    /// <summary>
    /// Attribute 0: a structure with an element for each attribute, null-data for those that stay as they are. The first attribute that can't be
    /// written ends it; those before it are written.
    /// </summary>
    private DataAccessResult WriteAll(in AttributeRef target, ReadOnlySpan<byte> data, ref Wrapping wrapping)
    {
        if (!Grants(ServiceForms.AllAttributes(ApduTag.SetRequest))) return DataAccessResult.ScopeOfAccessViolated;
        var count = _device.AttributesOf(target.ClassId, target.Instance, ClientSap);
        if (count == 0) return DataAccessResult.ObjectUndefined;
        var reader = new AxdrReader(data);
        if (!reader.TryReadStructureOf(count)) return DataAccessResult.TypeUnmatched;
        for (var id = 1; id <= count && reader.TrySkip(out var element); id++)
        {
            if (element is [(byte)DataTag.NullData] || (id == 1 && IsName(element, target.Instance))) continue;
            var result = WriteOne(target with { AttributeId = (sbyte)id }, 0, default, element, ref wrapping);
            if (result != DataAccessResult.Success) return result;
        }

        return DataAccessResult.Success;
    }

    /// <summary>True for the object's own logical name: an object that was read with attribute 0 can be written back as it is.</summary>
    private static bool IsName(ReadOnlySpan<byte> element, ObisCode instance)
    {
        var reader = new AxdrReader(element);
        return reader.TryReadObis(out var name) && name == instance;
    }

    /// <summary>Invokes a method, and appends what it returns to the answer. The passes of HLS are the association's own business and over by now.</summary>
    private ActionResult Invoke(in MethodRef target, ReadOnlySpan<byte> parameter, ref Wrapping wrapping) =>
        target != ReplyToHls && Admits(_device.RightsOf(target, ClientSap), ref wrapping)
            ? _device.Invoke(target, Context(0, default), parameter, _answer)
            : ActionResult.ReadWriteDenied;
}
