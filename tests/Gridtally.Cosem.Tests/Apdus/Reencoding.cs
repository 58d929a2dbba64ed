using System.Buffers;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Data;
using static Gridtally.Testing.Bytes;

namespace Gridtally.Cosem.Tests;

/// <summary>Writes an APDU anew from what was read of it, member by member: what comes out alike was read in full.</summary>
internal static class Reencoding
{
    public static byte[] Of(byte[] apdu) => Written(w =>
    {
        switch ((ApduTag)apdu[0])
        {
            case ApduTag.GetRequest: Get(apdu, w); break;
            case ApduTag.GetResponse: GetAnswer(apdu, w); break;
            case ApduTag.SetRequest: Set(apdu, w); break;
            case ApduTag.SetResponse: SetAnswer(apdu, w); break;
            case ApduTag.ActionRequest: Action(apdu, w); break;
            case ApduTag.ActionResponse: ActionAnswer(apdu, w); break;
            case ApduTag.AccessRequest: Access(apdu, w); break;
            case ApduTag.AccessResponse: AccessAnswer(apdu, w); break;
            default: Others(apdu, w); break;
        }
    });

    private static void Get(byte[] apdu, IBufferWriter<byte> w)
    {
        Assert.True(GetRequest.TryRead(apdu, out var r, out var error), error.ToString());
        if (r.Kind == GetRequestKind.Normal) GetRequest.WriteNormal(w, r.InvokeId, r.Target, r.Selector, r.Parameters);
        else if (r.Kind == GetRequestKind.Next) GetRequest.WriteNext(w, r.InvokeId, r.BlockNumber);
        else
        {
            GetRequest.WriteListHead(w, r.InvokeId, r.Items.Count);
            Items(r.Items, w);
        }
    }

    private static void GetAnswer(byte[] apdu, IBufferWriter<byte> w)
    {
        Assert.True(GetResponse.TryRead(apdu, out var r, out var error), error.ToString());
        switch (r.Kind)
        {
            case GetResponseKind.Normal when r.Result != DataAccessResult.Success: GetResponse.WriteNormal(w, r.InvokeId, r.Result); break;
            case GetResponseKind.Normal:
                GetResponse.WriteNormalHead(w, r.InvokeId);
                w.Write(r.Data);
                break;
            case GetResponseKind.WithDatablock when r.Result != DataAccessResult.Success:
                Assert.True(r.LastBlock);
                GetResponse.WriteBlock(w, r.InvokeId, r.BlockNumber, r.Result);
                break;
            case GetResponseKind.WithDatablock: GetResponse.WriteBlock(w, r.InvokeId, r.LastBlock, r.BlockNumber, r.Data); break;
            default:
                GetResponse.WriteListHead(w, r.InvokeId, r.Items.Count);
                foreach (var item in r.Items)
                {
                    w.WriteByte(item.Result == DataAccessResult.Success ? (byte)0 : (byte)1);
                    if (item.Result == DataAccessResult.Success) w.Write(item.Data);
                    else w.WriteByte((byte)item.Result);
                }

                break;
        }
    }

    private static void Set(byte[] apdu, IBufferWriter<byte> w)
    {
        Assert.True(SetRequest.TryRead(apdu, out var r, out var error), error.ToString());
        switch (r.Kind)
        {
            case SetRequestKind.Normal: SetRequest.WriteNormal(w, r.InvokeId, r.Target, r.Selector, r.Parameters, r.Data); break;
            case SetRequestKind.WithFirstDatablock: SetRequest.WriteFirstBlock(w, r.InvokeId, r.Target, r.Selector, r.Parameters, r.LastBlock, r.BlockNumber, r.Data); break;
            case SetRequestKind.WithDatablock: SetRequest.WriteBlock(w, r.InvokeId, r.LastBlock, r.BlockNumber, r.Data); break;
            case SetRequestKind.WithList:
                SetRequest.WriteListHead(w, r.InvokeId, r.Items.Count);
                Items(r.Items, w);
                Values(r.Values, w);
                break;
            default:
                SetRequest.WriteListFirstBlockHead(w, r.InvokeId, r.Items.Count);
                Items(r.Items, w);
                SetRequest.WriteListBlock(w, r.LastBlock, r.BlockNumber, r.Data);
                break;
        }
    }

    private static void SetAnswer(byte[] apdu, IBufferWriter<byte> w)
    {
        Assert.True(SetResponse.TryRead(apdu, out var r, out var error), error.ToString());
        switch (r.Kind)
        {
            case SetResponseKind.Normal: SetResponse.WriteNormal(w, r.InvokeId, r.Result); break;
            case SetResponseKind.Datablock: SetResponse.WriteBlock(w, r.InvokeId, r.BlockNumber); break;
            case SetResponseKind.LastDatablock: SetResponse.WriteLastBlock(w, r.InvokeId, r.Result, r.BlockNumber); break;
            case SetResponseKind.WithList:
                SetResponse.WriteListHead(w, r.InvokeId, r.Results.Length);
                w.Write(r.Results);
                break;
            default:
                SetResponse.WriteLastBlockListHead(w, r.InvokeId, r.Results.Length);
                w.Write(r.Results);
                w.WriteUInt32(r.BlockNumber);
                break;
        }
    }

