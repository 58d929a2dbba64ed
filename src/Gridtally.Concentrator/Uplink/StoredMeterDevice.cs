using System.Buffers;
using System.Text;
using Gridtally.Companion;
using Gridtally.Concentrator.Archive;
using Gridtally.Cosem;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Data;
using Gridtally.Cosem.Profiles;
using Gridtally.Cosem.Server;

namespace Gridtally.Concentrator.Uplink;

/// <summary>A meter as the concentrator's store knows it: the gateway's network 0. Read only; the meter itself is not asked.</summary>
/// <remarks>
/// Not an object table: which profiles there are depends on what was read. Buffers are bounded like the journal's; a client reads
/// on from the last row.
/// </remarks>
internal sealed class StoredMeterDevice(ConcentratorServices services, UplinkSecurity security, MeterRecord meter) : ILogicalDevice
{
    private const ushort DataClass = 1, ProfileClass = 7;

    public DataAccessResult Get(in AttributeRef target, in RequestContext context, IBufferWriter<byte> output)
    {
        if (target is { ClassId: DataClass, AttributeId: 2 } && TryWriteData(target, context, output)) return DataAccessResult.Success;
        if (context.ClientSap != ConcentratorObjects.HeadEndClient) return DataAccessResult.ObjectUndefined;
        if (target.ClassId != ProfileClass || services.Store.NewestLayout(meter.Id, target.Instance) is not { } layout) return DataAccessResult.ObjectUndefined;
        return target.AttributeId == 2 ? WriteBuffer(layout.Layout, context, output) : WriteAttribute(layout.Layout, target.AttributeId, output);
    }

    public DataAccessResult Set(in AttributeRef target, in RequestContext context, ReadOnlySpan<byte> data) => DataAccessResult.ReadWriteDenied;

    public ActionResult Invoke(in MethodRef target, in RequestContext context, ReadOnlySpan<byte> parameter, IBufferWriter<byte> output) => ActionResult.ReadWriteDenied;

    private bool TryWriteData(in AttributeRef target, in RequestContext context, IBufferWriter<byte> output)
    {
        if (target.Instance == ConcentratorObjects.InvocationCounter)
        {
            output.WriteDoubleLongUnsigned(security.Counters.LastAccepted);
            return true;
        }

        if (context.ClientSap != ConcentratorObjects.HeadEndClient) return false;
        if (target.Instance == ConcentratorObjects.SerialNumber)
        {
            output.WriteOctetString(Encoding.ASCII.GetBytes(meter.Number));
            return true;
        }

        if (target.Instance != ConcentratorObjects.LogicalDeviceName || services.Archive.StatusOf(meter.Id).LogicalDeviceName is not { } name) return false;
        output.WriteOctetString(Encoding.ASCII.GetBytes(name));
        return true;
    }

    private DataAccessResult WriteAttribute(ProfileLayout layout, sbyte attribute, IBufferWriter<byte> output)
    {
        switch (attribute)
        {
            case 1: output.WriteObis(layout.Profile); break;
            case 3:
                output.WriteArray(layout.Columns.Length);
                foreach (var column in layout.Columns) output.WriteCaptureObject(column.Object);
                break;
            case 4: output.WriteDoubleLongUnsigned(layout.CapturePeriodSeconds); break;
            case 5: output.WriteEnum(1); break;
            case 6: output.WriteCaptureObject(RangeDescriptor.Clock); break;
            case 7 or 8: output.WriteDoubleLongUnsigned((uint)Math.Min(RowCount(layout), uint.MaxValue)); break;
            default: return DataAccessResult.ScopeOfAccessViolated;
        }

        return DataAccessResult.Success;
    }

    private long RowCount(ProfileLayout layout) => services.Store.Summaries(meter.Id).FirstOrDefault(s => s.Profile == layout.Profile)?.Rows ?? 0;

    private DataAccessResult WriteBuffer(ProfileLayout layout, in RequestContext context, IBufferWriter<byte> output)
    {
        CaptureObject[] all = [.. layout.Columns.Select(c => c.Object)];
        Span<int> room = stackalloc int[ProfileLayout.MaxColumns];
        var result = ProfileQuery.TryRead(context, [.. layout.Columns.Select(c => c.Object)], room, out var query);
        if (result != DataAccessResult.Success) return result;
        if (query.Selector == SelectiveAccess.ByRangeSelector)
        {
            if (!layout.Columns[query.RestrictingColumn].IsClock || !query.TryGetMoments(out var from, out var to)) return DataAccessResult.OtherReason;
            Write(layout, from > DateTime.UnixEpoch ? from.AddTicks(-1) : DateTime.UnixEpoch, to, 0, long.MaxValue, query.Columns, output);
            return DataAccessResult.Success;
        }

        var count = Math.Max(0, (long)query.ToEntry - query.FromEntry + 1);
        Write(layout, DateTime.UnixEpoch, DateTime.MaxValue, query.FromEntry - 1, count, query.Columns, output);
        return DataAccessResult.Success;
    }

    // Rows of an older layout have other columns: they come by the journal, which says which layout each has.
    private void Write(ProfileLayout layout, DateTime after, DateTime upTo, long skip, long count, in ColumnChoice columns, IBufferWriter<byte> output)
    {
        const int page = 512;
        var answer = new ProfileAnswer(columns);
        var newest = services.Store.NewestLayout(meter.Id, layout.Profile)!.Id;
        while (count > 0 && !answer.IsFull && services.Store.Rows(meter.Id, layout.Profile, after, upTo, page) is { Count: > 0 } rows)
        {
            foreach (var row in rows)
            {
                if (row.LayoutId != newest || skip-- > 0) continue;
                if (count-- <= 0 || answer.IsFull) break;
                answer.Add(row.Octets.Span);
            }

            after = rows[^1].Utc;
        }

        answer.WriteTo(output);
    }
}
