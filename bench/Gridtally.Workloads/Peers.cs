using System.Buffers;
using Gridtally.Cosem.Acse;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Client;
using Gridtally.Cosem.Framing;
using Gridtally.Cosem.Security;
using Gridtally.Cosem.Server;

namespace Gridtally.Workloads;

/// <summary>How the two ends of a workload talk.</summary>
internal enum Link : byte
{
    Wrapper,
    Hdlc,
}

/// <summary>How their APDUs are protected.</summary>
internal enum Cover : byte
{
    Plain,
    Global,
    GeneralGlobal,
}

/// <summary>What both ends of every workload agree on.</summary>
internal static class Peers
{
    public const int ClientSap = 16, ServerSap = 1;
    public const ushort MaxPdu = 1024;

    public static readonly SystemTitle ClientTitle = new(0x424E433030303031), ServerTitle = new(0x424E4D3030303031);

    public static SecurityKeys Keys => new(Golden.EncryptionKey, Golden.AuthenticationKey);

    public static AssociationOptions Options(Cover cover) => cover == Cover.Plain
        ? new() { MaxReceivePdu = MaxPdu }
        : new()
        {
            MaxReceivePdu = MaxPdu,
            Keys = Keys,
            Protection = Protection.AuthenticatedEncrypted,
            SystemTitle = ClientTitle,
            UseGeneralCiphering = cover == Cover.GeneralGlobal,
        };

    public static AssociationSpec Spec(Cover cover) => cover == Cover.Plain
        ? new() { MaxPdu = MaxPdu }
        : new()
        {
            MaxPdu = MaxPdu,
            Keys = Keys,
            RequiredProtection = Protection.AuthenticatedEncrypted,
            SystemTitle = ServerTitle,
            Conformance = Conformance.Supported | Conformance.GeneralProtection,
        };

    public static AssociationOptions Hls(byte[] challenge) => Options(Cover.Global) with { Mechanism = AuthenticationMechanism.HighLevelGmac, Challenge = challenge };

    public static AssociationSpec Hls(Func<byte[]> challenge) => Spec(Cover.Global) with { Mechanism = AuthenticationMechanism.HighLevelGmac, Challenge = challenge };

    public static IClientFraming ClientLink(Link link) => link == Link.Hdlc
        ? new HdlcClientLink(new() { ClientSap = ClientSap, LogicalDevice = ServerSap })
        : new WrapperClient(ClientSap, ServerSap);

    public static IServerFraming ServerLink(Link link) => link == Link.Hdlc
        ? new HdlcServerLine(new() { Serves = static (device, _) => device == ServerSap })
        : new WrapperServer();
}

/// <summary>A client and a server joined in memory, frames and all: what one writes the other reads, octet for octet.</summary>
internal sealed class Conversation : IDisposable
{
    private readonly ArrayBufferWriter<byte> _request = new(Peers.MaxPdu), _response = new(Peers.MaxPdu);

    public Conversation(Link link, AssociationOptions options, AssociationSpec spec, ILogicalDevice device, uint clientCounter = 1, uint serverCounter = 1)
    {
        Client = new(options, new InMemoryInvocationCounters(clientCounter));
        Server = new(spec, Peers.ClientSap, device, new InMemoryInvocationCounters(serverCounter));
        (ClientLink, ServerLink) = (Peers.ClientLink(link), Peers.ServerLink(link));
    }

    public ClientAssociation Client { get; }

    public ServerAssociation Server { get; }

    public IClientFraming ClientLink { get; }

    public IServerFraming ServerLink { get; }

    /// <summary>Where the next APDU of the client is to be written.</summary>
    public IBufferWriter<byte> Request => _request;

    /// <summary>Takes note of what goes over the line; for checks, before anything is measured.</summary>
    public Action<bool, byte[]>? Watch { get; set; }

    /// <summary>Sets link and association up.</summary>
    public void Open()
    {
        ClientLink.Open(default);
        CarryUntilSilence();
        if (ClientLink.State != LinkState.Up) throw Stuck($"the link is {ClientLink.State} ({ClientLink.Fault})");
        Finish(Client.Open(Request), ClientStep.Associated);
    }

    /// <summary>Takes the link down.</summary>
    public void Close()
    {
        ClientLink.Close(default);
        CarryUntilSilence();
    }

    /// <summary>Carries on until the client's call has come to its end, which must be <paramref name="expected"/>.</summary>
    public void Finish(ClientStep step, ClientStep expected)
    {
        while (step == ClientStep.Send)
        {
            ClientLink.Send(_request.WrittenSpan, default);
            _request.ResetWrittenCount();
            CarryUntilSilence();
            if (!ClientLink.TryTakeApdu(out var apdu)) throw Stuck("no answer");
            step = Client.Receive(apdu.Span, _request);
        }

        if (step != expected) throw Stuck($"the client came to {step}, {(object?)Client.Failure ?? Client.Result.Failure}");
    }

    public void Dispose()
    {
        Client.Dispose();
        Server.Dispose();
    }

    private static WorkloadException Stuck(string why) => new($"The workload does not run: {why}.");

    private void CarryUntilSilence()
    {
        while (ClientLink.Output.WrittenCount > 0)
        {
            Watch?.Invoke(true, ClientLink.Output.WrittenSpan.ToArray());
            ServerLink.Receive(ClientLink.Output.WrittenSpan, default);
            ClientLink.Output.ResetWrittenCount();
            Serve();
            if (ServerLink.Output.WrittenCount == 0) continue;
            Watch?.Invoke(false, ServerLink.Output.WrittenSpan.ToArray());
            ClientLink.Receive(ServerLink.Output.WrittenSpan, default);
            ServerLink.Output.ResetWrittenCount();
        }
    }

    private void Serve()
    {
        while (ServerLink.TryTakeEvent(out var happened))
        {
            if (happened.Kind != FramingEventKind.Apdu) continue;
            _response.ResetWrittenCount();
            Server.Handle(happened.Apdu.Span, _response);
            ServerLink.Send(happened.Peer, _response.WrittenSpan, default);
        }
    }
}
