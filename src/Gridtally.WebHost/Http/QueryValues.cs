using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Gridtally.WebHost.Http;

/// <summary>Reads query parameters, and collects what is wrong with them so that one answer names all.</summary>
/// <param name="query">The query of a request.</param>
public sealed class QueryValues(IQueryCollection query)
{
    private readonly List<(string Field, string Fault)> _faults = [];

    /// <summary>400 with all that was wrong; null when nothing was.</summary>
    public IResult? Problem => _faults.Count == 0 ? null : Problems.Invalid(_faults);

    /// <summary>A whole number within bounds; <paramref name="otherwise"/> when it is left out.</summary>
    public int Number(string name, int min, int max, int otherwise) => (int)(Number(name, min, (long)max) ?? otherwise);

    /// <summary>A whole number within bounds; null when it is left out.</summary>
    public long? Number(string name, long min, long max)
    {
        if (Text(name) is not { } text) return null;
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= min && value <= max) return value;
        Wrong(name, $"a whole number {min}..{max}", text);
        return null;
    }

    /// <summary>A time that must be given, UTC.</summary>
    public DateTime Time(string name)
    {
        const string Expected = "a date and time such as 2026-01-31T14:00:00Z";
        if (Text(name) is not { } text) Wrong(name, Expected, null);
        else if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)) return time.UtcDateTime;
        else Wrong(name, Expected, text);
        return default;
    }

    /// <summary>A day that must be given.</summary>
    public DateOnly Day(string name)
    {
        const string Expected = "a day such as 2026-01-31";
        if (Text(name) is not { } text) Wrong(name, Expected, null);
        else if (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)) return day;
        else Wrong(name, Expected, text);
        return default;
    }

    /// <summary>One of a closed set, as <see cref="WireEnum{T}"/> writes it; null when it is left out.</summary>
    public T? Choice<T>(string name) where T : struct, Enum
    {
        if (Text(name) is not { } text) return null;
        foreach (var value in Enum.GetValues<T>())
        {
            if (System.Text.Json.JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString()) == text) return value;
        }

        Wrong(name, "one of " + string.Join(", ", Enum.GetNames<T>().Select(System.Text.Json.JsonNamingPolicy.KebabCaseLower.ConvertName)), text);
        return null;
    }

    /// <summary>A text; null when it is left out or empty.</summary>
    public string? Text(string name) => query[name].ToString() is { Length: > 0 } text ? text : null;

    /// <summary>Notes that a value can't be taken.</summary>
    /// <param name="name">The parameter.</param>
    /// <param name="expected">What was expected.</param>
    /// <param name="got">What arrived; null for nothing.</param>
    public void Wrong(string name, string expected, string? got) => _faults.Add((name, got is null ? $"expected {expected}, got nothing." : $"expected {expected}, got '{Shown(got)}'."));

    // Long enough to recognise it, short enough not to fill a page.
    private static string Shown(string text) => text.Length <= 64 ? text : text[..64] + "…";
}
