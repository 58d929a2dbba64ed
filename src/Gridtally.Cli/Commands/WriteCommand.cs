using System.CommandLine;
using Gridtally.Cli.Reading;
using Gridtally.Cosem;
using Gridtally.Cosem.Classes;
using Gridtally.Cosem.Data;
using Gridtally.Sessions;

namespace Gridtally.Cli.Commands;

/// <summary><c>gridtally write</c></summary>
internal static class WriteCommand
{
    private static readonly MeterOptions Meter = new();

    private static readonly Argument<string> Target = new("target") { Description = "What to write: OBIS:attribute (0-0:1.0.0:time_zone or :3), or class/OBIS:attribute (8/0-0:1.0.0.255:3)." };

    private static readonly Argument<string> Value = new("value")
    {
        Description = "The value, of the type that the class table gives: a number, true, an enumeration's word, a date-time, hexadecimal digits, \"text\" in quotes; or Data as JSON.",
    };

    private static readonly Option<string?> Type = new("--type") { Description = "Type of the value by the standard's name, such as long-unsigned, where the class leaves it open." };

    private static readonly Option<bool> Json = new("--json") { Description = "Print JSON." };

    public static Command Create()
    {
        const string Examples =
            "  gridtally write tcp://10.0.0.7 --client management --keys meter.json 0-0:1.0.0:time 2026-01-15T06:30:00+01:00\n"
            + "  gridtally write tcp://10.0.0.7 --client management --keys meter.json 70/0-0:96.3.10.255:control_mode 4\n"
            + "  gridtally write tcp://10.0.0.7 --client management --keys meter.json 1/0-0:96.13.0.255:2 '\"Good morning\"' --type octet-string\n"
            + "  gridtally write tcp://10.0.0.7 --client management --keys meter.json 3/1-0:1.8.0.255:3 '{ \"structure\": [ { \"integer\": 0 }, { \"enum\": 30 } ] }'";
        var command = new ExampledCommand("write", "Writes one attribute of any DLMS meter.", Examples) { Meter.Address, Target, Value, Type, Json };
        Meter.AddTo(command);
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var target = ReadTarget.Parse(parsed.GetValue(Target)!);
        var (text, type) = (parsed.GetValue(Value)!, parsed.GetValue(Type));
        CosemValue? value = ValueText.IsJson(text) ? ValueText.FromJson(text) : type is null ? null : ValueText.Of(ValueText.TypeOf(type), text);
        var meter = Meter.Prepare(parsed);
        return await meter.UseAsync(
            async client =>
            {
                var attribute = await new MeterReader(client).ResolveAsync(target, cancellationToken).ConfigureAwait(false);
                var data = value ?? ValueText.FromClass(text, ClassNames.TypeOf(attribute)) ?? await AsItIsAsync(client, attribute, text, cancellationToken).ConfigureAwait(false);
                var result = await client.SetAsync(attribute, ValueText.Encode(data), cancellationToken).ConfigureAwait(false);
                ActionOutput.Write(parsed.InvocationConfiguration.Output, parsed.GetValue(Json), $"{attribute}", ClassNames.OfAttribute(attribute.ClassId, attribute.AttributeId), result, data);
                return result.Succeeded ? ExitCodes.Done : ExitCodes.Failed;
            },
            cancellationToken).ConfigureAwait(false);
    }

    // The class leaves the type open: the value that is there has one.
    private static async Task<CosemValue> AsItIsAsync(DlmsClient client, AttributeRef attribute, string text, CancellationToken cancellationToken)
    {
        var now = await client.GetAsync(attribute, cancellationToken).ConfigureAwait(false);
        if (!now.Succeeded || !CosemValue.TryRead(now.Data.Span, out var value, out _) || value.Tag is DataTag.Array or DataTag.Structure or DataTag.CompactArray or DataTag.NullData)
        {
            var type = ClassNames.TypeOf(attribute);
            throw new CommandException($"{attribute}: the type can't be told{(type is null ? "" : $" (the class table says {type})")}. Add --type, or give the value as JSON such as {{ \"unsigned\": 5 }}.", ExitCodes.Usage);
        }

        return ValueText.Of(value.Tag, text);
    }
}
