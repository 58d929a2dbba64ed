using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Data;

namespace Gridtally.Cosem.Explain;

/// <summary>exception-response and confirmedServiceError.</summary>
internal static class ExplainErrors
{
    public static void ReadException(ExplainCursor cursor, ExplainNode node)
    {
        cursor.Take(node, 1, "tag");
        cursor.Byte(node, "state-error", value => StandardNames.Of((ExceptionState)value, value));
        var service = cursor.Byte(node, "service-error", value => StandardNames.Of((ExceptionService)value, value));
        if (service != (byte)ExceptionService.InvocationCounterError) return;
        if (cursor.Remaining > 0) cursor.UInt32(node, "expected invocation counter");
        else node.Note = "The expected invocation counter is left out.";
    }

    public static void ReadConfirmedServiceError(ExplainCursor cursor, ExplainNode node)
    {
        cursor.Take(node, 1, "tag");
        var service = cursor.Byte(node, "service", value => value switch { 1 => "initiateError (1)", 5 => "read (5)", 6 => "write (6)", _ => value.ToString() });
        var choice = cursor.Byte(node, "family");
        var error = cursor.Byte(node, "value");
        if (!cursor.Failed) node.Value = new ConfirmedServiceError(service, choice, error).ToString();
    }
}
