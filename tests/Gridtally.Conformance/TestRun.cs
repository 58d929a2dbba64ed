using System.Xml.Linq;

namespace Gridtally.Conformance;

/// <summary>One result of a test run: a fact, or one row of a theory.</summary>
/// <param name="Method">Class and method, as <c>Namespace.Class.Method</c>.</param>
/// <param name="Name">The same with the row's arguments.</param>
/// <param name="Passed">Whether it passed.</param>
internal sealed record TestResult(string Method, string Name, bool Passed);

/// <summary>What the result files (TRX) of a run say.</summary>
internal sealed class TestRun
{
    private readonly ILookup<string, TestResult> _byMethod;

    private TestRun(IEnumerable<TestResult> results) => _byMethod = results.ToLookup(result => result.Method);

    public bool IsEmpty => _byMethod.Count == 0;

    public static TestRun Read(string folder) => new(Directory.EnumerateFiles(folder, "*.trx").Order().SelectMany(ReadFile));

    public IEnumerable<TestResult> Of(string method) => _byMethod[method];

    private static IEnumerable<TestResult> ReadFile(string file)
    {
        var root = XDocument.Load(file).Root!;
        var space = root.Name.Namespace;
        var methods = root.Descendants(space + "UnitTest").ToDictionary(
            test => (string)test.Attribute("id")!,
            test => $"{(string)test.Element(space + "TestMethod")!.Attribute("className")!}.{(string)test.Element(space + "TestMethod")!.Attribute("name")!}");
        foreach (var result in root.Descendants(space + "UnitTestResult"))
        {
            var name = (string)result.Attribute("testName")!;
            var method = methods[(string)result.Attribute("testId")!];
            yield return new(method.Split('(')[0], name, (string)result.Attribute("outcome")! == "Passed");
        }
    }
}
