namespace Gridtally.WebHost;

/// <summary>Files that only their owner may read (mode 0600), replaced as a whole so that a power cut leaves the old or the new one.</summary>
internal static class PrivateFile
{
    public const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        var fresh = path + ".new";
        File.Delete(fresh);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = OwnerOnly;
        using (var stream = new FileStream(fresh, options))
        {
            stream.Write(content);
            stream.Flush(flushToDisk: true);
        }

        File.Move(fresh, path, overwrite: true);
    }

    /// <summary>Takes read and write away from group and others, who may have got them by a copy or a restore.</summary>
    public static void Tighten(string path)
    {
        if (OperatingSystem.IsWindows()) return;
        if ((File.GetUnixFileMode(path) & ~OwnerOnly) != 0) File.SetUnixFileMode(path, OwnerOnly);
    }
}
