using System.Collections.Immutable;

namespace Gridtally.Cosem.Quirks;

/// <summary>Known ways in which real meters deviate from the standard. Each is off until a <see cref="QuirkProfile"/> switches it on.</summary>
[Flags]
public enum Quirk : uint
{
    /// <summary>Strictly by the standard.</summary>
    None = 0,
    /// <summary>An AARE that accepts, but without user-information.</summary>
    ShortAare = 1 << 0,
    /// <summary>A get-response-normal without the octet that tells data from a result.</summary>
    MissingDataChoice = 1 << 1,
    /// <summary>A date-time that is sent as length and octets, without the type before it.</summary>
    MissingTypeByte = 1 << 2,
    /// <summary>The time of a notification with a type octet, which the standard leaves out there.</summary>
    TaggedNotificationTime = 1 << 3,
    /// <summary>A scaler that is no integer, or a unit that is no enum.</summary>
    OddScalerUnit = 1 << 4,
    /// <summary>Datablocks whose numbers start at 0, or start again in mid-transfer.</summary>
    BlockNumbersRestart = 1 << 5,
    /// <summary>Range reads are refused, or answered wrongly, when the time bounds carry a deviation.</summary>
    RangeWithoutDeviation = 1 << 6,
    /// <summary>Responses that do not copy the invoke id of the request.</summary>
    InvokeIdNotEchoed = 1 << 7,
    /// <summary>A release request is never answered.</summary>
    ReleaseUnanswered = 1 << 8,
    /// <summary>The deviation of a date-time stays that of winter while daylight saving is active.</summary>
    DeviationWithoutDst = 1 << 9,
}

/// <summary>What is known of one quirk.</summary>
/// <param name="Flag">The switch.</param>
/// <param name="Name">Its name in profile files and messages.</param>
/// <param name="Accepts">What it makes the client accept or do, for people.</param>
/// <param name="Seen">Where it has been seen; public sources only.</param>
public sealed record QuirkRow(Quirk Flag, string Name, string Accepts, string Seen);

/// <summary>The quirks as a table: files, messages and docs/quirks.md derive from it.</summary>
public static class QuirkTable
{
    private const string Unpublished = "no public source known";

    /// <summary>Every quirk, in the order of the flags.</summary>
    public static ImmutableArray<QuirkRow> Rows { get; } =
    [
        new(Quirk.ShortAare, "short-aare",
            "An AARE that accepts the association without user-information counts as an InitiateResponse that grants what was proposed, with the client's own PDU size.",
            "Landis+Gyr ZCXi120 and ZMXi320 leave user-information out of rejections (gurux.dlms.java pull request 23); of acceptances no public source is known"),
        new(Quirk.MissingDataChoice, "missing-data-choice",
            "A get-response-normal whose Data begins right after the invoke id, without the choice octet 00.",
            Unpublished),
        new(Quirk.MissingTypeByte, "missing-type-byte",
            "A value that is 0C and twelve octets is a date-time whose type octet 09 was left out.",
            Unpublished),
        new(Quirk.TaggedNotificationTime, "tagged-notification-time",
            "The time of a data-notification or event-notification may begin with 09 0C instead of 0C (01 0C).",
            "Kamstrup and Kaifa household ports (AmsToMqttBridge issue 29)"),
        new(Quirk.OddScalerUnit, "odd-scaler",
            "scaler and unit may have any whole-number type; the values count.",
            Unpublished),
        new(Quirk.BlockNumbersRestart, "block-numbers-restart",
            "A datablock numbered 0 or 1 is taken as the next one, and counting goes on from there; the number that came is the one acknowledged.",
            Unpublished),
        new(Quirk.RangeWithoutDeviation, "range-without-deviation",
            "Time bounds of range reads are sent with deviation and clock status not specified.",
            "gurux.dlms.java pull request 25"),
        new(Quirk.InvokeIdNotEchoed, "invoke-id-not-echoed",
            "A response with any invoke id answers the one request under way.",
            Unpublished),
        new(Quirk.ReleaseUnanswered, "release-unanswered",
            "After the release request the link is closed without waiting for an answer.",
            Unpublished),
        new(Quirk.DeviationWithoutDst, "deviation-without-dst",
            "While the clock status says that daylight saving is active, another 60 minutes are taken off the local time to find UTC.",
            Unpublished),
    ];

    /// <summary>The quirk of that name; null where there is none.</summary>
    public static QuirkRow? Find(string name) => Rows.FirstOrDefault(row => row.Name == name);

    /// <summary>The name of a single quirk.</summary>
    /// <exception cref="ArgumentException">Not exactly one known quirk.</exception>
    public static string NameOf(Quirk quirk) =>
        Rows.FirstOrDefault(row => row.Flag == quirk)?.Name ?? throw new ArgumentException($"{quirk} is not one known quirk.", nameof(quirk));

    /// <summary>What a message adds where a quirk would help; empty for none.</summary>
    public static string Hint(Quirk acceptedBy) => acceptedBy == Quirk.None ? "" : $"; the quirk '{NameOf(acceptedBy)}' would accept this";
}
