using System.Buffers;
using System.Text;
using Gridtally.Meter.Profiles;

namespace Gridtally.Meter.Persistence;

/// <summary>What the memory file holds of one meter.</summary>
internal sealed class MeterMemory(string number)
{
    private readonly Dictionary<byte, byte[]> _counters = [];

    public string Number { get; } = number;

    /// <summary>Everything but rows, as <see cref="VirtualMeter.Save"/> wrote it.</summary>
    public byte[] State { get; private set; } = [];

    public EnergyRows Rows { get; } = new();

    /// <summary>Takes in one record of this meter.</summary>
    public void Apply(MemoryRecordKind kind, ref StateReader reader)
    {
        if (kind == MemoryRecordKind.Counters)
        {
            _counters[reader.ReadByte()] = reader.ReadOctets().ToArray();
            return;
        }

        _counters.Clear();
        State = reader.ReadOctets().ToArray();
        var (first, number) = (reader.ReadInt64(), reader.ReadInt64());
        var rows = reader.ReadOctets();
        if (rows.Length % ProfileRow.StoredSize != 0) throw new InvalidDataException("a part of a row");
        if (number > Rows.Next) Rows.StartAt(number); // all before it was cleared
        if (number < Rows.Next) throw new InvalidDataException($"row {number} of meter {Number} is there twice");
        for (; !rows.IsEmpty; rows = rows[ProfileRow.StoredSize..]) Rows.Add(ProfileRow.Restore(rows));
        Rows.DropBefore(first);
    }

    /// <summary>Puts a meter back to where it was.</summary>
    public void Restore(VirtualMeter meter)
    {
        var reader = new StateReader(State);
        meter.Load(ref reader);
        foreach (var (sap, counters) in _counters)
        {
            var rest = new StateReader(counters);
            meter.Security(sap)?.LoadCounters(ref rest);
        }

        meter.Profile.Rows.CopyFrom(Rows);
    }

    /// <summary>A record of everything, for a new memory file.</summary>
    public void WriteAll(IBufferWriter<byte> target)
    {
        WriteMeter(target, Number, State, Rows, Rows.First);
        foreach (var (sap, counters) in _counters) WriteCounters(target, Number, sap, counters);
    }

    /// <summary>A record of a meter's state and of its rows from <paramref name="fromRow"/> on.</summary>
    public static void WriteMeter(IBufferWriter<byte> target, VirtualMeter meter, long fromRow)
    {
        var state = new ArrayBufferWriter<byte>(1024);
        meter.Save(new(state));
        WriteMeter(target, meter.Identity.Number, state.WrittenSpan, meter.Profile.Rows, fromRow);
    }

    /// <summary>A record of a client's invocation counters.</summary>
    public static void WriteCounters(IBufferWriter<byte> target, string number, byte sap, ClientCounters counters)
    {
        var octets = new ArrayBufferWriter<byte>(64);
        counters.Save(new(octets));
        WriteCounters(target, number, sap, octets.WrittenSpan);
    }

    private static void WriteMeter(IBufferWriter<byte> target, string number, ReadOnlySpan<byte> state, EnergyRows rows, long fromRow)
    {
        fromRow = Math.Max(fromRow, rows.First);
        var body = new ArrayBufferWriter<byte>(state.Length + 64 + (int)(rows.Next - fromRow) * ProfileRow.StoredSize);
        var writer = new StateWriter(body);
        writer.Write(Encoding.ASCII.GetBytes(number));
        writer.Write(state);
        writer.Write(rows.First);
        writer.Write(fromRow);
        var stored = new byte[(int)(rows.Next - fromRow) * ProfileRow.StoredSize];
        for (var row = fromRow; row < rows.Next; row++) rows[row].Store(stored.AsSpan((int)(row - fromRow) * ProfileRow.StoredSize));
        writer.Write(stored);
        MemoryRecord.Write(target, MemoryRecordKind.Meter, body.WrittenSpan);
    }

    private static void WriteCounters(IBufferWriter<byte> target, string number, byte sap, ReadOnlySpan<byte> counters)
    {
        var body = new ArrayBufferWriter<byte>(counters.Length + 32);
        var writer = new StateWriter(body);
        writer.Write(Encoding.ASCII.GetBytes(number));
        writer.Write(sap);
        writer.Write(counters);
        MemoryRecord.Write(target, MemoryRecordKind.Counters, body.WrittenSpan);
    }
}
