using System.Buffers;
using Gridtally.Cosem.Acse;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Client;
using Gridtally.Cosem.Data;
using Gridtally.Cosem.Security;
using Gridtally.Cosem.Server;
using Gridtally.Cosem.ShortNames;
using Gridtally.Cosem.Tests.Associations;
using Gridtally.Testing;
using static Gridtally.Testing.Bytes;

namespace Gridtally.Cosem.Tests.ShortNames;

/// <summary>An old meter, octet by octet: the same calls as on any other.</summary>
public sealed class ShortNameDialogueTests
{
    [Fact]
    public void The_association_has_a_context_and_a_vaa_name_of_its_own()
    {
        using var talk = new ShortNameDialogue(new() { MaxReceivePdu = 1024 }, new());
        Assert.Equal(ClientStep.Associated, talk.TryOpen());

        //                   AARQ: context 2; InitiateRequest with read, write, unconfirmed-write, both block transfers, multiple references, information-report, parameterized-access
        Assert.Equal(Hex("601D A109060760857405080102 BE10040E 01000000065F1F0400 1C1B20 0400"), talk.Apdus[0]);
        Assert.Equal(Hex("BE10040E 0800065F1F0400 1C1B20 0400 FA00"), talk.Apdus[1][^18..]);
        Assert.Equal(Conformance.SupportedWithShortNames, talk.Client.NegotiatedConformance);
    }

    [Fact]
    public void The_aarq_of_another_stack_opens_one_too()
    {
        using var talk = new ShortNameDialogue(new(), new());
        var aarq = Vectors.ById("wrapper-aarq-sn").Octets[8..]; // conformance 18 1A 20: read, write, block transfers, multiple references, parameterized access; PDU size 0
        var aare = talk.Ask(aarq);

        Assert.Equal((byte)ApduTag.Aare, aare[0]);
        Assert.Equal(ServerAssociationState.Associated, talk.Server.State);
        Assert.Equal(Hex("5F1F0400 181A20 0400 FA00"), aare[^11..]);
        Assert.Equal(Hex("0C 01 00 06 00001391"), talk.Ask([.. Hex("05 01 02"), .. Octets(ShortNameDialogue.NameOf(ShortNameDialogue.Value))]));
    }

    [Fact]
    public void A_server_without_short_names_refuses_the_context()
    {
        using var talk = new Dialogue(new() { UseShortNames = true }, new());
        Assert.Equal(ClientStep.Failed, talk.Open());
        var refused = Assert.IsType<AssociationFailure.Refused>(talk.Client.Failure);
        Assert.True(refused.Diagnostic.Is(AcseServiceUserDiagnostic.ApplicationContextNameNotSupported));
    }

    [Fact]
    [Shows("sn.association.client", "sn.association.server", "sn.by-logical-name.client", "sn.by-logical-name.server", "sn.read.client", "sn.read.server")]
    public void After_its_object_list_an_attribute_is_read_by_logical_name()
    {
        using var talk = ShortNameDialogue.Open(readList: false);
        Assert.IsType<RequestFailure.NoShortName>(talk.Get(ShortNameDialogue.Value).Failure);
        Assert.Empty(talk.Apdus);

        var list = talk.Get(new(12, ShortNameMap.AssociationName, 2));
        Assert.Equal(Hex("05 01 02 FA08"), talk.Apdus[0]);
        Assert.True(ShortNameMap.TryReadObjectList(list.Data.Span, out var map, out _));
        Assert.Equal(ShortNameDialogue.Map.Objects.Where(o => o.LogicalName != ShortNameDialogue.Hidden.Instance), map.Objects); // what the client may not see is not listed
        talk.Apdus.Clear();

        Assert.Equal(Hex("06 00001391"), talk.Get(ShortNameDialogue.Value).Data.ToArray());
        Assert.Equal([[.. Hex("05 01 02"), .. Octets(ShortNameDialogue.NameOf(ShortNameDialogue.Value))], Hex("0C 01 00 06 00001391")], talk.Apdus);
    }

