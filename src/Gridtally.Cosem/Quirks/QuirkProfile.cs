using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Gridtally.Cosem.Quirks;

/// <summary>How one kind of meter deviates from the standard: switches and timing, chosen per meter, kept in a file.</summary>
/// <param name="Name">For people: maker, model, firmware.</param>
/// <param name="Accepted">The quirks that are switched on.</param>
/// <example><code>
/// { "name": "Example maker X1, firmware 2.3", "accept": ["short-aare", "odd-scaler"], "responseTimeoutMilliseconds": 8000, "pauseMilliseconds": 200 }
/// </code></example>
public sealed record QuirkProfile(string Name, Quirk Accepted = Quirk.None)
{
    /// <summary>Octets of the largest profile file. Ours have a few hundred.</summary>
    public const int MaxFileOctets = 64 * 1024;

    private const int MaxMilliseconds = 600_000;

    /// <summary>No quirks.</summary>
    public static QuirkProfile Strict { get; } = new("strict");

    /// <summary>How long the meter may take to answer, where that is more than the client's own timeout; null for no change.</summary>
    public TimeSpan? ResponseTimeout { get; init; }

    /// <summary>How long the line must rest before each request: the meter needs time to turn around. Zero for none.</summary>
    public TimeSpan Pause { get; init; }

    /// <summary>True where a quirk is switched on.</summary>
    public bool Accepts(Quirk quirk) => (Accepted & quirk) == quirk;

    /// <summary>Reads a profile file.</summary>
    /// <param name="json">The file's octets, UTF-8.</param>
    /// <param name="profile">The profile.</param>
    /// <param name="error">What is wrong, and what is expected.</param>
    public static bool TryParse(ReadOnlyMemory<byte> json, [NotNullWhen(true)] out QuirkProfile? profile, [NotNullWhen(false)] out string? error)
    {
        profile = null;
        if (json.Length > MaxFileOctets)
        {
            error = $"A quirk profile has at most {MaxFileOctets} octets; this one has {json.Length}.";
            return false;
        }

        try
        {
            using var document = JsonDocument.Parse(json, new() { MaxDepth = 4, CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            error = TryRead(document.RootElement, out var read);
            if (error is null) profile = read;
        }
        catch (JsonException e)
        {
            error = $"Not JSON: line {e.LineNumber + 1}, octet {e.BytePositionInLine + 1}.";
        }

        return error is null;
    }

    private static string? TryRead(JsonElement root, out QuirkProfile profile)
    {
        profile = new("");
        if (root.ValueKind != JsonValueKind.Object) return "A quirk profile is an object with 'name' and 'accept'.";
        foreach (var member in root.EnumerateObject())
        {
            var problem = member.Name switch
            {
                "name" => ReadName(member.Value, ref profile),
                "accept" => ReadAccepted(member.Value, ref profile),
                "responseTimeoutMilliseconds" => ReadTime(member, (p, time) => p with { ResponseTimeout = time }, ref profile),
                "pauseMilliseconds" => ReadTime(member, (p, time) => p with { Pause = time }, ref profile),
                _ => $"'{member.Name}' is unknown; expected name, accept, responseTimeoutMilliseconds or pauseMilliseconds.",
            };
            if (problem is not null) return problem;
        }

        return profile.Name.Length == 0 ? "'name' is missing: say maker and model." : null;
    }

    private static string? ReadName(JsonElement value, ref QuirkProfile profile)
    {
        if (value.ValueKind != JsonValueKind.String || string.IsNullOrWhiteSpace(value.GetString())) return "'name' is a text that is not empty.";
        profile = profile with { Name = value.GetString()! };
        return null;
    }

    private static string? ReadAccepted(JsonElement value, ref QuirkProfile profile)
    {
        if (value.ValueKind != JsonValueKind.Array) return "'accept' is an array of names of quirks.";
        foreach (var item in value.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.String || QuirkTable.Find(item.GetString()!) is not { } row)
                return $"{item} is not a quirk; expected one of {string.Join(", ", QuirkTable.Rows.Select(r => r.Name))}.";
            profile = profile with { Accepted = profile.Accepted | row.Flag };
        }

        return null;
    }

    private static string? ReadTime(JsonProperty member, Func<QuirkProfile, TimeSpan, QuirkProfile> with, ref QuirkProfile profile)
    {
        if (member.Value.ValueKind != JsonValueKind.Number || !member.Value.TryGetInt32(out var milliseconds) || milliseconds is < 0 or > MaxMilliseconds)
            return $"'{member.Name}' is a whole number of milliseconds, 0..{MaxMilliseconds}.";
        profile = with(profile, TimeSpan.FromMilliseconds(milliseconds));
        return null;
    }
}