    private static void Action(byte[] apdu, IBufferWriter<byte> w)
    {
        Assert.True(ActionRequest.TryRead(apdu, out var r, out var error), error.ToString());
        switch (r.Kind)
        {
            case ActionRequestKind.Normal: ActionRequest.WriteNormal(w, r.InvokeId, r.Target, r.Parameter); break;
            case ActionRequestKind.NextPblock: ActionRequest.WriteNext(w, r.InvokeId, r.BlockNumber); break;
            case ActionRequestKind.WithFirstPblock: ActionRequest.WriteFirstBlock(w, r.InvokeId, r.Target, r.LastBlock, r.BlockNumber, r.Raw); break;
            case ActionRequestKind.WithPblock: ActionRequest.WriteBlock(w, r.InvokeId, r.LastBlock, r.BlockNumber, r.Raw); break;
            case ActionRequestKind.WithList:
                ActionRequest.WriteListHead(w, r.InvokeId, r.Items.Count);
                foreach (var item in r.Items) item.Method.WriteTo(w);
                Values(r.Parameters, w);
                break;
            default:
                ActionRequest.WriteListFirstBlockHead(w, r.InvokeId, r.Items.Count);
                foreach (var item in r.Items) item.Method.WriteTo(w);
                ActionRequest.WriteListBlock(w, r.LastBlock, r.BlockNumber, r.Raw);
                break;
        }
    }

    private static void ActionAnswer(byte[] apdu, IBufferWriter<byte> w)
    {
        Assert.True(ActionResponse.TryRead(apdu, out var r, out var error), error.ToString());
        switch (r.Kind)
        {
            case ActionResponseKind.Normal when r.Data.IsEmpty: ActionResponse.WriteNormal(w, r.InvokeId, r.Result); break;
            case ActionResponseKind.Normal:
                ActionResponse.WriteNormalHead(w, r.InvokeId);
                w.Write(r.Data);
                break;
            case ActionResponseKind.WithPblock: ActionResponse.WriteBlock(w, r.InvokeId, r.LastBlock, r.BlockNumber, r.Data); break;
            case ActionResponseKind.NextPblock: ActionResponse.WriteNext(w, r.InvokeId, r.BlockNumber); break;
            default:
                ActionResponse.WriteListHead(w, r.InvokeId, r.Items.Count);
                foreach (var item in r.Items)
                {
                    if (item.Data.IsEmpty) ActionResponse.WriteItem(w, item.Result);
                    else
                    {
                        ActionResponse.WriteDataHead(w);
                        w.Write(item.Data);
                    }
                }

                break;
        }
    }

    private static void Access(byte[] apdu, IBufferWriter<byte> w)
    {
        Assert.True(AccessRequest.TryRead(apdu, out var r, out var error), error.ToString());
        AccessRequest.WriteHead(w, r.InvokeId, r.DateTime, r.Specifications.Count);
        foreach (var s in r.Specifications) AccessSpecification.Write(w, s.Kind, s.Attribute, s.Selector, s.Parameters);
        Values(r.Values, w);
    }

    private static void AccessAnswer(byte[] apdu, IBufferWriter<byte> w)
    {
        Assert.True(AccessResponse.TryRead(apdu, out var r, out var error), error.ToString());
        AccessResponse.WriteHead(w, r.InvokeId, r.DateTime, r.Specifications);
        Values(r.Values, w);
        w.WriteLength(r.Results.Count);
        for (var i = 0; i < r.Results.Count; i++) AccessResponse.WriteResult(w, r.Results.FamilyAt(i), r.Results.ResultAt(i));
    }

    private static void Others(byte[] apdu, IBufferWriter<byte> w)
    {
        switch ((ApduTag)apdu[0])
        {
            case ApduTag.DataNotificationConfirm:
                Assert.True(DataNotificationConfirm.TryRead(apdu, out var confirm, out _));
                confirm.WriteTo(w);
                break;
            case ApduTag.ConfirmedServiceError:
                Assert.True(ConfirmedServiceError.TryRead(apdu, out var service, out _));
                service.WriteTo(w);
                break;
            case ApduTag.ExceptionResponse:
                Assert.True(ExceptionResponse.TryRead(apdu, out var exception, out _));
                exception.WriteTo(w);
                break;
            default: Notification(apdu, w); break;
        }
    }

    private static void Notification(byte[] apdu, IBufferWriter<byte> w)
    {
        Assert.True(NotificationApdu.TryRead(apdu, out var n, out var error), error.ToString());
        if (n.Kind == ApduTag.DataNotification) DataNotification.WriteHead(w, n.InvokeId, n.Time);
        else if (n.Kind == ApduTag.EventNotificationRequest) EventNotification.WriteHead(w, n.Time, n.Target);
        else
        {
            InformationReport.WriteHead(w, n.Report.Time, n.Report.Count);
            for (var i = 0; i < n.Report.Count; i++) InformationReport.WriteName(w, n.Report.NameAt(i));
            Values(n.Report.Values, w);
        }

        w.Write(n.Data);
    }

    private static void Items(ApduList<AttributeItem> items, IBufferWriter<byte> w)
    {
        foreach (var item in items) GetRequest.WriteItem(w, item.Target, item.Selector, item.Parameters);
    }

    private static void Values(ApduList<DataItem> values, IBufferWriter<byte> w)
    {
        w.WriteLength(values.Count);
        foreach (var value in values) w.Write(value.Data);
    }
}
