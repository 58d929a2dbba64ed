using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Gridtally.Concentrator.Archive;
using Gridtally.Concentrator.Channels;
using Gridtally.Concentrator.History;
using Gridtally.Concentrator.Settings;
using Gridtally.Cosem.Acse;
using Gridtally.Cosem.Client;
using Gridtally.Cosem.Framing;
using Gridtally.Cosem.Security;
using Gridtally.Sessions;

namespace Gridtally.Concentrator.Drivers;

/// <summary>How the read client of this concentrator talks to a meter: from settings and archive to the options of an association.</summary>
internal static class MeterConnection
{
    /// <summary>The layer below the APDUs of a channel's meters.</summary>
    public static HdlcClientOptions Hdlc(ChannelSettings channel)
    {
        var frame = channel.ProtocolAttributes.Number("max.bytes");
        var serial = ChannelOpener.Serial(channel);
        return new()
        {
            AddressLength = channel.Attributes.Number("hdlc.address"),
            Parameters = new(frame, frame),
            OctetTime = serial.TransmitTime(1),
        };
    }

    /// <summary>Who talks to whom.</summary>
    public static PeerAddress Peer(ChannelSettings channel, MeterRecord meter, ushort client, ushort logicalDevice) =>
        new(client, logicalDevice, channel.Type.IsBus && MeterAddress.TryParsePhysical(meter.Address, out var physical) ? physical : (ushort)0);

    /// <summary>How long an answer may take.</summary>
    public static TimeSpan ResponseTimeout(ChannelSettings channel)
    {
        var limit = channel.ProtocolAttributes.Seconds("send.timeout");
        return channel.ReadTimeout < limit ? channel.ReadTimeout : limit;
    }

    /// <summary>The association of the read client.</summary>
    /// <exception cref="MeterGateException">Key or password is missing.</exception>
    public static DlmsClientOptions Options(ChannelSettings channel, MeterRecord meter, MeterArchive archive, SystemTitle title, bool readCounter)
    {
        var protocol = channel.ProtocolAttributes;
        var association = protocol.Text("auth") switch
        {
            "hls5" => new AssociationOptions
            {
                Mechanism = AuthenticationMechanism.HighLevelGmac,
                Keys = archive.KeysOf(meter) ?? throw Missing(meter, channel, "keys of the read client (EK and AK)"),
                Protection = Protection.AuthenticatedEncrypted,
                SystemTitle = title,
            },
            "lls" => new AssociationOptions
            {
                Mechanism = AuthenticationMechanism.LowLevel,
                Password = archive.PasswordOf(meter) is { Length: > 0 } password ? password : throw Missing(meter, channel, "password"),
            },
            _ => new AssociationOptions(),
        };
        return new()
        {
            Peer = Peer(channel, meter, (ushort)protocol.Number("client.sap"), meter.LogicalDevice),
            Framing = channel.Type.IsBus ? FramingKind.Hdlc : FramingKind.Wrapper,
            Hdlc = channel.Type.IsBus ? Hdlc(channel) : new(),
            Association = association with { MaxReceivePdu = (ushort)protocol.Number("max.pdu") },
            ResponseTimeout = ResponseTimeout(channel),
            SendRetry = protocol.Number("send.retry"),
            ReadInvocationCounter = readCounter,
        };
    }

    /// <summary>The concentrator's system title: the digits of its serial number, or of another serial number a digest.</summary>
    public static SystemTitle TitleOf(string serial) => SystemTitle.Of("GTY", ulong.TryParse(serial, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number < 1UL << 40
        ? number
        : BitConverter.ToUInt64(SHA256.HashData(Encoding.ASCII.GetBytes(serial))));

    private static MeterGateException Missing(MeterRecord meter, ChannelSettings channel, string what) => new(FailureReason.Security,
        $"Meter {meter.Number} has no {what}, which protocol {channel.Protocol} needs (auth = {channel.ProtocolAttributes.Text("auth")}). Enter it in the archive.");
}
