namespace Gridtally.Testing;

/// <summary>Pages of docs/ that are written from tables.</summary>
public static class Documents
{
    /// <summary>The root of the repository.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Fails unless the page is what the tables give; with GRIDTALLY_WRITE_DOCS=1, writes it first.</summary>
    public static void AssertCurrent(string page, string text)
    {
        var file = Path.Combine(Root, "docs", page);
        if (Environment.GetEnvironmentVariable("GRIDTALLY_WRITE_DOCS") == "1") File.WriteAllText(file, text);
        Assert.True(File.Exists(file) && File.ReadAllText(file) == text, $"{file} is out of date. Run this test once with GRIDTALLY_WRITE_DOCS=1.");
    }

    private static string FindRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Gridtally.slnx")))
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("Tests run inside the repository; no Gridtally.slnx above " + AppContext.BaseDirectory);
        return folder;
    }
}
