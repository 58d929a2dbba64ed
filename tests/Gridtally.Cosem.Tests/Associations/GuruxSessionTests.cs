using System.Buffers;
using Gridtally.Cosem.Acse;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Data;
using Gridtally.Cosem.Security;
using Gridtally.Cosem.Server;
using Gridtally.Metering;
using static Gridtally.Testing.Bytes;

namespace Gridtally.Cosem.Tests.Associations;

/// <summary>
/// A live session of a Gurux.DLMS.Net client with our server over TCP, recorded: HLS-5, authenticated and encrypted, a dedicated key of the
/// client, general-protection granted. The client took each answer, so these are right.
/// </summary>
public sealed class GuruxSessionTests
{
    private const string Aarq = "606EA109060760857405080103A60A040847525800000000018A0207808B0760857405080205AC1280100D335F34455D6E304141280E41712702BE3404322130300000000175A319422DD473718DA1705193DEA43C7D5472AB67A080CE1B11DE2BCF5B72C23CF01B7B6EE227BDC3E310";
    private const string Aare = "6169A109060760857405080103A203020100A305A10302010EA40A040847544D000000000188020780890760857405080205AA128010BBD8179229E4053C417ADFDEC3527D7DBE230421281F300000000107F4066E8E2EB9D865E76568DB674419A9081BB127A8A5FC8D37";
    private const string Pass3 = "CB313000000003E463EB2C2B9430EF155815266764FF057EA9092AB0FD8415A960D55C76B0E53D5AA4F987FCD8202821CECCEA";
    private const string Pass4 = "CF2A3000000003F717015D7862EED5A54E158EBEE244185DCF78C396FBE8AA2AEF5974ED39B2C58B2263AD4C";
    private const string Request = "DC0847525800000000011E3000000004CA599552E5AC78B2E930C7BE603A60DE6AD8E4C6F54A629736";
    private const string Response = "DC0847544D00000000012730000000049AD17AE1C02662FD718A2AB53BFF9F02B4F1259C3A7DB537BF7EF3B0916CA3AC9348";
    private const string ReleaseRequest = "6239800100BE34043221303000000033E39476A689D58930548AE0383006F5420791A91FA4688EA99B0D0589F94A175A0BC596BEB0D9536C82D3F8";
    private const string ReleaseResponse = "6328800100BE230421281F30000000333A2AD86313B2B3DE2D5FE9B7B2C9ED360F5E68B14D1BE8C1ACD3";

    private const Conformance GrantedThen = Conformance.GeneralProtection | Conformance.PriorityMgmtSupported | Conformance.BlockTransferWithGetOrRead
        | Conformance.BlockTransferWithSetOrWrite | Conformance.MultipleReferences | Conformance.Get | Conformance.Set | Conformance.SelectiveAccess | Conformance.Action;

    private static readonly SystemTitle ServerTitle = SystemTitle.Of("GTM", 1);
    private static readonly byte[] StoC = Hex("BBD8179229E4053C417ADFDEC3527D7D");

    private readonly ArrayBufferWriter<byte> _output = new();

    [Fact]
    public void Our_server_answers_the_recorded_client_as_it_did_then()
    {
        var counters = new InMemoryInvocationCounters(1);
        using var server = new ServerAssociation(new()
        {
            Mechanism = AuthenticationMechanism.HighLevelGmac,
            Keys = Dialogue.Keys,
            RequiredProtection = Protection.AuthenticatedEncrypted,
            SystemTitle = ServerTitle,
            Conformance = GrantedThen,
            Challenge = () => StoC,
        }, 2, new NameDevice(), counters);

        Assert.Equal(Aare, Answer(server, Aarq));
        Assert.Equal(Pass4, Answer(server, Pass3));
        Assert.Equal(ServerAssociationState.Associated, server.State);
        Assert.Equal(Response, Answer(server, Request));

        // What the client read in between is left out.
        counters.RaiseSend(KeyRole.GlobalUnicast, 0x33);
        Assert.Equal(ReleaseResponse, Answer(server, ReleaseRequest));
        Assert.Equal(ServerAssociationState.Idle, server.State);
    }

    private string Answer(ServerAssociation server, string apdu)
    {
        _output.ResetWrittenCount();
        server.Handle(Hex(apdu), _output);
        return Convert.ToHexString(_output.WrittenSpan);
    }

    private sealed class NameDevice : ILogicalDevice
    {
        public DataAccessResult Get(in AttributeRef target, in RequestContext context, IBufferWriter<byte> output)
        {
            Assert.Equal(new(1, ObisCode.Parse("0-0:42.0.0.255"), 2), target);
            output.WriteOctetString("GTM0000000000001"u8);
            return DataAccessResult.Success;
        }

        public DataAccessResult Set(in AttributeRef target, in RequestContext context, ReadOnlySpan<byte> data) => DataAccessResult.ReadWriteDenied;

        public ActionResult Invoke(in MethodRef target, in RequestContext context, ReadOnlySpan<byte> parameter, IBufferWriter<byte> output) => ActionResult.ReadWriteDenied;
    }
}
