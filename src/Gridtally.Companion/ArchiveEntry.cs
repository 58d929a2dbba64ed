using System.Buffers;
using System.Text;
using Gridtally.Cosem;
using Gridtally.Cosem.Data;

namespace Gridtally.Companion;

/// <summary>One meter in the concentrator's archive, as the head end reads it.</summary>
/// <param name="Meter">Meter number.</param>
/// <param name="Enabled">Whether it is read.</param>
/// <param name="Channel">The channel that it is on.</param>
/// <param name="Task">The task that reads it.</param>
/// <param name="LastContact">When it last answered; null for never.</param>
/// <param name="LastError">Why the last attempt failed; empty where it did not.</param>
public sealed record ArchiveEntry(string Meter, bool Enabled, string Channel, string Task, DateTimeOffset? LastContact, string LastError)
{
    /// <summary>The attribute that holds all of them.</summary>
    public static readonly AttributeRef Attribute = new(1, ConcentratorObjects.MeterArchive, 2);

    /// <summary>Meters of one concentrator: four times what the reference product manages.</summary>
    public const int MaxMeters = 4096;

    /// <summary>Octets of each text.</summary>
    public const int MaxText = 512;

    private const string Production = "meter-archive";

    /// <summary>Writes the attribute's value.</summary>
    public static void WriteAll(IBufferWriter<byte> target, IReadOnlyCollection<ArchiveEntry> entries)
    {
        target.WriteArray(entries.Count);
        foreach (var entry in entries) entry.WriteTo(target);
    }

    /// <summary>Reads the attribute's value.</summary>
    public static bool TryReadAll(ReadOnlySpan<byte> source, out IReadOnlyList<ArchiveEntry> entries, out DecodeError error)
    {
        var all = new List<ArchiveEntry>();
        entries = all;
        var reader = new AxdrReader(source, Production);
        if (reader.TryReadArray(out var count) && (count <= MaxMeters || reader.Fail(DecodeFault.BadLength)))
        {
            for (var i = 0; i < count && TryRead(ref reader, out var entry); i++) all.Add(entry!);
        }

        var done = reader.TryEnd();
        error = reader.Error;
        return done;
    }

    private void WriteTo(IBufferWriter<byte> target)
    {
        target.WriteStructure(6);
        JournalRecord.WriteMeter(target, Meter);
        target.WriteBoolean(Enabled);
        target.WriteVisibleString(Ascii(Channel));
        target.WriteVisibleString(Ascii(Task));
        if (LastContact is { } contact) target.WriteDateTime(CosemDateTime.From(contact));
        else target.WriteNull();
        target.WriteVisibleString(Ascii(LastError));
    }

    private static bool TryRead(ref AxdrReader reader, out ArchiveEntry? entry)
    {
        entry = null;
        if (!reader.TryReadStructureOf(6) || !JournalRecord.TryReadMeter(ref reader, out var meter) || !reader.TryReadNumber(out var enabled)
            || !TryReadText(ref reader, out var channel) || !TryReadText(ref reader, out var task)
            || !TryReadContact(ref reader, out var contact) || !TryReadText(ref reader, out var error)) return false;
        entry = new(meter, enabled != 0, channel, task, contact, error);
        return true;
    }

    private static bool TryReadContact(ref AxdrReader reader, out DateTimeOffset? contact)
    {
        contact = null;
        if (reader.Peek == DataTag.NullData) return reader.TrySkip(out _);
        if (!reader.TryReadDateTime(out var time)) return false;
        if (!time.TryToUtc(out var utc)) return reader.Fail(DecodeFault.BadValue);
        contact = utc;
        return true;
    }

    private static bool TryReadText(ref AxdrReader reader, out string text)
    {
        text = "";
        if (!reader.TryReadOctets(out var octets)) return false;
        if (octets.Length > MaxText) return reader.Fail(DecodeFault.BadLength);
        text = Encoding.UTF8.GetString(octets);
        return true;
    }

    // visible-string is ASCII; names and errors may hold anything, so what is not ASCII becomes '?', and it is cut to its maximum.
    private static string Ascii(string text)
    {
        var cut = text.Length > MaxText ? text[..MaxText] : text;
        return string.Create(cut.Length, cut, static (span, source) =>
        {
            for (var i = 0; i < span.Length; i++) span[i] = source[i] is >= ' ' and <= '~' ? source[i] : '?';
        });
    }
}
