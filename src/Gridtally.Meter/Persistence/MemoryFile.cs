using System.Text;
using Gridtally.Metering;

namespace Gridtally.Meter.Persistence;

/// <summary>The memory of a fleet: one file of checksummed records, only ever appended to, and rewritten when it has grown.</summary>
/// <remarks>
/// A record that was appended survives a kill of the process at any instant; against a power cut of the host the file is flushed
/// to the disk every few seconds. Rewriting makes a new file beside the old one and then takes its place in one step.
/// </remarks>
internal sealed class MemoryFile : IDisposable
{
    public const string FileName = "meters.memory";

    // 8 octets, so that a file of another kind or version is told at once.
    private static readonly byte[] Magic = Encoding.ASCII.GetBytes("GTMMEM01");

    // Rewriting a small file is not worth it: at 20 meters this is a rewrite every few minutes at most.
    private const long MinGrowth = 16 * 1024 * 1024;

    private readonly string _path;
    private readonly Func<string, Stream> _open;
    private readonly FileStream _lock;
    private Stream _file;
    private long _end;
    private long _rewriteAt;

    private MemoryFile(string path, Func<string, Stream> open, FileStream @lock, Stream file, long end)
    {
        (_path, _open, _lock, _file, _end) = (path, open, @lock, file, end);
        _rewriteAt = end + Math.Max(MinGrowth, end);
    }

    /// <summary>Octets that are in the file.</summary>
    public long Length => _end;

    /// <summary>True when more than half of the file is history.</summary>
    public bool WantsRewrite => _end >= _rewriteAt;

    /// <summary>Opens or makes a memory file, and reads what it holds.</summary>
    /// <param name="folder">The fleet's data folder; made where it is missing.</param>
    /// <param name="memories">What it holds of each meter.</param>
    /// <param name="torn">Octets of a last record that was cut short, and dropped.</param>
    /// <param name="open">Opens a file for reading and writing; the file system where not given.</param>
    /// <exception cref="MemoryFileException">The file is damaged, or another process has it.</exception>
    public static MemoryFile Open(string folder, out Dictionary<string, MeterMemory> memories, out long torn, Func<string, Stream>? open = null)
    {
        open ??= OpenFile;
        PrivateFolder.Create(folder);
        var path = Path.Combine(folder, FileName);
        var owner = Lock(Path.Combine(folder, "meters.lock"), folder);
        try
        {
            var file = open(path);
            if (file.Length < Magic.Length)
            {
                file.Position = 0; // new, or cut short when it was new
                file.Write(Magic);
                file.Flush();
            }

            file.Position = 0;
            memories = Read(file, path, out var end);
            torn = file.Length - end;
            if (torn > 0) file.SetLength(end);
            return new(path, open, owner, file, end);
        }
        catch
        {
            owner.Dispose();
            throw;
        }
    }

