using Gridtally.Cosem.Framing;
using Gridtally.Testing;

namespace Gridtally.Cosem.Tests.Framing;

/// <summary>Frames cost no memory once both ends are warm.</summary>
public class FramingAllocationTests
{
    [Theory, InlineData(1), InlineData(3), InlineData(7)]
    public void Segmented_requests_and_answers_over_hdlc_allocate_nothing(int window)
    {
        var parameters = new HdlcParameters(128, 128, window, window);
        var client = new HdlcClientLink(HdlcDialogue.ClientOptions with { Parameters = parameters });
        var server = new HdlcServerLine(HdlcDialogue.ServerOptions with { Parameters = parameters });
        var (request, answer) = (new byte[500], new byte[1000]);
        client.Open(default);
        Assert.False(Carry(client, server, answer));
        AssertAllocatesNothing(() =>
        {
            client.Send(request, default);
            if (!Carry(client, server, answer)) throw new InvalidOperationException("no answer");
        });
    }

    [Fact]
    public void Octets_that_come_one_by_one_or_in_odd_pieces_allocate_nothing()
    {
        byte[] wire = [.. Vectors.OfKind("hdlc-frame").SelectMany(v => v.Octets)];
        var deframer = new HdlcDeframer();
        var size = 0;
        AssertAllocatesNothing(() =>
        {
            size = size % 200 + 1;
            for (var start = 0; start < wire.Length; start += size)
            {
                ReadOnlySpan<byte> rest = wire.AsSpan(start, Math.Min(size, wire.Length - start));
                while (deframer.TryRead(ref rest, out _)) { }
            }
        });
    }

    [Fact]
    public void Pushes_in_every_framing_allocate_nothing()
    {
        foreach (var push in new[] { Pushes.Tirol, Pushes.LandisGyrBlocks, Pushes.IskraSegments, Vectors.ById("event-notification-last-gasp").Octets })
        {
            var deframer = new PushDeframer();
            AssertAllocatesNothing(() =>
            {
                ReadOnlySpan<byte> rest = push;
                if (!deframer.TryRead(ref rest, out _)) throw new InvalidOperationException("no APDU");
            });
        }
    }

    private static void AssertAllocatesNothing(Action action)
    {
        for (var i = 0; i < 250; i++) action();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 250; i++) action();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static bool Carry(HdlcClientLink client, HdlcServerLine server, byte[] answer)
    {
        var answered = false;
        while (client.Output.WrittenCount + server.Output.WrittenCount > 0)
        {
            server.Receive(client.Output.WrittenSpan, default);
            client.Output.ResetWrittenCount();
            while (server.TryTakeEvent(out var happened))
            {
                if (happened.Kind == FramingEventKind.Apdu) server.Send(happened.Peer, answer, default);
            }

            client.Receive(server.Output.WrittenSpan, default);
            server.Output.ResetWrittenCount();
            answered |= client.TryTakeApdu(out _);
        }

        return answered;
    }
}
