using System.Reflection;

namespace Gridtally.WebHost.Contract;

/// <summary>What a start page tells of program and machine.</summary>
public static class SystemFacts
{
    /// <summary>Version of a product's assembly, without the build's own suffix.</summary>
    public static string VersionOf(Assembly product) =>
        product.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "unknown";

    /// <summary>The room that a database takes, and what is free beside it.</summary>
    /// <param name="databaseBytes">Bytes of the database files.</param>
    /// <param name="folder">The folder they are in.</param>
    public static StorageUse Storage(long databaseBytes, string folder) => new(databaseBytes, new DriveInfo(Path.GetFullPath(folder)).AvailableFreeSpace);

    /// <summary>Resident memory of this process.</summary>
    public static MemoryUse Memory() => new(Environment.WorkingSet);
}
