using System.Buffers;
using System.Text;

namespace Gridtally.Cosem.LocalPort;

/// <summary>One value of a data block: <c>1.8.0(000123.4*kWh)</c>.</summary>
/// <param name="Address">Identification, often an OBIS code in short form; empty where the value belongs to the address before it.</param>
/// <param name="Value">The value as sent; may be empty.</param>
/// <param name="Unit">The unit as sent; empty where it is left out.</param>
/// <remarks>IEC 62056-21, clause 6.3.12: 16 characters of address, 32 (128 in programming mode) of value, 16 of unit.</remarks>
public readonly record struct DataSet(string Address, string Value, string Unit = "")
{
    /// <summary>Longest address taken. Meters exceed the 16 of the standard.</summary>
    public const int MaxAddress = 64;

    /// <summary>Longest value taken.</summary>
    public const int MaxValue = 128;

    /// <summary>Longest unit taken.</summary>
    public const int MaxUnit = 16;

    /// <summary>Most values of one data block. A full readout has some hundred, a load profile some thousand.</summary>
    public const int MaxCount = 20_000;

    /// <summary>Reads a data block: lines of data sets, up to <c>!</c> or the end.</summary>
    /// <param name="block">What stands between STX and ETX.</param>
    /// <param name="values">The values in their order; on failure those before the bad one.</param>
    /// <param name="error">What is wrong and where, where the answer is false.</param>
    public static bool TryReadBlock(ReadOnlySpan<byte> block, out IReadOnlyList<DataSet> values, out DecodeError error)
    {
        var list = new List<DataSet>();
        (values, error) = (list, default);
        var position = 0;
        while (true)
        {
            while (position < block.Length && block[position] is (byte)'\r' or (byte)'\n') position++;
            if (position == block.Length || block[position] == '!') return true;
            if (list.Count == MaxCount) return Fail(DecodeFault.BadLength, position, out error);
            if (!TryRead(block, ref position, out var value, out error)) return false;
            list.Add(value);
        }
    }

    /// <summary>Writes it; without CR LF.</summary>
    public void WriteTo(IBufferWriter<byte> target) => target.Write(Encoding.ASCII.GetBytes(ToString()));

    /// <inheritdoc/>
    public override string ToString() => Unit.Length == 0 ? $"{Address}({Value})" : $"{Address}({Value}*{Unit})";

    private static bool TryRead(ReadOnlySpan<byte> block, ref int position, out DataSet value, out DecodeError error)
    {
        (value, error) = (default, default);
        var start = position;
        var open = block[start..].IndexOfAny((byte)'(', (byte)'\r', (byte)'\n');
        if (open < 0) return Fail(DecodeFault.Truncated, start, out error);
        if (block[start + open] != '(' || open > MaxAddress) return Fail(DecodeFault.BadValue, start, out error);
        var address = block.Slice(start, open);

        var inside = start + open + 1;
        var close = block[inside..].IndexOf((byte)')');
        if (close < 0) return Fail(DecodeFault.Truncated, inside, out error);
        var content = block.Slice(inside, close);
        var star = content.LastIndexOf((byte)'*');
        var number = star < 0 ? content : content[..star];
        var unit = star < 0 ? default : content[(star + 1)..];
        if (number.Length > MaxValue || unit.Length > MaxUnit || content.ContainsAny((byte)'\r', (byte)'\n')) return Fail(DecodeFault.BadLength, inside, out error);
        value = new(Encoding.ASCII.GetString(address), Encoding.ASCII.GetString(number), Encoding.ASCII.GetString(unit));
        position = inside + close + 1;
        return true;
    }

    private static bool Fail(DecodeFault fault, int offset, out DecodeError error)
    {
        error = new(fault, "data block", offset);
        return false;
    }
}
