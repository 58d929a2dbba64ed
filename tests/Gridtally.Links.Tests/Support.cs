using System.Diagnostics;

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

/// <summary>Two pseudo-terminals joined by socat: a null-modem cable between two serial ports.</summary>
internal sealed class SocatCable : IDisposable
{
    private readonly Process _socat;

    public SocatCable(string folder)
    {
        (A, B) = (Path.Combine(folder, "a"), Path.Combine(folder, "b"));
        var start = new ProcessStartInfo("socat", ["-d", "-d", $"pty,raw,echo=0,link={A}", $"pty,raw,echo=0,link={B}"]) { RedirectStandardError = true };
        _socat = Process.Start(start)!;
        while (_socat.StandardError.ReadLine() is { } line)
        {
            if (line.Contains("starting data transfer loop", StringComparison.Ordinal)) return;
        }

        throw new InvalidOperationException("socat ended before the ports were there.");
    }

    public string A { get; }

    public string B { get; }

    /// <summary>Pulls the cable out: both ports vanish.</summary>
    public void Pull()
    {
        if (_socat.HasExited) return;
        _socat.Kill();
        _socat.WaitForExit();
    }

    public void Dispose()
    {
        Pull();
        _socat.Dispose();
    }
}
