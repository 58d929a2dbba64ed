using System.Buffers;
using Gridtally.Cosem.Classes;
using Gridtally.Cosem.Server;
using Gridtally.Metering;
using Gridtally.Testing;

namespace Gridtally.Cosem.Tests.Classes;

/// <summary>Every version of every class: its table, and a server that is driven by it.</summary>
public class ClassTableTests
{
    private const ushort Client = 1;

    private static readonly ObisCode Name = ObisCode.Parse("0-0:96.1.0.255");

    // Association SN: methods 1, 2, 6 and 7 of earlier versions are reserved.
    private const ushort AssociationSn = 12;

    public static TheoryData<string> Versions => [.. InterfaceClasses.All.Select(c => $"class:{c.Id}:{c.Version}")];

    [Theory, MemberData(nameof(Versions))]
    public void Ids_are_contiguous_and_names_are_unique(string id)
    {
        var spec = Find(id);

        Assert.Equal(Enumerable.Range(1, spec.Attributes.Length), spec.Attributes.Select(a => (int)a.Id));
        if (spec.Id != AssociationSn) Assert.Equal(Enumerable.Range(1, spec.Methods.Length), spec.Methods.Select(m => (int)m.Id));
        Assert.Equal(spec.Attributes.Length, spec.Attributes.Select(a => a.Name).Distinct().Count());
        Assert.Equal(spec.Methods.Length, spec.Methods.Select(m => m.Name).Distinct().Count());
        Assert.All(spec.Attributes, a => Assert.Equal(a, spec.Attribute(a.Id)));
        Assert.All(spec.Methods, m => Assert.Equal(m, spec.Method(m.Id)));
        Assert.NotEmpty(spec.Clause);
        Assert.Same(spec, InterfaceClasses.Find(spec.Id, spec.Version));
    }

    [Theory, MemberData(nameof(Versions))]
    public void A_value_of_an_attributes_type_matches_and_one_that_differs_does_not(string id)
    {
        foreach (var type in Find(id).Attributes.Select(a => a.Type).Concat(Find(id).Methods.SelectMany(m => (CosemType?[])[m.Argument, m.Returns]).OfType<CosemType>()))
        {
            for (var seed = 0; seed < 3; seed++) Assert.True(type.Matches(SampleData.Of(type, seed)), $"{type} {Convert.ToHexString(SampleData.Of(type, seed))}");
            Assert.All(SampleData.Wrong(type), wrong => Assert.False(type.Matches(wrong), $"{type} {Convert.ToHexString(wrong)}"));
        }
    }

    [Theory, MemberData(nameof(Versions)), ShowsEachRow]
    public void A_server_serves_its_attributes_and_methods_and_refuses_other_types(string id)
    {
        var spec = Find(id);
        var (table, device) = (TableOf(spec), new Dictionary<int, byte[]>());
        foreach (var attribute in spec.Attributes.Skip(1)) CheckAttribute(table, device, spec, attribute);
        foreach (var method in spec.Methods) CheckMethod(table, device, spec, method);

        Assert.Equal(DataAccessResult.ScopeOfAccessViolated, Get(table, device, spec, (sbyte)(spec.Attributes.Length + 1)).Result);
        Assert.Equal(ActionResult.ScopeOfAccessViolated, table.Invoke(device, new(spec.Id, Name, 100), new() { ClientSap = Client }, [0x0F, 0], new ArrayBufferWriter<byte>()));
    }

    [Fact]
    public void Nobody_can_be_allowed_to_read_a_secret()
    {
        var secrets = InterfaceClasses.All.SelectMany(c => c.Attributes.Where(a => a.IsSecret).Select(a => (Class: c, a.Id))).ToList();

        Assert.Equal(4, secrets.Count); // Association LN, versions 0 to 3
        Assert.All(secrets, secret => Assert.Throws<ArgumentException>(() =>
            new ObjectTableBuilder<object>().Add(secret.Class, Name, ClientSet.Of(1)).Get(secret.Id, static (_, _) => { })));
    }

    [Theory]
    [InlineData(3, 3, null, "scaler_unit")]
    [InlineData(15, 7, (byte)0, "LLS_secret")]
    [InlineData(15, 7, (byte)3, "secret")]
    [InlineData(40, 11, (byte)1, null)]
    [InlineData(999, 2, null, null)]
    [InlineData(999, 1, null, "logical_name")]
    public void Names_are_found_by_class_attribute_and_version(ushort classId, sbyte attribute, byte? version, string? expected) =>
        Assert.Equal(expected, ClassNames.OfAttribute(classId, attribute, version));

