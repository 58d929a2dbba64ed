using System.Buffers;
using System.Text;
using Gridtally.Cosem.Client;
using Gridtally.Cosem.Quirks;
using Gridtally.Cosem.Security;
using Gridtally.Metering;
using Gridtally.Testing;
using static Gridtally.Testing.Bytes;

namespace Gridtally.Cosem.Tests.Quirks;

/// <summary>Deviations of real meters: refused with the name of the switch, accepted with it.</summary>
public sealed class QuirkTests
{
    // Context, accepted, no diagnostic reason; then user-information: InitiateResponse with everything that the client proposes.
    private const string Aare = "6129 A109060760857405080101 A203020100 A305A103020100 BE10040E 0800065F1F0400007E1F04B00007";
    private const string ShortAare = "6117 A109060760857405080101 A203020100 A305A103020100";
    private const string Value = "C401C1 00 0600001391";

    private static readonly AttributeRef Register = new(3, new ObisCode(1, 0, 1, 8, 0, 255), 2);

    private readonly ArrayBufferWriter<byte> _output = new();

    [Fact]
    public void The_table_names_every_quirk_once()
    {
        var flags = Enum.GetValues<Quirk>().Where(flag => flag != Quirk.None);

        Assert.Equal(flags, QuirkTable.Rows.Select(row => row.Flag));
        Assert.Equal(QuirkTable.Rows.Length, QuirkTable.Rows.Select(row => row.Name).Distinct().Count());
    }

