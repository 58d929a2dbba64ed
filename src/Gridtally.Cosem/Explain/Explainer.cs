using System.Buffers.Binary;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Data;
using Gridtally.Cosem.Explain.Captures;
using Gridtally.Cosem.Framing;

namespace Gridtally.Cosem.Explain;

/// <summary>Takes octets apart down to the last bit and says what each part means, for people who look at captures.</summary>
/// <remarks>
/// Goes as far as the octets make sense: the first that does not is told with its place and the reason, and everything before it
/// is explained. Several frames, wrapped APDUs or captured packets may follow each other; segments and blocks are put together, and what an
/// earlier one tells (system titles, a dedicated key, what was asked for, scalers, the columns of a profile) serves for the later ones.
/// </remarks>
public static class Explainer
{
    /// <summary>Explains octets.</summary>
    /// <param name="octets">A capture: frames, wrapped APDUs, APDUs, one Data, or a pcap file of them.</param>
    /// <param name="options">Format, keys and titles; null: find out what it is, no keys.</param>
    /// <returns>The whole, with its parts below it.</returns>
    public static ExplainNode Explain(ReadOnlyMemory<byte> octets, ExplainOptions? options = null)
    {
        options ??= new();
        using var session = new ExplainSession(options);
        var format = options.Format == ExplainFormat.Auto ? Detect(octets.Span) : options.Format;
        var root = Explain(octets, format, session);

        // The tags of some APDUs are tags of Data as well: what is no good APDU but good Data is Data.
        var mayBeData = options.Format == ExplainFormat.Auto && format == ExplainFormat.Apdu && root.Problems.Any();
        return mayBeData && IsData(octets.Span) ? Explain(octets, ExplainFormat.Data, session) : root;
    }

    /// <summary>Explains octets part by part, for captures that are longer than a screen or than memory should hold.</summary>
    /// <param name="octets">As for <see cref="Explain(ReadOnlyMemory{byte}, ExplainOptions?)"/>.</param>
    /// <param name="options">Format, keys and titles.</param>
    /// <param name="begin">Given the root before its parts; it has no children yet and never will.</param>
    /// <param name="part">Given each frame, wrapped APDU, packet or other part of the first level when it is explained.</param>
    public static void Explain(ReadOnlyMemory<byte> octets, ExplainOptions options, Action<ExplainNode> begin, Action<ExplainNode> part)
    {
        var format = options.Format == ExplainFormat.Auto ? Detect(octets.Span) : options.Format;
        if (format is ExplainFormat.Apdu or ExplainFormat.Data)
        {
            var whole = Explain(octets, options);
            begin(whole);
            foreach (var child in whole.Children) part(child);
            return;
        }

        using var session = new ExplainSession(options) { Listener = part };
        var root = RootOf(octets, format);
        begin(root);
        Explain(octets, format, root, session);
        session.Deliver(root);
    }

    /// <summary>True for octets that begin like a pcap or pcapng file.</summary>
    public static bool IsCaptureFile(ReadOnlySpan<byte> octets) => CaptureReader.IsCapture(octets);

    private static bool IsData(ReadOnlySpan<byte> octets)
    {
        var reader = new AxdrReader(octets);
        return reader.TrySkip(out _) && reader.TryEnd();
    }

    private static ExplainNode Explain(ReadOnlyMemory<byte> octets, ExplainFormat format, ExplainSession session)
    {
        var root = RootOf(octets, format);
        Explain(octets, format, root, session);
        return root;
    }

    private static ExplainNode RootOf(ReadOnlyMemory<byte> octets, ExplainFormat format) => new("input", $"{NameOf(format)}, {octets.Length} octets", 0, octets.Length);

    private static void Explain(ReadOnlyMemory<byte> octets, ExplainFormat format, ExplainNode root, ExplainSession session)
    {
        if (format == ExplainFormat.Capture)
        {
            if (CaptureReader.IsCapture(octets.Span)) new ExplainCapture(session.Options with { Format = ExplainFormat.Auto }, session.Listener, root).Read(octets);
            else root.Add(new("capture file", null, 0, octets.Length)).Problem = "expected a pcap or pcapng file, which begins with A1B2C3D4, A1B23C4D (or these reversed) or 0A0D0D0A";
            return;
        }

        var frames = new ExplainFrames(format, session);
        frames.Read(new(octets, 0), root);
        frames.End(root);
    }

    /// <summary>What octets look like.</summary>
    internal static ExplainFormat Detect(ReadOnlySpan<byte> octets)
    {
        if (CaptureReader.IsCapture(octets)) return ExplainFormat.Capture;
        if (ExplainMBus.LooksLike(octets)) return ExplainFormat.MBus;
        if (octets.Length > 1 && BinaryPrimitives.ReadUInt16BigEndian(octets) == WrapperHeader.Version) return ExplainFormat.Wrapper;
        if (octets.Length == 0) return ExplainFormat.Apdu;
        if (octets[0] == HdlcFrame.Flag || IsFrameWithoutFlags(octets)) return ExplainFormat.Hdlc;
        if (Enum.IsDefined((ApduTag)octets[0]) && octets[0] != 0) return ExplainFormat.Apdu;
        if (HoldsFrame(octets)) return ExplainFormat.Hdlc;
        return DataTags.IsKnown((DataTag)octets[0]) ? ExplainFormat.Data : ExplainFormat.Apdu;
    }

    private static bool IsFrameWithoutFlags(ReadOnlySpan<byte> octets) =>
        octets.Length >= HdlcFrame.MinLength && octets[0] >> 4 == 0xA && (BinaryPrimitives.ReadUInt16BigEndian(octets) & HdlcFrame.MaxLength) == octets.Length;

    private static bool HoldsFrame(ReadOnlySpan<byte> octets) => new HdlcDeframer().TryRead(ref octets, out _);

    private static string NameOf(ExplainFormat format) => format switch
    {
        ExplainFormat.Hdlc => "HDLC",
        ExplainFormat.Wrapper => "TCP/UDP wrapper",
        ExplainFormat.MBus => "M-Bus",
        ExplainFormat.Data => "Data",
        ExplainFormat.Capture => "captured packets",
        _ => "APDU",
    };
}
