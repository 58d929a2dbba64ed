using Gridtally.Cosem.Classes;

namespace Gridtally.Cosem.Tests.Classes;

/// <summary>One class with the rows of all its versions, each once, as code is generated from it.</summary>
internal sealed record ClassRows(ushort Id, string Name, IReadOnlyList<ClassRows.AttributeRow> Attributes, IReadOnlyList<ClassRows.MethodRow> Methods)
{
    public sealed record AttributeRow(AttributeSpec Spec, string Identifier, string VersionNote);

    public sealed record MethodRow(MethodSpec Spec, string Identifier, string VersionNote);

    public string Identifier => CSharpNames.Pascal(Name);

    /// <summary>All types that are met in it.</summary>
    public IEnumerable<CosemType> Types =>
        [.. Attributes.Select(a => a.Spec.Type), .. Methods.Select(m => m.Spec.Argument), .. Methods.Select(m => m.Spec.Returns).OfType<CosemType>()];

    public static IEnumerable<ClassRows> All => Of(InterfaceClasses.All);

    public static IEnumerable<ClassRows> Of(ClassGroup group) => Of(group.Classes);

    private static IEnumerable<ClassRows> Of(IEnumerable<ClassSpec> classes) => classes.GroupBy(c => c.Id).OrderBy(g => g.Key).Select(versions =>
    {
        var attributes = versions.SelectMany(v => v.Attributes.Skip(1)).Distinct().OrderBy(a => a.Id).ThenBy(a => a.From).ToList();
        var methods = versions.SelectMany(v => v.Methods).Distinct().OrderBy(m => m.Id).ThenBy(m => m.From).ToList();
        return new ClassRows(
            versions.Key,
            versions.Last().Name,
            [.. attributes.Select(a => new AttributeRow(a, Named(a.Name, a.Until, attributes.Count(o => o.Name == a.Name)), Note(a.From, a.Until)))],
            [.. methods.Select(m => new MethodRow(m, Named(m.Name, m.Until, methods.Count(o => o.Name == m.Name)), Note(m.From, m.Until)))]);
    });

    // The newest row has the plain name; those that it replaced say until which version they held.
    private static string Named(string name, byte until, int rows) => rows > 1 && until != byte.MaxValue ? $"{CSharpNames.Pascal(name)}V{until}" : CSharpNames.Pascal(name);

    private static string Note(byte from, byte until) => (from, until) switch
    {
        (0, byte.MaxValue) => "",
        (_, byte.MaxValue) => $" (from version {from})",
        _ when from == until => $" (version {from})",
        _ => $" (up to version {until})",
    };
}
