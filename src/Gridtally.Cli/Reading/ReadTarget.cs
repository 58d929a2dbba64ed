using System.Globalization;
using Gridtally.Cli.Commands;
using Gridtally.Metering;

namespace Gridtally.Cli.Reading;

/// <summary>What the user wants to read: a word, or an object by its OBIS code.</summary>
/// <param name="Instance">Logical name.</param>
/// <param name="ClassId">Interface class; null: the meter's object list tells.</param>
/// <param name="AttributeId">Attribute; null: the one that holds the value.</param>
internal sealed record ReadTarget(ObisCode Instance, ushort? ClassId, sbyte? AttributeId)
{
    /// <summary>Attribute or method by its name in the standard, such as scaler_unit; null where it was given by number or left out.</summary>
    public string? MemberName { get; init; }

    /// <summary>Words for what is read most.</summary>
    public static readonly IReadOnlyDictionary<string, ReadTarget> Words = new Dictionary<string, ReadTarget>
    {
        ["clock"] = new(new(0, 0, 1, 0, 0, 255), 8, 2),
        ["energy"] = new(new(1, 0, 1, 8, 0, 255), 3, 2),
        ["export"] = new(new(1, 0, 2, 8, 0, 255), 3, 2),
        ["name"] = new(new(0, 0, 42, 0, 0, 255), 1, 2),
        ["serial"] = new(new(0, 0, 96, 1, 0, 255), 1, 2),
        ["relay"] = new(new(0, 0, 96, 3, 10, 255), 70, 2),
        ["profile"] = new(new(1, 0, 99, 1, 0, 255), 7, 2),
        ["objects"] = new(new(0, 0, 40, 0, 0, 255), 15, 2),
    };

    public bool IsObjectList => ClassId == 15 && AttributeId == 2;

    /// <summary>Reads a word, <c>1-0:1.8.0</c>, <c>1-0:1.8.0:3</c> or <c>3/1-0:1.8.0.255:2</c>.</summary>
    public static ReadTarget Parse(string text)
    {
        if (Words.TryGetValue(text, out var word)) return word;
        var (rest, classId, attribute, name) = (text, default(ushort?), default(sbyte?), default(string?));
        var slash = rest.IndexOf('/');
        if (slash >= 0)
        {
            if (!ushort.TryParse(rest[..slash], NumberStyles.None, CultureInfo.InvariantCulture, out var number)) throw NotATarget(text);
            (classId, rest) = (number, rest[(slash + 1)..]);
        }

        // The first colon belongs to A-B:C; an attribute comes after a second one.
        var colon = rest.LastIndexOf(':');
        if (colon > rest.LastIndexOf('.'))
        {
            var member = rest[(colon + 1)..];
            if (sbyte.TryParse(member, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)) attribute = number;
            else if (member.Length > 0 && char.IsAsciiLetter(member[0])) name = member;
            else throw NotATarget(text);
            rest = rest[..colon];
        }

        return ObisCode.TryParse(rest, null, out var code) ? new(code, classId, attribute) { MemberName = name } : throw NotATarget(text);
    }

    private static CommandException NotATarget(string text) => new(
        $"'{text}' is nothing to read; expected {string.Join(", ", Words.Keys)}, an OBIS code such as 1-0:1.8.0, or class/OBIS:attribute such as 3/1-0:1.8.0.255:2.",
        ExitCodes.Usage);
}
