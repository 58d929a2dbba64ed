using Gridtally.HeadEnd.Registry;
using Gridtally.HeadEnd.Store;
using Gridtally.Storage;

namespace Gridtally.HeadEnd.Tests;

internal static class TestRegistry
{
    public const string EncryptionKey = "000102030405060708090A0B0C0D0E0F";
    public const string AuthenticationKey = "D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF";

    /// <summary>Registers concentrators, as a configuration would.</summary>
    public static void Register(this HeadEndStore store, params string[] serials)
    {
        using var secrets = SecretBox.Open(Path.Combine(Path.GetDirectoryName(store.DatabasePath)!, "device.key"));
        new HeadEndRegistry(store, secrets).Import(new() { Concentrators = [.. serials.Select(Concentrator)] }, Journals.Midnight);
    }

    public static ConcentratorConfig Concentrator(string serial) => new()
    {
        Serial = serial,
        LogicalDeviceName = "GTC" + serial,
        EncryptionKey = EncryptionKey,
        AuthenticationKey = AuthenticationKey,
    };
}
