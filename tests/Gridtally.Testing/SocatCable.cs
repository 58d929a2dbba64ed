using System.Diagnostics;

namespace Gridtally.Testing;

/// <summary>Two pseudo-terminals joined by socat: a null-modem cable between two serial ports.</summary>
public sealed class SocatCable : IDisposable
{
    private readonly Process _socat;

    /// <summary>Lays the cable; its ports have links in <paramref name="folder"/>.</summary>
    public SocatCable(TemporaryFolder folder)
    {
        (A, B) = (folder.File("a"), folder.File("b"));
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
