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
    public void Secrets_open_for_many_threads_at_once()
    {
        using var box = SecretBox.Open(KeyFile);
        var sealedKeys = Enumerable.Range(0, 64).Select(i => box.Seal([(byte)i], $"meter {i}")).ToArray();

        // Each channel reads its meters' keys on a thread of its own; the barrier lets them all begin at once.
        const int Threads = 4;
        using var start = new Barrier(Threads);
        var failures = new System.Collections.Concurrent.ConcurrentQueue<string>();
        var threads = Enumerable.Range(0, Threads).Select(_ => new Thread(() =>
        {
            start.SignalAndWait();
            for (var n = 0; n < 20_000 && failures.IsEmpty; n++)
            {
                try
                {
                    if (box.Unseal(sealedKeys[n % 64], $"meter {n % 64}") is not [var only] || only != n % 64) failures.Enqueue($"meter {n % 64}: another secret");
                }
                catch (CryptographicException e)
                {
                    failures.Enqueue(e.Message);
                }
            }
        })).ToArray();
        foreach (var thread in threads) thread.Start();
        foreach (var thread in threads) thread.Join();

        Assert.Empty(failures);
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
