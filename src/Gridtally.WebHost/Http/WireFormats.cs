using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gridtally.WebHost.Http;

/// <summary>A time as the APIs write it: ISO 8601 in UTC with <c>Z</c>; read in any offset.</summary>
public sealed class UtcTimestamp : JsonConverter<DateTimeOffset>
{
    /// <inheritdoc/>
    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetDateTimeOffset().ToUniversalTime();

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) => writer.WriteStringValue(value.UtcDateTime);
}

/// <summary>A case of a closed set as the APIs write it: its name in lower case with hyphens, <c>no-answer</c>.</summary>
/// <typeparam name="T">The set.</typeparam>
public sealed class WireEnum<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.KebabCaseLower, allowIntegerValues: false) where T : struct, Enum;