    [Fact]
    [Shows("sn.read-list.client", "sn.read-list.server")]
    public void Several_attributes_are_read_in_one_request()
    {
        using var talk = ShortNameDialogue.Open();
        var results = talk.GetList(ShortNameDialogue.Value, ShortNameDialogue.Unit, ShortNameDialogue.Text);

        Assert.Equal(2, talk.Apdus.Count);
        Assert.Equal([Hex("06 00001391"), Hex("02 02 0F 00 16 1E"), Hex("09 03 6F6C64")], results.Select(r => r.Data.ToArray()));
    }

    [Fact]
    public void Without_multiple_references_they_are_read_one_by_one()
    {
        using var talk = ShortNameDialogue.Open(spec: new() { ShortNameConformance = Conformance.SupportedWithShortNames & ~Conformance.MultipleReferences });
        Assert.All(talk.GetList(ShortNameDialogue.Value, ShortNameDialogue.Unit), result => Assert.True(result.Succeeded));
        Assert.Equal(4, talk.Apdus.Count);
        Assert.Equal(Hex("0E 05 03 02"), talk.Ask([.. Hex("05 02 02"), .. Octets(ShortNameDialogue.NameOf(ShortNameDialogue.Value)), 0x02, .. Octets(ShortNameDialogue.NameOf(ShortNameDialogue.Unit))]));
    }

    [Fact]
    [Shows("sn.parameterized.client", "sn.parameterized.server")]
    public void Rows_are_selected_by_parameterized_access()
    {
        using var talk = ShortNameDialogue.Open();
        var entries = SelectiveAccess.By(new EntryDescriptor(1, 2));

        Assert.True(talk.Get(ShortNameDialogue.Buffer, entries).Succeeded);
        Assert.Equal([.. Hex("05 01 04"), .. Octets(ShortNameDialogue.NameOf(ShortNameDialogue.Buffer)), 0x02, .. entries.Parameters.Span], talk.Apdus[0]);
        Assert.Equal($"2 {Convert.ToHexString(entries.Parameters.Span)}", talk.State.Asked.Single());
    }

    [Fact]
    [Shows("sn.read-blocks.client", "sn.read-blocks.server")]
    public void A_long_answer_comes_in_blocks()
    {
        using var talk = ShortNameDialogue.Open(new() { MaxReceivePdu = 64 });
        talk.State.Rows = 20;
        var result = talk.Get(ShortNameDialogue.Buffer);

        Assert.Equal(102, result.Data.Length);
        Assert.Equal(Hex("01 14 06 00000000"), result.Data[..7].ToArray());
        Assert.Equal(Hex("0C 01 02 00 0001 39 01 00 01 14"), talk.Apdus[1][..11]); // one result, data, array of 20
        Assert.Equal(Hex("05 01 05 0001"), talk.Apdus[2]);
        Assert.Equal(Hex("0C 01 02 01 0002 2F"), talk.Apdus[3][..7]);
        Assert.All(talk.Apdus, apdu => Assert.InRange(apdu.Length, 1, 64));
    }

    [Fact]
    public void A_block_out_of_order_ends_the_transfer()
    {
        using var talk = ShortNameDialogue.Open(new() { MaxReceivePdu = 64 });
        talk.State.Rows = 40;
        var request = (byte[])[.. Hex("05 01 02"), .. Octets(ShortNameDialogue.NameOf(ShortNameDialogue.Buffer))];

        Assert.Equal(Hex("0C 01 01 10"), talk.Ask(Hex("05 01 05 0001"))); // no-long-get-in-progress
        var first = talk.Ask(request);
        var second = talk.Ask(Hex("05 01 05 0001"));
        Assert.Equal(second, talk.Ask(Hex("05 01 05 0001")));             // its answer was lost: once more
        Assert.NotEqual(first, second);
        Assert.Equal(Hex("0C 01 01 13"), talk.Ask(Hex("05 01 05 0007"))); // data-block-number-invalid
        Assert.Equal(Hex("0C 01 01 10"), talk.Ask(Hex("05 01 05 0002")));
    }

    [Fact]
    public void Without_block_transfer_a_long_answer_is_a_service_error()
    {
        using var talk = ShortNameDialogue.Open(new() { MaxReceivePdu = 128 }, new() { ShortNameConformance = Conformance.SupportedWithShortNames & ~Conformance.BlockTransferWithGetOrRead });
        talk.State.Rows = 100;
        Assert.Equal(new RequestFailure.ServiceError(new(5, 3, 1)), talk.Get(ShortNameDialogue.Buffer).Failure); // service: pdu-size
    }

