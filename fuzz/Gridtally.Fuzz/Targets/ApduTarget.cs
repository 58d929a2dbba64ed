using System.Buffers;
using Gridtally.Cosem;
using Gridtally.Cosem.Apdus;

namespace Gridtally.Fuzz;

internal sealed class ApduTarget : Target
{
    private readonly ArrayBufferWriter<byte> _first = new(), _second = new();

    public override string Name => "apdu";

    public override string What => "the reader of every xDLMS APDU: none accepts another's tag; what reads is written and read the same";

    // Range descriptors are objects.
    public override Bound Allocation => new(2048, 64);

    public override string[] VectorKinds => ["apdu", "block-transfer", "push", "gcm", "general-glo"];

    public override bool Try(ReadOnlySpan<byte> input)
    {
        if (input.IsEmpty) return false;
        ReadSelections(input);
        var accepted = 0;
        accepted += GetRequests(input) ? 1 : 0;
        accepted += GetResponses(input) ? 1 : 0;
        accepted += SetRequests(input) ? 1 : 0;
        accepted += SetResponses(input) ? 1 : 0;
        accepted += ActionRequests(input) ? 1 : 0;
        accepted += ActionResponses(input) ? 1 : 0;
        accepted += Accesses(input) ? 1 : 0;
        accepted += Notifications(input) ? 1 : 0;
        accepted += Errors(input) ? 1 : 0;
        Require(accepted <= 1, "one tag, one reader");
        return accepted == 1;
    }

    private bool GetRequests(ReadOnlySpan<byte> input)
    {
        if (!GetRequest.TryRead(input, out var read, out _)) return false;
        foreach (var item in read.Items) _ = item.Target;
        if (read.Kind == GetRequestKind.WithList) return true;
        Encode(_first, read);
        Require(GetRequest.TryRead(_first.WrittenSpan, out var again, out _), "a get-request that was written reads");
        Encode(_second, again);
        return Same();

        static void Encode(ArrayBufferWriter<byte> output, in GetRequest request)
        {
            output.ResetWrittenCount();
            if (request.Kind == GetRequestKind.Next) GetRequest.WriteNext(output, request.InvokeId, request.BlockNumber);
            else GetRequest.WriteNormal(output, request.InvokeId, request.Target, request.Selector, request.Parameters);
        }
    }

    private bool GetResponses(ReadOnlySpan<byte> input)
    {
        if (!GetResponse.TryRead(input, out var read, out _)) return false;
        foreach (var item in read.Items) _ = item.Data.Length;
        if (read.Kind != GetResponseKind.WithDatablock || read.Result != DataAccessResult.Success) return true;
        _first.ResetWrittenCount();
        GetResponse.WriteBlock(_first, read.InvokeId, read.LastBlock, read.BlockNumber, read.Data);
        Require(GetResponse.TryRead(_first.WrittenSpan, out var again, out _) && again.Data.SequenceEqual(read.Data) && again.BlockNumber == read.BlockNumber, "a block that was written reads the same");
        return true;
    }

    private bool SetRequests(ReadOnlySpan<byte> input)
    {
        if (!SetRequest.TryRead(input, out var read, out _)) return false;
        foreach (var item in read.Items) _ = item.Target;
        foreach (var value in read.Values) _ = value.Data.Length;
        if (read.Kind != SetRequestKind.Normal) return true;
        _first.ResetWrittenCount();
        SetRequest.WriteNormal(_first, read.InvokeId, read.Target, read.Selector, read.Parameters, read.Data);
        Require(SetRequest.TryRead(_first.WrittenSpan, out var again, out _) && again.Data.SequenceEqual(read.Data) && again.Target == read.Target, "a set-request that was written reads the same");
        return true;
    }

    private static bool SetResponses(ReadOnlySpan<byte> input) => SetResponse.TryRead(input, out _, out _);

    private bool ActionRequests(ReadOnlySpan<byte> input)
    {
        if (!ActionRequest.TryRead(input, out var read, out _)) return false;
        foreach (var item in read.Items) _ = item.Method;
        foreach (var value in read.Parameters) _ = value.Data.Length;
        if (read.Kind != ActionRequestKind.Normal) return true;
        _first.ResetWrittenCount();
        ActionRequest.WriteNormal(_first, read.InvokeId, read.Target, read.Parameter);
        Require(ActionRequest.TryRead(_first.WrittenSpan, out var again, out _) && again.Parameter.SequenceEqual(read.Parameter), "an action-request that was written reads the same");
        return true;
    }

    private static bool ActionResponses(ReadOnlySpan<byte> input)
    {
        if (!ActionResponse.TryRead(input, out var read, out _)) return false;
        foreach (var item in read.Items) _ = item.Data.Length;
        return true;
    }

    private static bool Accesses(ReadOnlySpan<byte> input)
    {
        if (AccessRequest.TryRead(input, out var request, out _))
        {
            foreach (var item in request.Specifications) _ = item.Kind;
            foreach (var value in request.Values) _ = value.Data.Length;
            return true;
        }

        if (!AccessResponse.TryRead(input, out var response, out _)) return false;
        foreach (var value in response.Values) _ = value.Data.Length;
        for (var i = 0; i < response.Results.Count; i++) _ = response.Results.ResultAt(i);
        return true;
    }

    private static bool Notifications(ReadOnlySpan<byte> input)
    {
        var strict = DataNotification.TryRead(input, out _, out _);
        var lax = DataNotification.TryRead(input, out _, out _, acceptTaggedDateTime: true);
        Require(lax || !strict, "a quirk accepts no less");
        if (InformationReport.TryRead(input, out var report, out _))
        {
            for (var i = 0; i < report.Count; i++) _ = report.NameAt(i);
            foreach (var value in report.Values) _ = value.Data.Length;
            return true;
        }

        return lax || EventNotification.TryRead(input, out _, out _) || EventNotification.TryRead(input, out _, out _, acceptTaggedDateTime: true)
            || DataNotificationConfirm.TryRead(input, out _, out _);
    }

    private bool Errors(ReadOnlySpan<byte> input)
    {
        if (ExceptionResponse.TryRead(input, out var exception, out _))
        {
            _first.ResetWrittenCount();
            exception.WriteTo(_first);
            Require(ExceptionResponse.TryRead(_first.WrittenSpan, out var again, out _) && again == exception, "an exception-response that was written reads the same");
            return true;
        }

        if (!ConfirmedServiceError.TryRead(input, out var error, out _)) return false;
        _first.ResetWrittenCount();
        error.WriteTo(_first);
        Require(ConfirmedServiceError.TryRead(_first.WrittenSpan, out var same, out _) && same == error, "a confirmed-service-error that was written reads the same");
        return true;
    }

    private static void ReadSelections(ReadOnlySpan<byte> input)
    {
        RangeDescriptor.TryRead(input, out _, out _);
        EntryDescriptor.TryRead(input, out _, out _);
        ApduLists.TryRead<DataResultItem>(input, "list", out _, out _);
        ApduLists.TryRead<ActionResultItem>(input, "list", out _, out _);
    }

    private bool Same()
    {
        Require(_first.WrittenSpan.SequenceEqual(_second.WrittenSpan), "what was read is written the same");
        return true;
    }
}
