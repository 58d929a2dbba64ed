using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Quirks;

namespace Gridtally.Cosem.Client;

/// <content>Deviations of real meters: accepted where the quirk profile says so, named in the error where it does not.</content>
public sealed partial class ClientAssociation
{
    private ApduBuffer? _mended;

    private QuirkRepair Repair => new(Proposed, _options.MaxReceivePdu);

    /// <summary>The APDU as it should have been, where an accepted quirk mends it; else the APDU itself.</summary>
    private ReadOnlySpan<byte> Mend(ReadOnlySpan<byte> plain)
    {
        if (_options.Quirks.Accepted == Quirk.None) return plain;
        return Repair.Mend(plain, _options.Quirks.Accepted, _mended ??= new()) == Quirk.None ? plain : _mended.Span;
    }

    /// <summary>Names the quirk that would have accepted what was just refused as malformed.</summary>
    private ClientStep NameQuirk(ClientStep step, ReadOnlySpan<byte> plain)
    {
        if (step == ClientStep.Answered && Result.Failure is RequestFailure.Malformed { AcceptedBy: Quirk.None } answer)
            Result = RequestResult.Failed(answer with { AcceptedBy = Repair.WouldAccept(plain) });
        else if (step == ClientStep.Failed && Failure is AssociationFailure.Malformed { AcceptedBy: Quirk.None } aare)
            Failure = aare with { AcceptedBy = Repair.WouldAccept(plain) };
        return step;
    }

    private bool Accepts(Quirk quirk) => _options.Quirks.Accepts(quirk);
}