    /// <summary>Reads what a memory file holds, while its fleet may be running; empty where there is none.</summary>
    /// <exception cref="MemoryFileException">The file is damaged.</exception>
    public static Dictionary<string, MeterMemory> Read(string folder)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path)) return [];
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        return Read(file, path, out _);
    }

    /// <summary>Appends whole records; all of them, or none.</summary>
    /// <exception cref="IOException">No room, or the disk fails. The file holds what it held before.</exception>
    public void Append(ReadOnlySpan<byte> records)
    {
        try
        {
            _file.Position = _end;
            _file.Write(records);
            _file.Flush();
            _end += records.Length;
        }
        catch (IOException)
        {
            // What part of it came through must not stand before the next record.
            try
            {
                _file.SetLength(_end);
            }
            catch (IOException)
            {
                // The next append starts at the same place; should there be none, a part of a record at the end is dropped on opening.
            }

            throw;
        }
    }

    /// <summary>Makes all that was appended safe from a power cut of the host.</summary>
    /// <exception cref="IOException">The disk fails.</exception>
    public void FlushToDisk()
    {
        if (_file is FileStream file) file.Flush(flushToDisk: true);
    }

    /// <summary>Replaces the file by one that holds only <paramref name="records"/>.</summary>
    /// <exception cref="IOException">No room for a second file, or the disk fails. The old file goes on.</exception>
    public void Rewrite(IEnumerable<ReadOnlyMemory<byte>> records)
    {
        var next = _path + ".new";
        File.Delete(next);
        var file = _open(next);
        try
        {
            file.Write(Magic);
            foreach (var record in records) file.Write(record.Span);
            if (file is FileStream onDisk) onDisk.Flush(flushToDisk: true);
            File.Move(next, _path, overwrite: true);
        }
        catch
        {
            file.Dispose();
            _rewriteAt = _end + MinGrowth; // not again at every record
            throw;
        }

        _file.Dispose();
        (_file, _end) = (file, file.Length);
        _rewriteAt = _end + Math.Max(MinGrowth, _end);
    }

    public void Dispose()
    {
        _file.Dispose();
        _lock.Dispose();
    }

    private static Dictionary<string, MeterMemory> Read(Stream file, string path, out long end)
    {
        var source = new BufferedStream(file, 128 * 1024); // not disposed: the file is the caller's
        var magic = new byte[Magic.Length];
        source.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false);
        if (!magic.AsSpan().SequenceEqual(Magic)) throw new MemoryFileException(path, 0, "it does not begin as a memory file of this version does");
        var memories = new Dictionary<string, MeterMemory>();
        for (end = Magic.Length; ; end = source.Position)
        {
            switch (MemoryRecord.Read(source, out var content))
            {
                case MemoryScan.End or MemoryScan.Torn: return memories;
                case MemoryScan.Corrupt: throw new MemoryFileException(path, end, "a record does not match its checksum");
                default: Apply(memories, content, path, end); break;
            }
        }
    }

    private static void Apply(Dictionary<string, MeterMemory> memories, byte[] content, string path, long offset)
    {
        try
        {
            var kind = (MemoryRecordKind)content[0];
            if (kind is not (MemoryRecordKind.Meter or MemoryRecordKind.Counters)) throw new InvalidDataException($"a record of kind {content[0]}");
            var reader = new StateReader(content.AsSpan(1));
            var number = Encoding.ASCII.GetString(reader.ReadOctets());
            if (!memories.TryGetValue(number, out var memory)) memories[number] = memory = new(number);
            memory.Apply(kind, ref reader);
        }
        catch (Exception e) when (e is InvalidDataException or OverflowException)
        {
            throw new MemoryFileException(path, offset, e.Message, e);
        }
    }

    private static FileStream Lock(string path, string folder)
    {
        try
        {
            return new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e)
        {
            throw new MemoryFileException($"The data folder {folder} can't be used: {e.Message} If another process runs these meters, stop it or choose another folder.", e);
        }
    }

    // Unbuffered: what Write returns from is with the operating system, and a kill can't take it back.
    private static FileStream OpenFile(string path)
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.OpenOrCreate,
            Access = FileAccess.ReadWrite,
            Share = FileShare.ReadWrite | FileShare.Delete,
            BufferSize = 0,
        };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return new(path, options);
    }
}

/// <summary>The memory of the meters can't be used; the message names file and offset.</summary>
public sealed class MemoryFileException : IOException
{
    /// <summary>The file is damaged.</summary>
    public MemoryFileException(string path, long offset, string reason, Exception? inner = null)
        : base($"{path}, offset {offset}: {reason}. Expected a whole record. Restore the file from a copy, or remove it to begin with new meters.", inner) =>
        Offset = offset;

    /// <inheritdoc/>
    public MemoryFileException() { }

    /// <inheritdoc/>
    public MemoryFileException(string message) : base(message) { }

    /// <inheritdoc/>
    public MemoryFileException(string message, Exception inner) : base(message, inner) { }

    /// <summary>Octets before the damaged record.</summary>
    public long Offset { get; }
}
