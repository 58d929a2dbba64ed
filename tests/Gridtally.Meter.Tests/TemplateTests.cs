using System.Buffers;
using Gridtally.Cosem;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Data;
using Gridtally.Cosem.Server;
using Gridtally.Meter.Templates;
using Gridtally.Metering;
using Gridtally.Testing;
using static Gridtally.Testing.Bytes;

namespace Gridtally.Meter.Tests;

[Shows("tool.template")]
public sealed class TemplateTests : IDisposable
{
    private static readonly ObisCode Energy = new(1, 0, 1, 8, 0, 255), Relay = new(0, 0, 96, 3, 10, 255), Profile = new(1, 0, 99, 1, 0, 255);
    private static readonly AccessRights ReadWrite = new(AccessMode.Read | AccessMode.Write), Read = new(AccessMode.Read), Invoke = new(AccessMode.Invoke | AccessMode.AuthenticatedRequest);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_template_that_is_written_and_read_again_is_the_same_to_the_octet()
    {
        var template = Template();
        using (var file = File.Create(_folder.File("meter.json"))) TemplateFile.Write(template, file);
        var again = TemplateFile.Load(_folder.File("meter.json"));
        Assert.Equal((template.Source, template.ClientSap, template.SystemTitle), (again.Source, again.ClientSap, again.SystemTitle));
        Assert.Equal(template.Objects.Select(o => (o.ClassId, o.Version, o.Instance)), again.Objects.Select(o => (o.ClassId, o.Version, o.Instance)));
        var (before, after) = (template.Objects.SelectMany(o => o.Attributes), again.Objects.SelectMany(o => o.Attributes));
        Assert.Equal(before.Select(Line), after.Select(Line));
        Assert.Equal(template.Objects.SelectMany(o => o.Methods), again.Objects.SelectMany(o => o.Methods));

        static string Line(TemplateAttribute a) => $"{a.Id} {a.Rights} {(a.Data is { } data ? Convert.ToHexString(data.Span) : a.Refusal)} {string.Join(',', a.Selectors)}";
    }

    [Fact]
    public void Values_are_served_as_they_were_read_and_refusals_as_they_were_given()
    {
        var meter = new TemplateMeter(Template(), true);
        Assert.Equal((DataAccessResult.Success, "0600000064"), Get(meter, new(3, Energy, 2)));
        Assert.Equal((DataAccessResult.Success, "09060100010800FF"), Get(meter, new(3, Energy, 1)));
        Assert.Equal(DataAccessResult.TemporaryFailure, Get(meter, new(3, Energy, 3)).Result);
        Assert.Equal(DataAccessResult.ObjectUndefined, Get(meter, new(3, Energy, 9)).Result);
        Assert.Equal(DataAccessResult.ObjectClassInconsistent, Get(meter, new(4, Energy, 2)).Result);
        Assert.Equal(DataAccessResult.ObjectUndefined, Get(meter, new(3, new(1, 0, 2, 8, 0, 255), 2)).Result);
    }

    [Fact]
    public void What_was_writable_is_written_with_the_type_of_its_class_only()
    {
        var meter = new TemplateMeter(Template(), true);
        Assert.Equal(DataAccessResult.Success, meter.Set(new(70, Relay, 4), default, Hex("1602")));
        Assert.Equal((DataAccessResult.Success, "1602"), Get(meter, new(70, Relay, 4)));
        Assert.Equal(DataAccessResult.TypeUnmatched, meter.Set(new(70, Relay, 4), default, Hex("0905 0102030405")));
        Assert.Equal(DataAccessResult.ReadWriteDenied, meter.Set(new(70, Relay, 3), default, Hex("1601")));
    }

    [Fact]
    public void Methods_that_the_client_may_invoke_answer_and_the_relay_moves()
    {
        var meter = new TemplateMeter(Template(), true);
        var output = new ArrayBufferWriter<byte>();
        Assert.Equal(ActionResult.Success, meter.Invoke(new(70, Relay, 1), default, Hex("0F00"), output));
        Assert.Equal((DataAccessResult.Success, "0300"), Get(meter, new(70, Relay, 2)));
        Assert.Equal((DataAccessResult.Success, "1600"), Get(meter, new(70, Relay, 3)));
        Assert.Equal(ActionResult.ReadWriteDenied, meter.Invoke(new(70, Relay, 2), default, Hex("0F00"), output));
        Assert.Equal(ActionResult.ObjectUndefined, meter.Invoke(new(70, Relay, 3), default, Hex("0F00"), output));
        Assert.Equal(ActionResult.Success, meter.Invoke(new(7, Profile, 1), default, Hex("0F00"), output));
        Assert.Equal((DataAccessResult.Success, "0100"), Get(meter, new(7, Profile, 2)));
    }

