using System.Text.Json;
using System.Text.Json.Serialization;
using Gridtally.Cli.Commands;
using Gridtally.Cosem.Security;

namespace Gridtally.Cli.Reading;

/// <summary>Keys from a file, so that they are not on the command line where other users see them.</summary>
internal sealed class KeyFile
{
    /// <summary>EK, 32 hexadecimal digits.</summary>
    public string? EncryptionKey { get; set; }

    /// <summary>AK, 32 hexadecimal digits.</summary>
    public string? AuthenticationKey { get; set; }

    public static SecurityKeys Load(FileInfo file)
    {
        KeyFile? keys;
        try
        {
            keys = JsonSerializer.Deserialize(File.ReadAllText(file.FullName), KeyFileJson.Default.KeyFile);
        }
        catch (JsonException)
        {
            keys = null;
        }

        if (keys is not { EncryptionKey: { } ek, AuthenticationKey: { } ak } || !SecurityKeys.IsKey(ek) || !SecurityKeys.IsKey(ak))
        {
            throw new CommandException($"{file.FullName}: expected {{ \"encryptionKey\": \"…\", \"authenticationKey\": \"…\" }}, each of 32 hexadecimal digits.");
        }

        return new(Convert.FromHexString(ek), Convert.FromHexString(ak));
    }
}

[JsonSerializable(typeof(KeyFile))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, ReadCommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true)]
internal sealed partial class KeyFileJson : JsonSerializerContext;
