using System.Buffers;
using Gridtally.Cosem.Acse;
using Gridtally.Cosem.Apdus;

namespace Gridtally.Fuzz;

internal sealed class AcseTarget : Target
{
    private readonly ArrayBufferWriter<byte> _first = new(), _second = new();

    public override string Name => "acse";

    public override string What => "AARQ, AARE, RLRQ, RLRE, initiate: what reads is written and read the same";

    // A body is written before its length is known.
    public override Bound Allocation => new(4096, 32);

    public override string[] VectorKinds => ["aarq", "aare", "apdu"];

    public override bool Try(ReadOnlySpan<byte> input)
    {
        var accepted = false;
        if (Aarq.TryRead(input, out var aarq, out _) && aarq.Context != ApplicationContext.Unknown)
        {
            _first.ResetWrittenCount();
            aarq.WriteTo(_first);
            Require(Aarq.TryRead(_first.WrittenSpan, out var again, out _), "an AARQ that was written reads");
            _second.ResetWrittenCount();
            again.WriteTo(_second);
            Require(again.UserInformation.SequenceEqual(aarq.UserInformation) && again.CallingApTitle.SequenceEqual(aarq.CallingApTitle), "an AARQ keeps its fields");
            accepted = Same();
        }

        if (Aare.TryRead(input, out var aare, out _) && aare.Context != ApplicationContext.Unknown)
        {
            _first.ResetWrittenCount();
            aare.WriteTo(_first);
            Require(Aare.TryRead(_first.WrittenSpan, out var again, out _), "an AARE that was written reads");
            _second.ResetWrittenCount();
            again.WriteTo(_second);
            Require(again.UserInformation.SequenceEqual(aare.UserInformation) && again.Result == aare.Result, "an AARE keeps its fields");
            accepted = Same();
        }

        if (Release.TryRead(input, out var release, out _))
        {
            _first.ResetWrittenCount();
            release.WriteTo(_first);
            Require(Release.TryRead(_first.WrittenSpan, out var again, out _), "a release that was written reads");
            _second.ResetWrittenCount();
            again.WriteTo(_second);
            accepted = Same();
        }

        if (InitiateRequest.TryRead(input, out var request, out _))
        {
            _first.ResetWrittenCount();
            request.WriteTo(_first);
            Require(InitiateRequest.TryRead(_first.WrittenSpan, out var again, out _) && again.Conformance == request.Conformance && again.MaxReceivePdu == request.MaxReceivePdu, "an initiate-request that was written reads the same");
            accepted = true;
        }

        if (InitiateResponse.TryRead(input, out var response, out _))
        {
            _first.ResetWrittenCount();
            response.WriteTo(_first);
            Require(InitiateResponse.TryRead(_first.WrittenSpan, out var again, out _) && again.Conformance == response.Conformance, "an initiate-response that was written reads the same");
            accepted = true;
        }

        return accepted;
    }

    private bool Same()
    {
        Require(_first.WrittenSpan.SequenceEqual(_second.WrittenSpan), "what was read is written the same");
        return true;
    }
}