    [Fact]
    [Shows("sn.write.client", "sn.write.server")]
    public void An_attribute_is_written()
    {
        using var talk = ShortNameDialogue.Open();
        Assert.True(talk.Set(ShortNameDialogue.Text, Hex("09 03 6E6577")).Succeeded);

        Assert.Equal("new"u8, talk.State.Text);
        Assert.Equal([[.. Hex("06 01 02"), .. Octets(ShortNameDialogue.NameOf(ShortNameDialogue.Text)), .. Hex("01 09 03 6E6577")], Hex("0D 01 00")], talk.Apdus);
        Assert.Equal(new RequestFailure.Refused(ShortNameDialogue.Value, DataAccessResult.ReadWriteDenied), talk.Set(ShortNameDialogue.Value, Hex("06 00000000")).Failure);
    }

    [Fact]
    [Shows("sn.write-blocks.client", "sn.write-blocks.server")]
    public void A_long_value_is_written_in_blocks()
    {
        using var talk = ShortNameDialogue.Open(spec: new() { MaxPdu = 64 });
        byte[] text = [.. Enumerable.Range(0, 100).Select(i => (byte)i)];
        Assert.True(talk.Set(ShortNameDialogue.Text, [0x09, 100, .. text]).Succeeded);

        Assert.Equal(text, talk.State.Text);
        Assert.Equal([.. Hex("06 01 07 00 0001 01 09 37 01 02"), .. Octets(ShortNameDialogue.NameOf(ShortNameDialogue.Text)), 0x01, 0x09, 100], talk.Apdus[0][..16]);
        Assert.Equal(Hex("0D 01 02 0001"), talk.Apdus[1]);
        Assert.Equal(Hex("06 01 07 01 0002 01 09"), talk.Apdus[2][..8]);
        Assert.Equal(Hex("0D 01 00"), talk.Apdus[3]);
    }

    [Fact]
    [Shows("sn.unconfirmed-write.client", "sn.unconfirmed-write.server")]
    public void An_unconfirmed_write_is_carried_out_and_not_answered()
    {
        using var talk = ShortNameDialogue.Open();
        Assert.False(talk.IsAnswered((client, output) => client.SetUnconfirmed(ShortNameDialogue.Text, Hex("09 03 6E6577"), output)));
        Assert.Equal("new"u8, talk.State.Text);
        Assert.False(talk.IsAnswered((client, output) => client.InvokeUnconfirmed(ShortNameDialogue.Reset, Hex("0F00"), output)));
        Assert.Equal(0u, talk.State.Energy);
        Assert.Empty(talk.Ask(Hex("16 01 02 0001 01 0F00"))); // refused, and silent all the same
    }

    [Fact]
    public void A_method_that_returns_nothing_is_written()
    {
        using var talk = ShortNameDialogue.Open();
        Assert.True(talk.Invoke(ShortNameDialogue.Reset, Hex("0F00")).Succeeded);

        Assert.Equal(0u, talk.State.Energy);
        Assert.Equal([[.. Hex("06 01 02"), .. Octets(ShortNameDialogue.NameOf(ShortNameDialogue.Reset)), .. Hex("01 0F00")], Hex("0D 01 00")], talk.Apdus);
    }

    [Fact]
    public void A_method_that_returns_something_is_read_with_its_parameter()
    {
        using var talk = ShortNameDialogue.Open();
        var parameter = Hex("01 02  02 03 12 0003 0906 0100010800FF 0F 02   02 03 12 0003 0906 0100020800FF 0F 02");
        var result = talk.Invoke(new(12, ShortNameMap.AssociationName, 3), parameter); // read_by_logicalname

        Assert.Equal([.. Hex("05 01 04 FA30 00"), .. parameter], talk.Apdus[0]);
        Assert.Equal(Hex("01 02 06 00001391 00"), result.Data.ToArray()); // null-data for what is not there
    }

