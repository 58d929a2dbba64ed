using System.Globalization;
using System.Net;
using Gridtally.Concentrator.Tasks;
using Gridtally.Metering;

namespace Gridtally.Concentrator.Settings;

/// <summary>What kind of text a setting holds.</summary>
public enum ValueKind
{
    /// <summary>Any text up to <see cref="ValueSpec.Max"/> characters.</summary>
    Text,
    /// <summary>A whole number <see cref="ValueSpec.Min"/> .. <see cref="ValueSpec.Max"/>.</summary>
    Integer,
    /// <summary>One of <see cref="ValueSpec.Choices"/>.</summary>
    Choice,
    /// <summary>Five cron fields.</summary>
    Cron,
    /// <summary>An IP address or host name.</summary>
    Host,
    /// <summary>An OBIS code.</summary>
    Obis,
    /// <summary>Name of a row of table <see cref="ValueSpec.Table"/>.</summary>
    Reference,
    /// <summary>A name that other rows refer to: letters, digits, <c>_ . -</c>.</summary>
    Name,
    /// <summary>A time zone of the system's data base, such as <c>Europe/Riga</c>.</summary>
    Zone,
    /// <summary>Text that is stored encrypted and never shown.</summary>
    Secret,
}

/// <summary>One setting or column: what it means, what it may be, and what it is when nobody says.</summary>
/// <param name="Name">Key or column name.</param>
/// <param name="Kind">What kind of text.</param>
/// <param name="Default">Value when none is given.</param>
/// <param name="Meaning">One line for people; with the unit.</param>
public sealed record ValueSpec(string Name, ValueKind Kind, string Default, string Meaning)
{
    /// <summary>Smallest number, or fewest characters.</summary>
    public long Min { get; init; }

    /// <summary>Largest number, or most characters.</summary>
    public long Max { get; init; } = 128;

    /// <summary>Unit of a number, empty for none.</summary>
    public string Unit { get; init; } = "";

    /// <summary>The texts that a choice may be.</summary>
    public IReadOnlyList<string> Choices { get; init; } = [];

    /// <summary>The table whose names a reference may be.</summary>
    public string Table { get; init; } = "";

    /// <summary>What people call the column; the manual's heading.</summary>
    public string Label { get; init; } = Name;

    /// <summary>True where an empty text is allowed.</summary>
    public bool Optional { get; init; }

    /// <summary>What is allowed, for people.</summary>
    public string Expected => (Kind switch
    {
        ValueKind.Integer => $"a whole number {Min}..{Max}{(Unit.Length > 0 ? " " + Unit : "")}",
        ValueKind.Choice => string.Join(" or ", Choices),
        ValueKind.Cron => "five cron fields such as 0 */4 * * *",
        ValueKind.Host => "an IP address or host name",
        ValueKind.Obis => "an OBIS code such as 1-0:99.1.0.255",
        ValueKind.Reference => $"the name of a row of table {Table}",
        ValueKind.Name => $"1..{Max} of letters, digits, '_', '.', '-'",
        ValueKind.Zone => "a time zone such as UTC or Europe/Riga",
        _ => Min > 0 ? $"{Min}..{Max} characters" : $"at most {Max} characters",
    }) + (Optional && Kind is not (ValueKind.Text or ValueKind.Secret) ? ", or nothing" : "");

    /// <summary>Checks a text on its own; references are checked by the store.</summary>
    /// <returns>What was expected, or null where the text is fine.</returns>
    public string? Problem(string value)
    {
        if (value.Length == 0) return Optional || (Kind is ValueKind.Text or ValueKind.Secret && Min == 0) ? null : Expected;
        if (value.Any(char.IsControl)) return "no control characters";
        var fine = Kind switch
        {
            ValueKind.Integer => long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= Min && number <= Max,
            ValueKind.Choice => Choices.Contains(value),
            ValueKind.Host => value.Length <= 253 && (IPAddress.TryParse(value, out _) || Uri.CheckHostName(value) == UriHostNameType.Dns),
            ValueKind.Obis => ObisCode.TryParse(value, null, out _),
            ValueKind.Name => value.Length <= Max && value.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-'),
            ValueKind.Zone => TimeZoneInfo.TryFindSystemTimeZoneById(value, out _),
            ValueKind.Cron => CronExpression.TryParse(value, out _, out _),
            _ => value.Length >= Min && value.Length <= Max,
        };
        if (fine) return null;
        return Kind == ValueKind.Cron && !CronExpression.TryParse(value, out _, out var problem) ? $"{Expected} ({problem})" : Expected;
    }
}
