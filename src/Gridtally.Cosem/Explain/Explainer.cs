using System.Buffers.Binary;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Data;
using Gridtally.Cosem.Framing;

namespace Gridtally.Cosem.Explain;

/// <summary>Takes octets apart down to the last bit and says what each part means, for people who look at captures.</summary>
/// <remarks>
/// Goes as far as the octets make sense: the first that does not is told with its place and the reason, and everything before it
/// is explained. Several HDLC frames or wrapped APDUs may follow each other; segmented APDUs are put together, and what an earlier
/// one tells (system titles, a dedicated key) serves for the later ones.
/// </remarks>
public static class Explainer
{
    /// <summary>Explains octets.</summary>
    /// <param name="octets">A capture: frames, wrapped APDUs, one APDU or one Data.</param>
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
        return mayBeData && CosemValue.TryRead(octets.Span, out _, out _) ? Explain(octets, ExplainFormat.Data, session) : root;
    }

    private static ExplainNode Explain(ReadOnlyMemory<byte> octets, ExplainFormat format, ExplainSession session)
    {
        var cursor = new ExplainCursor(octets, 0);
        var root = new ExplainNode("input", $"{NameOf(format)}, {octets.Length} octets", 0, octets.Length);
        switch (format)
        {
            case ExplainFormat.Hdlc: new ExplainHdlc(session, octets).Read(root); break;
            case ExplainFormat.Wrapper: ExplainWrapper.Read(cursor, root, session); break;
            case ExplainFormat.Data: ExplainData.Read(cursor, root, "Data"); cursor.End(root); break;
            default: ExplainApdu.Read(cursor, root, session); break;
        }

        return root;
    }

    private static ExplainFormat Detect(ReadOnlySpan<byte> octets)
    {
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
        ExplainFormat.Data => "Data",
        _ => "APDU",
    };
}