    [Fact]
    public void The_rights_of_all_that_is_listed_can_be_read()
    {
        using var talk = ShortNameDialogue.Open();
        var rights = talk.Get(new(12, ShortNameMap.AssociationName, 3));
        var reader = new AxdrReader(rights.Data.Span);

        Assert.True(reader.TryReadArray(out var count));
        Assert.Equal(4, count);
        var text = Convert.ToHexString(rights.Data.Span);
        Assert.Contains($"020310{ShortNameDialogue.NameOf(ShortNameDialogue.Text) - 8:X4}0102" + "02030F01160100" + "02030F02160300" + "0100", text, StringComparison.Ordinal); // Data: name read, value read and written
    }

    [Fact]
    public void Short_names_can_be_read_and_written_as_they_are()
    {
        using var talk = ShortNameDialogue.Open(readList: false);
        Assert.Equal(Hex("06 00001391"), talk.Read(ShortNameDialogue.NameOf(ShortNameDialogue.Value)).Data.ToArray());
        Assert.True(talk.Write(ShortNameDialogue.NameOf(ShortNameDialogue.Text), Hex("09 01 41")).Succeeded);
        var failure = talk.Read(0x0001).Failure;
        Assert.Equal(new RequestFailure.NameRefused(1, DataAccessResult.ObjectUndefined), failure);
        Assert.Equal("short name 0001 refused: ObjectUndefined", failure!.ToString());
    }

    [Fact]
    [Shows("sn.information-report.client", "sn.information-report.server")]
    public void Values_may_be_reported_unasked()
    {
        using var talk = ShortNameDialogue.Open();
        var output = new ArrayBufferWriter<byte>();
        var name = ShortNameDialogue.NameOf(ShortNameDialogue.Value);
        Assert.Equal(NotifyResult.Written, talk.Server.Report([], [name], Hex("06 00000007"), output));

        Assert.Equal([.. Hex("18 00 01 02"), .. Octets(name), .. Hex("01 06 00000007")], output.WrittenSpan.ToArray());
        Assert.Equal(ClientStep.Notified, talk.Client.Receive(output.WrittenSpan, new ArrayBufferWriter<byte>()));
        Assert.Equal(output.WrittenSpan, talk.Client.Notification.Span);

        using var silent = ShortNameDialogue.Open(spec: new() { ShortNameConformance = Conformance.Read });
        Assert.Equal(NotifyResult.NotNegotiated, silent.Server.Report([], [name], Hex("06 00000007"), output));
    }

    [Theory]
    [InlineData(Conformance.Write, "05 01 02 0108", "0E 05 03 02")]
    [InlineData(Conformance.Read, "06 01 02 0108 01 1105", "0E 06 03 02")]
    [InlineData(Conformance.Read, "05 01 04 0108 01 00", "0E 05 03 02")]
    [InlineData(Conformance.Read, "05 01 06 01 0001 04 01 02 0108", "0E 05 03 02")]
    [InlineData(Conformance.Write, "06 01 07 01 0001 01 09 01 00", "0E 06 03 02")]
    [InlineData(Conformance.SupportedWithShortNames, "05 01 02", "0E 05 00 00")]
    [InlineData(Conformance.SupportedWithShortNames, "06 01 02 0108", "0E 06 00 00")]
    [InlineData(Conformance.SupportedWithShortNames, "C001C1 0003 0100010800FF 02 00", "0E 05 03 02")]
    public void What_was_not_negotiated_or_can_not_be_read_is_a_service_error(Conformance granted, string request, string answer)
    {
        using var talk = ShortNameDialogue.Open(spec: new() { ShortNameConformance = granted }, readList: false);
        Assert.Equal(Hex(answer), talk.Ask(Hex(request)));
    }

    [Fact]
    public void The_client_asks_for_nothing_that_was_not_negotiated()
    {
        using var talk = ShortNameDialogue.Open(spec: new() { ShortNameConformance = Conformance.Read });
        Assert.Equal(new RequestFailure.NotNegotiated(Conformance.Write), talk.Set(ShortNameDialogue.Text, Hex("09 00")).Failure);
        Assert.Equal(new RequestFailure.NotNegotiated(Conformance.ParameterizedAccess), talk.Get(ShortNameDialogue.Buffer, SelectiveAccess.By(new EntryDescriptor(1, 1))).Failure);
        Assert.Empty(talk.Apdus);
    }

