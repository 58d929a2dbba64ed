using System.Buffers;
using System.Security.Cryptography;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Data;
using Gridtally.Cosem.Framing;

namespace Gridtally.Workloads;

/// <summary>Workloads g: a client takes in a response of eight HDLC frames of 128 octets, acknowledges each, and reads the octet-string inside.</summary>
internal sealed class FrameWorkload : IWorkload
{
    public const int Frames = 8, FrameSize = 139, Information = 128;

    private const string Digest = "2351DE1E714E19CDC4CE4C111D42530C10EE682C468795850D48133F06EC1BD4";

    private readonly HdlcClientLink _link = new(new() { ClientSap = Peers.ClientSap, LogicalDevice = Peers.ServerSap });
    private readonly byte[] _request = Convert.FromHexString("C001C100030100080800FF0200");
    private readonly byte[] _value;

    // The same response for each number that the request before it may have had; N(R) is the only difference, and the checks over it.
    private readonly byte[][] _responses;
    private readonly bool _together;
    private int _number;

    /// <summary>Sets the link up.</summary>
    /// <param name="together">True to give all frames at once; false for one at a time.</param>
    public FrameWorkload(bool together)
    {
        _together = together;
        byte[] octets = [.. Convert.FromHexString("E6E700C401C100098203F5"), .. Enumerable.Range(11, 1013).Select(i => (byte)(7 * i + 3))];
        _value = octets[11..];
        _responses = [.. Enumerable.Range(0, 8).Select(receiveNumber => Response(octets, receiveNumber))];
        Golden.Same("SHA-256 of the eight frames", Digest, SHA256.HashData(_responses[1]));

        _link.Open(default);
        _link.Output.ResetWrittenCount();
        var ua = new ArrayBufferWriter<byte>();
        HdlcFrame.Write(ua, HdlcAddress.Client(Peers.ClientSap), HdlcAddress.Server(Peers.ServerSap, 0, 1), HdlcControl.Ua);
        _link.Receive(ua.WrittenSpan, default);
        Golden.SameText("the link", nameof(LinkState.Up), _link.State.ToString());
        if (!together) CheckAcknowledgements();
    }

    public int Units => Frames;

    public int Octets => Frames * FrameSize;

    public void Run()
    {
        Ask();
        var response = _responses[_number].AsSpan();
        if (_together) Take(response);
        else
        {
            for (var frame = 0; frame < Frames; frame++) Take(response.Slice(frame * FrameSize, FrameSize));
        }

        if (!_link.TryTakeApdu(out var apdu) || !GetResponse.TryRead(apdu.Span, out var read, out _)) throw new WorkloadException("No response came out of the frames.");
        var reader = new AxdrReader(read.Data);
        if (!reader.TryReadOctets(out var value) || !value.SequenceEqual(_value)) throw new WorkloadException("The frames gave another octet-string.");
    }

    public void Dispose()
    {
    }

    private void Ask()
    {
        _link.Send(_request, default);
        _link.Output.ResetWrittenCount();
        _number = (_number + 1) & 7;
    }

    // The acknowledgements would go to the line.
    private void Take(ReadOnlySpan<byte> octets)
    {
        _link.Receive(octets, default);
        _link.Output.ResetWrittenCount();
    }

    private void CheckAcknowledgements()
    {
        Ask();
        for (var frame = 0; frame < Frames; frame++)
        {
            _link.Receive(_responses[_number].AsSpan(frame * FrameSize, FrameSize), default);
            Golden.Same($"octets of the acknowledgement of frame {frame}", frame == Frames - 1 ? 0 : 9, _link.Output.WrittenCount);
            _link.Output.ResetWrittenCount();
        }

        Golden.Same("APDUs", 1, _link.TryTakeApdu(out _) ? 1 : 0);
    }

    private static byte[] Response(byte[] octets, int receiveNumber)
    {
        var output = new ArrayBufferWriter<byte>();
        for (var i = 0; i < Frames; i++)
        {
            HdlcFrame.Write(output, HdlcAddress.Client(Peers.ClientSap), HdlcAddress.Server(Peers.ServerSap, 0, 1), HdlcControl.I(i, receiveNumber, true),
                segmented: i < Frames - 1, octets.AsSpan(i * Information, Information));
        }

        return output.WrittenSpan.ToArray();
    }
}
