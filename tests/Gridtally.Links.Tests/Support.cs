namespace Gridtally.Links.Tests;

/// <summary>Reads and limits that the tests of real ports share.</summary>
internal static class Support
{
    /// <summary>Real things are given this long before a test fails; none of them needs a tenth of it.</summary>
    public static CancellationToken Soon() => new CancellationTokenSource(TimeSpan.FromSeconds(20)).Token;

    public static async Task<byte[]> ReadExactlyAsync(this IByteChannel channel, int count)
    {
        var (bytes, read, limit) = (new byte[count], 0, Soon());
        while (read < count)
        {
            var more = await channel.ReadAsync(bytes.AsMemory(read), limit);
            if (more == 0) throw new EndOfStreamException($"{read} of {count} octets, then the end.");
            read += more;
        }

        return bytes;
    }

    public static byte[] AllOctets { get; } = [.. Enumerable.Range(0, 256).Select(i => (byte)i)];
}
