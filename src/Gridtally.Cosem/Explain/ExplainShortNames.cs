using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Data;

namespace Gridtally.Cosem.Explain;

/// <summary>Services with short names: Read, Write, UnconfirmedWrite, InformationReport and their responses.</summary>
/// <remarks>Names are known where the object list of Association SN was read before.</remarks>
internal static class ExplainShortNames
{
    private const byte VariableName = 2, ParameterizedAccess = 4, BlockNumberAccess = 5, ReadDataBlockAccess = 6, WriteDataBlockAccess = 7;

    public static void Read(ExplainCursor cursor, ExplainNode node, ApduTag tag, ExplainSession session)
    {
        cursor.Take(node, 1, "tag");
        switch (tag)
        {
            case ApduTag.ReadRequest: session.Dialogue.Ask(0, ReadAccesses(cursor, node, session)); break;
            case ApduTag.ReadResponse: ReadReadResponse(cursor, node, session); break;
            case ApduTag.WriteRequest or ApduTag.UnconfirmedWriteRequest: ReadWriteRequest(cursor, node, session); break;
            case ApduTag.WriteResponse: ExplainServices.List(cursor, node, "results", (list, i) => ReadWriteResult(cursor, list, i)); break;
            default: ReadReport(cursor, node, session); break;
        }
    }

    private static ExplainRequest ReadAccesses(ExplainCursor cursor, ExplainNode node, ExplainSession session)
    {
        var attributes = new List<AttributeRef>();
        ExplainServices.List(cursor, node, "variables", (list, i) => attributes.Add(ReadAccess(cursor, list, i, session)));
        return new(attributes, [], IsList: true);
    }

    private static AttributeRef ReadAccess(ExplainCursor cursor, ExplainNode list, int index, ExplainSession session)
    {
        var start = cursor.Position;
        var item = cursor.Open(list, $"[{index}]");
        AttributeRef attribute = default;
        var choice = cursor.Byte(item, "access", AccessName);
        switch (choice)
        {
            case VariableName:
                attribute = ReadName(cursor, item, session);
                break;
            case ParameterizedAccess:
                attribute = ReadName(cursor, item, session);
                cursor.Byte(item, "selector");
                if (ExplainData.Read(cursor, item, "parameter") is { } parameter && !cursor.Failed) ExplainPatterns.Apply(parameter);
                break;
            case BlockNumberAccess:
                cursor.UInt16(item, "block-number");
                break;
            case ReadDataBlockAccess:
                var last = cursor.Byte(item, "last-block", ExplainServices.Boolean) != 0;
                var number = cursor.UInt16(item, "block-number");
                if (!cursor.Failed)
                    ExplainBlocks.Take(cursor, item, session, ApduTag.ReadRequest, 0, number, last, (whole, parent) => session.Dialogue.Ask(0, ReadAccesses(whole, parent, session)));
                break;
            case WriteDataBlockAccess:
                cursor.Byte(item, "last-block", ExplainServices.Boolean);
                cursor.UInt16(item, "block-number");
                break;
            default:
                cursor.Fail(item, $"access {VariableName}, {ParameterizedAccess}, {BlockNumberAccess}, {ReadDataBlockAccess} or {WriteDataBlockAccess} expected, got {choice}", start);
                break;
        }

        cursor.Close(item, start);
        return attribute;
    }

    private static AttributeRef ReadName(ExplainCursor cursor, ExplainNode node, ExplainSession session)
    {
        var name = cursor.UInt16(node, "short name", value => $"{value:X4}");
        if (cursor.Failed || session.Dialogue.AttributeAt(name) is not { } attribute) return default;
        node.Children[^1].Meaning = $"{attribute}, {ExplainNames.Of(attribute)}";
        return attribute;
    }

    private static void ReadReadResponse(ExplainCursor cursor, ExplainNode node, ExplainSession session)
    {
        var request = session.Dialogue.Asked(0);
        ExplainServices.List(cursor, node, "results", (list, i) => ReadResult(cursor, list, i, request, session));
    }

