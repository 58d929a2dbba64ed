using System.Buffers;
using Gridtally.Cosem;
using Gridtally.Cosem.Classes;
using Gridtally.Cosem.Client;
using Gridtally.Cosem.Data;
using Gridtally.Cosem.Framing;
using Gridtally.Cosem.Security;
using Gridtally.Cosem.Server;

namespace Gridtally.Workloads;

/// <summary>Workloads f: what a meter of a hundred objects costs in memory besides the table that all meters of its model share.</summary>
/// <remarks>
/// A meter is its values, its link, its association with its counters, and its profiles. What it has in common with the others
/// (object table, association spec) is made before the count begins.
/// </remarks>
internal sealed class IdleServers
{
    public const int ProfileEntries = 11_520, Objects = 100;

    private const int DataObjects = 20, RegisterObjects = 60, ExtendedObjects = 8;

    private static readonly ClientSet Reader = ClientSet.Of(Peers.ClientSap);
    private static readonly AssociationSpec Spec = new() { MaxPdu = Peers.MaxPdu };
    private static readonly ObjectTable<Meter> Table = BuildTable();

    /// <summary>Octets of each of <paramref name="count"/> idle servers.</summary>
    /// <param name="count">How many are made; the mean is given.</param>
    /// <param name="rows">Rows in each load profile.</param>
    public static double Measure(int count, int rows)
    {
        Golden.Same("objects", Objects, Table.Objects.Count);
        var servers = new Instance[count];
        using (var first = new Instance(rows)) first.ReadObjectList();
        var before = GC.GetTotalMemory(true);
        for (var i = 0; i < count; i++) servers[i] = new(rows);
        var after = GC.GetTotalMemory(true);
        GC.KeepAlive(servers);
        return (double)(after - before) / count;
    }

    /// <summary>Octets that stay with each server once it has had one association and one reading of its object list.</summary>
    public static double MeasureAfterUse(int count)
    {
        var servers = new Instance[count];
        for (var i = 0; i < count; i++) servers[i] = new(0);
        var before = GC.GetTotalMemory(true);
        foreach (var server in servers) server.ReadObjectList();
        var after = GC.GetTotalMemory(true);
        GC.KeepAlive(servers);
        return (double)(after - before) / count;
    }

    private static ObjectTable<Meter> BuildTable()
    {
        var builder = new ObjectTableBuilder<Meter>();
        builder.Add(InterfaceClasses.AssociationLn, new(0, 0, 40, 0, 0, 255), Reader).Get(2, static (Meter meter, in RequestContext context, IBufferWriter<byte> output) =>
        {
            Table.WriteObjectList(context.ClientSap, output);
            return DataAccessResult.Success;
        });
        builder.Add(InterfaceClasses.Clock, new(0, 0, 1, 0, 0, 255), Reader).Get(2, static (_, output) => output.WriteDateTime(RowStore.TimeOf(0)));
        builder.Add(InterfaceClasses.SecuritySetup, new(0, 0, 43, 0, 0, 255), Reader);
        builder.Add(InterfaceClasses.DisconnectControl, new(0, 0, 96, 3, 10, 255), Reader).Get(2, static (meter, output) => output.WriteBoolean(meter.Connected));
        builder.Add(InterfaceClasses.ActivityCalendar, new(0, 0, 13, 0, 0, 255), Reader);
        builder.Add(InterfaceClasses.ScriptTable, new(0, 0, 10, 0, 0, 255), Reader);
        builder.Add(InterfaceClasses.ImageTransfer, new(0, 0, 44, 0, 0, 255), Reader);
        builder.Add(InterfaceClasses.IecHdlcSetup, new(0, 0, 22, 0, 0, 255), Reader);
        builder.Add(InterfaceClasses.TcpUdpSetup, new(0, 0, 25, 0, 0, 255), Reader);
        builder.Add(InterfaceClasses.PushSetup, new(0, 0, 25, 9, 0, 255), Reader);
        for (var i = 0; i < DataObjects + RegisterObjects + ExtendedObjects; i++)
        {
            var index = i;
            var @class = i < DataObjects ? InterfaceClasses.Data : i < DataObjects + RegisterObjects ? InterfaceClasses.Register : InterfaceClasses.ExtendedRegister;
            builder.Add(@class, new(1, 0, (byte)(1 + i), 8, 0, 255), Reader).Get(2, (meter, output) => output.WriteDoubleLongUnsigned(meter.Values[index]));
        }

        builder.Add(InterfaceClasses.ProfileGeneric, MeterModel.Profile, Reader)
            .Get(2, static (Meter meter, in RequestContext context, IBufferWriter<byte> output) => meter.Load.Write(context, output));
        builder.Add(InterfaceClasses.ProfileGeneric, new(0, 0, 99, 98, 0, 255), Reader)
            .Get(2, static (Meter meter, in RequestContext context, IBufferWriter<byte> output) => meter.Events.Write(context, output));
        return builder.Build();
    }

    /// <summary>The state of one meter.</summary>
    private sealed class Meter(int rows)
    {
        public uint[] Values { get; } = new uint[DataObjects + RegisterObjects + ExtendedObjects];

        public bool Connected { get; set; } = true;

        public RowStore Load { get; } = new(rows);

        public RowStore Events { get; } = new(0);
    }

    /// <summary>One meter with what serves it.</summary>
    private sealed class Instance : IDisposable
    {
        private readonly WrapperServer _link = new();
        private readonly ServerAssociation _association;

        public Instance(int rows) => _association = new(Spec, Peers.ClientSap, Table.Bind(new(rows)), new InMemoryInvocationCounters());

        public void Dispose() => _association.Dispose();

        public void ReadObjectList()
        {
            using var client = new ClientAssociation(new() { MaxReceivePdu = Peers.MaxPdu }, new InMemoryInvocationCounters());
            var request = new ArrayBufferWriter<byte>();
            Exchange(client, client.Open(request), request);
            Exchange(client, client.Get(new(15, new(0, 0, 40, 0, 0, 255), 2), null, request), request);
            if (!client.Result.Succeeded) throw new WorkloadException($"No object list came: {client.Result.Failure}.");
        }

        private void Exchange(ClientAssociation client, ClientStep step, ArrayBufferWriter<byte> request)
        {
            var (wrapped, response) = (new ArrayBufferWriter<byte>(), new ArrayBufferWriter<byte>());
            while (step == ClientStep.Send)
            {
                wrapped.ResetWrittenCount();
                response.ResetWrittenCount();
                WrapperHeader.WriteApdu(wrapped, Peers.ClientSap, Peers.ServerSap, request.WrittenSpan);
                request.ResetWrittenCount();
                _link.Receive(wrapped.WrittenSpan, default);
                if (!_link.TryTakeEvent(out var happened)) throw new WorkloadException("No APDU came out of the wrapper.");
                _association.Handle(happened.Apdu.Span, response);
                _link.Send(happened.Peer, response.WrittenSpan, default);
                _link.Output.ResetWrittenCount();
                step = client.Receive(response.WrittenSpan, request);
            }
        }
    }
}
