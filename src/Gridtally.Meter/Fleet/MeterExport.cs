using System.Buffers;
using System.Globalization;
using Gridtally.Meter.Persistence;
using Gridtally.Meter.Profiles;

namespace Gridtally.Meter.Fleet;

/// <summary>Prints what the meters have captured, from their memory file: what a head end must have in the end.</summary>
public static class MeterExport
{
    /// <summary>
    /// Prints every captured row as <c>meterNumber;profileObis;UTC time;hex of the row's A-XDR structure</c>, sorted by number and time.
    /// </summary>
    /// <param name="dataFolder">The fleet's data folder; the fleet may be running.</param>
    /// <param name="output">One line for each row.</param>
    /// <returns>The number of rows.</returns>
    /// <exception cref="MemoryFileException">The memory file is damaged.</exception>
    public static int WriteRows(string dataFolder, TextWriter output)
    {
        ArgumentNullException.ThrowIfNull(output);
        var count = 0;
        var encoded = new ArrayBufferWriter<byte>(128);
        foreach (var memory in MemoryFile.Read(dataFolder).Values.OrderBy(m => m.Number, StringComparer.Ordinal))
        {
            foreach (var number in memory.Rows.Between(0, uint.MaxValue).OrderBy(n => memory.Rows[n].Time.Utc).ToArray())
            {
                ref readonly var row = ref memory.Rows[number];
                encoded.ResetWrittenCount();
                row.WriteTo(encoded);
                var time = DateTimeOffset.FromUnixTimeSeconds(row.Time.Utc).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
                output.WriteLine($"{memory.Number};{EnergyProfile.LogicalName};{time};{Convert.ToHexString(encoded.WrittenSpan)}");
                count++;
            }
        }

        return count;
    }

    /// <inheritdoc cref="WriteRows(string, TextWriter)"/>
    /// <param name="config">The fleet.</param>
    /// <param name="output">One line for each row.</param>
    public static int WriteRows(FleetConfig config, TextWriter output)
    {
        ArgumentNullException.ThrowIfNull(config);
        return WriteRows(config.DataFolder, output);
    }
}
