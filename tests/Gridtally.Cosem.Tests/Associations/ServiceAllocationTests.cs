using System.Buffers;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Client;
using Gridtally.Cosem.Data;
using Gridtally.Cosem.Security;
using Gridtally.Cosem.Server;
using static Gridtally.Testing.Bytes;

namespace Gridtally.Cosem.Tests.Associations;

/// <summary>Once warm, both sides carry out requests without making garbage, in one APDU or in blocks, plain or ciphered.</summary>
public sealed class ServiceAllocationTests
{
    private const int Rounds = 100, Attempts = 10;

    private static readonly byte[] Short = Hex("0600BC614E"), Long = Written(w => w.WriteOctetString(new byte[3000]));

    public static TheoryData<string, Protection> Cases
    {
        get
        {
            var cases = new TheoryData<string, Protection>();
            foreach (var request in new[] { "get", "get in blocks", "set", "set in blocks", "action", "action in blocks" })
            {
                foreach (var protection in new[] { Protection.None, Protection.Authenticated, Protection.AuthenticatedEncrypted }) cases.Add(request, protection);
            }

            return cases;
        }
    }

    [Theory, MemberData(nameof(Cases))]
    public void A_round_trip_allocates_nothing_once_warm(string request, Protection protection)
    {
        using var talk = new Line(protection, new Store());
        var least = long.MaxValue;

        // A collection that other tests bring about takes memory out of the shared pool: then the pool allocates, not the association. Garbage
        // of our own would show in every try.
        for (var attempt = 0; attempt < Attempts && least > 0; attempt++)
        {
            for (var i = 0; i < Rounds; i++) Make(request, talk);
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < Rounds; i++) Make(request, talk);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, least);
    }

    [Fact]
    public void A_pooled_buffer_keeps_only_what_a_short_apdu_takes()
    {
        var buffer = ApduBuffer.Pooled();
        buffer.Append(Short);
        var kept = buffer.GetMemory().Length + buffer.Length;
        buffer.Append(new byte[100_000]);
        Assert.Equal(Short, buffer.Span[..Short.Length].ToArray());
        buffer.Recycle();

        Assert.Equal((0, kept), (buffer.Length, buffer.GetMemory().Length));
        Assert.InRange(kept, 1, 256);
    }

    private static void Make(string request, Line line)
    {
        switch (request)
        {
            case "get": line.Drive(line.Client.Get(TestDevice.Name, null, line.Up)); break;
            case "get in blocks": line.Drive(line.Client.Get(TestDevice.Profile, null, line.Up)); break;
            case "set": line.Drive(line.Client.Set(TestDevice.Setting, Short, line.Up)); break;
            case "set in blocks": line.Drive(line.Client.Set(TestDevice.Setting, Long, line.Up)); break;
            case "action": line.Drive(line.Client.Invoke(TestDevice.Echo, Short, line.Up)); break;
            default: line.Drive(line.Client.Invoke(TestDevice.Echo, Long, line.Up)); break;
        }

        if (!line.Client.Result.Succeeded) throw new InvalidOperationException(line.Client.Result.ToString());
    }

    private sealed class Line : IDisposable
    {
        private readonly ArrayBufferWriter<byte> _down = new(2048);

        public Line(Protection protection, ILogicalDevice device)
        {
            const ushort maxPdu = 512;
            Client = new(Dialogue.Options(protection) with { MaxReceivePdu = maxPdu }, new InMemoryInvocationCounters(100));
            Server = new(Dialogue.Spec(protection) with { MaxPdu = maxPdu }, 1, device, new InMemoryInvocationCounters(200));
            Drive(Client.Open(Up));
        }

        public ClientAssociation Client { get; }

        private ServerAssociation Server { get; }

        public ArrayBufferWriter<byte> Up { get; } = new(2048);

        public void Drive(ClientStep step)
        {
            while (step == ClientStep.Send)
            {
                _down.ResetWrittenCount();
                Server.Handle(Up.WrittenSpan, _down);
                Up.ResetWrittenCount();
                step = Client.Receive(_down.WrittenSpan, Up);
            }

            if (step is not (ClientStep.Answered or ClientStep.Associated)) throw new InvalidOperationException(step.ToString());
        }

        public void Dispose()
        {
            Client.Dispose();
            Server.Dispose();
        }
    }

    /// <summary>A device that keeps nothing and makes no garbage.</summary>
    private sealed class Store : ILogicalDevice
    {
        public DataAccessResult Get(in AttributeRef target, in RequestContext context, IBufferWriter<byte> output)
        {
            output.Write(target == TestDevice.Profile ? Long : Short);
            return DataAccessResult.Success;
        }

        public DataAccessResult Set(in AttributeRef target, in RequestContext context, ReadOnlySpan<byte> data) => DataAccessResult.Success;

        public ActionResult Invoke(in MethodRef target, in RequestContext context, ReadOnlySpan<byte> parameter, IBufferWriter<byte> output)
        {
            output.Write(parameter);
            return ActionResult.Success;
        }
    }
}
