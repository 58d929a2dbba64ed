using System.Buffers;
using Gridtally.Cosem.Data;

namespace Gridtally.Cosem.Apdus;

/// <summary>First half of an exception-response.</summary>
/// <remarks>state-error, IEC 62056-5-3.</remarks>
public enum ExceptionState : byte
{
#pragma warning disable CS1591 // each name is the standard's own
    ServiceNotAllowed = 1, ServiceUnknown = 2,
#pragma warning restore CS1591
}

/// <summary>Second half of an exception-response.</summary>
/// <remarks>service-error, IEC 62056-5-3.</remarks>
public enum ExceptionService : byte
{
#pragma warning disable CS1591 // each name is the standard's own
    OperationNotPossible = 1, ServiceNotSupported = 2, OtherReason = 3, PduTooLong = 4, DecipheringError = 5, InvocationCounterError = 6,
#pragma warning restore CS1591
}

/// <summary>The answer to a request that the server could not even begin to serve.</summary>
/// <param name="State">state-error.</param>
/// <param name="Service">service-error.</param>
/// <param name="ExpectedCounter">With <see cref="ExceptionService.InvocationCounterError"/>: the lowest acceptable counter.</param>
/// <remarks>Exception-Response, IEC 62056-5-3.</remarks>
public readonly record struct ExceptionResponse(ExceptionState State, ExceptionService Service, uint? ExpectedCounter = null)
{
    private const string Production = "Exception-Response";

    /// <summary>Reads a whole APDU, tag included. Some servers leave the counter out; then it is null.</summary>
    public static bool TryRead(ReadOnlySpan<byte> apdu, out ExceptionResponse value, out DecodeError error)
    {
        value = default;
        var reader = new AxdrReader(apdu, Production);
        uint counter = 0;
        var hasCounter = false;
        if (reader.TryReadTag(ApduTag.ExceptionResponse) && reader.TryReadByte(out var state) && reader.TryReadByte(out var service))
        {
            hasCounter = service == (byte)ExceptionService.InvocationCounterError && reader.Remaining > 0;
            if (hasCounter) reader.TryReadUInt32(out counter);
            if (reader.TryEnd()) value = new((ExceptionState)state, (ExceptionService)service, hasCounter ? counter : null);
        }

        error = reader.Error;
        return !reader.Failed;
    }

    /// <summary>Writes the whole APDU.</summary>
    public void WriteTo(IBufferWriter<byte> target)
    {
        target.WriteByte((byte)ApduTag.ExceptionResponse);
        target.WriteByte((byte)State);
        target.WriteByte((byte)Service);
        if (Service == ExceptionService.InvocationCounterError && ExpectedCounter is { } counter) target.WriteUInt32(counter);
    }

    /// <summary>The standard's names, <c>service-not-allowed / deciphering-error</c>.</summary>
    public override string ToString()
    {
        var state = State switch { ExceptionState.ServiceNotAllowed => "service-not-allowed", ExceptionState.ServiceUnknown => "service-unknown", _ => $"state-error {(byte)State}" };
        var service = Service switch
        {
            ExceptionService.OperationNotPossible => "operation-not-possible",
            ExceptionService.ServiceNotSupported => "service-not-supported",
            ExceptionService.OtherReason => "other-reason",
            ExceptionService.PduTooLong => "pdu-too-long",
            ExceptionService.DecipheringError => "deciphering-error",
            ExceptionService.InvocationCounterError => "invocation-counter-error",
            _ => $"service-error {(byte)Service}",
        };
        return ExpectedCounter is { } counter ? $"{state} / {service}, expected counter {counter}" : $"{state} / {service}";
    }
}

/// <summary>Why a server refuses an InitiateRequest (or, with short names, a read or write).</summary>
/// <param name="Service">1 initiateError, 5 read, 6 write.</param>
/// <param name="Choice">The family of the error, such as 0 application-reference or 6 initiate.</param>
/// <param name="Value">The error within its family.</param>
/// <remarks>ConfirmedServiceError and ServiceError, IEC 62056-5-3.</remarks>
public readonly record struct ConfirmedServiceError(byte Service, byte Choice, byte Value)
{
    private const string Production = "ConfirmedServiceError";
    private const byte InitiateError = 1;

    private static readonly (byte Choice, string Name, string[] Values)[] Families =
    [
        (0, "application-reference", ["other", "time-elapsed", "application-unreachable", "application-reference-invalid", "application-context-unsupported", "provider-communication-error", "deciphering-error"]),
        (1, "hardware-resource", ["other", "memory-unavailable", "processor-resource-unavailable", "mass-storage-unavailable", "other-resource-unavailable"]),
        (2, "vde-state-error", ["other", "no-dlms-context", "loading-data-set", "status-nochange", "status-inoperable"]),
        (3, "service", ["other", "pdu-size", "service-unsupported"]),
        (4, "definition", ["other", "object-undefined", "object-class-inconsistent", "object-attribute-inconsistent"]),
        (5, "access", ["other", "scope-of-access-violated", "object-access-violated", "hardware-fault", "object-unavailable"]),
        (6, "initiate", ["other", "dlms-version-too-low", "incompatible-conformance", "pdu-size-too-short", "refused-by-the-VDE-handler"]),
        (7, "load-data-set", ["other", "primitive-out-of-sequence", "not-loadable", "dataset-size-too-large", "not-awaited-segment", "interpretation-failure", "storage-failure", "data-set-not-ready"]),
        (9, "task", ["other", "no-remote-control", "ti-stopped", "ti-running", "ti-unusable"]),
    ];

    /// <summary>The client's DLMS version is older than the server wants.</summary>
    public static readonly ConfirmedServiceError VersionTooLow = new(InitiateError, 6, 1);

    /// <summary>Nothing that the client proposes is served.</summary>
    public static readonly ConfirmedServiceError IncompatibleConformance = new(InitiateError, 6, 2);

    /// <summary>The client receives less than the server must send.</summary>
    public static readonly ConfirmedServiceError PduSizeTooShort = new(InitiateError, 6, 3);

    /// <summary>The server refuses for another reason.</summary>
    public static readonly ConfirmedServiceError Refused = new(InitiateError, 6, 4);

    /// <summary>The InitiateRequest can't be deciphered.</summary>
    public static readonly ConfirmedServiceError DecipheringError = new(InitiateError, 0, 6);

    /// <summary>Reads a whole APDU, tag included.</summary>
    public static bool TryRead(ReadOnlySpan<byte> apdu, out ConfirmedServiceError value, out DecodeError error)
    {
        value = default;
        var reader = new AxdrReader(apdu, Production);
        if (reader.TryReadTag(ApduTag.ConfirmedServiceError) && reader.TryReadByte(out var service) && reader.TryReadByte(out var choice)
            && reader.TryReadByte(out var number) && reader.TryEnd()) value = new(service, choice, number);
        error = reader.Error;
        return !reader.Failed;
    }

    /// <summary>Writes the whole APDU.</summary>
    public void WriteTo(IBufferWriter<byte> target)
    {
        var span = target.GetSpan(4);
        (span[0], span[1], span[2], span[3]) = ((byte)ApduTag.ConfirmedServiceError, Service, Choice, Value);
        target.Advance(4);
    }

    /// <summary>The standard's names, <c>initiate: dlms-version-too-low</c>.</summary>
    public override string ToString()
    {
        foreach (var (choice, name, values) in Families)
        {
            if (choice == Choice) return $"{name}: {(Value < values.Length ? values[Value] : Value.ToString())}";
        }

        return $"error {Choice}: {Value}";
    }
}
