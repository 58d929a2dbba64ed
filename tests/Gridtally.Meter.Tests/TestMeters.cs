using System.Buffers;
using Gridtally.Cosem;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Data;
using Gridtally.Cosem.Server;
using Gridtally.Meter.Load;
using Gridtally.Meter.Metrology;
using Gridtally.Meter.Objects;
using Gridtally.Metering;

namespace Gridtally.Meter.Tests;

/// <summary>Meters and loads that the tests share.</summary>
internal static class TestMeters
{
    /// <summary>Thursday 2026-01-15 00:00 UTC.</summary>
    public const long Midnight = 1768435200;

    public static readonly byte[] MasterKey = Key(0x40);

    public static readonly Lazy<LoadFile> Household = new(() => LoadFile.Read(SampleFile));

    public static string SampleFile
    {
        get
        {
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            while (!File.Exists(Path.Combine(folder!.FullName, "Gridtally.slnx"))) folder = folder.Parent;
            return Path.Combine(folder.FullName, "samples", "household-week.csv");
        }
    }

    public static byte[] Key(byte first) => [.. Enumerable.Range(first, 16).Select(i => (byte)i)];

    public static MeterKeys Keys() => new(new(Key(0x00), Key(0x10)), new(Key(0x20), Key(0x30)), MasterKey);

    public static VirtualMeter New(string number = "1001", long start = Midnight)
    {
        var meter = new VirtualMeter(new() { Number = number, PhysicalAddress = 17 }, Keys());
        meter.Start(start);
        return meter;
    }

    /// <summary>A second of the same power on each phase.</summary>
    public static Sample Constant(double wattsPerPhase, double varsPerPhase = 0)
    {
        var apparent = Math.Sqrt(wattsPerPhase * wattsPerPhase + varsPerPhase * varsPerPhase);
        var phase = new PhaseSample(230, (float)(apparent / 230), (float)(Math.Atan2(varsPerPhase, wattsPerPhase) * 180 / Math.PI));
        return new(phase, phase, phase, 50);
    }

    public static void Run(this VirtualMeter meter, long seconds, Sample sample)
    {
        for (; seconds > 0; seconds--) meter.Tick(sample);
    }

    public static void Run(this VirtualMeter meter, long seconds, LoadModel load)
    {
        for (; seconds > 0; seconds--) meter.Tick(load.At(meter.Now));
    }

    public static DataAccessResult TryGet(this VirtualMeter meter, string target, out byte[] data, ushort client = VirtualMeter.ManagementClient, SelectiveAccess? access = null)
    {
        var output = new ArrayBufferWriter<byte>();
        var context = new RequestContext { ClientSap = client, Selector = access?.Selector ?? 0, SelectorParameters = access is null ? default : access.Parameters.Span };
        var result = MeterObjects.Table.Get(meter, Attribute(target), context, output);
        data = output.WrittenSpan.ToArray();
        return result;
    }

    public static byte[] Get(this VirtualMeter meter, string target, ushort client = VirtualMeter.ManagementClient, SelectiveAccess? access = null)
    {
        Assert.Equal(DataAccessResult.Success, meter.TryGet(target, out var data, client, access));
        var reader = new AxdrReader(data);
        Assert.True(reader.TrySkip(out _) && reader.TryEnd(), $"{target} is not one element of Data");
        return data;
    }

    public static long Number(this VirtualMeter meter, string target)
    {
        Assert.True(new AxdrReader(meter.Get(target)).TryReadNumber(out var value));
        return value;
    }

    public static DataAccessResult Set(this VirtualMeter meter, string target, Action<IBufferWriter<byte>> data, ushort client = VirtualMeter.ManagementClient) =>
        MeterObjects.Table.Set(meter, Attribute(target), new RequestContext { ClientSap = client }, Testing.Bytes.Written(data));

    public static ActionResult Invoke(this VirtualMeter meter, string target, Action<IBufferWriter<byte>>? parameter = null, ushort client = VirtualMeter.ManagementClient)
    {
        var at = Attribute(target.Replace('!', ':'));
        return MeterObjects.Table.Invoke(meter, new MethodRef(at.ClassId, at.Instance, at.AttributeId), new RequestContext { ClientSap = client },
            Testing.Bytes.Written(parameter ?? (static w => w.WriteInteger(0))), new ArrayBufferWriter<byte>());
    }

    /// <summary><c>3/1-0:1.8.0.255:2</c>.</summary>
    public static AttributeRef Attribute(string text)
    {
        var (slash, colon) = (text.IndexOf('/'), text.LastIndexOf(':'));
        return new(ushort.Parse(text[..slash]), ObisCode.Parse(text[(slash + 1)..colon], null), sbyte.Parse(text[(colon + 1)..]));
    }
}
