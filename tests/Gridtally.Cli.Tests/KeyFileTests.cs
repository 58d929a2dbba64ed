using Gridtally.Cli.Commands;
using Gridtally.Cli.Reading;
using Gridtally.Testing;

namespace Gridtally.Cli.Tests;

public sealed class KeyFileTests : IDisposable
{
    private const string Encryption = "000102030405060708090A0B0C0D0E0F";
    private const string Authentication = "d0d1d2d3d4d5d6d7d8d9dadbdcdddedf";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Both_keys_are_read_in_either_case_with_comments()
    {
        using var keys = KeyFile.Load(Written($$"""{ "encryptionKey": "{{Encryption}}", /* of the manual */ "authenticationKey": "{{Authentication}}", }"""));
        Assert.Equal(Convert.FromHexString(Encryption), keys.Encryption);
        Assert.Equal(Convert.FromHexString(Authentication), keys.Authentication);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData(Encryption)]
    [InlineData($$"""{ "encryptionKey": "{{Encryption}}" }""")]
    [InlineData($$"""{ "encryptionKey": "{{Encryption}}", "authenticationKey": "{{Authentication}}00" }""")]
    [InlineData($$"""{ "encryptionKey": "{{Encryption}}", "authenticationKey": "g0d1d2d3d4d5d6d7d8d9dadbdcdddedf" }""")]
    [InlineData($$"""{ "encryptionKey": "{{Encryption}}", "authenticationKey": 1 }""")]
    public void A_file_without_two_keys_is_named_and_no_key_is_shown(string text)
    {
        var file = Written(text);
        var error = Assert.Throws<CommandException>(() => KeyFile.Load(file));
        Assert.StartsWith(file.FullName, error.Message);
        Assert.Contains("32 hexadecimal digits", error.Message);
        Assert.DoesNotContain(Encryption, error.Message);
        Assert.DoesNotContain(Authentication[1..], error.Message);
    }

    [Fact]
    public void A_file_that_is_not_there_is_named() =>
        Assert.Contains("nowhere.json", Assert.ThrowsAny<IOException>(() => KeyFile.Load(new(_folder.File("nowhere.json")))).Message);

    private FileInfo Written(string text)
    {
        File.WriteAllText(_folder.File("keys.json"), text);
        return new(_folder.File("keys.json"));
    }
}
