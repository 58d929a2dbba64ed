using System.Runtime.InteropServices;
using System.Text;
using static Gridtally.Links.LinuxTerminal;

namespace Gridtally.Links;

/// <summary>A simulated serial line: this is one end of the cable, <see cref="SlavePath"/> is the port at the other.</summary>
/// <remarks>
/// Programs may open and close the port as they like: this end does not notice, as on a real cable. What is sent while nobody
/// has read for <see cref="MaxUnread"/> is lost, as on a real cable too.
/// </remarks>
public sealed class PseudoTerminal : IByteChannel
{
    /// <summary>How long a full buffer of the port is waited for before its content is thrown away: nobody listens.</summary>
    public static readonly TimeSpan MaxUnread = TimeSpan.FromSeconds(1);

    private readonly DescriptorStream _stream;
    private readonly Descriptor _slave;
    private readonly TimeProvider _lineTime;
    private readonly string? _linkPath;

    private PseudoTerminal(Descriptor master, Descriptor slave, string slavePath, string? linkPath, TimeProvider lineTime)
    {
        (_slave, SlavePath, _linkPath, _lineTime) = (slave, slavePath, linkPath, lineTime);
        Name = $"pty {linkPath ?? slavePath}";
        _stream = new(master, Name);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <summary>The port for the other program, <c>/dev/pts/7</c>.</summary>
    public string SlavePath { get; }

    /// <summary>Makes a line.</summary>
    /// <param name="linkPath">A symbolic link to make to the port, so that it has a name that stays; an older link is replaced. Null for none.</param>
    /// <param name="lineTime">Clock of <see cref="MaxUnread"/>; the system's if null.</param>
    /// <exception cref="LinkException">The machine has no pseudo-terminal left, or the link can't be made.</exception>
    public static PseudoTerminal Create(string? linkPath = null, TimeProvider? lineTime = null)
    {
        var master = OpenPseudoTerminal(ReadWrite | NoControllingTerminal | NonBlocking | CloseOnExec);
        Descriptor? slave = null;
        try
        {
            if (master.IsInvalid || GrantPseudoTerminal(master) != 0 || UnlockPseudoTerminal(master) != 0) throw Failed("no pseudo-terminal can be made");
            var slavePath = SlaveName(master);
            // Held open for as long as the line lives: without it, this end gets EIO whenever the other program closes the port.
            slave = LinuxTerminal.Open(slavePath, ReadWrite | NoControllingTerminal | NonBlocking | CloseOnExec);
            if (slave.IsInvalid || !TryConfigure(slave, SerialSettings.Default)) throw Failed($"{slavePath} can't be set up");
            if (linkPath is not null) Link(linkPath, slavePath);
            return new(master, slave, slavePath, linkPath, lineTime ?? TimeProvider.System);
        }
        catch
        {
            master.Dispose();
            slave?.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken) => _stream.ReadAsync(buffer, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        while (bytes.Length > 0)
        {
            var count = _stream.TryWrite(bytes.Span);
            bytes = bytes[count..];
            if (count == 0) await WaitForRoomAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Takes the line away. A program at the other end sees its port vanish.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_linkPath is not null && new FileInfo(_linkPath).LinkTarget == SlavePath) File.Delete(_linkPath);
        _slave.Dispose();
        await _stream.DisposeAsync().ConfigureAwait(false);
    }

    private async ValueTask WaitForRoomAsync(CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(MaxUnread, _lineTime);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            await _stream.WaitAsync(PollOut, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            Flush(_slave, FlushInput);
        }
    }

    private static string SlaveName(Descriptor master)
    {
        Span<byte> name = stackalloc byte[64];
        if (PseudoTerminalName(master, name, (nuint)name.Length) != 0) throw Failed("the name of the port can't be had");
        return Encoding.UTF8.GetString(name[..name.IndexOf((byte)0)]);
    }

    // Made beside and renamed over: at no moment is there no link, or a half-made one.
    private static void Link(string linkPath, string slavePath)
    {
        try
        {
            if (File.Exists(linkPath) && new FileInfo(linkPath).LinkTarget is null)
            {
                throw new LinkException($"pty {linkPath}: there is a file of that name, and it is not a link. Remove it or choose another name.");
            }

            var fresh = $"{linkPath}.{Environment.ProcessId}";
            File.Delete(fresh);
            File.CreateSymbolicLink(fresh, slavePath);
            File.Move(fresh, linkPath, overwrite: true);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException and not LinkException)
        {
            throw new LinkException($"pty {linkPath}: the link can't be made: {e.Message} Choose a folder that this user may write to.", e);
        }
    }

    private static LinkException Failed(string what)
    {
        var error = Marshal.GetLastPInvokeError();
        return new($"pty: {what}: {Marshal.GetPInvokeErrorMessage(error)} (errno {error}). Check that /dev/pts is mounted and /proc/sys/kernel/pty/max is not reached.");
    }
}
