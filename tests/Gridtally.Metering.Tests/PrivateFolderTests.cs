using Gridtally.Testing;

namespace Gridtally.Metering.Tests;

[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class PrivateFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_new_folder_is_its_owners_alone()
    {
        PrivateFolder.Create(_folder.File("data"));

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(_folder.File("data")));
    }

    [Fact]
    public void A_folder_that_is_there_keeps_its_mode()
    {
        const UnixFileMode Shared = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute;
        Directory.CreateDirectory(_folder.File("data"));
        File.SetUnixFileMode(_folder.File("data"), Shared);

        PrivateFolder.Create(_folder.File("data"));

        Assert.Equal(Shared, File.GetUnixFileMode(_folder.File("data")));
    }
}