    [Fact]
    public void Rows_are_served_by_range_and_by_entry()
    {
        var meter = new TemplateMeter(Template(), true);
        var range = SelectiveAccess.ByClock(new(2026, 1, 15, 4, 0, 15, 0, 0, 0, ClockStatus.None), new(2026, 1, 15, 4, 0, 30, 0, 0, 0, ClockStatus.None));
        Assert.Equal("0102" + Row(15, 2) + Row(30, 3), Get(meter, new(7, Profile, 2), range).Data);
        Assert.Equal("0101" + Row(0, 1), Get(meter, new(7, Profile, 2), SelectiveAccess.By(new EntryDescriptor(1, 1))).Data);
        Assert.Equal(DataAccessResult.ScopeOfAccessViolated, Get(meter, new(3, Energy, 2), range).Result);
    }

    [Fact]
    public void Rights_demand_protection_where_there_are_keys_only()
    {
        Assert.Equal(Invoke, new TemplateMeter(Template(), true).RightsOf(new MethodRef(70, Relay, 1), 1));
        Assert.False(new TemplateMeter(Template(), false).RightsOf(new MethodRef(70, Relay, 1), 1).DemandsProtection);
    }

    [Theory]
    [InlineData("[]", "expected \"format\": \"gridtally-meter\"")]
    [InlineData("{ \"format\": \"gridtally-meter\",\n\"version\": }", "not JSON: line 2")]
    [InlineData("{ \"format\": \"gridtally-meter\", \"version\": 2 }", "version 1 expected, got 2")]
    [InlineData("{ \"format\": \"gridtally-meter\", \"version\": 1, \"client\": 1, \"logicalDevice\": 1, \"objects\": [ { \"obis\": \"1-0\" } ] }", "object 1: '1-0' is not an OBIS code")]
    [InlineData("{ \"format\": \"gridtally-meter\", \"version\": 1, \"client\": 1, \"logicalDevice\": 1, \"objects\": [ { \"classId\": 3, \"version\": 0, \"obis\": \"1-0:1.8.0.255\", \"methods\": [], \"attributes\": [ { \"id\": 2, \"access\": \"Read\", \"value\": { \"unsigned\": 300 } } ] } ] }", "object 1 (1-0:1.8.0.255), attribute 2, its value")]
    public void A_file_that_is_no_template_is_named_with_the_place(string text, string expected)
    {
        File.WriteAllText(_folder.File("bad.json"), text);
        var message = Assert.Throws<TemplateException>(() => TemplateFile.Load(_folder.File("bad.json"))).Message;
        Assert.StartsWith(_folder.File("bad.json"), message);
        Assert.Contains(expected, message);
    }

    private static MeterTemplate Template() => new()
    {
        Source = "a meter",
        ClientSap = 1,
        SystemTitle = new(0x4754590000000001),
        Objects =
        [
            new(3, 0, Energy, [Attribute(1, Read, "09060100010800FF"), Attribute(2, Read, "0600000064"), new(3, Read) { Refusal = DataAccessResult.TemporaryFailure }], [new(1, AccessRights.None)]),
            new(70, 0, Relay, [Attribute(2, Read, "0301"), Attribute(3, Read, "1601"), Attribute(4, ReadWrite, "1604")], [new(1, Invoke), new(2, AccessRights.None)]),
            new(7, 1, Profile,
            [
                Attribute(2, Read, "0103" + Row(0, 1) + Row(15, 2) + Row(30, 3)) with { Selectors = [1, 2] },
                Attribute(3, Read, "0102 0204 120008 09060000010000FF 0F02 120000 0204 120003 09060100010800FF 0F02 120000"),
            ], [new(1, Invoke)]),
        ],
    };

    private static TemplateAttribute Attribute(sbyte id, AccessRights rights, string data) => new(id, rights) { Data = Hex(data) };

    private static string Row(int minute, int value) => $"0202090C07EA010F0400{minute:X2}0000000000{"06"}{value:X8}";

    private static (DataAccessResult Result, string Data) Get(TemplateMeter meter, AttributeRef target, SelectiveAccess? access = null)
    {
        var output = new ArrayBufferWriter<byte>();
        var context = access is null ? default : new RequestContext { Selector = access.Selector, SelectorParameters = access.Parameters.Span };
        var result = meter.Get(target, context, output);
        return (result, Convert.ToHexString(output.WrittenSpan));
    }
}
