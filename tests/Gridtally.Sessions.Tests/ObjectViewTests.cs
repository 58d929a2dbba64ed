using System.Buffers;
using System.Reflection;
using Gridtally.Cosem;
using Gridtally.Cosem.Classes;
using Gridtally.Cosem.Client;
using Gridtally.Cosem.Data;
using Gridtally.Cosem.Objects;
using Gridtally.Cosem.Security;
using Gridtally.Cosem.Server;
using Gridtally.Cosem.Tests.Classes;
using Gridtally.Metering;
using Gridtally.Testing;
using static Gridtally.Testing.Bytes;

namespace Gridtally.Sessions.Tests;

/// <summary>The typed views, over a client and a server that are associated.</summary>
public sealed class ObjectViewTests
{
    private const ushort Client = 16;

    private static readonly ObisCode Name = ObisCode.Parse("0-0:96.1.0.255");
    private static readonly ClientSet Clients = ClientSet.Of(16);

    private readonly Bench _bench = new();
    private readonly Dictionary<int, byte[]> _device = [];

    public static TheoryData<string> Versions => [.. InterfaceClasses.All.Select(c => $"class:{c.Id}:{c.Version}")];

    [Theory, MemberData(nameof(Versions)), ShowsEachRow]
    public Task What_a_view_reads_it_writes_back_octet_by_octet(string id) => _bench.RunAsync(async () =>
    {
        var spec = id.Split(':') is [_, var number, var version] ? InterfaceClasses.Find(ushort.Parse(number), byte.Parse(version))! : throw new ArgumentException(id);
        var rows = ClassRows.All.Single(r => r.Id == spec.Id);
        await using var client = await ConnectAsync(TableOf(spec));
        var view = typeof(ObjectViews).GetMethod(rows.Identifier)!.Invoke(null, [client, Name])!;

        foreach (var row in rows.Attributes.Where(row => spec.Attributes.Contains(row.Spec))) await CheckAttributeAsync(view, rows, row);
        foreach (var row in rows.Methods.Where(row => spec.Methods.Contains(row.Spec))) await CheckMethodAsync(view, rows, row);
        Assert.Empty(_bench.Faults);
    });

    [Fact]
    public Task A_clock_is_read_and_shifted() => _bench.RunAsync(async () =>
    {
        _device[2] = Hex("09 0C 07EA 01 0F 04 0A 0F 00 00 FFC4 00");
        _device[9] = Hex("16 01");
        await using var client = await ConnectAsync(TableOf(InterfaceClasses.Clock));
        var clock = client.Clock(Name);

        Assert.Equal(CosemDateTime.From(new(2026, 1, 15, 10, 15, 0, TimeSpan.FromHours(1))), await clock.GetTimeAsync());
        Assert.Equal(ClockBase.InternalCrystal, await clock.GetClockBaseAsync());
        await clock.ShiftTimeAsync(-5);
        Assert.Equal(Hex("10 FFFB"), _device[-6]);
        await clock.AdjustToMinuteAsync();
        Assert.Equal(Hex("0F 00"), _device[-3]);
    });

    [Theory]
    [InlineData("06 0012D687", "02 02 0F FF 16 1E", "123456.7 Wh")]
    [InlineData("14 FFFFFFFFFFFFFF85", "02 02 0F 02 16 1B", "-12300 W")]
    [InlineData("17 3F400000", "02 02 0F 00 16 23", "0.75 V")]
    [InlineData("09 02 4F4B", "02 02 0F 00 16 FF", "\"OK\"")]
    public Task A_register_is_read_with_scaler_and_unit(string value, string scalerUnit, string expected) => _bench.RunAsync(async () =>
    {
        (_device[2], _device[3]) = (Hex(value), Hex(scalerUnit));
        await using var client = await ConnectAsync(TableOf(InterfaceClasses.Register));

        Assert.Equal(expected, (await client.Register(Name).ReadAsync()).ToString());
    });

    [Fact]
    public Task A_refusal_and_a_value_of_another_type_are_exceptions_that_say_so() => _bench.RunAsync(async () =>
    {
        _device[9] = Hex("12 0001"); // number_of_periods, where the clock has clock_base
        await using var client = await ConnectAsync(TableOf(InterfaceClasses.Clock));

        var mistyped = await Assert.ThrowsAsync<RequestFailedException>(() => client.Clock(Name).GetClockBaseAsync());
        Assert.IsType<RequestFailure.Malformed>(mistyped.Failure);
        var refused = await Assert.ThrowsAsync<RequestFailedException>(() => client.Clock(Name.WithE(9)).GetTimeAsync());
        Assert.Equal(DataAccessResult.ObjectUndefined, Assert.IsType<RequestFailure.Refused>(refused.Failure).Result);
        Assert.True(client.IsOpen);
    });

