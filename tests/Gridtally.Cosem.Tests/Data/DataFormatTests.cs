using System.Text;
using System.Text.Json;
using System.Xml;
using Gridtally.Cosem.Data;
using Gridtally.Testing;
using static Gridtally.Testing.Bytes;

namespace Gridtally.Cosem.Tests.Data;

/// <summary>Data as JSON and XML: docs/data-formats.md.</summary>
public class DataFormatTests
{
    [Theory, Shows("data.json", "data.xml")]
    [InlineData("00", """{"null-data":null}""", "<null-data />")]
    [InlineData("FF", """{"dont-care":null}""", "<dont-care />")]
    [InlineData("03 01", """{"boolean":true}""", "<boolean>true</boolean>")]
    [InlineData("03 FF", """{"boolean":255}""", "<boolean>255</boolean>")]
    [InlineData("04 09 FF80", """{"bit-string":"111111111"}""", "<bit-string>111111111</bit-string>")]
    [InlineData("04 03 FF", """{"bit-string":{"count":3,"hex":"FF"}}""", "<bit-string count=\"3\" encoding=\"hex\">FF</bit-string>")]
    [InlineData("05 FFFFFFFF", """{"double-long":-1}""", "<double-long>-1</double-long>")]
    [InlineData("09 02 01AB", """{"octet-string":"01AB"}""", "<octet-string>01AB</octet-string>")]
    [InlineData("09 00", """{"octet-string":""}""", "<octet-string></octet-string>")]
    [InlineData("0A 02 41E9", """{"visible-string":"A\u00E9"}""", "<visible-string>Aé</visible-string>")]
    [InlineData("0A 02 4100", """{"visible-string":"A\u0000"}""", "<visible-string encoding=\"hex\">4100</visible-string>")]
    [InlineData("0A 02 2020", """{"visible-string":"  "}""", "<visible-string encoding=\"hex\">2020</visible-string>")]
    [InlineData("0C 02 C3A9", """{"utf8-string":"\u00E9"}""", "<utf8-string>é</utf8-string>")]
    [InlineData("0C 02 FFFE", """{"utf8-string":{"hex":"FFFE"}}""", "<utf8-string encoding=\"hex\">FFFE</utf8-string>")]
    [InlineData("0D 99", """{"bcd":153}""", "<bcd>153</bcd>")]
    [InlineData("15 FFFFFFFFFFFFFFFF", """{"long64-unsigned":18446744073709551615}""", "<long64-unsigned>18446744073709551615</long64-unsigned>")]
    [InlineData("17 42C923D7", """{"float32":100.57}""", "<float32>100.57</float32>")]
    [InlineData("17 80000000", """{"float32":-0}""", "<float32>-0</float32>")]
    [InlineData("17 7F800001", """{"float32":"NaN 0x7F800001"}""", "<float32>NaN 0x7F800001</float32>")]
    [InlineData("18 FFF0000000000000", """{"float64":"-Infinity"}""", "<float64>-Infinity</float64>")]
    [InlineData("18 409147999999999A", """{"float64":1105.9}""", "<float64>1105.9</float64>")]
    [InlineData("19 07EA010FFF000000FF800000", """{"date-time":"07EA010FFF000000FF800000"}""", "<date-time>07EA010FFF000000FF800000</date-time>")]
    [InlineData("1E 80000000", """{"delta-double-long":-2147483648}""", "<delta-double-long>-2147483648</delta-double-long>")]
    [InlineData("02 02 11 05 01 00", """{"structure":[{"unsigned":5},{"array":[]}]}""", "<structure><unsigned>5</unsigned><array /></structure>")]
    [InlineData("13 02 02 11 01 0002 10 05 05 0001 FFFF", """{"compact-array":{"type-description":{"structure":["unsigned",{"array":[2,"long"]}]},"rows":[[5,[1,-1]]]}}""",
        "<compact-array><type-description><structure><unsigned /><array count=\"2\"><long /></array></structure></type-description>"
        + "<structure><unsigned>5</unsigned><array><long>1</long><long>-1</long></array></structure></compact-array>")]
    public void Each_type_has_one_form_that_is_read_back(string hex, string json, string xml)
    {
        Assert.True(CosemValue.TryRead(Hex(hex), out var value, out var error), error.ToString());
        Assert.Equal(json, Json(value));
        Assert.Equal(xml, Xml(value));
        AssertComesBack(value, Hex(hex));
    }

