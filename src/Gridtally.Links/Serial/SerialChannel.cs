using System.Runtime.InteropServices;
using static Gridtally.Links.LinuxTerminal;

namespace Gridtally.Links;

/// <summary>Which serial port, and how it is driven.</summary>
public sealed record SerialOptions
{
    /// <summary>Device file, such as <c>/dev/ttyUSB0</c>.</summary>
    public required string Path { get; init; }

    /// <summary>Baud rate and character format.</summary>
    public SerialSettings Settings { get; init; } = SerialSettings.Default;

    /// <summary>Who switches the transmitter of an RS-485 line.</summary>
    public Rs485Direction Rs485 { get; init; }

    /// <summary>Between switching the transmitter on and the first bit, whole milliseconds.</summary>
    public TimeSpan Rs485DelayBefore { get; init; }

    /// <summary>Between the last bit and switching the transmitter off, whole milliseconds.</summary>
    public TimeSpan Rs485DelayAfter { get; init; }
}

/// <summary>Who switches the transmitter of an RS-485 line on and off.</summary>
public enum Rs485Direction : byte
{
    /// <summary>The adapter by itself, or nobody: the line is not RS-485.</summary>
    Off,
    /// <summary>The driver (TIOCSRS485) where it can, else the adapter: most USB adapters do.</summary>
    Auto,
    /// <summary>The driver; a port whose driver can't is refused.</summary>
    Driver,
}

/// <summary>A serial port of this Linux machine, for this program alone.</summary>
public sealed class SerialChannel : IByteChannel
{
    private readonly DescriptorStream _stream;
    private readonly Descriptor _descriptor;
    private readonly SerialOptions _options;

    private SerialChannel(Descriptor descriptor, SerialOptions options, string name) =>
        (_stream, _descriptor, _options, Name) = (new(descriptor, name), descriptor, options, name);

    /// <inheritdoc/>
    public string Name { get; }

    /// <summary>Opens the port raw, throws away what had been received before, and keeps other programs out.</summary>
    /// <exception cref="LinkException">It can't be opened; the message says why and what to do.</exception>
    public static SerialChannel Open(SerialOptions options)
    {
        var name = $"serial {options.Path} {options.Settings}";
        var descriptor = LinuxTerminal.Open(options.Path, ReadWrite | NoControllingTerminal | NonBlocking | CloseOnExec);
        try
        {
            if (descriptor.IsInvalid) throw NotOpened(name, options.Path, Marshal.GetLastPInvokeError());
            Claim(descriptor, name, options.Path);
            if (!TryConfigure(descriptor, options.Settings)) throw NotConfigured(name, options, Marshal.GetLastPInvokeError());
            if (options.Rs485 != Rs485Direction.Off && !TrySetRs485(descriptor, options.Rs485DelayBefore, options.Rs485DelayAfter)
                && options.Rs485 == Rs485Direction.Driver) throw NoRs485(name);
            Flush(descriptor, FlushInput);
            return new(descriptor, options, name);
        }
        catch
        {
            descriptor.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken) => _stream.ReadAsync(buffer, cancellationToken);

    /// <inheritdoc/>
    /// <remarks>Returns when the driver has taken the octets, which is before the last one is on the line.</remarks>
    public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) => _stream.WriteAsync(bytes, cancellationToken);

    /// <inheritdoc/>
    /// <remarks>The name keeps the settings that the port was opened with. Adapters with buffers of their own may say "sent" a little early.</remarks>
    public async ValueTask<bool> SetLineAsync(SerialSettings settings, CancellationToken cancellationToken)
    {
        // At 300 baud a request takes its time, and the call does not come back before it is out.
        await Task.Run(
            () =>
            {
                try
                {
                    _ = Drain(_descriptor);
                    if (!TryConfigure(_descriptor, settings)) throw NotConfigured(Name, _options with { Settings = settings }, Marshal.GetLastPInvokeError());
                }
                catch (ObjectDisposedException)
                {
                    throw LinkErrors.Closed(Name);
                }
            },
            cancellationToken).ConfigureAwait(false);
        return true;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _stream.DisposeAsync();

    private static void Claim(Descriptor descriptor, string name, string path)
    {
        if (!TryLock(descriptor)) throw InUse(name);

        // On a pseudo-terminal the exclusive mode would outlive a killed program for as long as the other end keeps it open.
        var target = new FileInfo(path).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? path;
        if (!target.StartsWith("/dev/pts/", StringComparison.Ordinal)) TrySetExclusive(descriptor);
    }

    private static LinkException InUse(string name) => new($"{name}: the port is in use by another program; stop it (`fuser -v <port>` names it) or choose another port.");

    private static LinkException NotOpened(string name, string path, int error) => error switch
    {
        NoSuchFile => new($"{name}: there is no {path}. Check that the adapter is plugged in; `ls /dev/tty*` lists the ports."),
        AccessDenied or NotPermitted => new($"{name}: this user may not use the port. Add the user to the group dialout and log in again."),
        Busy => InUse(name),
        NoSuchDevice or NoDevice or InputOutputError => new($"{name}: the device file is there, but no port behind it. Check that the adapter is plugged in."),
        _ => new($"{name}: can't be opened: {Marshal.GetPInvokeErrorMessage(error)} (errno {error})."),
    };

    private static LinkException NotConfigured(string name, SerialOptions options, int error) => error == NotTerminal
        ? new($"{name}: {options.Path} is not a serial port. Give the device file of a port, such as /dev/ttyUSB0.")
        : new($"{name}: the port refuses {options.Settings}: {Marshal.GetPInvokeErrorMessage(error)} (errno {error}). Choose a setting that the adapter has.");

    private static LinkException NoRs485(string name) => new(
        $"{name}: the driver of this port can't switch an RS-485 transmitter (TIOCSRS485). Leave rs485 off if the adapter switches by itself, else use another adapter.");
}

/// <summary>Opens one serial port as often as needed.</summary>
/// <param name="options">Which port, and how.</param>
public sealed class SerialChannelFactory(SerialOptions options) : IChannelFactory
{
    /// <inheritdoc/>
    public string Name { get; } = $"serial {options.Path} {options.Settings}";

    /// <inheritdoc/>
    public ValueTask<IByteChannel> OpenAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult<IByteChannel>(SerialChannel.Open(options));
    }
}
