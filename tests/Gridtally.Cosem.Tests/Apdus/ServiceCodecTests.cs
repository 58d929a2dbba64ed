using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Data;
using Gridtally.Metering;
using Gridtally.Testing;
using static Gridtally.Testing.Bytes;

namespace Gridtally.Cosem.Tests;

/// <summary>Each codec against golden octets in both directions. Sources are in tests/vectors.</summary>
public sealed class ServiceCodecTests
{
    private static readonly InvokeIdAndPriority C1 = new(0xC1);
    private static readonly AttributeRef Settings = new(1, ObisCode.Parse("0-0:128.0.0.255"), 2);

    [Fact]
    public void A_get_request_names_class_object_and_attribute()
    {
        var wire = Golden("get-request-normal");
        Assert.True(GetRequest.TryRead(wire, out var request, out _));

        Assert.Equal(GetRequestKind.Normal, request.Kind);
        Assert.Equal(new AttributeRef(1, ObisCode.Parse("0-0:43.1.0.255"), 2), request.Target);
        Assert.Equal(0, request.Selector);
        var target = request.Target;
        Assert.Equal(wire, Written(w => GetRequest.WriteNormal(w, C1, target, 0, default)));
    }

    [Fact]
    public void A_get_next_names_the_block_received_last()
    {
        var wire = Golden("get-request-next");
        Assert.True(GetRequest.TryRead(wire, out var request, out _));

        Assert.Equal((GetRequestKind.Next, 1u), (request.Kind, request.BlockNumber));
        Assert.Equal(wire, Written(w => GetRequest.WriteNext(w, C1, 1)));
    }

    [Fact]
    public void A_list_keeps_its_order()
    {
        var wire = Golden("get-request-with-list");
        Assert.True(GetRequest.TryRead(wire, out var request, out _));
        var targets = new List<AttributeRef>();
        foreach (var item in request.Items) targets.Add(item.Target);

        Assert.Equal(["1/0-0:42.0.0.255:2", "8/0-0:1.0.0.255:2"], targets.Select(t => t.ToString()));
        Assert.Equal(wire, Written(w =>
        {
            GetRequest.WriteListHead(w, C1, targets.Count);
            foreach (var target in targets) GetRequest.WriteItem(w, target, 0, default);
        }));
    }

    [Fact]
    public void A_get_response_carries_data_or_a_result()
    {
        Assert.True(GetResponse.TryRead(Golden("get-response-normal"), out var data, out _));
        Assert.Equal((DataAccessResult.Success, "0600001391"), (data.Result, Convert.ToHexString(data.Data)));
        Assert.Equal(Golden("get-response-normal"), Written(w =>
        {
            GetResponse.WriteNormalHead(w, C1);
            w.WriteDoubleLongUnsigned(5009);
        }));

        Assert.True(GetResponse.TryRead(Golden("get-response-normal-error"), out var error, out _));
        Assert.Equal(DataAccessResult.HardwareFault, error.Result);
        Assert.Equal(Golden("get-response-normal-error"), Written(w => GetResponse.WriteNormal(w, C1, DataAccessResult.HardwareFault)));
    }

    [Fact]
    public void A_list_of_results_is_walked_in_order()
    {
        Assert.True(GetResponse.TryRead(Golden("get-response-with-list-compound"), out var response, out _));
        var sizes = new List<int>();
        foreach (var item in response.Items) sizes.Add(item.Data.Length);

        Assert.Equal([3, 3, 3, 3, 3, 3, 3, 23, 14], sizes);
    }

    [Fact]
    public void A_datablock_tells_its_number_and_whether_it_is_the_last()
    {
        var wire = Golden("get-response-datablock-30");
        Assert.True(GetResponse.TryRead(wire, out var block, out _));
        Assert.Equal((false, 1u, 30), (block.LastBlock, block.BlockNumber, block.Data.Length));
        var raw = block.Data.ToArray();
        Assert.Equal(wire, Written(w => GetResponse.WriteBlock(w, C1, last: false, 1, raw)));

        Assert.True(GetResponse.TryRead(Golden("get-response-last-block"), out var last, out _));
        Assert.Equal((true, 19u, 380), (last.LastBlock, last.BlockNumber, last.Data.Length));

        Assert.True(GetResponse.TryRead(Golden("get-response-last-block-error"), out var error, out _));
        Assert.Equal((19u, DataAccessResult.HardwareFault), (error.BlockNumber, error.Result));
        Assert.Equal(Golden("get-response-last-block-error"), Written(w => GetResponse.WriteBlock(w, C1, 19, DataAccessResult.HardwareFault)));
    }

    [Fact]
    public void A_set_request_carries_its_data_whole_or_in_blocks()
    {
        Assert.True(SetRequest.TryRead(Golden("set-request-clock"), out var clock, out _));
        var (target, data) = (clock.Target, clock.Data.ToArray());
        Assert.Equal("8/0-0:1.0.0.255:2", target.ToString());
        Assert.Equal(Golden("set-request-clock"), Written(w => SetRequest.WriteNormal(w, C1, target, data)));

        Assert.True(SetRequest.TryRead(Golden("set-request-first-datablock"), out var first, out _));
        var raw = first.Data.ToArray();
        Assert.Equal((Settings, false, 1u, 21), (first.Target, first.LastBlock, first.BlockNumber, raw.Length));
        Assert.Equal(Golden("set-request-first-datablock"), Written(w => SetRequest.WriteFirstBlock(w, C1, Settings, 0, default, last: false, 1, raw)));
    }

