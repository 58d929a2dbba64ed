using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Framing;

namespace Gridtally.Cosem.Explain;

/// <summary>One APDU of any kind.</summary>
internal static class ExplainApdu
{
    /// <summary>Reads all that the cursor holds as one APDU.</summary>
    public static void Read(ExplainCursor cursor, ExplainNode parent, ExplainSession session, int depth = 0)
    {
        if (cursor.Remaining == 0)
        {
            cursor.Fail(parent, "an APDU is expected, nothing is there");
            return;
        }

        if (depth > Limits.MaxNesting)
        {
            cursor.Fail(parent, $"APDUs nested deeper than {Limits.MaxNesting} levels");
            return;
        }

        var start = cursor.Position;
        var tag = (ApduTag)cursor.Peek();
        var node = cursor.Open(parent, ApduTags.NameOf(tag));
        Dispatch(cursor, node, tag, session, depth);
        cursor.End(node);
        cursor.Close(node, start);
    }

    private static void Dispatch(ExplainCursor cursor, ExplainNode node, ApduTag tag, ExplainSession session, int depth)
    {
        switch (tag)
        {
            case ApduTag.Aarq or ApduTag.Aare or ApduTag.Rlrq or ApduTag.Rlre: ExplainAcse.Read(cursor, node, tag, session, depth); break;
            case ApduTag.InitiateRequest: ExplainInitiate.ReadRequest(cursor, node, session); break;
            case ApduTag.InitiateResponse: ExplainInitiate.ReadResponse(cursor, node); break;
            case ApduTag.GetRequest: ExplainGet.ReadRequest(cursor, node); break;
            case ApduTag.GetResponse: ExplainGet.ReadResponse(cursor, node); break;
            case ApduTag.SetRequest: ExplainSet.ReadRequest(cursor, node); break;
            case ApduTag.SetResponse: ExplainSet.ReadResponse(cursor, node); break;
            case ApduTag.ActionRequest: ExplainAction.ReadRequest(cursor, node); break;
            case ApduTag.ActionResponse: ExplainAction.ReadResponse(cursor, node); break;
            case ApduTag.AccessRequest: ExplainAccess.ReadRequest(cursor, node); break;
            case ApduTag.AccessResponse: ExplainAccess.ReadResponse(cursor, node); break;
            case ApduTag.DataNotification: ExplainNotifications.ReadDataNotification(cursor, node); break;
            case ApduTag.DataNotificationConfirm: ExplainNotifications.ReadConfirm(cursor, node); break;
            case ApduTag.EventNotificationRequest: ExplainNotifications.ReadEventNotification(cursor, node); break;
            case ApduTag.ExceptionResponse: ExplainErrors.ReadException(cursor, node); break;
            case ApduTag.ConfirmedServiceError: ExplainErrors.ReadConfirmedServiceError(cursor, node); break;
            case ApduTag.GeneralBlockTransfer: ReadBlock(cursor, node, session, depth); break;
            case ApduTag.GatewayRequest or ApduTag.GatewayResponse: ReadGateway(cursor, node, session, depth); break;
            case ApduTag.GeneralCiphering: ExplainGeneral.ReadCiphering(cursor, node); break;
            case ApduTag.GeneralSigning: ExplainGeneral.ReadSigning(cursor, node, session, depth); break;
            case var _ when ApduTags.IsCiphered(tag): ExplainCiphered.Read(cursor, node, tag, session, depth); break;
            case var _ when Enum.IsDefined(tag) && tag != ApduTag.None: ReadShortName(cursor, node); break;
            default: cursor.Fail(node, $"{(byte)tag:X2} is not the tag of an APDU"); break;
        }
    }

    private static void ReadGateway(ExplainCursor cursor, ExplainNode node, ExplainSession session, int depth)
    {
        if (!GatewayHeader.TryRead(cursor.Rest, out _, out _, out var error))
        {
            cursor.Fail(node, $"gateway header: {error.Fault}", cursor.Position + error.Offset);
            return;
        }

        cursor.Take(node, 1, "tag");
        cursor.Byte(node, "network id");
        cursor.LengthPrefixed(node, "physical device address", octets => ExplainServices.TextOrHex(octets.Span));
        Read(cursor.Slice(cursor.Remaining), node, session, depth + 1);
    }

    private static void ReadBlock(ExplainCursor cursor, ExplainNode node, ExplainSession session, int depth)
    {
        cursor.Take(node, 1, "tag");
        var control = cursor.Byte(node, "block-control", value => $"{((value & 0x80) != 0 ? "last block, " : "")}{((value & 0x40) != 0 ? "streaming, " : "")}window {value & 0x3F}");
        var number = cursor.UInt16(node, "block-number");
        cursor.UInt16(node, "block-number-ack");
        if ((control & 0x80) == 0 || number != 1)
        {
            cursor.LengthPrefixed(node, "block-data");
            return;
        }

        // The only block: its data is a whole APDU.
        var length = cursor.Length(node, "block-data");
        if (length > cursor.Remaining) cursor.Fail(node, $"block-data: its length says {length} octets, {cursor.Remaining} are left");
        else if (length > 0) Read(cursor.Slice(length), node, session, depth + 1);
    }

    private static void ReadShortName(ExplainCursor cursor, ExplainNode node)
    {
        cursor.Bytes(node, "body", cursor.Remaining);
        node.Note = "Services with short names are not taken apart.";
    }
}
