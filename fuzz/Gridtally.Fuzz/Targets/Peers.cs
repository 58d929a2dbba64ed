using Gridtally.Cosem.Security;

namespace Gridtally.Fuzz;

/// <summary>Keys and titles of all targets: those of the golden vectors where these have any.</summary>
internal static class Peers
{
    public const int ClientSap = 16;

    public static readonly SystemTitle Client = SystemTitle.Of("GTC", 1), Server = SystemTitle.Of("GTM", 77);

    public static readonly SecurityKeys Keys = new(
        Convert.FromHexString("000102030405060708090A0B0C0D0E0F"), Convert.FromHexString("D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF"),
        Convert.FromHexString("0F0E0D0C0B0A09080706050403020100"));
}
