using System.Buffers;
using System.Security.Cryptography;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Client;
using Gridtally.Cosem.Profiles;
using Gridtally.Cosem.Security;
using Gridtally.Cosem.Server;
using Gridtally.Cosem.Tests.Associations;
using Gridtally.Metering;
using Gridtally.Testing;

namespace Gridtally.Cosem.Tests.Profiles;

/// <summary>A day of rows from a device's ring to a client's columns, over an association: the benchmark's workload d.</summary>
public class ProfileTransferTests
{
    private static readonly AttributeRef Buffer = new(7, ObisCode.Parse("1-0:99.1.0.255"), 2);

    [Theory, Shows("select.range", "select.blocks", "data.columns")]
    [InlineData(96, Protection.None)]
    [InlineData(11_520, Protection.None)]
    [InlineData(11_520, Protection.AuthenticatedEncrypted)]
    public void A_range_comes_in_six_blocks_whatever_is_held(int held, Protection protection)
    {
        using var client = new ClientAssociation(protection == Protection.None ? new() { MaxReceivePdu = 1024 } : Dialogue.Options(protection) with { MaxReceivePdu = 1024 }, new InMemoryInvocationCounters(100));
        using var server = new ServerAssociation(protection == Protection.None ? new() { MaxPdu = 1024 } : Dialogue.Spec(protection) with { MaxPdu = 1024 }, Dialogue.ClientSap,
            new ProfileDevice(WorkloadProfile.Ring(96 - held, held)), new InMemoryInvocationCounters(200));
        var (up, down) = (new ArrayBufferWriter<byte>(2048), new ArrayBufferWriter<byte>(2048));
        var responses = 0;
        ClientStep Talk(ClientStep step)
        {
            while (step == ClientStep.Send)
            {
                down.ResetWrittenCount();
                server.Handle(up.WrittenSpan, down);
                up.ResetWrittenCount();
                responses++;
                step = client.Receive(down.WrittenSpan, up);
            }

            return step;
        }

        Assert.Equal(ClientStep.Associated, Talk(client.Open(up)));
        responses = 0;
        var day = SelectiveAccess.ByClock(WorkloadProfile.StampOf(0), WorkloadProfile.StampOf(95));
        Assert.Equal(ClientStep.Answered, Talk(client.Get(Buffer, day, up)));

        Assert.True(client.Result.Succeeded, client.Result.Failure?.ToString());
        Assert.Equal(6, responses);
        Assert.Equal("9622363BB704D7CFA4359CCA23D3198DD90BC91226B9E1554201BEA86D063C85", Convert.ToHexString(SHA256.HashData(client.Result.Data.Span)));
        var (times, last) = (new DateTimeOffset[96], new long[96]);
        Assert.True(new ColumnSet(10, 900).Time(0, times).Int64(9, last).TryReadRows(client.Result.Data.Span, out var rows, out var error), error.ToString());
        Assert.Equal((96, WorkloadProfile.TimeOf(95), (long)WorkloadProfile.ValueOf(95, 7)), (rows, times[95].UtcDateTime, last[95]));
    }

    private sealed class ProfileDevice(ProfileRing rows) : ILogicalDevice
    {
        public DataAccessResult Get(in AttributeRef target, in RequestContext context, IBufferWriter<byte> output) =>
            target == Buffer ? ProfileServer.Write(rows, context, output) : DataAccessResult.ObjectUndefined;

        public DataAccessResult Set(in AttributeRef target, in RequestContext context, ReadOnlySpan<byte> data) => DataAccessResult.ReadWriteDenied;

        public ActionResult Invoke(in MethodRef target, in RequestContext context, ReadOnlySpan<byte> parameter, IBufferWriter<byte> output) => ActionResult.ReadWriteDenied;
    }
}