    private static void ReadResult(ExplainCursor cursor, ExplainNode list, int index, ExplainRequest? request, ExplainSession session)
    {
        var start = cursor.Position;
        var name = $"[{index}]";
        var choice = cursor.Take(list, 1, name);
        if (cursor.Failed) return;
        switch (choice.Span[0])
        {
            case 0:
                Name(ExplainData.Read(cursor, list, name), cursor, request, index, session);
                break;
            case 1:
                cursor.Byte(list, name, ExplainServices.DataAccess);
                break;
            case 2:
                var item = cursor.Open(list, name, "data block");
                var last = cursor.Byte(item, "last-block", ExplainServices.Boolean) != 0;
                var number = cursor.UInt16(item, "block-number");
                if (cursor.Failed) return;
                ExplainBlocks.Take(cursor, item, session, ApduTag.ReadResponse, 0, number, last, (whole, parent) =>
                    ExplainServices.List(whole, parent, "results", (results, i) => ReadResult(whole, results, i, request, session)));
                break;
            case 3:
                cursor.UInt16(list, name, value => $"block-number {value}");
                break;
            case var other:
                cursor.Fail(list, $"{name}: choice 0 (data), 1 (data-access-error), 2 (data-block-result) or 3 (block-number) expected, got {other}", start);
                break;
        }
    }

    private static void ReadWriteRequest(ExplainCursor cursor, ExplainNode node, ExplainSession session)
    {
        var request = ReadAccesses(cursor, node, session);
        ExplainServices.List(cursor, node, "data", (list, i) => Name(ExplainData.Read(cursor, list, $"[{i}]"), cursor, request, i, session));
    }

    private static void ReadWriteResult(ExplainCursor cursor, ExplainNode list, int index)
    {
        var start = cursor.Position;
        var name = $"[{index}]";
        var choice = cursor.Take(list, 1, name);
        if (cursor.Failed) return;
        switch (choice.Span[0])
        {
            case 0: list.Add(new(name, "success (0)", cursor.OffsetOf(start), 1)); break;
            case 1: cursor.Byte(list, name, ExplainServices.DataAccess); break;
            case 2: cursor.UInt16(list, name, value => $"block-number {value}"); break;
            default: cursor.Fail(list, $"{name}: choice 0 (success), 1 (data-access-error) or 2 (block-number) expected, got {choice.Span[0]}", start); break;
        }
    }

    // informationReportRequest: current-time OPTIONAL (GeneralizedTime, as text), the variables, and a value for each.
    private static void ReadReport(ExplainCursor cursor, ExplainNode node, ExplainSession session)
    {
        if (ExplainServices.Present(cursor, node, "current-time")) cursor.LengthPrefixed(node, "current-time", octets => ExplainServices.TextOrHex(octets.Span));
        var request = ReadAccesses(cursor, node, session);
        ExplainServices.List(cursor, node, "data", (list, i) => Name(ExplainData.Read(cursor, list, $"[{i}]"), cursor, request, i, session));
    }

    private static void Name(ExplainNode? data, ExplainCursor cursor, ExplainRequest? request, int index, ExplainSession session)
    {
        if (data is null || cursor.Failed) return;
        if (request is null || index >= request.Attributes.Count || request.Attributes[index] == default)
        {
            // The object list itself needs no name to be known: what follows it is named by it.
            if (LooksLikeObjectList(data)) ExplainMeaning.OfAttribute(data, new(12, new(0, 0, 40, 0, 0, 255), 2), session);
            else ExplainPatterns.Apply(data);
            return;
        }

        var target = request.Attributes[index];
        ExplainMeaning.OfAttribute(data, target, session);
        data.ObjectName = target.Instance;
        data.Meaning ??= $"{target}, {ExplainNames.Of(target)}";
    }

    private static bool LooksLikeObjectList(ExplainNode data) => data is { Type: DataTag.Array, Children.Count: > 0 } && data.Children[0] is
    { Type: DataTag.Structure, Children: [{ Type: DataTag.Long }, { Type: DataTag.LongUnsigned }, { Type: DataTag.Unsigned }, { Type: DataTag.OctetString, Content.Length: 6 }] };

    private static string AccessName(byte value) => value switch
    {
        VariableName => "variable-name",
        ParameterizedAccess => "parameterized-access",
        BlockNumberAccess => "block-number-access",
        ReadDataBlockAccess => "read-data-block-access",
        WriteDataBlockAccess => "write-data-block-access",
        _ => value.ToString(),
    };
}
