using System.Security.Cryptography;
using Gridtally.Testing;

namespace Gridtally.Storage.Tests;

[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class SecretBoxTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly byte[] _secret = RandomNumberGenerator.GetBytes(16);

    private string KeyFile => _folder.File("device.key");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_secret_comes_back_after_a_restart()
    {
        byte[] sealedSecret;
        using (var box = SecretBox.Open(KeyFile)) sealedSecret = box.Seal(_secret, "meter 1 EK");
        using var again = SecretBox.Open(KeyFile);
        Assert.Equal(_secret, again.Unseal(sealedSecret, "meter 1 EK"));
    }

    [Fact]
    public void Channels_that_open_secrets_at_the_same_time_do_not_disturb_each_other()
    {
        using var box = SecretBox.Open(KeyFile);

        var disturbed = 0;
        var channels = Enumerable.Range(0, 4).Select(_ => new Thread(() =>
        {
            for (var i = 0; i < 5_000; i++)
            {
                try
                {
                    if (!_secret.AsSpan().SequenceEqual(box.Unseal(box.Seal(_secret, "meter"), "meter"))) Interlocked.Increment(ref disturbed);
                }
                catch (CryptographicException)
                {
                    Interlocked.Increment(ref disturbed);
                }
            }
        })).ToArray();
        foreach (var channel in channels) channel.Start();
        foreach (var channel in channels) channel.Join();

        Assert.Equal(0, disturbed);
    }

    [Fact]
    public void The_key_file_is_readable_by_its_owner_only()
    {
        SecretBox.Open(KeyFile).Dispose();
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(KeyFile));
        Assert.Equal(32, new FileInfo(KeyFile).Length);
    }

    [Fact]
    public void A_key_file_that_others_may_read_is_refused_with_the_command_that_mends_it()
    {
        SecretBox.Open(KeyFile).Dispose();
        File.SetUnixFileMode(KeyFile, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        Assert.Contains("chmod 600", Assert.Throws<StorageException>(() => SecretBox.Open(KeyFile)).Message);
    }

    [Fact]
    public void The_sealed_form_never_repeats_and_does_not_show_the_secret()
    {
        using var box = SecretBox.Open(KeyFile);
        var (first, second) = (box.Seal(_secret, "p"), box.Seal(_secret, "p"));
        Assert.NotEqual(first, second);
        Assert.Equal(-1, first.AsSpan().IndexOf(_secret));
        Assert.Equal(_secret.Length + SecretBox.Overhead, first.Length);
    }

    [Fact]
    public void A_secret_does_not_open_for_another_purpose_or_device_or_when_altered()
    {
        using var box = SecretBox.Open(KeyFile);
        using var other = SecretBox.Open(_folder.File("other.key"));
        var sealedSecret = box.Seal(_secret, "meter 1 EK");
        Assert.Throws<CryptographicException>(() => box.Unseal(sealedSecret, "meter 2 EK"));
        Assert.Throws<CryptographicException>(() => other.Unseal(sealedSecret, "meter 1 EK"));
        sealedSecret[^1] ^= 1;
        Assert.Throws<CryptographicException>(() => box.Unseal(sealedSecret, "meter 1 EK"));
        Assert.Throws<CryptographicException>(() => box.Unseal([1, 2, 3], "meter 1 EK"));
    }

    [Fact]
    public void A_key_file_cut_short_is_refused()
    {
        File.WriteAllBytes(KeyFile, new byte[31]);
        File.SetUnixFileMode(KeyFile, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Assert.Contains("31 octets; expected 32", Assert.Throws<StorageException>(() => SecretBox.Open(KeyFile)).Message);
    }
}
