using System.Text.Json;
using Gridtally.Cosem.Data;
using Gridtally.Testing;
using static Gridtally.Testing.Bytes;

namespace Gridtally.Cosem.Tests.Data;

public class CosemValueTests
{
    public static TheoryData<string> Data => [.. Vectors.OfKind("data", "compact-array").Select(v => v.Id)];

    public static TheoryData<string> DateTimes => [.. Vectors.OfKind("datetime").Select(v => v.Id)];

    [Theory, MemberData(nameof(Data)), Shows("data.choices")]
    public void Every_data_vector_is_read_to_its_last_octet_and_written_back_the_same(string id)
    {
        var vector = Vectors.ById(id);
        Assert.True(CosemValue.TryRead(vector.Octets, out var value, out var error), error.ToString());
        Assert.Equal(vector.Octets, Written(value.WriteTo));

        Assert.True(CosemValue.TryRead(vector.Octets, out var again, out _));
        Assert.Equal(value, again);
        Assert.Equal(value.GetHashCode(), again.GetHashCode());
    }

    [Theory, MemberData(nameof(Data)), Shows("data.choices", "data.compact-array.read", "data.json")]
    public void Every_data_vector_becomes_the_json_that_goes_with_it(string id)
    {
        var vector = Vectors.ById(id);
        var expected = vector.Meaning.TryGetProperty("value", out var inner) ? inner : vector.Meaning;
        Assert.True(CosemValue.TryRead(vector.Octets, out var value, out _));
        AssertSame(expected, Json(value));
    }

    [Theory, MemberData(nameof(Data))]
    public void Every_prefix_of_a_data_vector_is_malformed_and_never_throws(string id)
    {
        var octets = Vectors.ById(id).Octets;
        for (var length = 0; length < Math.Min(octets.Length, 200); length++)
        {
            Assert.False(CosemValue.TryRead(octets.AsSpan(0, length), out _, out var error));
            Assert.InRange(error.Offset, 0, length);
        }

        Assert.False(CosemValue.TryRead([.. octets, 0], out _, out var trailing));
        Assert.Equal(new DecodeError(DecodeFault.TrailingBytes, "Data", octets.Length), trailing);
    }

    [Theory, MemberData(nameof(DateTimes)), Shows("data.date-time")]
    public void Every_date_time_vector_is_read_field_by_field_and_written_back_the_same(string id)
    {
        var vector = Vectors.ById(id);
        var time = CosemDateTime.Read(vector.Octets);
        void Check(string name, int actual, int unspecified)
        {
            if (!vector.Meaning.TryGetProperty(name, out var expected)) return;
            if (expected.ValueKind == JsonValueKind.Number) Assert.Equal(expected.GetInt32(), actual);
            else if (expected.ValueKind == JsonValueKind.Null) Assert.Equal(unspecified, actual);
        }

        Check("year", time.Year, 0xFFFF);
        Check("month", time.Month, 0xFF);
        Check("day", time.Day, 0xFF);
        Check("day-of-week", time.DayOfWeek, 0xFF);
        Check("hour", time.Hour, 0xFF);
        Check("minute", time.Minute, 0xFF);
        Check("second", time.Second, 0xFF);
        Check("hundredths", time.Hundredths, 0xFF);
        Check("deviation-minutes", time.DeviationMinutes, CosemDateTime.NoDeviation);
        var written = new byte[CosemDateTime.Size];
        time.Write(written);
        Assert.Equal(vector.Octets, written);
    }

    [Theory]
    [InlineData("02 04 12 0008 09 06 0000010000FF 0F 02 12 0000", "{8, 0000010000FF, 2, 0}", "{8, 0-0:1.0.0.255, 2, 0}")]
    [InlineData("01 02 09 0C 07EA010F040A0F0000FFC400 00", "[07EA010F040A0F0000FFC400, null]", "[2026-01-15 10:15:00 +01:00, null]")]
    [InlineData("09 05 4D65746572", "4D65746572", "\"Meter\"")]
    [InlineData("09 02 0102", "0102", "0102")]
    [InlineData("0A 03 41 09 42", "\"A\\tB\"", "\"A\\tB\"")]
    [InlineData("04 09 FF80", "111111111", "111111111")]
    [InlineData("03 FF", "true", "true")]
    [InlineData("0F F5", "-11", "-11")]
    [InlineData("15 FFFFFFFFFFFFFFFF", "18446744073709551615", "18446744073709551615")]
    [InlineData("14 8000000000000000", "-9223372036854775808", "-9223372036854775808")]
    [InlineData("17 7FC00000", "NaN 0x7FC00000", "NaN 0x7FC00000")]
    [InlineData("18 409147999999999A", "1105.9", "1105.9")]
    [InlineData("1B 081E0F17", "08:30:15.23", "08:30:15.23")]
    [InlineData("1A 07E80B15FF", "2024-11-21", "2024-11-21")]
    [InlineData("0C 02 FFFE", "FFFE", "FFFE")]
    [InlineData("13 02 02 12 06 0C 0001 00000064 0002 000000C8", "[{1, 100}, {2, 200}]", "[{1, 100}, {2, 200}]")]
    public void Values_are_shown_exactly_and_for_people(string hex, string exact, string friendly)
    {
        Assert.True(CosemValue.TryRead(Hex(hex), out var value, out _));
        Assert.Equal((exact, friendly), (value.ToString(), value.ToFriendlyString()));
        Assert.Equal(Hex(hex), Written(value.WriteTo));
        Json(value);
    }

