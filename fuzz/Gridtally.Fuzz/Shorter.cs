namespace Gridtally.Fuzz;

/// <summary>Makes an input shorter that still breaks the same thing.</summary>
internal static class Shorter
{
    private const int MaxAttempts = 4000;

    /// <summary>Takes pieces out, large ones first, as long as <paramref name="breaks"/> stays true.</summary>
    public static byte[] Of(byte[] input, Func<byte[], bool> breaks)
    {
        var attempts = 0;
        for (var piece = input.Length / 2; piece > 0; piece /= 2)
        {
            for (var at = 0; at + piece <= input.Length && attempts < MaxAttempts;)
            {
                attempts++;
                byte[] candidate = [.. input[..at], .. input[(at + piece)..]];
                if (breaks(candidate)) input = candidate;
                else at += piece;
            }
        }

        return input;
    }
}
