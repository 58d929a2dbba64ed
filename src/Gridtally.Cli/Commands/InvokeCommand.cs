using System.CommandLine;
using Gridtally.Cli.Reading;
using Gridtally.Cosem;
using Gridtally.Cosem.Classes;

namespace Gridtally.Cli.Commands;

/// <summary><c>gridtally invoke</c></summary>
internal static class InvokeCommand
{
    private static readonly MeterOptions Meter = new();

    private static readonly Argument<string> Target = new("target") { Description = "What to invoke: OBIS:method (0-0:96.3.10:remote_disconnect or :1), or class/OBIS:method (70/0-0:96.3.10.255:1)." };

    private static readonly Argument<string?> Parameter = new("argument")
    {
        Description = "The parameter, as for 'gridtally write'. Default: integer 0 where the class table says that there is none.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Option<string?> Type = new("--type") { Description = "Type of the parameter by the standard's name." };

    private static readonly Option<bool> NoParameter = new("--no-argument") { Description = "Send no parameter at all, not even integer 0." };

    private static readonly Option<bool> Json = new("--json") { Description = "Print JSON." };

    public static Command Create()
    {
        const string Examples =
            "  gridtally invoke tcp://10.0.0.7 --client management --keys meter.json 0-0:96.3.10:remote_disconnect\n"
            + "  gridtally invoke tcp://10.0.0.7 --client management --keys meter.json 9/0-0:10.0.0.255:execute 1\n"
            + "  gridtally invoke tcp://10.0.0.7 --client management --keys meter.json 8/0-0:1.0.0.255:shift_time -30";
        var command = new ExampledCommand("invoke", "Invokes one method of any DLMS meter.", Examples) { Meter.Address, Target, Parameter, Type, NoParameter, Json };
        Meter.AddTo(command);
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var target = ReadTarget.Parse(parsed.GetValue(Target)!);
        var (text, type) = (parsed.GetValue(Parameter), parsed.GetValue(Type));
        var meter = Meter.Prepare(parsed);
        return await meter.UseAsync(
            async client =>
            {
                var method = await new MeterReader(client).ResolveMethodAsync(target, cancellationToken).ConfigureAwait(false);
                var parameter = parsed.GetValue(NoParameter) ? default : ParameterOf(method, text, type);
                var result = await client.InvokeAsync(method, parameter, cancellationToken).ConfigureAwait(false);
                ActionOutput.Write(parsed.InvocationConfiguration.Output, parsed.GetValue(Json), $"{method}", ClassNames.OfMethod(method.ClassId, method.MethodId), result, null);
                return result.Succeeded ? ExitCodes.Done : ExitCodes.Failed;
            },
            cancellationToken).ConfigureAwait(false);
    }

    private static ReadOnlyMemory<byte> ParameterOf(in MethodRef method, string? text, string? type)
    {
        var expected = ClassNames.TypeOf(method);
        if (text is null)
        {
            return expected is null or CosemType.NoParameterType
                ? ValueText.Encode(ValueText.FromClass("0", CosemType.NoParameter)!.Value)
                : throw new CommandException($"{method} takes {expected}; give it after the method, or --no-argument.", ExitCodes.Usage);
        }

        if (ValueText.IsJson(text)) return ValueText.Encode(ValueText.FromJson(text));
        if (type is not null) return ValueText.Encode(ValueText.Of(ValueText.TypeOf(type), text));
        return ValueText.FromClass(text, expected) is { } value
            ? ValueText.Encode(value)
            : throw new CommandException($"{method}: the type of the parameter can't be told{(expected is null ? "" : $" (the class table says {expected})")}. Add --type, or give it as JSON such as {{ \"unsigned\": 5 }}.", ExitCodes.Usage);
    }
}
