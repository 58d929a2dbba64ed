using Gridtally.Cosem;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Client;
using Gridtally.Cosem.Objects;
using Gridtally.Cosem.Quirks;

namespace Gridtally.Sessions;

/// <summary>Typed views of a device's objects: <c>await client.Clock(name).GetTimeAsync()</c>.</summary>
/// <remarks>
/// Generated from the class tables, one view for each class. Where the type of an attribute changed between versions of the class, the plain
/// name is the newest version's and the others end in the last version that they hold for: <c>GetCellInfoV0Async</c>.
/// </remarks>
public static partial class ObjectViews
{
    /// <summary>Reads one attribute, or a part of it, as a value.</summary>
    /// <param name="client">Asks the device.</param>
    /// <param name="target">The attribute.</param>
    /// <param name="codec">How its Data is read; the codecs of each class are in <see cref="Cosem.Objects"/>.</param>
    /// <param name="access">Which part; null for all of it.</param>
    /// <param name="cancellationToken">Cancels the request; in mid-way this closes the association.</param>
    /// <exception cref="RequestFailedException">The device refused, or sent a value of another type.</exception>
    /// <exception cref="AssociationException">No answer, or there is no association any more.</exception>
    /// <exception cref="Gridtally.Links.LinkException">The channel was lost.</exception>
    public static async Task<T> ReadAsync<T>(
        this DlmsClient client, AttributeRef target, DataCodec<T> codec, SelectiveAccess? access = null, CancellationToken cancellationToken = default)
    {
        var result = await client.GetAsync(target, access, cancellationToken).ConfigureAwait(false);
        return Decode(client, target.ToString(), codec, result);
    }

    /// <summary>Writes one attribute.</summary>
    /// <exception cref="RequestFailedException">The device refused.</exception>
    /// <inheritdoc cref="ReadAsync{T}"/>
    public static async Task WriteAsync<T>(this DlmsClient client, AttributeRef target, DataCodec<T> codec, T value, CancellationToken cancellationToken = default)
    {
        var result = await client.SetAsync(target, codec.Encode(value), cancellationToken).ConfigureAwait(false);
        _ = result.Value(client);
    }

    /// <summary>Invokes a method that returns nothing.</summary>
    /// <exception cref="RequestFailedException">The device refused.</exception>
    /// <inheritdoc cref="ReadAsync{T}"/>
    public static async Task InvokeAsync<T>(this DlmsClient client, MethodRef target, DataCodec<T> codec, T parameter, CancellationToken cancellationToken = default)
    {
        var result = await client.InvokeAsync(target, codec.Encode(parameter), cancellationToken).ConfigureAwait(false);
        _ = result.Value(client);
    }

    /// <summary>Invokes a method that returns a value.</summary>
    /// <exception cref="RequestFailedException">The device refused, or returned a value of another type.</exception>
    /// <inheritdoc cref="ReadAsync{T}"/>
    public static async Task<TResult> InvokeAsync<T, TResult>(
        this DlmsClient client, MethodRef target, DataCodec<T> codec, T parameter, DataCodec<TResult> resultCodec, CancellationToken cancellationToken = default)
    {
        var result = await client.InvokeAsync(target, codec.Encode(parameter), cancellationToken).ConfigureAwait(false);
        return Decode(client, target.ToString(), resultCodec, result);
    }

    internal static T Decode<T>(DlmsClient client, string target, DataCodec<T> codec, RequestResult result) =>
        codec.TryDecode(result.Value(client).Span, out var value, out var error)
            ? value
            : throw Malformed(client, target, new(error));

    internal static RequestFailedException Malformed(DlmsClient client, string target, RequestFailure.Malformed failure) =>
        new($"{client.Name}: {target} has another type than its class says: {failure.Error}{QuirkTable.Hint(failure.AcceptedBy)}", failure);
}
