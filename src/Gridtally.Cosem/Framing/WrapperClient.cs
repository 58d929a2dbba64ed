using System.Buffers;

namespace Gridtally.Cosem.Framing;

/// <summary>Client side of the TCP or UDP wrapper.</summary>
/// <remarks>
/// IEC 62056-47. Nothing is sent to set a link up or to take it down. APDUs between other wPorts are dropped and counted;
/// ports that the device has forgotten to swap are let pass.
/// </remarks>
public sealed class WrapperClient : IClientFraming
{
    private readonly ushort _client;
    private readonly ushort _device;
    private readonly WrapperReassembler _reassembler;
    private readonly ApduQueue<bool> _received = new();

    /// <summary>A link that is down.</summary>
    /// <param name="client">Client SAP.</param>
    /// <param name="logicalDevice">Logical device, 1 for management.</param>
    /// <param name="datagrams">True on UDP: each <see cref="Receive"/> is one datagram, and each APDU sent should become one.</param>
    public WrapperClient(ushort client, ushort logicalDevice, bool datagrams = false) =>
        (_client, _device, _reassembler) = (client, logicalDevice, new(datagrams));

    /// <inheritdoc/>
    public LinkState State { get; private set; } = LinkState.Down;

    /// <inheritdoc/>
    public LinkFault Fault { get; private set; }

    /// <inheritdoc/>
    public ArrayBufferWriter<byte> Output { get; } = new();

    /// <inheritdoc/>
    /// <remarks>Never: TCP and the association above it keep the time.</remarks>
    public TimeSpan? NextDeadline => null;

    /// <summary>APDUs for other wPorts, and datagrams that hold none.</summary>
    public long Ignored => _ignored + _reassembler.BadDatagrams;

    private long _ignored;

    /// <inheritdoc/>
    public void Open(TimeSpan now)
    {
        _reassembler.Reset();
        _received.Clear();
        (State, Fault) = (LinkState.Up, LinkFault.None);
    }

    /// <inheritdoc/>
    public void Send(ReadOnlySpan<byte> apdu, TimeSpan now)
    {
        if (State != LinkState.Up) throw new InvalidOperationException($"The link is {State}; an APDU can be sent when it is Up.");
        WrapperHeader.WriteApdu(Output, _client, _device, apdu);
    }

    /// <inheritdoc/>
    public void SendUnconfirmed(ReadOnlySpan<byte> apdu, TimeSpan now) => WrapperHeader.WriteApdu(Output, _client, _device, apdu);

    /// <inheritdoc/>
    /// <remarks>A wrong version breaks the stream: state <see cref="LinkState.Failed"/>, and the driver closes the connection.</remarks>
    public void Receive(ReadOnlySpan<byte> bytes, TimeSpan now)
    {
        if (State != LinkState.Up) return;
        while (_reassembler.TryRead(ref bytes, out var header, out var apdu))
        {
            var ours = (header.Source == _device && header.Destination == _client) || (header.Source == _client && header.Destination == _device);
            if (ours && _received.HasRoom) _received.Add(true, apdu);
            else _ignored++;
        }

        if (_reassembler.Broken) (State, Fault) = (LinkState.Failed, LinkFault.Garbage);
    }

    /// <inheritdoc/>
    public void Tick(TimeSpan now)
    {
    }

    /// <inheritdoc/>
    public bool TryTakeApdu(out ReadOnlyMemory<byte> apdu) => _received.TryTake(out _, out apdu);

    /// <inheritdoc/>
    public void Close(TimeSpan now) => State = LinkState.Down;
}
