using Gridtally.Cosem;
using Gridtally.Cosem.Client;
using Gridtally.Cosem.Data;
using Gridtally.Cosem.Security;
using Gridtally.Metering;

namespace Gridtally.Sessions;

/// <summary>Reads a device's invocation counter as public client, so that the counters of a new association lie above it.</summary>
internal static class InvocationCounterReading
{
    private const ushort PublicClient = 16, DataClass = 1;

    public static async Task<SessionStatistics> RaiseAsync(
        IApduRoute route, DlmsClientOptions options, IInvocationCounters counters, TimeProvider lineTime, CancellationToken cancellationToken)
    {
        var publicOptions = options with
        {
            Peer = options.Peer with { Client = PublicClient },
            Association = new AssociationOptions { UseShortNames = options.Association.UseShortNames, ShortNames = options.Association.ShortNames },
            UseDedicatedKey = false,
            ReadInvocationCounter = false,
        };
        var client = await DlmsClient.ConnectAsync(route, publicOptions, counters, lineTime, cancellationToken).ConfigureAwait(false);
        await using (client.ConfigureAwait(false))
        {
            var target = new AttributeRef(DataClass, new ObisCode(0, 0, 43, 1, (byte)options.Peer.Client, 255), 2);
            var result = await client.GetAsync(target, cancellationToken).ConfigureAwait(false);
            var next = Next(client.Name, target, result);
            RequirePlausible(client.Name, target, next, counters, options.MaxCounterRise);
            counters.RaiseSend(KeyRole.GlobalUnicast, next);
            await client.ReleaseAsync(cancellationToken).ConfigureAwait(false);
            return client.Statistics;
        }
    }

    private static void RequirePlausible(string name, AttributeRef target, uint next, IInvocationCounters counters, uint maxRise)
    {
        // The own counter can only be known by taking a value; gaps are legal.
        if (!counters.TryTakeSend(KeyRole.GlobalUnicast, out var own) || next <= own || next - own <= maxRise) return;
        throw new AssociationException(AssociationReason.Security,
            $"{name}: the invocation counter {target} is {next - 1}, {next - own} above our own; at most {maxRise} is believed, as nobody authenticates it. "
            + "Compare it with the meter's own display or with other keys, then raise MaxCounterRise or associate without reading it.");
    }

    private static uint Next(string name, AttributeRef target, RequestResult result)
    {
        if (!result.Succeeded)
        {
            throw new AssociationException(AssociationReason.DeviceError,
                $"{name}: the invocation counter {target} can't be read: {result.Failure}. Check the client address, or associate without reading it.");
        }

        var reader = new AxdrReader(result.Data.Span);
        if (!reader.TryReadNumber(out var counter) || counter is < 0 or > uint.MaxValue)
        {
            throw new AssociationException(AssociationReason.DeviceError,
                $"{name}: expected a double-long-unsigned as invocation counter {target}, got {Convert.ToHexString(result.Data.Span)}.");
        }

        return counter < uint.MaxValue
            ? (uint)counter + 1
            : throw new AssociationException(AssociationReason.Security, $"{name}: the invocation counter {target} is used up. Renew the keys of this client.");
    }
}