    [Fact]
    public void Methods_and_values_have_names_too()
    {
        Assert.Equal("remote_disconnect", ClassNames.OfMethod(70, 1));
        Assert.Equal("global_key_transfer", ClassNames.OfMethod(64, 2, 0));
        var state = Assert.IsType<CosemType.EnumType>(ClassNames.TypeOf(new AttributeRef(70, Name, 3)));
        Assert.Equal("ready for reconnection", state.NameOf(2));
        Assert.Null(state.NameOf(9));
        var policy = Assert.IsType<CosemType.EnumType>(ClassNames.TypeOf(new MethodRef(64, Name, 1)));
        Assert.Equal("authenticated request, encrypted request, authenticated response, encrypted response", policy.NameOf(0x6C));
    }

    private static void CheckAttribute(ObjectTable<Dictionary<int, byte[]>> table, Dictionary<int, byte[]> device, ClassSpec spec, AttributeSpec attribute)
    {
        var value = SampleData.Of(attribute.Type, 2);
        Assert.Equal(DataAccessResult.Success, Set(value));
        Assert.Equal(value, device[attribute.Id]);
        Assert.All(SampleData.Wrong(attribute.Type), wrong => Assert.Equal(DataAccessResult.TypeUnmatched, Set(wrong)));
        Assert.Equal(value, device[attribute.Id]);
        var read = Get(table, device, spec, attribute.Id);
        Assert.Equal(attribute.IsSecret ? DataAccessResult.ReadWriteDenied : DataAccessResult.Success, read.Result);
        if (!attribute.IsSecret) Assert.Equal(value, read.Data);

        DataAccessResult Set(byte[] data) => table.Set(device, new(spec.Id, Name, attribute.Id), new() { ClientSap = Client }, data);
    }

    private static void CheckMethod(ObjectTable<Dictionary<int, byte[]>> table, Dictionary<int, byte[]> device, ClassSpec spec, MethodSpec method)
    {
        var parameter = SampleData.Of(method.Argument, 2);
        var output = new ArrayBufferWriter<byte>();
        Assert.Equal(ActionResult.Success, Invoke(parameter));
        Assert.Equal(parameter, device[-method.Id]);
        Assert.All(SampleData.Wrong(method.Argument), wrong => Assert.Equal(ActionResult.TypeUnmatched, Invoke(wrong)));

        ActionResult Invoke(byte[] data) => table.Invoke(device, new(spec.Id, Name, method.Id), new() { ClientSap = Client }, data, output);
    }

    private static (DataAccessResult Result, byte[] Data) Get(ObjectTable<Dictionary<int, byte[]>> table, Dictionary<int, byte[]> device, ClassSpec spec, sbyte id)
    {
        var output = new ArrayBufferWriter<byte>();
        var result = table.Get(device, new(spec.Id, Name, id), new() { ClientSap = Client }, output);
        return (result, output.WrittenSpan.ToArray());
    }

    // Keeps what it is given: attributes under their ids, parameters under minus their method's.
    private static ObjectTable<Dictionary<int, byte[]>> TableOf(ClassSpec spec)
    {
        var builder = new ObjectTableBuilder<Dictionary<int, byte[]>>();
        var entry = builder.Add(spec, Name, ClientSet.Of(1));
        foreach (var attribute in spec.Attributes.Skip(1))
        {
            if (!attribute.IsSecret) entry.Get(attribute.Id, (device, output) => output.Write(device[attribute.Id]));
            entry.Set(attribute.Id, (device, in _, data) =>
            {
                device[attribute.Id] = data.ToArray();
                return DataAccessResult.Success;
            }, ClientSet.Of(1));
        }

        foreach (var method in spec.Methods)
        {
            entry.Method(method.Id, (device, in _, parameter, _) =>
            {
                device[-method.Id] = parameter.ToArray();
                return ActionResult.Success;
            }, ClientSet.Of(1));
        }

        return builder.Build();
    }

    private static ClassSpec Find(string id) => id.Split(':') is [_, var number, var version] ? InterfaceClasses.Find(ushort.Parse(number), byte.Parse(version))! : throw new ArgumentException(id);
}
