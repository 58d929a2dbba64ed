namespace Gridtally.Testing;

/// <summary>Says that a test shows a feature of docs/dlms-conformance.md; the document is made from these and from the test run.</summary>
/// <param name="features">Ids of <see cref="DlmsFeatures"/>.</param>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Class)]
public sealed class ShowsAttribute(params string[] features) : Attribute
{
    public string[] Features { get; } = features;
}

/// <summary>Says that each row of a theory shows the feature whose id is the row's first argument, a string such as "class:3:0".</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ShowsEachRowAttribute : Attribute;
