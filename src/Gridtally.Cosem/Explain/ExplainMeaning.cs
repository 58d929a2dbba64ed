using System.Buffers.Binary;
using Gridtally.Cosem.Classes;
using Gridtally.Cosem.Data;
using Gridtally.Metering;

namespace Gridtally.Cosem.Explain;

/// <summary>Gives values a meaning: of an attribute that is known, or of what stands beside them.</summary>
internal static class ExplainMeaning
{
    private const ushort ProfileGeneric = 7, AssociationSn = 12, AssociationLn = 15, PushSetup = 40;

    /// <summary>The value of an attribute that was read, written or notified.</summary>
    public static void OfAttribute(ExplainNode value, in AttributeRef target, ExplainSession session, ExplainRequest? request = null)
    {
        var dialogue = session.Dialogue;
        if (IsScale(target) && ExplainValues.TryScalerUnit(value, out var told)) dialogue.LearnScale(target.Instance, told);
        switch (target)
        {
            case { ClassId: ProfileGeneric, AttributeId: 2 }:
                foreach (var row in value.Children) ExplainPatterns.Apply(row);
                ExplainRows.Apply(value, Columns(target.Instance, dialogue, request), dialogue.PeriodOf(target.Instance), dialogue);
                return;
            case { ClassId: ProfileGeneric, AttributeId: 3 }:
                dialogue.LearnColumns(target.Instance, ColumnsIn(value));
                break;
            case { ClassId: ProfileGeneric, AttributeId: 4 } when ExplainValues.TryNumber(value, out var period) && period is >= 0 and <= uint.MaxValue:
                dialogue.LearnPeriod(target.Instance, (uint)period);
                break;
            case { ClassId: PushSetup, AttributeId: 2 }:
                dialogue.LearnPushList(target.Instance, ColumnsIn(value));
                break;
            case { ClassId: AssociationLn or AssociationSn, AttributeId: 2 }:
                OfObjectList(value, target.ClassId, dialogue);
                break;
        }

        if (ClassNames.TypeOf(target, dialogue.VersionOf(target.ClassId, target.Instance)) is { } type) ExplainTypes.Apply(value, type);
        ExplainPatterns.Apply(value);
        OfValue(value, target, dialogue);
    }

    /// <summary>What a method takes.</summary>
    public static void OfArgument(ExplainNode value, in MethodRef method, ExplainDialogue dialogue)
    {
        if (ClassNames.TypeOf(method, dialogue.VersionOf(method.ClassId, method.Instance)) is { } type) ExplainTypes.Apply(value, type);
        ExplainPatterns.Apply(value);
    }

    /// <summary>What a method gave back.</summary>
    public static void OfReturn(ExplainNode value, in MethodRef method)
    {
        if (InterfaceClasses.Find(method.ClassId)?.Method(method.MethodId)?.Returns is { } type) ExplainTypes.Apply(value, type);
        ExplainPatterns.Apply(value);
    }

    /// <summary>The body of a notification: by the push list where the capture has it, else by what stands beside the values.</summary>
    public static void OfNotification(ExplainNode body, ExplainSession session)
    {
        ExplainPatterns.Apply(body);
        if (body.Type != DataTag.Structure || (OwnPushList(body) ?? session.Dialogue.PushListOf(body.Children.Count)) is not { } list) return;
        for (var i = 0; i < list.Length; i++)
        {
            var (element, column) = (body.Children[i], list[i]);
            if (column.DataIndex != 0 || column.Object == default) continue;
            if (column.Object is not { ClassId: PushSetup, AttributeId: 2 } && element.Scaled is null) OfAttribute(element, column.Object, session);
            element.ObjectName ??= column.Object.Instance;
            element.Meaning ??= ExplainNames.OfColumn(column.Object);
        }
    }

    // Some devices push their push_object_list along: as its own first entry says, it stands first in the body.
    private static ExplainColumn[]? OwnPushList(ExplainNode body)
    {
        if (body.Children.Count == 0 || body.Children[0] is not { Type: DataTag.Array } list || list.Children.Count != body.Children.Count) return null;
        var columns = ColumnsIn(list);
        return columns[0].Object is { ClassId: PushSetup, AttributeId: 2 } ? columns : null;
    }

    /// <summary>A simple value of a known attribute: scaled, or in the words of its enumeration, event or register.</summary>
    public static void OfValue(ExplainNode value, in AttributeRef target, ExplainDialogue dialogue)
    {
        if (!ExplainValues.TryNumber(value, out var number)) return;
        if (IsScaled(target) && dialogue.ScaleOf(target.Instance) is { } scale) Scale(value, number, scale);
        else if (OfCode(target.Instance, value, number) is { } meaning && target.AttributeId == 2) value.Meaning = meaning;
    }

