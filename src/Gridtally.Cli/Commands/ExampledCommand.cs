using System.CommandLine;

namespace Gridtally.Cli.Commands;

/// <summary>A command whose own help shows examples, while the list of commands keeps to one line each.</summary>
internal sealed class ExampledCommand(string name, string description, string examples) : Command(name, description)
{
    public void ShowExamples() => Description = $"{Description}\n\n{examples}";
}