    [Fact]
    public void A_set_with_list_pairs_attributes_and_values()
    {
        Assert.True(SetRequest.TryRead(Golden("set-request-with-list"), out var request, out _));
        var values = request.Values.GetEnumerator();
        var pairs = new List<(AttributeRef, int)>();
        foreach (var item in request.Items)
        {
            Assert.True(values.MoveNext());
            pairs.Add((item.Target, values.Current.Data.Length));
        }

        Assert.Equal([(Settings, 52), (Settings with { Instance = ObisCode.Parse("0-0:128.1.0.255") }, 5)], pairs);
    }

    [Fact]
    public void Set_responses_acknowledge_a_value_a_block_or_the_last_block()
    {
        Assert.True(SetResponse.TryRead(Golden("set-response-normal"), out var normal, out _));
        Assert.Equal(DataAccessResult.Success, normal.Result);
        Assert.Equal(Golden("set-response-normal"), Written(w => SetResponse.WriteNormal(w, C1, DataAccessResult.Success)));
        Assert.True(SetResponse.TryRead(Golden("set-response-with-list"), out var list, out _));
        Assert.Equal([0, 1], list.Results.ToArray());

        //                    tag kind iip  number                                      result number
        Assert.Equal(Hex("C5 02 C1 00000003"), Written(w => SetResponse.WriteBlock(w, C1, 3)));
        Assert.Equal(Hex("C5 03 C1 00 00000004"), Written(w => SetResponse.WriteLastBlock(w, C1, DataAccessResult.Success, 4)));
    }

    [Fact]
    public void An_action_carries_a_parameter_or_none()
    {
        foreach (var id in new[] { "action-request-hls-reply", "action-request-no-data", "action-request-kaifa", "action-key-transfer-guek" })
        {
            var wire = Golden(id);
            Assert.True(ActionRequest.TryRead(wire, out var request, out _), id);
            var (invokeId, method, parameter) = (request.InvokeId, request.Target, request.Parameter.ToArray());
            Assert.Equal(wire, Written(w => ActionRequest.WriteNormal(w, invokeId, method, parameter)));
        }
    }

    [Fact]
    public void An_action_response_may_succeed_yet_return_nothing()
    {
        Assert.True(ActionResponse.TryRead(Golden("action-response-success"), out var success, out _));
        Assert.Equal((ActionResult.Success, 0), (success.Result, success.Data.Length));
        Assert.Equal(Golden("action-response-success"), Written(w => ActionResponse.WriteNormal(w, new(0xC0), ActionResult.Success)));

        Assert.True(ActionResponse.TryRead(Golden("action-response-return-error"), out var error, out _));
        Assert.Equal((ActionResult.Success, DataAccessResult.OtherReason), (error.Result, error.ReturnResult));

        Assert.True(ActionResponse.TryRead(Golden("action-response-with-data"), out var data, out _));
        var returned = data.Data.ToArray();
        Assert.Equal(19, returned.Length);
        Assert.Equal(Golden("action-response-with-data"), Written(w =>
        {
            ActionResponse.WriteNormalHead(w, new(0xC0));
            w.Write(returned);
        }));
    }

    [Fact]
    public void An_exception_response_names_state_and_service_and_the_expected_counter()
    {
        Assert.True(ExceptionResponse.TryRead(Golden("exception-ic-error"), out var response, out _));

        Assert.Equal(new ExceptionResponse(ExceptionState.ServiceNotAllowed, ExceptionService.InvocationCounterError, 0x1234), response);
        Assert.Equal("service-not-allowed / invocation-counter-error, expected counter 4660", response.ToString());
        Assert.Equal(Golden("exception-ic-error"), Written(response.WriteTo));
        Assert.True(ExceptionResponse.TryRead(Golden("exception-operation-not-possible"), out var other, out _));
        Assert.Equal(Golden("exception-operation-not-possible"), Written(other.WriteTo));
    }

    [Fact]
    public void An_exception_that_left_its_counter_out_is_written_without_one()
    {
        // Some servers do; found by the fuzzer, which read it, wrote it and read another.
        Assert.True(ExceptionResponse.TryRead(Hex("D8 01 06"), out var response, out _));
        Assert.Equal(new(ExceptionState.ServiceNotAllowed, ExceptionService.InvocationCounterError), response);
        var written = new System.Buffers.ArrayBufferWriter<byte>();
        response.WriteTo(written);
        Assert.Equal(Hex("D8 01 06"), written.WrittenSpan.ToArray());
    }

    [Fact]
    public void A_confirmed_service_error_is_called_by_its_names()
    {
        Assert.True(ConfirmedServiceError.TryRead(Hex("0E 01 06 01"), out var error, out _));

        Assert.Equal(ConfirmedServiceError.VersionTooLow, error);
        Assert.Equal("initiate: dlms-version-too-low", error.ToString());
        Assert.Equal(Hex("0E 01 06 01"), Written(error.WriteTo));
    }

    [Fact]
    public void A_list_longer_than_the_maximum_is_refused_before_it_is_walked()
    {
        // 82 0101 = 257 items, all of them there: 10 octets each.
        byte[] wire = [.. Hex("C0 03 C1 82 0101"), .. Enumerable.Repeat(Hex("0001 000060 0100FF 02 00"), 257).SelectMany(b => b)];

        Assert.False(GetRequest.TryRead(wire, out _, out var error));
        Assert.Equal(DecodeFault.BadLength, error.Fault);
    }

    private static byte[] Golden(string id) => Vectors.ById(id).Octets;
}

file static class BufferWriterExtensions
{
    public static void Write(this System.Buffers.IBufferWriter<byte> writer, byte[] octets) => System.Buffers.BuffersExtensions.Write<byte>(writer, octets);
}
