namespace Gridtally.Fuzz;

/// <summary>All targets.</summary>
internal static class Targets
{
    public static IReadOnlyList<Target> All { get; } =
    [
        new DataTarget(), new DataTextTarget(), new DateTimeTarget(), new ProfileTarget(), new ApduTarget(), new AcseTarget(), new CipheredTarget(),
        new HdlcTarget(), new HdlcClientTarget(), new HdlcServerTarget(), new WrapperTarget(), new PushTarget(), new LocalPortTarget(), new ExplainTarget(),
        new ServerTarget(), new ClientTarget(),
    ];

    public static Target Find(string name) =>
        All.FirstOrDefault(target => target.Name == name) ?? throw new ArgumentException($"There is no target '{name}'; expected all, {string.Join(", ", All.Select(target => target.Name))}.");
}
