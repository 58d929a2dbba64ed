using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Client;
using Gridtally.Cosem.ShortNames;

namespace Gridtally.Sessions;

/// <content>Meters that are addressed by short names. All other calls work on them too, once their object list is known.</content>
public sealed partial class DlmsClient
{
    /// <summary>The meter's short names: of the options, or read when associating; null where it is addressed by logical names.</summary>
    public ShortNameMap? ShortNames => _options.Association.UseShortNames ? _association.ShortNames ?? _options.Association.ShortNames : null;

    /// <summary>Reads one short name as it is.</summary>
    /// <param name="name">An attribute's, or (with <paramref name="access"/>) that of a method which returns something.</param>
    /// <param name="access">Selector and parameters; null for none.</param>
    /// <param name="cancellationToken">Cancels; the association is closed then.</param>
    /// <inheritdoc cref="GetAsync(Cosem.AttributeRef, SelectiveAccess?, CancellationToken)"/>
    /// <exception cref="InvalidOperationException">The association uses logical names.</exception>
    public Task<RequestResult> ReadShortNameAsync(ushort name, SelectiveAccess? access = null, CancellationToken cancellationToken = default) =>
        RequestAsync(a => a.ReadShortName(name, access, _output), static a => a.Result.Keep(), cancellationToken);

    /// <summary>Writes one short name as it is; <paramref name="data"/> is encoded Data.</summary>
    /// <inheritdoc cref="ReadShortNameAsync"/>
    public Task<RequestResult> WriteShortNameAsync(ushort name, ReadOnlyMemory<byte> data, CancellationToken cancellationToken = default) =>
        RequestAsync(a => a.WriteShortName(name, data, _output), static a => a.Result.Keep(), cancellationToken);

    private async Task ReadObjectListAsync(CancellationToken cancellationToken)
    {
        var step = await DriveAsync(_association.ReadObjectList(_output), cancellationToken).ConfigureAwait(false);
        if (step == ClientStep.Failed) throw Failed();
        if (_association.Result.Failure is { } failure)
        {
            throw new AssociationException(AssociationReason.DeviceError,
                $"{Name}: the object list, which tells the short names, can't be read: {failure}. Give the short names in the options.");
        }
    }
}
