using System.Buffers;
using Gridtally.Cosem.Apdus;
using Gridtally.Metering;

namespace Gridtally.Cosem.Server;

/// <summary>How a request came to the device: from whom, for which part of the attribute.</summary>
public readonly ref struct RequestContext
{
    /// <summary>SAP of the client that asks.</summary>
    public ushort ClientSap { get; init; }

    /// <summary>False for a broadcast, or a request of the unconfirmed service class: nobody will hear of the result.</summary>
    public bool IsAnswered { get; init; }

    /// <summary>Access selector: 0 none, for profiles 1 range and 2 entry.</summary>
    public byte Selector { get; init; }

    /// <summary>The selector's parameters as encoded Data; empty where <see cref="Selector"/> is 0.</summary>
    public ReadOnlySpan<byte> SelectorParameters { get; init; }
}

/// <summary>What a server association serves: the objects of one logical device. Single-threaded, no I/O.</summary>
/// <remarks>
/// Implementations write the encoded Data of the whole answer; the association cuts it into blocks. On any other result than
/// success, nothing that was written is used.
/// </remarks>
public interface ILogicalDevice
{
    /// <summary>Reads one attribute.</summary>
    DataAccessResult Get(in AttributeRef target, in RequestContext context, IBufferWriter<byte> output);

    /// <summary>Writes one attribute; <paramref name="data"/> is encoded Data, checked to be well formed.</summary>
    DataAccessResult Set(in AttributeRef target, in RequestContext context, ReadOnlySpan<byte> data);

    /// <summary>Invokes one method; <paramref name="parameter"/> is encoded Data, empty where none was sent.</summary>
    /// <param name="target">The method.</param>
    /// <param name="context">Who asks.</param>
    /// <param name="parameter">Encoded Data, checked to be well formed.</param>
    /// <param name="output">Encoded return Data; nothing is written where the method returns none.</param>
    ActionResult Invoke(in MethodRef target, in RequestContext context, ReadOnlySpan<byte> parameter, IBufferWriter<byte> output);

    /// <summary>How well requests for an attribute, and the responses, must be protected beyond the policy of the association.</summary>
    /// <remarks>
    /// Asked before each access, so it must be cheap. Whether the client may read or write at all is settled by <see cref="Get"/> and
    /// <see cref="Set"/>: a device that demands nothing may answer <see cref="AccessRights.Unprotected"/> for anything.
    /// </remarks>
    AccessRights RightsOf(in AttributeRef target, ushort clientSap) => AccessRights.Unprotected;

    /// <summary>How well requests for a method, and the responses, must be protected beyond the policy of the association.</summary>
    /// <inheritdoc cref="RightsOf(in AttributeRef, ushort)"/>
    AccessRights RightsOf(in MethodRef target, ushort clientSap) => AccessRights.Unprotected;

    /// <summary>What a client may do with an attribute: for the access_rights_list of clients that use short names. Null where the device does not tell.</summary>
    AccessRights? AccessTo(in AttributeRef target, ushort clientSap) => null;

    /// <summary>What a client may do with a method. Null where the device does not tell.</summary>
    AccessRights? AccessTo(in MethodRef target, ushort clientSap) => null;

    /// <summary>How many attributes an object has for this client: what attribute 0 stands for. 0 where there is no such object, or attribute 0 is not served.</summary>
    int AttributesOf(ushort classId, ObisCode instance, ushort clientSap) => 0;

    /// <summary>A client has taken in a data-notification of the confirmed service class.</summary>
    /// <param name="invokeId">That of the notification.</param>
    /// <param name="clientSap">The client.</param>
    void NotificationConfirmed(LongInvokeIdAndPriority invokeId, ushort clientSap)
    {
    }
}