    /// <summary>Sets what a number is in its unit.</summary>
    public static void Scale(ExplainNode value, decimal number, ScalerUnit scale)
    {
        if (value.Type is DataTag.Enum or DataTag.Boolean || !ExplainValues.TryScale(number, scale, out var scaled)) return;
        (value.Scaled, value.Unit) = (scaled, scale.Unit.Symbol());
    }

    /// <summary>Codes and bits that some objects hold: events, alarms, the status of a profile.</summary>
    public static string? OfCode(ObisCode instance, ExplainNode value, decimal number) => instance switch
    {
        { A: 0, C: 96, D: 11 } when number is >= 0 and <= 255 => EventMeanings.Find((int)number),
        { A: 0, B: 0, C: 97, D: 98, E: 0 or 10 or 20 } when number is >= 0 and <= uint.MaxValue && EventMeanings.AlarmsOf((uint)number) is { Length: > 0 } alarms => alarms,
        { A: 0, C: 96, D: 10, E: 1 or 2 } when value.Type == DataTag.Unsigned && EventMeanings.ProfileStatusOf((byte)number) is { Length: > 0 } status => status,
        _ => null,
    };

    /// <summary>The selection that a request for a profile's buffer was made with.</summary>
    public static ExplainRequest WithSelection(ExplainRequest request, int selector, ExplainNode? parameters)
    {
        if (parameters is not { Type: DataTag.Structure, Children.Count: 4 }) return request;
        if (selector == 1 && parameters.Children[3] is { Type: DataTag.Array, Children.Count: > 0 } columns) return request with { Columns = ColumnsIn(columns) };
        return selector == 2 && ExplainValues.TryNumber(parameters.Children[2], out var first) && ExplainValues.TryNumber(parameters.Children[3], out var last)
            ? request with { ColumnRange = ((int)Math.Min(first, ushort.MaxValue), (int)Math.Min(last, ushort.MaxValue)) }
            : request;
    }

    private static bool IsScale(in AttributeRef target) => target is { ClassId: 3 or 4, AttributeId: 3 } or { ClassId: 5 or 61, AttributeId: 4 };

    private static bool IsScaled(in AttributeRef target) => target is { ClassId: 3 or 4, AttributeId: 2 } or { ClassId: 5, AttributeId: 2 or 3 };

    private static IReadOnlyList<ExplainColumn>? Columns(ObisCode profile, ExplainDialogue dialogue, ExplainRequest? request)
    {
        if (request?.Columns is { } selected) return selected;
        if (dialogue.ColumnsOf(profile) is not { } all) return null;
        var (first, last) = request?.ColumnRange ?? (1, 0);
        first = Math.Clamp(first, 1, all.Length + 1);
        last = last == 0 ? all.Length : Math.Clamp(last, first - 1, all.Length);
        return all[(first - 1)..last];
    }

    private static ExplainColumn[] ColumnsIn(ExplainNode list) =>
        [.. list.Children.Select(c => ExplainValues.TryReference(c, out var reference, out var index) ? new ExplainColumn(reference, index) : default)];

    private static void OfObjectList(ExplainNode list, ushort association, ExplainDialogue dialogue)
    {
        foreach (var item in list.Children)
        {
            if (item.Type != DataTag.Structure || item.Children.Count < 4) continue;
            var (classNode, versionNode, name) = association == AssociationSn ? (item.Children[1], item.Children[2], item.Children[3]) : (item.Children[0], item.Children[1], item.Children[2]);
            if (!ExplainValues.TryNumber(classNode, out var classId) || classId is < 0 or > ushort.MaxValue || !ExplainValues.TryObis(name, out var code)) continue;
            item.Meaning = $"{ExplainNames.OfClass((int)classId)} {code}{(ObisMeanings.Find(code) is { } meaning ? $", {meaning}" : "")}";
            if (ExplainValues.TryNumber(versionNode, out var version) && version is >= 0 and <= byte.MaxValue) dialogue.LearnVersion((ushort)classId, code, (byte)version);
            if (association == AssociationSn && item.Children[0] is { Type: DataTag.Long, Content.Length: 2 } baseName)
                dialogue.LearnShortName(BinaryPrimitives.ReadUInt16BigEndian(baseName.Content.Span), (ushort)classId, code);
        }
    }
}