    private async Task CheckAttributeAsync(object view, ClassRows rows, ClassRows.AttributeRow row)
    {
        var sample = SampleData.Of(row.Spec.Type, 2);
        var value = Decode(rows, row.Identifier, sample);
        if (!row.Spec.IsSecret)
        {
            _device[row.Spec.Id] = sample;
            Assert.Equal(value, await CallAsync(view, $"Get{row.Identifier}Async"));
        }

        _device.Remove(row.Spec.Id);
        await CallAsync(view, $"Set{row.Identifier}Async", value);
        Assert.Equal(sample, _device[row.Spec.Id]);
    }

    private async Task CheckMethodAsync(object view, ClassRows rows, ClassRows.MethodRow row)
    {
        var sample = SampleData.Of(row.Spec.Argument, 2);
        var name = view.GetType().GetMethod($"Invoke{row.Identifier}Async") is null ? $"{row.Identifier}Async" : $"Invoke{row.Identifier}Async";
        var result = row.Spec.Argument is CosemType.NoParameterType
            ? await CallAsync(view, name)
            : await CallAsync(view, name, Decode(rows, $"{row.Identifier}Parameter", sample));
        Assert.Equal(sample, _device[-row.Spec.Id]);
        if (row.Spec.Returns is { } returned) Assert.Equal(Decode(rows, $"{row.Identifier}Result", SampleData.Of(returned, 2)), result);
    }

    // Views are called by name: what is tested is that each row of the tables has its calls.
    private static async Task<object?> CallAsync(object view, string name, params object?[] arguments)
    {
        var method = view.GetType().GetMethods().Single(m =>
            m.Name == name && m.GetParameters().Length == arguments.Length + 1 && (arguments.Length == 0 || m.GetParameters()[0].ParameterType != typeof(Cosem.Apdus.SelectiveAccess)));
        var task = (Task)method.Invoke(view, [.. arguments, CancellationToken.None])!;
        await task;
        return method.ReturnType.IsGenericType ? task.GetType().GetProperty("Result")!.GetValue(task) : null;
    }

    private static object? Decode(ClassRows rows, string codec, byte[] data)
    {
        var found = typeof(SimpleCodecs).Assembly.GetType($"Gridtally.Cosem.Objects.{rows.Identifier}Codecs")!.GetProperty(codec)!.GetValue(null)!;
        return typeof(ObjectViewTests).GetMethod(nameof(DecodeWith), BindingFlags.NonPublic | BindingFlags.Static)!.MakeGenericMethod(found.GetType().GetGenericArguments()).Invoke(null, [found, data]);
    }

    private static T? DecodeWith<T>(DataCodec<T> codec, byte[] data)
    {
        Assert.True(codec.TryDecode(data, out var value, out var error), $"{Convert.ToHexString(data)}: {error}");
        Assert.Equal(data, codec.Encode(value));
        return value;
    }

    private Task<DlmsClient> ConnectAsync(ObjectTable<Dictionary<int, byte[]>> table)
    {
        var (device, counters, gate) = (table.Bind(_device), new InMemoryInvocationCounters(), new Lock());
        var options = new DlmsServerOptions { Resolve = peer => new(new(new(), peer.Client, device, counters), gate), OnFault = (_, e) => _bench.Faults.Add(e) };
        return _bench.ConnectAsync(_bench.Serve(options, "", datagrams: false), new() { Peer = new(Client, 1) });
    }

    // Keeps what it is given: attributes under their ids, parameters under minus their method's.
    private static ObjectTable<Dictionary<int, byte[]>> TableOf(ClassSpec spec)
    {
        var builder = new ObjectTableBuilder<Dictionary<int, byte[]>>();
        var entry = builder.Add(spec, Name, Clients);
        foreach (var attribute in spec.Attributes.Skip(1))
        {
            if (!attribute.IsSecret) entry.Get(attribute.Id, (device, output) => output.Write(device[attribute.Id]));
            entry.Set(attribute.Id, (device, in _, data) =>
            {
                device[attribute.Id] = data.ToArray();
                return DataAccessResult.Success;
            }, Clients);
        }

        foreach (var method in spec.Methods)
        {
            entry.Method(method.Id, (device, in _, parameter, output) =>
            {
                device[-method.Id] = parameter.ToArray();
                if (method.Returns is { } returned) output.Write(SampleData.Of(returned, 2));
                return ActionResult.Success;
            }, Clients);
        }

        return builder.Build();
    }
}
