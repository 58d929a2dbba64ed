using System.Globalization;
using System.Text;
using Gridtally.Cosem.Security;

namespace Gridtally.Companion;

/// <summary>What a concentrator with a given serial number calls itself.</summary>
public static class ConcentratorIdentity
{
    /// <summary>The maker's three letters, before logical device name and system title.</summary>
    public const string Maker = "GTC";

    /// <summary>Octets of a logical device name at most.</summary>
    /// <remarks>Blue Book, COSEM logical device name.</remarks>
    public const int MaxName = 16;

    /// <summary>The logical device name: maker and serial number; of a long serial number its end.</summary>
    public static string LogicalDeviceName(string serial)
    {
        const int room = MaxName - 3;
        return Maker + (serial.Length <= room ? serial : serial[^room..]);
    }

    /// <summary>The system title: maker and, in 40 bits, the serial number where it is such a number, else a digest of it.</summary>
    public static SystemTitle SystemTitle(string serial) =>
        Cosem.Security.SystemTitle.Of(Maker, ulong.TryParse(serial, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number < 1UL << 40 ? number : Digest(serial));

    // FNV-1a: any digest does that spreads well and stays the same for ever.
    private static ulong Digest(string text)
    {
        var hash = 0xCBF29CE484222325UL;
        foreach (var octet in Encoding.UTF8.GetBytes(text)) hash = (hash ^ octet) * 0x100000001B3UL;
        return hash;
    }
}
