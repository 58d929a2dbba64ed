using System.Buffers;
using System.Reflection;
using System.Text;
using Gridtally.Companion;
using Gridtally.Cosem;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Classes;
using Gridtally.Cosem.Data;
using Gridtally.Cosem.Security;
using Gridtally.Cosem.Server;
using Gridtally.Metering;

namespace Gridtally.Concentrator.Uplink;

/// <summary>The concentrator's logical device: what a head end sees of it. Reads the services, changes nothing.</summary>
/// <remarks>May be called from any thread: each request works on what the stores hold at that moment.</remarks>
internal sealed class ConcentratorDevice
{
    private static readonly ClientSet Everyone = ClientSet.Of((byte)ConcentratorObjects.PublicClient, (byte)ConcentratorObjects.HeadEndClient);
    private static readonly ClientSet HeadEnd = ClientSet.Of((byte)ConcentratorObjects.HeadEndClient);
    private static readonly Lazy<ObjectTable<ConcentratorDevice>> Table = new(Build);

    private readonly ConcentratorServices _services;
    private readonly UplinkSecurity _security;
    private readonly JournalObject _journal;
    private readonly EventObject _events;

    public ConcentratorDevice(ConcentratorServices services, UplinkSecurity security)
    {
        (_services, _security) = (services, security);
        (_journal, _events) = (new(services), new(services.Events));
    }

    /// <summary>The version of this software, as 1-0:0.2.0.255 shows it.</summary>
    public static string SoftwareVersion { get; } =
        typeof(ConcentratorDevice).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";

    /// <summary>The objects, for an association.</summary>
    public ILogicalDevice Objects => Table.Value.Bind(this);

    private string Serial => _services.Config.SerialNumber;

    private static ObjectTable<ConcentratorDevice> Build()
    {
        var builder = new ObjectTableBuilder<ConcentratorDevice>();
        builder.AddAssociations(
            [
                new((byte)ConcentratorObjects.HeadEndClient, ConcentratorObjects.LogicalDevice, 3, 5, (uint)Conformance.Supported, AssociationSpec.DefaultMaxPdu, ConcentratorObjects.SecuritySetup),
                new((byte)ConcentratorObjects.PublicClient, ConcentratorObjects.LogicalDevice, 1, 0, (uint)Conformance.Supported, AssociationSpec.DefaultMaxPdu, null),
            ], HeadEnd);
        AddIdentity(builder);
        AddClock(builder);
        AddSecurity(builder);
        AddEventLog(builder);
        AddJournal(builder);
        builder.Add(InterfaceClasses.Data, ConcentratorObjects.MeterArchive, HeadEnd).Get(2, static (device, output) => device.WriteArchive(output));
        return builder.Build();
    }

    private static void AddIdentity(ObjectTableBuilder<ConcentratorDevice> builder)
    {
        AddText(builder, ConcentratorObjects.LogicalDeviceName, static device => ConcentratorIdentity.LogicalDeviceName(device.Serial));
        AddText(builder, ConcentratorObjects.SerialNumber, static device => device.Serial);
        AddText(builder, ConcentratorObjects.SoftwareVersion, static _ => SoftwareVersion);
        builder.AddSapAssignment(HeadEnd, static device => [(ConcentratorObjects.LogicalDevice, ConcentratorIdentity.LogicalDeviceName(device.Serial))]);
    }

    private static void AddText(ObjectTableBuilder<ConcentratorDevice> builder, ObisCode name, Func<ConcentratorDevice, string> text) =>
        builder.Add(InterfaceClasses.Data, name, Everyone).Get(2, (device, output) => output.WriteOctetString(Encoding.ASCII.GetBytes(text(device))));

    // The civil clock in UTC. It follows the host's, so nobody sets it here.
    private static void AddClock(ObjectTableBuilder<ConcentratorDevice> builder) => builder.Add(InterfaceClasses.Clock, ConcentratorObjects.Clock, Everyone)
        .Get(2, static (device, output) => output.WriteDateTime(CosemDateTime.From(device._services.Clock.GetUtcNow().ToUniversalTime())))
        .Constant(3, static output => output.WriteLong(0))
        .Constant(4, static output => output.WriteUnsigned(0))
        .Constant(8, static output => output.WriteBoolean(false))
        .Constant(9, static output => output.WriteEnum(1));