    [Theory]
    [InlineData("07 00", DecodeFault.UnknownTag, 0)]
    [InlineData("02 02 11 05 08 01", DecodeFault.UnknownTag, 4)]
    [InlineData("01 05 00", DecodeFault.BadLength, 0)]
    [InlineData("09 84 FFFFFFFF", DecodeFault.BadLength, 1)]
    [InlineData("09 84 7FFFFFFF 00", DecodeFault.Truncated, 6)]
    [InlineData("01 84 00FFFFFF 00", DecodeFault.BadLength, 0)]
    public void Malformed_data_says_what_and_where(string hex, DecodeFault fault, int offset)
    {
        Assert.False(CosemValue.TryRead(Hex(hex), out _, out var error));
        Assert.Equal((fault, offset), (error.Fault, error.Offset));
    }

    [Fact]
    public void Nesting_has_a_bound()
    {
        byte[] Nested(int depth) => [.. Enumerable.Repeat((byte[])[1, 1], depth).SelectMany(x => x), 0];
        Assert.True(CosemValue.TryRead(Nested(Limits.MaxNesting), out _, out _));
        Assert.False(CosemValue.TryRead(Nested(Limits.MaxNesting + 1), out _, out var error));
        Assert.Equal(DecodeFault.TooDeep, error.Fault);
    }

    [Fact]
    public void Values_are_built_by_type_and_refuse_what_does_not_fit()
    {
        var value = CosemValue.Of(DataTag.Structure, CosemValue.Of(DataTag.Integer, -11), CosemValue.Of(DataTag.OctetString, "01"u8), CosemValue.Of(1.5f), CosemValue.Null);
        Assert.Equal(Hex("02 04 0F F5 09 02 3031 17 3FC00000 00"), Written(value.WriteTo));
        Assert.Throws<ArgumentOutOfRangeException>(() => CosemValue.Of(DataTag.Unsigned, 256));
        Assert.Throws<ArgumentOutOfRangeException>(() => CosemValue.Of(DataTag.Integer, -129));
        Assert.Throws<ArgumentException>(() => CosemValue.Of(DataTag.OctetString, 1));
        Assert.Throws<ArgumentException>(() => CosemValue.Of(DataTag.Date, "123"u8));
        Assert.NotEqual(CosemValue.Of(DataTag.Unsigned, 5), CosemValue.Of(DataTag.Enum, 5));
    }

    private static JsonElement Json(CosemValue value)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream)) value.WriteTo(json);
        return JsonDocument.Parse(stream.ToArray()).RootElement.Clone();
    }

    private static void AssertSame(JsonElement expected, JsonElement actual)
    {
        switch (expected.ValueKind)
        {
            case JsonValueKind.Object:
                // The length of the contents follows from the rows.
                foreach (var member in expected.EnumerateObject().Where(m => m.Name is not ("note" or "contents-length"))) AssertSame(member.Value, actual.GetProperty(member.Name));
                break;
            case JsonValueKind.Array:
                Assert.Equal(expected.GetArrayLength(), actual.GetArrayLength());
                foreach (var (e, a) in expected.EnumerateArray().Zip(actual.EnumerateArray())) AssertSame(e, a);
                break;
            case JsonValueKind.Number when expected.GetRawText().Contains('.', StringComparison.Ordinal):
                Assert.Equal(expected.GetSingle(), actual.GetSingle());
                break;
            default:
                Assert.Equal(expected.ToString(), actual.ToString());
                break;
        }
    }
}
