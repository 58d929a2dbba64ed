using Gridtally.Concentrator.Settings;
using Gridtally.Testing;

namespace Gridtally.Concentrator.Tests;

public sealed class SettingsDocumentTests
{
    [Fact]
    public void The_page_in_docs_says_what_the_program_accepts() => Documents.AssertCurrent("concentrator-settings.md", SettingsDocument.Write());
}
