namespace Gridtally.Cosem.Explain;

/// <summary>Frames of one format as they come, with what earlier ones left unfinished.</summary>
internal sealed class ExplainFrames(ExplainFormat format, ExplainSession session)
{
    private readonly ExplainHdlc _hdlc = new(session);
    private readonly ExplainMBus _mbus = new(session);

    /// <summary>Octets up to the end of the next frame; 0 where more must come before that is known.</summary>
    public int Cut(ReadOnlySpan<byte> octets) => format switch
    {
        ExplainFormat.Hdlc => ExplainHdlc.Cut(octets),
        ExplainFormat.Wrapper => ExplainWrapper.Cut(octets),
        ExplainFormat.MBus => ExplainMBus.Cut(octets),
        _ => octets.Length,
    };

    /// <summary>Explains all that the cursor has.</summary>
    public void Read(ExplainCursor cursor, ExplainNode root)
    {
        switch (format)
        {
            case ExplainFormat.Hdlc: _hdlc.Read(cursor, root); break;
            case ExplainFormat.Wrapper: ExplainWrapper.Read(cursor, root, session); break;
            case ExplainFormat.MBus: _mbus.Read(cursor, root); break;
            case ExplainFormat.Data: if (ExplainServices.WholeData(cursor, root) is { } data) ExplainPatterns.Apply(data); break;
            default: ExplainApdu.ReadSequence(cursor, root, session); break;
        }
    }

    /// <summary>Says what is left unfinished.</summary>
    public void End(ExplainNode root)
    {
        _hdlc.End(root);
        _mbus.End(root);
        foreach (var (service, assembly) in session.Assemblies.Open)
        {
            assembly.Whole().Open(root, "unfinished", $"{assembly.Length} octets from {assembly.Parts} blocks of {Apdus.ApduTags.NameOf(service)}").Note = "The blocks after these are not in the input.";
        }

        session.Deliver(root);
    }
}
