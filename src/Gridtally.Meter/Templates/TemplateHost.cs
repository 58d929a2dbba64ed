using System.Security.Cryptography;
using Gridtally.Cosem.Acse;
using Gridtally.Cosem.Framing;
using Gridtally.Cosem.Security;
using Gridtally.Cosem.Server;
using Gridtally.Links;
using Gridtally.Sessions;

namespace Gridtally.Meter.Templates;

/// <summary>Where and how a template is served.</summary>
public sealed record TemplateHostOptions
{
    /// <summary><c>tcp://address:port</c>, <c>udp://address:port</c>, or a serial port as <see cref="LinkAddress"/> takes it.</summary>
    public required string Address { get; init; }

    /// <summary>True for HDLC below the APDUs, false for the wrapper.</summary>
    public bool UsesHdlc { get; init; }

    /// <summary>Keys that clients must have, with HLS-5 and everything authenticated and encrypted; null for a meter without security.</summary>
    public SecurityKeys? Keys { get; init; }

    /// <summary>Told of faults.</summary>
    public Action<string, Exception>? OnFault { get; init; }

    /// <summary>Told where it listens, once it does.</summary>
    public Action<string>? OnReady { get; init; }
}

/// <summary>Serves one template meter over TCP, UDP or a serial line.</summary>
public sealed class TemplateHost
{
    private const ushort PublicClient = 16;
    private const int ChallengeOctets = 16;

    private readonly MeterTemplate _template;
    private readonly TemplateHostOptions _options;
    private readonly TemplateMeter _meter, _publicView;
    private readonly InMemoryInvocationCounters _counters = new();
    private readonly Lock _gate = new();
    private readonly SystemTitle _title;

    /// <summary>Takes the template; nothing is opened yet.</summary>
    public TemplateHost(MeterTemplate template, TemplateHostOptions options)
    {
        (_template, _options) = (template, options);
        _title = template.SystemTitle ?? SystemTitle.Of("GTY", 1);
        _meter = new(template, demandsProtection: options.Keys is not null);

        // Before they have an association with keys, clients read the device's name and the invocation counters.
        _publicView = new(template with { Objects = [.. template.Objects.Where(o => o.Instance is { A: 0, C: 42 } or { A: 0, C: 43, D: 1 })] }, demandsProtection: false);
    }

    /// <summary>Serves until cancelled.</summary>
    /// <exception cref="FormatException">The address can't be read.</exception>
    /// <exception cref="LinkException">The port can't be had, or was lost.</exception>
    public async Task RunAsync(TimeProvider lineTime, CancellationToken cancellationToken)
    {
        var server = new DlmsServer(new()
        {
            CreateFraming = channel => _options.UsesHdlc ? new HdlcServerLine(new() { Serves = (logical, _) => logical == _template.LogicalDevice }) : new WrapperServer(channel.IsDatagram),
            Resolve = peer => peer.LogicalDevice == _template.LogicalDevice ? Associate(peer.Client) : null,
            IdleTimeout = _options.UsesHdlc ? TimeSpan.Zero : TimeSpan.FromMinutes(3),
            OnFault = _options.OnFault,
        }, lineTime);
        if (_options.Address.StartsWith("serial", StringComparison.OrdinalIgnoreCase))
        {
            var line = await LinkAddress.Parse(_options.Address, lineTime).OpenAsync(cancellationToken).ConfigureAwait(false);
            await using (line.ConfigureAwait(false))
            {
                _options.OnReady?.Invoke(line.Name);
                await server.ServeAsync(line, cancellationToken).ConfigureAwait(false);
            }

            return;
        }

        var listener = LinkAddress.Listen(_options.Address);
        await using (listener.ConfigureAwait(false))
        {
            _options.OnReady?.Invoke(listener.Name);
            await server.ServeAsync(listener, cancellationToken).ConfigureAwait(false);
        }
    }

    private ServedAssociation Associate(ushort client)
    {
        var open = _options.Keys is null || client == PublicClient;
        var spec = open ? new AssociationSpec() : new()
        {
            Mechanism = AuthenticationMechanism.HighLevelGmac,
            Keys = _options.Keys,
            RequiredProtection = Protection.AuthenticatedEncrypted,
            SystemTitle = _title,
            Challenge = static () => RandomNumberGenerator.GetBytes(ChallengeOctets),
        };
        var device = _options.Keys is not null && open ? _publicView : _meter;
        return new(new(spec, client, device, _counters), _gate);
    }
}