    private static void AddSecurity(ObjectTableBuilder<ConcentratorDevice> builder)
    {
        const byte authenticatedAndEncrypted = 0x6C; // Blue Book, class 64 version 1: both, in both directions
        builder.Add(InterfaceClasses.SecuritySetup, ConcentratorObjects.SecuritySetup, HeadEnd)
            .Constant(2, static output => output.WriteEnum(authenticatedAndEncrypted))
            .Constant(3, static output => output.WriteEnum(0))
            .Get(4, static (device, output) => WriteTitle(device._security.Counters.LastOriginator, output))
            .Get(5, static (device, output) => WriteTitle(device._security.SystemTitle, output))
            .Constant(6, static output => output.WriteArray(0));
        builder.Add(InterfaceClasses.Data, ConcentratorObjects.InvocationCounter, Everyone)
            .Get(2, static (device, output) => output.WriteDoubleLongUnsigned(device._security.Counters.LastAccepted));
    }

    private static void AddEventLog(ObjectTableBuilder<ConcentratorDevice> builder) => builder.Add(InterfaceClasses.ProfileGeneric, ConcentratorObjects.EventLog, HeadEnd)
        .Get(2, static (device, in context, output) => device._events.Write(context, output))
        .Constant(3, static output => WriteColumns(EventLogProfile.Columns, output))
        .Constant(4, static output => output.WriteDoubleLongUnsigned(0))
        .Constant(5, static output => output.WriteEnum(1))
        .Constant(6, static output => output.WriteCaptureObject(EventLogProfile.ClockColumn))
        .Get(7, static (device, output) => output.WriteDoubleLongUnsigned((uint)device._services.Events.Count()))
        .Get(8, static (device, output) => output.WriteDoubleLongUnsigned((uint)device._services.Settings.Current.System.Number("event.size")));

    private static void AddJournal(ObjectTableBuilder<ConcentratorDevice> builder)
    {
        builder.Add(InterfaceClasses.ProfileGeneric, ConcentratorObjects.Journal, HeadEnd)
            .Get(2, static (device, in context, output) => device._journal.Write(context, output))
            .Constant(3, static output => WriteColumns(JournalObject.Columns, output))
            .Constant(4, static output => output.WriteDoubleLongUnsigned(0))
            .Constant(5, static output => output.WriteEnum(1))
            .Constant(6, static output => output.WriteCaptureObject(JournalProfile.SequenceColumn))
            .Get(7, static (device, output) => output.WriteDoubleLongUnsigned((uint)Math.Min(device._services.Journal.Count(), uint.MaxValue)))
            .Constant(8, static output => output.WriteDoubleLongUnsigned(uint.MaxValue)); // bounded by time, not by entries
        builder.Add(InterfaceClasses.Data, ConcentratorObjects.JournalStateObject, HeadEnd).Get(2, static (device, output) => device.JournalState.WriteTo(output));
    }

    private JournalState JournalState
    {
        get
        {
            var (first, last) = _services.Journal.Bounds();
            return new(_services.Journal.Id, (ulong)first, (ulong)last);
        }
    }

    private void WriteArchive(IBufferWriter<byte> output) => ArchiveEntry.WriteAll(output, [.. _services.Archive.Meters.Values.Select(meter =>
    {
        var status = _services.Archive.StatusOf(meter.Id);
        var contact = status.LastContact is { } utc ? new DateTimeOffset(utc, TimeSpan.Zero) : (DateTimeOffset?)null;
        return new ArchiveEntry(meter.Number, meter.Enabled, meter.Channel, meter.Task, contact, status.Text);
    })]);

    private static void WriteColumns(IReadOnlyList<CaptureObject> columns, IBufferWriter<byte> output)
    {
        output.WriteArray(columns.Count);
        foreach (var column in columns) output.WriteCaptureObject(column);
    }

    private static void WriteTitle(SystemTitle? title, IBufferWriter<byte> output)
    {
        Span<byte> octets = stackalloc byte[SystemTitle.Size];
        title?.Write(octets);
        output.WriteOctetString(title is null ? [] : octets);
    }
}
