using System.Globalization;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Gridtally.Cli.Demo;

/// <summary>What the demo shows: readings at each stage, completeness, errors, and where to look further.</summary>
internal sealed record DemoSnapshot
{
    public required DateTimeOffset CivilTime { get; init; }

    public required double Speed { get; init; }

    public required TimeSpan Elapsed { get; init; }

    public required int Meters { get; init; }

    public required IReadOnlyList<(ChildProcess Process, StageStatus? Status)> Stages { get; init; }

    public required string ConcentratorUrl { get; init; }

    public required string HeadEndUrl { get; init; }

    public required string User { get; init; }

    public required string Password { get; init; }

    public required string DataFolder { get; init; }

    public StageStatus? Of(string stage) => Stages.FirstOrDefault(s => s.Process.Name == stage).Status;
}

/// <summary>Draws a snapshot: a table in a terminal, a line elsewhere.</summary>
internal static class DemoView
{
    public static IRenderable Draw(DemoSnapshot snapshot)
    {
        var table = new Table().Border(TableBorder.Rounded).Expand()
            .AddColumn("").AddColumn(new TableColumn("rows").RightAligned()).AddColumn(new TableColumn("due").RightAligned())
            .AddColumn("complete").AddColumn(new TableColumn("answering").RightAligned()).AddColumn(new TableColumn("errors").RightAligned())
            .AddColumn(new TableColumn("memory").RightAligned()).AddColumn("state");
        foreach (var (process, status) in snapshot.Stages) table.AddRow(Row(process, status));

        var rows = new List<IRenderable>
        {
            new Markup($"[bold]Gridtally demo[/]  {snapshot.Meters} meters, civil time [bold]{snapshot.CivilTime:yyyy-MM-dd HH:mm:ss}[/] UTC at {snapshot.Speed:0.#}×, "
                + $"running for {snapshot.Elapsed:hh\\:mm\\:ss}"),
            table,
            new Markup($"concentrator  [link]{snapshot.ConcentratorUrl}[/]\nhead end      [link]{snapshot.HeadEndUrl}[/]\n"
                + $"login         {Markup.Escape(snapshot.User)} / {Markup.Escape(snapshot.Password)}   [grey](the certificates are the demo's own: the browser will ask)[/]\n"
                + $"data and logs {Markup.Escape(snapshot.DataFolder)}"),
        };
        foreach (var (process, status) in snapshot.Stages)
        {
            if (status?.LastError is { Length: > 0 } error) rows.Add(new Markup($"[yellow]{process.Name}:[/] {Markup.Escape(error)}"));
        }

        rows.Add(new Markup("[grey]Ctrl-C stops; a second start goes on from here.[/]"));
        return new Rows(rows);
    }

    public static string Line(DemoSnapshot snapshot) => string.Create(CultureInfo.InvariantCulture,
        $"{snapshot.CivilTime:yyyy-MM-dd HH:mm:ss}  {string.Join("  ", snapshot.Stages.Select(s => $"{s.Process.Name} {Counts(s.Status)}"))}");

    private static string Counts(StageStatus? status) =>
        status is null ? "starting" : status.Expected > 0 ? $"{status.Rows}/{status.Expected}" : status.Rows.ToString(CultureInfo.InvariantCulture);

    private static IRenderable[] Row(ChildProcess process, StageStatus? status)
    {
        var name = new Markup($"[bold]{process.Name}[/]");
        if (status is null) return [name, new Text(""), new Text(""), new Text(""), new Text(""), new Text(""), new Text(""), new Text("starting …")];
        var state = process.Restarts == 0 ? status.State : $"{status.State} (restarted {process.Restarts}×)";
        return
        [
            name, new Text(status.Rows.ToString("N0")), new Text(status.Expected > 0 ? status.Expected.ToString("N0") : ""), new Markup(Bar(status)),
            new Text($"{status.Reachable} of {status.Devices}"), new Markup(status.Errors == 0 ? "0" : $"[yellow]{status.Errors:N0}[/]"),
            new Text($"{status.ResidentBytes / (1024.0 * 1024):0} MB"), new Text(state),
        ];
    }

    private static string Bar(StageStatus status)
    {
        if (status.Expected <= 0) return "";
        // With this the table keeps to 120 columns as long as no count has more than seven characters.
        const int Cells = 12;
        var share = Math.Clamp((double)status.Rows / status.Expected, 0, 1);
        var full = (int)(share * Cells);
        var colour = share >= 0.999 ? "green" : "blue";
        return $"[{colour}]{new string('━', full)}[/][grey]{new string('━', Cells - full)}[/] {Math.Floor(share * 1000) / 10:0.0} %";
    }
}