    [Fact, Shows("quirk.named")]
    public void A_short_AARE_is_refused_and_the_error_names_the_switch()
    {
        using var client = Opening(QuirkProfile.Strict);

        Assert.Equal(ClientStep.Failed, client.Receive(Hex(ShortAare), _output));
        Assert.EndsWith("; the quirk 'short-aare' would accept this", client.Failure!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void With_the_switch_a_short_AARE_grants_what_was_proposed()
    {
        using var client = Opening(new("X", Quirk.ShortAare));

        Assert.Equal(ClientStep.Associated, client.Receive(Hex(ShortAare), _output));
        Assert.Equal(new AssociationOptions().ProposedConformance, client.NegotiatedConformance);
    }

    [Theory, Shows("quirk.named")]
    [InlineData("C401C1 0600001391", "missing-data-choice")]
    [InlineData("C401C1 00 0C07EA010F040A0F000000C400", "missing-type-byte")]
    [InlineData("C401C2 00 0600001391", "invoke-id-not-echoed")]
    [InlineData("C402C1 01 00000000 00 05 0600001391", "block-numbers-restart")]
    public void A_deviating_answer_is_refused_and_the_error_names_the_switch(string answer, string quirk)
    {
        using var client = Asking(QuirkProfile.Strict);

        Assert.Equal(ClientStep.Answered, client.Receive(Hex(answer), _output));
        Assert.EndsWith($"; the quirk '{quirk}' would accept this", client.Result.Failure!.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("C401C1 0600001391", Quirk.MissingDataChoice, "0600001391")]
    [InlineData("C401C1 00 0C07EA010F040A0F000000C400", Quirk.MissingTypeByte, "090C07EA010F040A0F000000C400")]
    [InlineData("C401C2 00 0600001391", Quirk.InvokeIdNotEchoed, "0600001391")]
    [InlineData("C402C1 01 00000000 00 05 0600001391", Quirk.BlockNumbersRestart, "0600001391")]
    public void With_the_switch_it_is_accepted(string answer, Quirk quirk, string data)
    {
        using var client = Asking(new("X", quirk));

        Assert.Equal(ClientStep.Answered, client.Receive(Hex(answer), _output));
        Assert.Equal(Hex(data), client.Result.Data.ToArray());
    }

    [Fact]
    public void What_is_right_stays_as_it_is_with_every_switch_on()
    {
        using var client = Asking(new("X", QuirkTable.Rows.Aggregate(Quirk.None, (all, row) => all | row.Flag)));

        Assert.Equal(ClientStep.Answered, client.Receive(Hex(Value), _output));
        Assert.Equal(Hex("0600001391"), client.Result.Data.ToArray());
    }

    [Fact]
    public void What_no_quirk_explains_names_none()
    {
        using var client = Asking(QuirkProfile.Strict);

        client.Receive(Hex("C401C1 00 06000013"), _output);

        Assert.DoesNotContain("quirk", client.Result.Failure!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Blocks_that_number_anew_are_taken_in_their_order()
    {
        using var client = Asking(new("X", Quirk.BlockNumbersRestart));

        Assert.Equal(ClientStep.Send, client.Receive(Hex("C402C1 00 00000001 00 02 0600"), _output));
        _output.ResetWrittenCount();
        Assert.Equal(ClientStep.Send, client.Receive(Hex("C402C1 00 00000001 00 02 0013"), _output));
        Assert.Equal(Hex("C002C1 00000001"), _output.WrittenSpan.ToArray());
        Assert.Equal(ClientStep.Answered, client.Receive(Hex("C402C1 01 00000002 00 01 91"), _output));
        Assert.Equal(Hex("0600001391"), client.Result.Data.ToArray());
    }

    [Theory]
    [InlineData("0202 0F FF 16 1E", Quirk.None, Quirk.None, true)]
    [InlineData("0202 11 01 16 1E", Quirk.None, Quirk.OddScalerUnit, false)]
    [InlineData("0202 11 01 16 1E", Quirk.OddScalerUnit, Quirk.None, true)]
    [InlineData("0202 10 FFFE 11 1E", Quirk.OddScalerUnit, Quirk.None, true)]
    [InlineData("0202 10 0FFF 11 1E", Quirk.OddScalerUnit, Quirk.None, false)]
    public void A_scaler_of_another_type_needs_the_switch(string data, Quirk accepted, Quirk named, bool read)
    {
        Assert.Equal(read, ScalerUnitReading.TryRead(Hex(data), new("X", accepted), out var value, out _, out var acceptedBy));
        Assert.Equal(named, acceptedBy);
        if (read) Assert.Equal(Unit.WattHour, value.Unit);
    }

    [Fact, Shows("quirk.profile")]
    public void A_profile_file_switches_quirks_on_for_a_kind_of_meter()
    {
        const string file = """
            { "name": "Example maker X1", "accept": ["short-aare", "odd-scaler"], "responseTimeoutMilliseconds": 8000, "pauseMilliseconds": 200 }
            """;

        Assert.True(QuirkProfile.TryParse(Encoding.UTF8.GetBytes(file), out var profile, out _));
        Assert.Equal(new("Example maker X1", Quirk.ShortAare | Quirk.OddScalerUnit) { ResponseTimeout = TimeSpan.FromSeconds(8), Pause = TimeSpan.FromMilliseconds(200) }, profile);
    }

    [Theory]
    [InlineData("[]", "A quirk profile is an object with 'name' and 'accept'.")]
    [InlineData("{", "Not JSON: line 1, octet 2.")]
    [InlineData("{}", "'name' is missing: say maker and model.")]
    [InlineData("""{"name": "X", "accept": ["short-are"]}""", "short-are is not a quirk; expected one of short-aare, missing-data-choice")]
    [InlineData("""{"name": "X", "accept": "short-aare"}""", "'accept' is an array of names of quirks.")]
    [InlineData("""{"name": "X", "pauseMilliseconds": -1}""", "'pauseMilliseconds' is a whole number of milliseconds, 0..600000.")]
    [InlineData("""{"name": "X", "quirks": []}""", "'quirks' is unknown; expected name, accept, responseTimeoutMilliseconds or pauseMilliseconds.")]
    public void A_bad_profile_file_says_what_is_expected(string file, string error)
    {
        Assert.False(QuirkProfile.TryParse(Encoding.UTF8.GetBytes(file), out _, out var message));
        Assert.StartsWith(error, message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_page_in_docs_lists_the_table()
    {
        Documents.AssertCurrent("quirks.md", QuirkDocument.Write());
    }

    private ClientAssociation Opening(QuirkProfile quirks)
    {
        var client = new ClientAssociation(new() { Quirks = quirks }, new InMemoryInvocationCounters(0));
        client.Open(_output);
        _output.ResetWrittenCount();
        return client;
    }

    private ClientAssociation Asking(QuirkProfile quirks)
    {
        var client = Opening(quirks);
        Assert.Equal(ClientStep.Associated, client.Receive(Hex(Aare), _output));
        client.Get(Register, null, _output);
        _output.ResetWrittenCount();
        return client;
    }
}
