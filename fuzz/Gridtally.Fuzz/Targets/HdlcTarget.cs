using System.Buffers;
using System.Buffers.Binary;
using Gridtally.Cosem.Framing;

namespace Gridtally.Fuzz;

internal sealed class HdlcTarget : Target
{
    private readonly HdlcDeframer _whole = new(), _pieces = new();
    private readonly ArrayBufferWriter<byte> _atOnce = new(), _inPieces = new();

    public override string Name => "hdlc";

    public override string What => "HDLC deframer: the same frames, however the stream is cut; a frame is written as it was read";

    public override Bound Allocation => new(1024, 2);

    public override int MaxInput => 4096;

    public override string[] VectorKinds => ["hdlc-frame"];

    public override IEnumerable<(string Name, byte[] Octets)> OwnSeeds
    {
        get
        {
            yield return ("three frames with garbage between", DataTarget.Encoded(static output =>
            {
                for (var i = 0; i < 3; i++)
                {
                    HdlcFrame.Write(output, HdlcAddress.Client(16), HdlcAddress.Server(1, 17, 4), HdlcControl.I(i, 1, i == 2), i < 2, new byte[40 * i + 1]);
                    output.Write("\x55\x7E\xA0"u8);
                }
            }));
            yield return ("frames that share their flags", DataTarget.Encoded(static output =>
            {
                HdlcFrame.Write(output, HdlcAddress.Server(1, 0, 1), HdlcAddress.Client(16), HdlcControl.Snrm);
                var first = output.WrittenSpan[1..].ToArray();
                output.Write(first);
                output.Write(first);
            }));
            yield return ("the longest frame", DataTarget.Encoded(static output =>
                HdlcFrame.Write(output, HdlcAddress.Client(16), HdlcAddress.Server(1, 17, 4), HdlcControl.I(0, 0, true), false, new byte[HdlcFrame.MaxInformation])));
        }
    }

    public override bool Try(ReadOnlySpan<byte> input)
    {
        Read(_whole, input, _atOnce, default);
        var random = new FuzzRandom(77, (ulong)input.Length + (input.IsEmpty ? 0UL : input[^1]));
        Read(_pieces, input, _inPieces, random);
        Require(_atOnce.WrittenSpan.SequenceEqual(_inPieces.WrittenSpan), "the same frames, however the stream is cut");
        HdlcParameters.TryRead(input, out _);
        return _atOnce.WrittenCount > 0;
    }

    public override void Repair(Octets input, ref FuzzRandom random)
    {
        if (!random.OneIn(4)) HdlcRepair.Mend(input.Span);
    }

    // Frames are written down as they would be sent again. A random without a state means: all at once.
    private static void Read(HdlcDeframer deframer, ReadOnlySpan<byte> input, ArrayBufferWriter<byte> frames, FuzzRandom? random)
    {
        deframer.Clear();
        frames.ResetWrittenCount();
        while (!input.IsEmpty)
        {
            var cuts = random is not null;
            var next = random ?? default;
            var size = cuts ? Math.Min(input.Length, 1 + next.Below(next.OneIn(2) ? 3 : 200)) : input.Length;
            if (cuts) random = next;
            var piece = input[..size];
            input = input[size..];
            while (deframer.TryRead(ref piece, out var frame)) Note(frame, frames);
            Require(piece.IsEmpty, "a deframer takes all that it is given");
        }

        while (deframer.TryReadAfterSilence(out var frame)) Note(frame, frames);
        Require(!deframer.HasPending, "silence leaves nothing pending");
    }

    private static void Note(in HdlcFrame frame, ArrayBufferWriter<byte> frames)
    {
        var before = frames.WrittenCount;
        frame.WriteTo(frames);
        var status = HdlcFrame.TryRead(frames.WrittenSpan[(before + 1)..], out var again, out _, out _);
        Require(status == OperationStatus.Done && again.Information.SequenceEqual(frame.Information) && again.Control == frame.Control, "a frame that was written reads the same");
    }
}

/// <summary>Makes lengths and check sequences of frames right again.</summary>
internal static class HdlcRepair
{
    /// <summary>Mends what lies between flags and looks like a frame.</summary>
    public static void Mend(Span<byte> stream)
    {
        while (stream.Length > HdlcFrame.MinLength)
        {
            var start = stream.IndexOf(HdlcFrame.Flag);
            if (start < 0 || stream.Length - start < HdlcFrame.MinLength + 2) return;
            stream = stream[(start + 1)..];
            var length = stream.IndexOf(HdlcFrame.Flag);
            if (length is >= HdlcFrame.MinLength and <= HdlcFrame.MaxLength && stream[0] >> 4 == 0xA) MendFrame(stream[..length]);
            if (length < 0) return;
            stream = stream[length..];
        }
    }

    private static void MendFrame(Span<byte> frame)
    {
        frame[0] = (byte)(0xA0 | frame[0] & 8 | frame.Length >> 8);
        frame[1] = (byte)frame.Length;
        var destination = HdlcAddress.TryRead(frame[2..], out var to) == OperationStatus.Done ? to.Size : 1;
        var source = HdlcAddress.TryRead(frame[Math.Min(frame.Length, 2 + destination)..], out var from) == OperationStatus.Done ? from.Size : 1;
        var header = 3 + destination + source;
        if (header + 4 <= frame.Length) BinaryPrimitives.WriteUInt16LittleEndian(frame[header..], Crc16.Compute(frame[..header]));
        BinaryPrimitives.WriteUInt16LittleEndian(frame[^2..], Crc16.Compute(frame[..^2]));
    }
}