    [Fact]
    public void Short_names_in_an_association_by_logical_names_are_refused()
    {
        using var talk = Dialogue.Plain().Associated();
        Assert.Equal(Hex("D8 01 02"), talk.Ask(Hex("05 01 02 FA08")));
        Assert.Equal(Hex("D8 01 02"), talk.Ask(Hex("06 01 02 0108 01 1105")));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Shows("sn.hls.client", "sn.hls.server")]
    public void Both_sides_authenticate_by_HLS_and_cipher(bool general)
    {
        using var talk = ShortNameDialogue.Open(
            Dialogue.Options(Protection.AuthenticatedEncrypted, general: general), Dialogue.Spec(Protection.AuthenticatedEncrypted));
        Assert.Equal(Hex("06 00001391"), talk.Get(ShortNameDialogue.Value).Data.ToArray());
        Assert.Equal(general ? [0xDB, 0xDB] : (byte[])[0x25, 0x2C], talk.Apdus.Select(apdu => apdu[0]));
        Assert.True(talk.Set(ShortNameDialogue.Text, Hex("09 01 41")).Succeeded);
        Assert.Equal(general ? [0xDB, 0xDB] : (byte[])[0x26, 0x2D], talk.Apdus[2..].Select(apdu => apdu[0]));
    }

    [Fact]
    public void The_passes_of_HLS_are_a_read_of_method_8()
    {
        using var talk = new ShortNameDialogue(Dialogue.Options(Protection.None), Dialogue.Spec(Protection.None));
        Assert.Equal(ClientStep.Associated, talk.TryOpen());
        Assert.Equal(Hex("05 01 04 FA58 00 09 11"), talk.Apdus[2][..8]);
        Assert.Equal(Hex("0C 01 00 09 11"), talk.Apdus[3][..5]);
    }

    [Fact]
    public void A_wrong_proof_ends_the_association_and_before_it_nothing_is_served()
    {
        using var talk = new ShortNameDialogue(Dialogue.Options(Protection.None) with { Keys = Dialogue.OtherKeys }, Dialogue.Spec(Protection.None));
        Assert.Equal(ClientStep.Failed, talk.TryOpen());
        Assert.IsType<AssociationFailure.AuthenticationRefused>(talk.Client.Failure);
        Assert.Equal(ServerAssociationState.Idle, talk.Server.State);

        using var early = new ShortNameDialogue(new(), Dialogue.Spec(Protection.None));
        Assert.Equal((byte)ApduTag.Aare, early.Ask(talk.Apdus[0])[0]);
        Assert.Equal(Hex("0E 05 02 01"), early.Ask(Hex("05 01 02 0108"))); // vde-state-error: no-dlms-context
        Assert.Equal(ServerAssociationState.AuthenticationPending, early.Server.State);
    }

    [Fact]
    [Shows("gbt.response.client", "gbt.response.server")]
    public void General_blocks_work_with_short_names_as_well()
    {
        const Conformance both = Conformance.SupportedWithShortNames | Conformance.GeneralBlockTransfer;
        using var talk = ShortNameDialogue.Open(new() { ShortNameConformance = both, MaxReceivePdu = 64 }, new() { ShortNameConformance = both, MaxPdu = 64 });
        talk.State.Rows = 50;
        Assert.Equal(252, talk.Get(ShortNameDialogue.Buffer).Data.Length);
        Assert.All(talk.Apdus[1..], apdu => Assert.Equal((byte)ApduTag.GeneralBlockTransfer, apdu[0]));
    }

    [Fact]
    public void A_request_that_is_given_up_ends_the_association_as_its_answer_could_be_taken_for_the_next()
    {
        using var talk = ShortNameDialogue.Open();
        var output = new ArrayBufferWriter<byte>();
        talk.Client.Get(ShortNameDialogue.Value, null, output);
        talk.Client.Abandon();
        Assert.Equal(ClientState.Idle, talk.Client.State);
    }

    private static byte[] Octets(ushort name) => [(byte)(name >> 8), (byte)name];
}
