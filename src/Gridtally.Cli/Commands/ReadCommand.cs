using System.CommandLine;
using Gridtally.Cli.Reading;
using Gridtally.Metering;

namespace Gridtally.Cli.Commands;

/// <summary><c>gridtally read</c></summary>
internal static class ReadCommand
{
    private static readonly MeterOptions Meter = new();

    private static readonly Argument<string[]> What = new("what")
    {
        Description = $"What to read: {string.Join(", ", ReadTarget.Words.Keys)}, an OBIS code (1-0:1.8.0), with an attribute (1-0:1.8.0:3 or 1-0:1.8.0:scaler_unit), "
            + "or class/OBIS:attribute (3/1-0:1.8.0.255:2). Default: name.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private static readonly Option<bool> All = new("--all") { Description = "Read the whole meter to a file that 'gridtally meter run --template' serves again." };

    private static readonly Option<FileInfo?> Output = new("--output", "-o") { Description = "With --all: the file. Default: standard output." };

    private static readonly Option<bool> WithoutBuffers = new("--without-buffers") { Description = "With --all: leave out the rows of profiles." };

    private static readonly Option<string?> Profile = new("--profile") { Description = "OBIS code of a profile whose rows are to be read." };

    private static readonly Option<DateTimeOffset?> From = new("--from") { Description = "Profiles: first time (UTC where no offset is given), such as 2026-01-15T00:00." };

    private static readonly Option<DateTimeOffset?> To = new("--to") { Description = "Profiles: last time." };

    private static readonly Option<string?> Entries = new("--entries") { Description = "Profiles: rows by number, 1-96; the oldest is 1." };

    private static readonly Option<string?> Columns = new("--columns") { Description = "Profiles: OBIS codes of the columns, with commas between; the clock comes by itself." };

    private static readonly Option<uint> Rows = new("--rows") { Description = "Profiles without --from, --to and --entries: the last so many rows.", DefaultValueFactory = _ => 10 };

    private static readonly Option<bool> Json = new("--json") { Description = "Print JSON." };

    private static readonly Option<bool> Csv = new("--csv") { Description = "Print the rows of profiles as comma-separated values." };

    public static Command Create()
    {
        const string Examples =
            "  gridtally read tcp://10.0.0.7 name\n"
            + "  gridtally read tcp://10.0.0.7 --client read --keys meter.json clock energy profile --rows 48\n"
            + "  gridtally read tcp://10.0.0.7 --client read --keys meter.json --profile 1-0:99.1.0 --from 2026-01-15 --to 2026-01-16 --csv\n"
            + "  gridtally read /dev/ttyUSB0 --physical 17 --client read --keys meter.json objects\n"
            + "  gridtally read tcp://10.0.0.7 --client management --keys meter.json --all -o meter-dump.json";
        var command = new ExampledCommand("read", "Reads any DLMS meter: registers, profiles, its list of objects, all of it.", Examples) { Meter.Address, What };
        foreach (var option in new Option[] { All, Output, WithoutBuffers, Profile, From, To, Entries, Columns, Rows, Json, Csv }) command.Add(option);
        Meter.AddTo(command);
        MeterOptions.Check(Rows, rows => rows > 0, "--rows: expected 1 or more.");
        command.Validators.Add(result =>
        {
            if (result.GetValue(From) > result.GetValue(To)) result.AddError("--from is after --to.");
            if (result.GetValue(Json) && result.GetValue(Csv)) result.AddError("--json and --csv exclude each other.");
        });
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var targets = TargetsOf(parsed);
        var selection = SelectionOf(parsed);
        var meter = Meter.Prepare(parsed);
        var showsProgress = !Console.IsErrorRedirected && !Meter.Traces(parsed);
        if (parsed.GetValue(All)) return await DumpAsync(parsed, meter, showsProgress, cancellationToken).ConfigureAwait(false);
        return await meter.UseAsync(client => ReadAsync(parsed, new(client), targets, selection, showsProgress, cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    private static ReadTarget[] TargetsOf(ParseResult parsed)
    {
        var targets = parsed.GetValue(What) is { Length: > 0 } words ? words.Select(ReadTarget.Parse).ToList() : [];
        if (parsed.GetValue(Profile) is { } profile) targets.Add(new(ObisOf(profile, "--profile"), 7, 2));
        return targets.Count > 0 ? [.. targets] : [ReadTarget.Words["name"]];
    }

    private static ProfileSelection SelectionOf(ParseResult parsed)
    {
        var (from, to, entries) = (parsed.GetValue(From), parsed.GetValue(To), parsed.GetValue(Entries));
        if (entries is not null && (from ?? to) is not null) throw new CommandException("--entries and --from or --to exclude each other.", ExitCodes.Usage);
        var selection = new ProfileSelection
        {
            IsRange = (from ?? to) is not null,
            Entries = entries is null ? null : ProfileSelection.ParseEntries(entries),
            LastRows = parsed.GetValue(Rows),
            Columns = [.. (parsed.GetValue(Columns) ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(c => ObisOf(c, "--columns"))],
        };
        return selection with { From = from?.ToUniversalTime() ?? selection.From, To = to?.ToUniversalTime() ?? selection.To };
    }

    private static ObisCode ObisOf(string text, string option) =>
        ObisCode.TryParse(text, null, out var code) ? code : throw new CommandException($"{option}: '{text}' is not an OBIS code; expected one such as 1-0:99.1.0.", ExitCodes.Usage);

    private static async Task<int> ReadAsync(
        ParseResult parsed, MeterReader reader, ReadTarget[] targets, ProfileSelection selection, bool showsProgress, CancellationToken cancellationToken)
    {
        var json = parsed.GetValue(Json);
        var output = parsed.InvocationConfiguration.Output;
        var all = new List<object>();
        var failed = false;
        foreach (var target in targets)
        {
            var attribute = await reader.ResolveAsync(target, cancellationToken).ConfigureAwait(false);
            object read;
            if (target.IsObjectList)
            {
                read = await reader.ObjectsAsync(cancellationToken).ConfigureAwait(false);
            }
            else if (attribute is { ClassId: 7, AttributeId: 2 })
            {
                read = await ReadProgress.RunAsync(showsProgress, $"rows of {attribute.Instance}", progress => reader.ReadProfileAsync(attribute.Instance, selection, progress, cancellationToken)).ConfigureAwait(false);
            }
            else
            {
                var value = await reader.ReadAsync(attribute, cancellationToken).ConfigureAwait(false);
                failed |= value.Failure is not null;
                read = value;
            }

            all.Add(read);
            if (!json) WriteText(output, read, parsed.GetValue(Csv));
        }

        if (json) ReadOutput.WriteJson(output, all);
        return failed ? ExitCodes.Failed : ExitCodes.Done;
    }

    private static async Task<int> DumpAsync(ParseResult parsed, MeterConnection meter, bool showsProgress, CancellationToken cancellationToken)
    {
        var template = await meter.UseAsync(
            client => MeterDump.ReadAsync(client, meter.Options.Peer, !parsed.GetValue(WithoutBuffers), showsProgress, cancellationToken), cancellationToken).ConfigureAwait(false);
        MeterDump.Write(template, parsed.GetValue(Output), parsed.InvocationConfiguration.Output);
        var attributes = template.Objects.SelectMany(o => o.Attributes).ToList();
        var refused = attributes.Count(a => a.Rights.CanRead && a.Data is null && a.Refusal != Cosem.DataAccessResult.DataBlockUnavailable);
        await parsed.InvocationConfiguration.Error.WriteLineAsync(
            $"{template.Objects.Count} objects, {attributes.Count(a => a.Data is not null)} attributes read, {refused} refused, {attributes.Count(a => !a.Rights.CanRead)} not readable for this client.").ConfigureAwait(false);
        return ExitCodes.Done;
    }

    private static void WriteText(TextWriter output, object read, bool csv)
    {
        switch (read)
        {
            case ValueRead value: ReadOutput.WriteText(output, value); break;
            case ProfileRead profile when csv: ReadOutput.WriteCsv(output, profile); break;
            case ProfileRead profile: ReadOutput.WriteText(output, profile); break;
            case IReadOnlyList<ListedObject> objects: ReadOutput.WriteText(output, objects); break;
        }
    }
}
