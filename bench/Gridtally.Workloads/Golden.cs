namespace Gridtally.Workloads;

/// <summary>What a workload sent or received is not what bench/README.md says: its figures would be of something else.</summary>
public sealed class WorkloadException(string message) : Exception(message);

/// <summary>Keys, titles and octets that bench/README.md gives, and the comparison with them.</summary>
internal static class Golden
{
    public static readonly byte[] EncryptionKey = Convert.FromHexString("000102030405060708090A0B0C0D0E0F");

    public static readonly byte[] AuthenticationKey = Convert.FromHexString("D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF");

    /// <summary>Fails unless <paramref name="got"/> is exactly what the hexadecimal digits say; blanks are left out.</summary>
    public static void Same(string what, string expected, ReadOnlySpan<byte> got) => SameText(what, expected.Replace(" ", "", StringComparison.Ordinal), Convert.ToHexString(got));

    /// <summary>Fails unless <paramref name="got"/> begins with what the hexadecimal digits say.</summary>
    public static void Begins(string what, string expected, ReadOnlySpan<byte> got)
    {
        var digits = expected.Replace(" ", "", StringComparison.Ordinal);
        SameText(what, digits, Convert.ToHexString(got[..Math.Min(got.Length, digits.Length / 2)]));
    }

    /// <summary>Fails unless the two texts are equal.</summary>
    public static void SameText(string what, string expected, string got)
    {
        if (!string.Equals(expected, got, StringComparison.OrdinalIgnoreCase)) throw new WorkloadException($"{what}: expected {expected}, got {got}.");
    }

    /// <summary>Fails unless the two numbers are equal.</summary>
    public static void Same(string what, long expected, long got)
    {
        if (expected != got) throw new WorkloadException($"{what}: expected {expected}, got {got}.");
    }
}