    [Theory, Shows("data.json", "data.xml", "data.choices")]
    [MemberData(nameof(AllVectors))]
    public void Every_vector_comes_back_from_both_octet_for_octet(string id)
    {
        var octets = Vectors.ById(id).Octets;
        Assert.True(CosemValue.TryRead(octets, out var value, out _));
        AssertComesBack(value, octets);
    }

    public static TheoryData<string> AllVectors => [.. Vectors.OfKind("data", "compact-array").Select(v => v.Id)];

    [Fact, Shows("data.json", "data.xml", "data.choices")]
    public void Random_values_come_back_from_octets_json_and_xml()
    {
        for (var seed = 0; seed < 1500; seed++)
        {
            var value = new RandomData(seed).Value();
            try
            {
                AssertComesBack(value, Written(value.WriteTo));
            }
            catch (Exception e) when (e is not Xunit.Sdk.XunitException)
            {
                Assert.Fail($"seed {seed}: {e}");
            }
        }
    }

    [Fact]
    public void Every_prefix_of_a_random_value_is_refused_by_all_three_readers()
    {
        for (var seed = 0; seed < 60; seed++)
        {
            var value = new RandomData(seed).Value();
            var (octets, json, xml) = (Written(value.WriteTo), Encoding.UTF8.GetBytes(Json(value)), Encoding.UTF8.GetBytes(Xml(value)));
            for (var i = 0; i < octets.Length; i++) Assert.False(CosemValue.TryRead(octets.AsSpan(0, i), out _, out _), $"seed {seed}, {i} octets");
            for (var i = 0; i < json.Length; i += 1 + i / 50) Assert.False(CosemValueJson.TryRead(json.AsSpan(0, i), out _, out _), $"seed {seed}, {i} octets of JSON");
            for (var i = 0; i < xml.Length; i += 1 + i / 50) Assert.False(CosemValueXml.TryRead(xml.AsMemory(0, i), out _, out _), $"seed {seed}, {i} octets of XML");
        }
    }

    [Theory]
    [InlineData("", 1, 1, "not JSON")]
    [InlineData("{\"unsigned\":\n 5", 2, 3, "not JSON")]
    [InlineData("5", 1, 1, "an object such as")]
    [InlineData("{}", 1, 2, "the name of a type")]
    [InlineData("{\"unsigned\": 256}", 1, 14, "'256' is no whole number that it can hold")]
    [InlineData("{\"unsigned\": 1.5}", 1, 14, "'1.5' is no whole number")]
    [InlineData("{\"unsigned\": \"5\"}", 1, 14, "String is no value of unsigned")]
    [InlineData("{\"structure\":[\n  {\"unsigned\": 5},\n  {\"unsinged\": 5}\n]}", 3, 4, "'unsinged' is no type of Data")]
    [InlineData("{\"unsigned\": 5, \"long\": 6}", 1, 17, "a value has one type")]
    [InlineData("{\"unsigned\": 5} 6", 1, 17, "not JSON")]
    [InlineData("{\"octet-string\": \"0\"}", 1, 18, "octets in hex")]
    [InlineData("{\"date\": \"07EA01\"}", 1, 10, "5 octets in hex")]
    [InlineData("{\"bit-string\": \"012\"}", 1, 16, "zeros and ones")]
    [InlineData("{\"float32\": 1e60}", 1, 13, "is no number")]
    [InlineData("{\"float32\": \"NaN 0x00000001\"}", 1, 13, "is no number")]
    [InlineData("{\"visible-string\": \"\\u20AC\"}", 1, 20, "U+00FF")]
    [InlineData("{\"utf8-string\": \"\\uD800\"}", 1, 17, "no valid Unicode")]
    [InlineData("{\"bit-string\": {\"count\":9,\"hex\":\"FF\"}}", 1, 33, "9 bits do not take 1 octets")]
    [InlineData("{\"compact-array\":{\"rows\":[]}}", 1, 19, "\"type-description\" expected")]
    [InlineData("{\"compact-array\":{\"type-description\":\"null-data\",\"rows\":[null]}}", 1, 62, "too few octets")]
    [InlineData("{\"compact-array\":{\"type-description\":\"compact-array\",\"rows\":[]}}", 1, 38, "no simple type")]
    [InlineData("{\"compact-array\":{\"type-description\":{\"structure\":[\"unsigned\"]},\"rows\":[[1,2]]}}", 1, 76, "the end of 1 elements")]
    public void Json_that_is_no_data_says_what_and_where(string json, int line, int column, string problem)
    {
        Assert.False(CosemValueJson.TryRead(Encoding.UTF8.GetBytes(json), out _, out var error));
        Assert.Contains(problem, error.Problem, StringComparison.Ordinal);
        Assert.Equal((line, column), (error.Line, error.Column));
    }

