using System.Buffers;
using Gridtally.Cosem.Client;
using Gridtally.Cosem.Data;
using Gridtally.Cosem.Security;
using Gridtally.Cosem.Server;

namespace Gridtally.Cosem.Tests.Associations;

public sealed class AllocationTests
{
    [Theory]
    [InlineData(Protection.None)]
    [InlineData(Protection.Authenticated)]
    [InlineData(Protection.AuthenticatedEncrypted)]
    public void A_get_round_trip_allocates_nothing_once_warm(Protection protection)
    {
        using var client = new ClientAssociation(Dialogue.Options(protection), new InMemoryInvocationCounters(100));
        using var server = new ServerAssociation(Dialogue.Spec(protection), 1, new QuietDevice(), new InMemoryInvocationCounters(200));
        var (up, down) = (new ArrayBufferWriter<byte>(1024), new ArrayBufferWriter<byte>(1024));
        var step = client.Open(up);
        while (step == ClientStep.Send) step = Exchange();
        Assert.Equal(ClientStep.Associated, step);

        for (var i = 0; i < 50; i++) Get();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++) Get();

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        ClientStep Exchange()
        {
            down.ResetWrittenCount();
            server.Handle(up.WrittenSpan, down);
            up.ResetWrittenCount();
            return client.Receive(down.WrittenSpan, up);
        }

        void Get()
        {
            client.Get(TestDevice.Name, null, up);
            if (Exchange() != ClientStep.Answered || client.Result.Data.Length != 5) throw new InvalidOperationException("no answer");
        }
    }

    private sealed class QuietDevice : ILogicalDevice
    {
        public DataAccessResult Get(in AttributeRef target, in RequestContext context, IBufferWriter<byte> output)
        {
            output.WriteDoubleLongUnsigned(5009);
            return DataAccessResult.Success;
        }

        public DataAccessResult Set(in AttributeRef target, in RequestContext context, ReadOnlySpan<byte> data) => DataAccessResult.ReadWriteDenied;

        public ActionResult Invoke(in MethodRef target, in RequestContext context, ReadOnlySpan<byte> parameter, IBufferWriter<byte> output) => ActionResult.ReadWriteDenied;
    }
}
