using System.Buffers;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Security;

namespace Gridtally.Cosem.Client;

/// <summary>Where a client association stands.</summary>
public enum ClientState : byte
{
    /// <summary>Not opened, released, or given up.</summary>
    Idle,
    /// <summary>AARQ sent.</summary>
    Associating,
    /// <summary>Pass 3 of HLS sent.</summary>
    Authenticating,
    /// <summary>Associated; a request may be made.</summary>
    Ready,
    /// <summary>A request is under way.</summary>
    Busy,
    /// <summary>RLRQ sent.</summary>
    Releasing,
}

/// <summary>What a call to a client association came to. Whatever it wrote to the output must be sent first.</summary>
public enum ClientStep : byte
{
    /// <summary>An APDU was written; its answer goes to <see cref="ClientAssociation.Receive"/>.</summary>
    Send,
    /// <summary>The association is open.</summary>
    Associated,
    /// <summary>The request is done: see <see cref="ClientAssociation.Result"/> or <see cref="ClientAssociation.Results"/>.</summary>
    Answered,
    /// <summary>The association is over, as asked.</summary>
    Released,
    /// <summary>There is no association: see <see cref="ClientAssociation.Failure"/>.</summary>
    Failed,
    /// <summary>The APDU was none for this association (unsolicited, or the late answer to an abandoned request); go on waiting.</summary>
    Ignored,
}

/// <summary>One association with one logical device, client side. Holds no socket, reads no clock, makes up no random octets.</summary>
/// <remarks>
/// Each call that has something to send writes one APDU to its <c>output</c>. One request at a time. Not thread-safe.
/// IEC 62056-5-3: ACSE, HLS authentication, xDLMS services with block transfer.
/// </remarks>
public sealed class ClientAssociation : IDisposable
{
    /// <summary>A new association, not yet opened.</summary>
    /// <param name="options">What to ask for.</param>
    /// <param name="counters">Invocation counters of the keys in <paramref name="options"/>; not used without ciphering and HLS-5.</param>
    /// <exception cref="ArgumentException">The options lack something; see <see cref="AssociationOptions.Validate"/>.</exception>
    public ClientAssociation(AssociationOptions options, IInvocationCounters counters)
    {
        options.Validate();
        ArgumentNullException.ThrowIfNull(counters);
    }

    /// <summary>Where the association stands.</summary>
    public ClientState State { get; private set; }

    /// <summary>Why there is no association, after <see cref="ClientStep.Failed"/>.</summary>
    public AssociationFailure? Failure { get; private set; }

    /// <summary>The services that both sides allow.</summary>
    public Conformance NegotiatedConformance { get; private set; }

    /// <summary>Octets of the largest APDU that the server takes; 0 for no limit.</summary>
    public ushort ServerMaxReceivePdu { get; private set; }

    /// <summary>The server's system title, where it gave one.</summary>
    public SystemTitle? ServerSystemTitle { get; private set; }

    /// <summary>The answer to the last GET, SET or ACTION.</summary>
    public RequestResult Result { get; private set; }

    /// <summary>The answers to the last GET with list, in the order asked.</summary>
    public IReadOnlyList<RequestResult> Results { get; } = [];

    /// <summary>Opens the association: writes the AARQ.</summary>
    public ClientStep Open(IBufferWriter<byte> output) => throw new NotSupportedException();

    /// <summary>Reads one attribute, or the part of it that <paramref name="access"/> describes.</summary>
    public ClientStep Get(in AttributeRef target, SelectiveAccess? access, IBufferWriter<byte> output) => throw new NotSupportedException();

    /// <summary>Reads several attributes, in as few requests as the server allows.</summary>
    public ClientStep GetList(IReadOnlyList<AttributeRef> targets, IBufferWriter<byte> output) => throw new NotSupportedException();

    /// <summary>Writes one attribute; <paramref name="data"/> is encoded Data.</summary>
    public ClientStep Set(in AttributeRef target, ReadOnlyMemory<byte> data, IBufferWriter<byte> output) => throw new NotSupportedException();

    /// <summary>Invokes one method; <paramref name="parameter"/> is encoded Data, empty for none.</summary>
    public ClientStep Invoke(in MethodRef target, ReadOnlySpan<byte> parameter, IBufferWriter<byte> output) => throw new NotSupportedException();

    /// <summary>Takes in one APDU from the server.</summary>
    public ClientStep Receive(ReadOnlySpan<byte> apdu, IBufferWriter<byte> output) => throw new NotSupportedException();

    /// <summary>Gives the request under way up; its answer, should it still come, is ignored.</summary>
    public void Abandon() => throw new NotSupportedException();

    /// <summary>Ends the association: writes the RLRQ.</summary>
    public ClientStep Release(IBufferWriter<byte> output) => throw new NotSupportedException();

    /// <summary>The link is gone, and the association with it.</summary>
    public void Reset() => State = ClientState.Idle;

    /// <summary>Clears the keys that this association holds (not those of the options).</summary>
    public void Dispose()
    {
    }
}
