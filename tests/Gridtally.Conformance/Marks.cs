using System.Reflection;
using System.Text.RegularExpressions;
using Gridtally.Testing;

namespace Gridtally.Conformance;

/// <summary>Which tests show which feature: the [Shows] marks of the test assemblies, joined with the results of a run.</summary>
internal sealed partial class Marks
{
    private readonly Dictionary<string, List<(string Test, bool Passed)>> _byFeature = [];

    /// <summary>Marks that name a feature which nobody knows.</summary>
    public List<string> Unknown { get; } = [];

    /// <summary>Reads the marks of one test assembly.</summary>
    public void Add(string assemblyFile, TestRun run)
    {
        foreach (var type in Assembly.LoadFrom(assemblyFile).GetTypes())
        {
            var ofClass = type.GetCustomAttribute<ShowsAttribute>()?.Features ?? [];
            foreach (var method in type.GetMethods(BindingFlags.Instance | BindingFlags.Public | BindingFlags.DeclaredOnly))
            {
                var results = run.Of($"{type.FullName}.{method.Name}").ToList();
                var test = $"{type.Name}.{method.Name}";
                foreach (var feature in ofClass.Concat(method.GetCustomAttribute<ShowsAttribute>()?.Features ?? []))
                    if (results.Count > 0) Add(feature, test, results.TrueForAll(result => result.Passed));
                if (method.GetCustomAttribute<ShowsEachRowAttribute>() is null) continue;
                foreach (var result in results)
                {
                    if (FirstText().Match(result.Name) is { Success: true } match) Add(match.Groups[1].Value, test, result.Passed);
                }
            }
        }
    }

    /// <summary>The tests that show a feature, those that passed, in order of their names. Empty where it is not shown, or where one of them failed.</summary>
    public IReadOnlyList<string> Of(string feature) => _byFeature.TryGetValue(feature, out var tests) && tests.TrueForAll(test => test.Passed)
        ? [.. tests.Select(test => test.Test).Distinct().Order(StringComparer.Ordinal)]
        : [];

    private void Add(string feature, string test, bool passed)
    {
        if (!DlmsFeatures.IsKnown(feature)) Unknown.Add($"{test} shows '{feature}', which DlmsFeatures does not list");
        if (!_byFeature.TryGetValue(feature, out var tests)) _byFeature[feature] = tests = [];
        tests.Add((test, passed));
    }

    [GeneratedRegex("""\(\w+: "([^"]+)"[,)]""")]
    private static partial Regex FirstText();
}
