namespace Gridtally.Cosem.Data;

/// <summary>A time of day as on the wire: four octets, any of which may be a wildcard.</summary>
/// <param name="Hour">0..23; 0xFF not specified.</param>
/// <param name="Minute">0..59; 0xFF not specified.</param>
/// <param name="Second">0..59; 0xFF not specified.</param>
/// <param name="Hundredths">0..99; 0xFF not specified.</param>
/// <remarks>time, Blue Book 4.1.6.1. Equality is equality of the octets.</remarks>
public readonly record struct CosemTime(byte Hour, byte Minute, byte Second, byte Hundredths)
{
    /// <summary>Octets on the wire.</summary>
    public const int Size = 4;

    /// <summary>Every field not specified.</summary>
    public static readonly CosemTime Unspecified = new(0xFF, 0xFF, 0xFF, 0xFF);

    private const int Fields = 4;

    private static ReadOnlySpan<byte> Values => [24, 60, 60, 100];

    /// <summary>One time of day, cut to hundredths.</summary>
    public static CosemTime From(TimeOnly time) => new((byte)time.Hour, (byte)time.Minute, (byte)time.Second, (byte)(time.Millisecond / 10));

    /// <summary>True where each field is one that the standard has.</summary>
    public bool IsValid => Hour is < 24 or 0xFF && Minute is < 60 or 0xFF && Second is < 60 or 0xFF && Hundredths is < 100 or 0xFF;

    /// <summary>Reads four octets. Every pattern of octets is a time; whether it is one of a day is asked with <see cref="TryToTimeOnly"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than four octets.</exception>
    public static CosemTime Read(ReadOnlySpan<byte> source)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(source.Length, Size, nameof(source));
        return new(source[0], source[1], source[2], source[3]);
    }

    /// <summary>Writes four octets to the start of <paramref name="target"/>.</summary>
    public void Write(Span<byte> target) => (target[0], target[1], target[2], target[3]) = (Hour, Minute, Second, Hundredths);

    /// <summary>The time of day, where hour and minute are given; seconds and hundredths that are not specified count as 0.</summary>
    public bool TryToTimeOnly(out TimeOnly time)
    {
        time = default;
        if (!IsValid || Hour == 0xFF || Minute == 0xFF) return false;
        time = new(Hour, Minute, Second == 0xFF ? 0 : Second, Hundredths == 0xFF ? 0 : Hundredths * 10);
        return true;
    }

    /// <summary>True for a time of day that the pattern means; one that is out of range means none.</summary>
    public bool Matches(TimeOnly time) =>
        (Hour == 0xFF || Hour == time.Hour) && (Minute == 0xFF || Minute == time.Minute)
        && (Second == 0xFF || Second == time.Second) && (Hundredths == 0xFF || Hundredths == time.Millisecond / 10);

    /// <summary><c>08:30:15.23</c>, with <c>*</c> for wildcards.</summary>
    public override string ToString() => $"{Text(Hour)}:{Text(Minute)}:{Text(Second)}{(Hundredths is 0 or 0xFF ? "" : $".{Hundredths:00}")}";

    // True where the pattern holds all day, so that it begins only where its date does.
    internal bool IsAllDay => this == Unspecified;

    // The first time of day at or after `from` at which the pattern begins to hold; null where there is none.
    internal TimeOnly? FirstBeginning(TimeOnly from) => Search(from, 1);

    // The last such time at or before `from`.
    internal TimeOnly? LastBeginning(TimeOnly from) => Search(from, -1);

    private TimeOnly? Search(TimeOnly from, int direction)
    {
        if (!IsValid) return null;
        ReadOnlySpan<byte> pattern = Beginning(stackalloc byte[Fields]);
        Span<byte> time = [(byte)from.Hour, (byte)from.Minute, (byte)from.Second, (byte)(from.Millisecond / 10)];
        var matching = 0; // leading fields that are as asked
        while (matching < Fields && (pattern[matching] == 0xFF || pattern[matching] == time[matching])) matching++;
        if (matching == Fields) return ToTimeOnly(time);
        for (var i = matching; i >= 0; i--)
        {
            var step = time[i] + direction;
            if (pattern[i] != 0xFF ? Math.Sign(pattern[i] - time[i]) != direction : step < 0 || step >= Values[i]) continue;
            time[i] = pattern[i] != 0xFF ? pattern[i] : (byte)step;
            for (var j = i + 1; j < Fields; j++) time[j] = pattern[j] != 0xFF ? pattern[j] : direction > 0 ? (byte)0 : (byte)(Values[j] - 1);
            return ToTimeOnly(time);
        }

        return null;
    }

    // Fields at the end that are not specified hold without a break, so the pattern begins where they are 0: 10:*:* begins at 10:00:00.
    private Span<byte> Beginning(Span<byte> fields)
    {
        Write(fields);
        for (var i = Fields - 1; i >= 0 && fields[i] == 0xFF; i--) fields[i] = 0;
        return fields;
    }

    private static TimeOnly ToTimeOnly(ReadOnlySpan<byte> fields) => new(fields[0], fields[1], fields[2], fields[3] * 10);

    private static string Text(byte value) => value == 0xFF ? "*" : value.ToString("00");
}
