using Gridtally.Metering;
namespace Gridtally.Storage;

/// <summary>Keeps a data folder for one process: two in one folder would hand out the same invocation counters.</summary>
public sealed class FolderLock : IDisposable
{
    private const string FileName = "lock";

    private readonly FileStream _file;

    private FolderLock(FileStream file) => _file = file;

    /// <summary>Makes the folder where it is missing, and takes it. A process that dies gives it back.</summary>
    /// <param name="folder">The data folder.</param>
    /// <param name="product">Who uses it, for the message: <c>concentrator</c>.</param>
    /// <exception cref="StorageException">Another process has it, or it can't be written.</exception>
    public static FolderLock Take(string folder, string product)
    {
        var path = Path.Combine(folder, FileName);
        try
        {
            PrivateFolder.Create(folder);
            return new(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageException(StorageFault.CannotOpen, path, $"Data folder {folder} can't be used: {e.Message} Stop the other {product} that uses it, or give another folder with --data.", e);
        }
    }

    /// <summary>Gives the folder back.</summary>
    public void Dispose() => _file.Dispose();
}
