// The protocol without any I/O of ours: you move the bytes. Usage: OwnTransport [host [port]]
using System.Buffers;
using System.Net.Sockets;
using Gridtally.Cosem;
using Gridtally.Cosem.Client;
using Gridtally.Cosem.Data;
using Gridtally.Cosem.Framing;
using Gridtally.Cosem.Security;
using Gridtally.Metering;

using var tcp = new TcpClient(args.Length > 0 ? args[0] : "127.0.0.1", args.Length > 1 ? int.Parse(args[1]) : 4059);
var framing = new WrapperClient(client: 16, logicalDevice: 1);
using var association = new ClientAssociation(new(), new InMemoryInvocationCounters());
var request = new ArrayBufferWriter<byte>();

framing.Open(now: default);
if (Drive(association.Open(request)) != ClientStep.Associated) return Fail(association.Failure);
if (Drive(association.Get(new AttributeRef(3, ObisCode.Parse("1-0:1.8.0.255"), 2), null, request)) != ClientStep.Answered) return Fail(association.Failure);
if (!association.Result.Succeeded) return Fail(association.Result.Failure);
Console.WriteLine(CosemValue.TryRead(association.Result.Data.Span, out var value, out var error) ? value : error);
Drive(association.Release(request));
return 0;

// Sends what the association wants sent, feeds it what comes, until it says what the call came to.
ClientStep Drive(ClientStep step)
{
    Span<byte> received = new byte[4096];
    while (step is ClientStep.Send or ClientStep.Ignored)
    {
        if (step == ClientStep.Send)
        {
            framing.Send(request.WrittenSpan, now: default);
            request.ResetWrittenCount();
            tcp.GetStream().Write(framing.Output.WrittenSpan);
            framing.Output.ResetWrittenCount();
        }

        ReadOnlyMemory<byte> apdu;
        while (!framing.TryTakeApdu(out apdu))
        {
            var length = tcp.GetStream().Read(received);
            if (length == 0) throw new IOException("The meter closed the connection.");
            framing.Receive(received[..length], now: default);
        }

        step = association.Receive(apdu.Span, request);
    }

    return step;
}

static int Fail(object? why)
{
    Console.Error.WriteLine(why);
    return 1;
}