    [Theory]
    [InlineData("", 1, 1, "not XML")]
    [InlineData("<unsigned>256</unsigned>", 1, 2, "'256' is no whole number")]
    [InlineData("<structure>\n  <unsinged>5</unsinged>\n</structure>", 2, 4, "'unsinged' is no type")]
    [InlineData("<structure>\n  text\n</structure>", 1, 12, "Text is there")]
    [InlineData("<unsigned><long/></unsigned>", 1, 12, "not XML")]
    [InlineData("<unsigned>5</unsigned><unsigned>6</unsigned>", 1, 24, "not XML")]
    [InlineData("<unsigned a='1'>5</unsigned>", 1, 2, "only encoding and count")]
    [InlineData("<x:unsigned xmlns:x='y'>5</x:unsigned>", 1, 2, "no type of Data")]
    [InlineData("<null-data>x</null-data>", 1, 2, "has no value")]
    [InlineData("<octet-string>0g</octet-string>", 1, 2, "octets in hex")]
    [InlineData("<compact-array><unsigned>5</unsigned></compact-array>", 1, 17, "<type-description>")]
    [InlineData("<compact-array><type-description><unsigned/></type-description><long>5</long></compact-array>", 1, 65, "not of the type")]
    [InlineData("<!DOCTYPE a [<!ENTITY b \"c\">]><visible-string>&b;</visible-string>", 1, 1, "not XML")]
    [InlineData("<visible-string>&b;</visible-string>", 1, 18, "not XML")]
    public void Xml_that_is_no_data_says_what_and_where(string xml, int line, int column, string problem)
    {
        Assert.False(CosemValueXml.TryRead(Encoding.UTF8.GetBytes(xml), out _, out var error));
        Assert.Contains(problem, error.Problem, StringComparison.Ordinal);
        Assert.Equal((line, column), (error.Line, error.Column));
    }

    [Fact]
    public void Deep_and_long_texts_are_refused()
    {
        string Repeat(string text, int count) => string.Concat(Enumerable.Repeat(text, count));
        byte[] Json(int depth) => Encoding.UTF8.GetBytes(Repeat("{\"array\":[", depth) + "{\"null-data\":null}" + Repeat("]}", depth));
        byte[] Xml(int depth) => Encoding.UTF8.GetBytes(Repeat("<array>", depth) + "<null-data/>" + Repeat("</array>", depth));

        Assert.True(CosemValueJson.TryRead(Json(Limits.MaxNesting), out _, out _));
        Assert.True(CosemValueXml.TryRead(Xml(Limits.MaxNesting), out _, out _));
        foreach (var depth in (int[])[Limits.MaxNesting + 1, 100_000])
        {
            Assert.False(CosemValueJson.TryRead(Json(depth), out _, out var error));
            Assert.True(error.Column > 1);
            Assert.False(CosemValueXml.TryRead(Xml(depth), out _, out error));
            Assert.Contains("nested deeper", error.Problem, StringComparison.Ordinal);
        }

        Assert.False(CosemValueJson.TryRead(new byte[Limits.MaxText + 1], out _, out var tooLong));
        Assert.Contains("at most", tooLong.Problem, StringComparison.Ordinal);
        Assert.False(CosemValueXml.TryRead(new byte[Limits.MaxText + 1], out _, out tooLong));
        Assert.Contains("at most", tooLong.Problem, StringComparison.Ordinal);
    }

    private static void AssertComesBack(CosemValue value, byte[] octets)
    {
        Assert.True(CosemValue.TryRead(octets, out var read, out var error), error.ToString());
        Assert.Equal(value, read);
        var (json, xml) = (Json(value), Xml(value));
        Assert.True(CosemValueJson.TryRead(Encoding.UTF8.GetBytes(json), out var fromJson, out var problem), $"{problem} in {json}");
        Assert.Equal(octets, Written(fromJson.WriteTo));
        Assert.True(CosemValueXml.TryRead(Encoding.UTF8.GetBytes(xml), out var fromXml, out problem), $"{problem} in {xml}");
        Assert.Equal(octets, Written(fromXml.WriteTo));
    }

    private static string Json(CosemValue value)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream)) CosemValueJson.Write(value, json);
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static string Xml(CosemValue value)
    {
        var text = new StringBuilder();
        using (var xml = XmlWriter.Create(text, new XmlWriterSettings { OmitXmlDeclaration = true })) CosemValueXml.Write(value, xml);
        return text.ToString();
    }
}
