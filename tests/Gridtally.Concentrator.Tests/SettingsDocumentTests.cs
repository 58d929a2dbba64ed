using Gridtally.Concentrator.Settings;

namespace Gridtally.Concentrator.Tests;

public sealed class SettingsDocumentTests
{
    [Fact]
    public void The_page_in_docs_says_what_the_program_accepts()
    {
        var file = Path.Combine(Root(), "docs", "concentrator-settings.md");
        if (Environment.GetEnvironmentVariable("GRIDTALLY_WRITE_DOCS") == "1") File.WriteAllText(file, SettingsDocument.Write());
        Assert.True(File.ReadAllText(file) == SettingsDocument.Write(), $"{file} is out of date. Run this test once with GRIDTALLY_WRITE_DOCS=1.");
    }

    private static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Gridtally.slnx"))) folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("Not within the repository.");
        return folder;
    }
}
