namespace Gridtally.Metering;

/// <summary>Makes the folders in which the products keep readings, keys and users.</summary>
public static class PrivateFolder
{
    /// <summary>Makes the folder where it is missing, for its owner alone (mode 0700). One that is there keeps the mode that its owner gave it.</summary>
    /// <exception cref="IOException">It can't be made.</exception>
    /// <exception cref="UnauthorizedAccessException">Nor may it be.</exception>
    public static void Create(string path)
    {
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(path);
        else Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
