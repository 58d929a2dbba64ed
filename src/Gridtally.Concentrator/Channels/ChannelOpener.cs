using Gridtally.Concentrator.Archive;
using Gridtally.Concentrator.Settings;
using Gridtally.Links;

namespace Gridtally.Concentrator.Channels;

/// <summary>Turns the settings of a channel into a way to a meter.</summary>
public interface IChannelOpener
{
    /// <summary>The serial line of a bus.</summary>
    /// <exception cref="LinkException">The settings name no port, or not one that can be opened.</exception>
    IChannelFactory Bus(ChannelSettings channel);

    /// <summary>The connection to one meter.</summary>
    /// <exception cref="LinkException">The meter's address does not suit the channel.</exception>
    IChannelFactory Meter(ChannelSettings channel, MeterRecord meter);
}

/// <summary>Serial ports and TCP.</summary>
/// <param name="lineTime">Clock of connect timeouts.</param>
public sealed class ChannelOpener(TimeProvider lineTime) : IChannelOpener
{
    /// <inheritdoc/>
    public IChannelFactory Bus(ChannelSettings channel)
    {
        var path = channel.Attributes.Text("device");
        if (path.Length == 0) throw new LinkException($"Channel {channel.Name} has no serial port. Set Channel Attribution {channel.Name} 'device', such as /dev/ttyS1.");
        return new SerialChannelFactory(new SerialOptions
        {
            Path = path,
            Settings = Serial(channel),
            Rs485 = Enum.Parse<Rs485Direction>(channel.Attributes.Text("rs485.direction"), ignoreCase: true),
        });
    }

    /// <inheritdoc/>
    public IChannelFactory Meter(ChannelSettings channel, MeterRecord meter)
    {
        if (!MeterAddress.TryParseEndpoint(meter.Address, out var host, out var port))
            throw new LinkException($"Meter {meter.Number} has address '{meter.Address}'; channel {channel.Name} needs host:port.");
        return new TcpChannelFactory(host, port, new TcpOptions { ConnectTimeout = channel.Attributes.Seconds("connect.timeout") }, lineTime);
    }

    internal static SerialSettings Serial(ChannelSettings channel) => new(channel.Attributes.Number("baud.rate"), channel.Attributes.Number("data.bits"),
        Enum.Parse<Parity>(channel.Attributes.Text("parity"), ignoreCase: true), channel.Attributes.Number("stop.bits"));
}

/// <summary>A channel that counts what goes over it, also when an association fails before it can say so itself.</summary>
internal sealed class CountingChannel(IByteChannel inner, bool ownsInner) : IByteChannel
{
    private long _sent, _received;

    public string Name => inner.Name;

    public bool IsDatagram => inner.IsDatagram;

    public long Sent => Interlocked.Read(ref _sent);

    public long Received => Interlocked.Read(ref _received);

    public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        var count = await inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        Interlocked.Add(ref _received, count);
        return count;
    }

    public ValueTask<bool> SetLineAsync(SerialSettings settings, CancellationToken cancellationToken) => inner.SetLineAsync(settings, cancellationToken);

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        Interlocked.Add(ref _sent, bytes.Length);
        await inner.WriteAsync(bytes, cancellationToken).ConfigureAwait(false);
    }

    public ValueTask DisposeAsync() => ownsInner ? inner.DisposeAsync() : ValueTask.CompletedTask;
}
