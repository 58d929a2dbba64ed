using System.Buffers;
using Gridtally.Cosem.Acse;
using Gridtally.Cosem.Apdus;
using Gridtally.Testing;
using static Gridtally.Testing.Bytes;

namespace Gridtally.Cosem.Tests;

public sealed class AcseTests
{
    public static TheoryData<string> AarqIds => [.. Vectors.OfKind("aarq").Select(v => v.Id)];

    public static TheoryData<string> AareIds => [.. Vectors.OfKind("aare").Select(v => v.Id)];

    public static TheoryData<string> ReleaseIds => [.. Vectors.OfKind("apdu").Where(v => v.Octets[0] is 0x62 or 0x63).Select(v => v.Id)];

    [Theory, MemberData(nameof(AarqIds))]
    public void An_aarq_is_written_as_it_was_read(string id)
    {
        var wire = Vectors.ById(id).Octets;
        Assert.True(Aarq.TryRead(wire, out var aarq, out var error), error.ToString());

        var buffer = new ArrayBufferWriter<byte>();
        aarq.WriteTo(buffer);
        Assert.Equal(wire, buffer.WrittenSpan.ToArray());
    }

    [Theory, MemberData(nameof(AareIds))]
    public void An_aare_is_written_as_it_was_read(string id)
    {
        var wire = Vectors.ById(id).Octets;
        Assert.True(Aare.TryRead(wire, out var aare, out var error), error.ToString());

        var buffer = new ArrayBufferWriter<byte>();
        aare.WriteTo(buffer);
        Assert.Equal(wire, buffer.WrittenSpan.ToArray());
    }

    [Theory, MemberData(nameof(ReleaseIds))]
    public void A_release_is_written_as_it_was_read(string id)
    {
        var wire = Vectors.ById(id).Octets;
        Assert.True(Release.TryRead(wire, out var release, out var error), error.ToString());

        var buffer = new ArrayBufferWriter<byte>();
        release.WriteTo(buffer);
        Assert.Equal(wire, buffer.WrittenSpan.ToArray());
    }

    [Fact]
    public void The_fields_of_a_ciphered_lls_aarq_are_found()
    {
        Assert.True(Aarq.TryRead(Vectors.ById("aarq-gb-ciphered-lls").Octets, out var aarq, out _));

        Assert.Equal((ApplicationContext.LogicalNameCiphered, AuthenticationMechanism.LowLevel), (aarq.Context, aarq.Mechanism));
        Assert.Equal("4D4D4D0000BC614E", Convert.ToHexString(aarq.CallingApTitle));
        Assert.Equal("12345678"u8, aarq.AuthenticationValue);
        Assert.Equal((byte)ApduTag.GloInitiateRequest, aarq.UserInformation[0]);
    }

    [Fact]
    public void The_diagnostics_of_an_aare_have_names()
    {
        Assert.True(Aare.TryRead(Vectors.ById("aare-gb-wrong-context").Octets, out var wrong, out _));
        Assert.Equal((AssociationResult.RejectedPermanent, "application-context-name-not-supported"), (wrong.Result, wrong.Diagnostic.ToString()));

        Assert.True(Aare.TryRead(Vectors.ById("aare-gb-hls-authentication-required").Octets, out var hls, out _));
        Assert.True(hls.Diagnostic.Is(AcseServiceUserDiagnostic.AuthenticationRequired));
        Assert.Equal("P6wRJ21F"u8, hls.AuthenticationValue);

        // The provider speaks: A2 in place of A1.
        Assert.True(Aare.TryRead(Hex("61 17 A109060760857405080101 A203020101 A305A203020102"), out var provider, out _));
        Assert.Equal("no-common-acse-version", provider.Diagnostic.ToString());
    }

    [Fact]
    public void The_shortest_release_is_legal()
    {
        Assert.True(Release.TryRead(Hex("62 00"), out var request, out _));
        Assert.True(Release.TryRead(Hex("63 00"), out var response, out _));

        Assert.Equal((false, true), (request.IsResponse, response.IsResponse));
        Assert.Null(request.Reason);
    }

    [Fact]
    public void Fields_that_nobody_here_uses_are_stepped_over()
    {
        //                      protocol-version  context name             called AP-title   user information
        var wire = Hex("60 27   80 02 0780        A109060760857405080101   A2 04 0402 0102   BE10 040E 01000000065F1F0400007E1F04B0");
        Assert.True(Aarq.TryRead(wire, out var aarq, out var error), error.ToString());

        Assert.Equal(ApplicationContext.LogicalName, aarq.Context);
        Assert.Equal(14, aarq.UserInformation.Length);
    }

    [Fact]
    public void An_unknown_context_or_mechanism_is_read_as_unknown_and_not_as_malformed()
    {
        var wire = Hex("60 16 A109060760857405080163 8B0760857405080263 8A00");
        Assert.True(Aarq.TryRead(wire, out var aarq, out _));

        Assert.Equal((ApplicationContext.Unknown, AuthenticationMechanism.Unknown), (aarq.Context, aarq.Mechanism));
    }

    [Fact]
    public void An_aare_without_a_result_is_malformed()
    {
        Assert.False(Aare.TryRead(Hex("61 0B A109060760857405080101"), out _, out var error));
        Assert.Equal(new DecodeError(DecodeFault.BadValue, "AARE", 13), error);
    }

    [Fact]
    public void An_error_in_a_nested_field_has_its_place_in_the_whole_apdu()
    {
        //                      context                  BE len, then octet-string of 16 where 14 are left
        var wire = Hex("60 1D A109060760857405080101 BE10 0410 01000000065F1F0400007E1F04B0");

        Assert.False(Aarq.TryRead(wire, out _, out var error));
        Assert.Equal(new DecodeError(DecodeFault.Truncated, "AARQ", 17), error);
    }
}
