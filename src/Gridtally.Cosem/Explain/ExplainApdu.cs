using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Framing;

namespace Gridtally.Cosem.Explain;

/// <summary>One APDU of any kind.</summary>
internal static class ExplainApdu
{
    /// <summary>Reads one APDU, or several that follow each other.</summary>
    public static void ReadSequence(ExplainCursor cursor, ExplainNode root, ExplainSession session)
    {
        do
        {
            var start = cursor.Position;
            if (OwnLength(cursor.Rest) is var own and > 0 && own < cursor.Remaining && BeginsApdu(cursor.Rest[own..]))
            {
                Read(cursor.Slice(own), root, session);
                continue;
            }

            var before = root.Children.Count;
            ReadOne(cursor, root, session, 0);
            if (cursor.Remaining == 0) return;
            if (cursor.Position > start && BeginsApdu(cursor.Rest)) continue;
            cursor.End(root.Children[before]);
        }
        while (cursor.Remaining > 0);
    }

    /// <summary>Reads all that the cursor holds as one APDU.</summary>
    public static void Read(ExplainCursor cursor, ExplainNode parent, ExplainSession session, int depth = 0)
    {
        var before = parent.Children.Count;
        ReadOne(cursor, parent, session, depth);
        if (cursor.Remaining > 0) cursor.End(parent.Children[before]);
    }

    private static void ReadOne(ExplainCursor cursor, ExplainNode parent, ExplainSession session, int depth)
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
        var node = parent.Add(new(ApduTags.NameOf(tag), null, cursor.Offset, 0) { IsApdu = true });
        Dispatch(cursor, node, tag, session, depth);
        cursor.Close(node, start);
    }

    private static bool BeginsApdu(ReadOnlySpan<byte> octets) => octets.Length > 1 && octets[0] != 0 && Enum.IsDefined((ApduTag)octets[0]);

    /// <summary>Octets of an APDU that says so itself: ACSE and ciphered ones; 0 for the others.</summary>
    private static int OwnLength(ReadOnlySpan<byte> octets)
    {
        if (octets.IsEmpty) return 0;
        var tag = (ApduTag)octets[0];
        if (tag is not (ApduTag.Aarq or ApduTag.Aare or ApduTag.Rlrq or ApduTag.Rlre) && !ApduTags.IsCiphered(tag)) return 0;
        var at = 1;
        if (tag == ApduTag.GeneralCiphering) return 0;
        if (tag is ApduTag.GeneralGloCiphering or ApduTag.GeneralDedCiphering) at += octets.Length > 1 ? 1 + octets[1] : 1;
        if (at >= octets.Length) return 0;
        var first = octets[at++];
        if (first < 0x80) return at + first;
        var count = first & 0x7F;
        if (count is 0 or > 3 || at + count > octets.Length) return 0;
        var length = 0;
        for (var i = 0; i < count; i++) length = length << 8 | octets[at++];
        return at + length;
    }

    private static void Dispatch(ExplainCursor cursor, ExplainNode node, ApduTag tag, ExplainSession session, int depth)
    {
        switch (tag)
        {
            case ApduTag.Aarq or ApduTag.Aare or ApduTag.Rlrq or ApduTag.Rlre: ExplainAcse.Read(cursor, node, tag, session, depth); break;
            case ApduTag.InitiateRequest: ExplainInitiate.ReadRequest(cursor, node, session); break;
            case ApduTag.InitiateResponse: ExplainInitiate.ReadResponse(cursor, node); break;
            case ApduTag.GetRequest: ExplainGet.ReadRequest(cursor, node, session); break;
            case ApduTag.GetResponse: ExplainGet.ReadResponse(cursor, node, session); break;
            case ApduTag.SetRequest: ExplainSet.ReadRequest(cursor, node, session); break;
            case ApduTag.SetResponse: ExplainSet.ReadResponse(cursor, node); break;
            case ApduTag.ActionRequest: ExplainAction.ReadRequest(cursor, node, session); break;
            case ApduTag.ActionResponse: ExplainAction.ReadResponse(cursor, node, session); break;
            case ApduTag.AccessRequest: ExplainAccess.ReadRequest(cursor, node, session); break;
            case ApduTag.AccessResponse: ExplainAccess.ReadResponse(cursor, node, session); break;
            case ApduTag.DataNotification: ExplainNotifications.ReadDataNotification(cursor, node, session); break;
            case ApduTag.DataNotificationConfirm: ExplainNotifications.ReadConfirm(cursor, node); break;
            case ApduTag.EventNotificationRequest: ExplainNotifications.ReadEventNotification(cursor, node, session); break;
            case ApduTag.ExceptionResponse: ExplainErrors.ReadException(cursor, node); break;
            case ApduTag.ConfirmedServiceError: ExplainErrors.ReadConfirmedServiceError(cursor, node); break;
            case ApduTag.GeneralBlockTransfer: ExplainBlocks.ReadGeneral(cursor, node, session, depth); break;
            case ApduTag.GatewayRequest or ApduTag.GatewayResponse: ReadGateway(cursor, node, session, depth); break;
            case ApduTag.GeneralSigning: ExplainGeneral.ReadSigning(cursor, node, session, depth); break;
            case var _ when ApduTags.IsCiphered(tag): ExplainCiphered.Read(cursor, node, tag, session, depth); break;
            case var _ when Enum.IsDefined(tag) && tag != ApduTag.None: ExplainShortNames.Read(cursor, node, tag, session); break;
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
}
