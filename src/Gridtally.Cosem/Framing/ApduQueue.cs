namespace Gridtally.Cosem.Framing;

/// <summary>APDUs that arrived together, kept until the driver takes them; no allocation once it has grown.</summary>
/// <typeparam name="TTag">What is kept beside each.</typeparam>
internal sealed class ApduQueue<TTag>
{
    /// <summary>Most entries that wait. One read of the line brings a handful; a driver that takes none must not cost memory without end.</summary>
    public const int MaxCount = 256;

    private readonly Queue<(int Start, int Length, TTag Tag)> _entries = [];
    private byte[] _octets = [];
    private int _used;

    /// <summary>True while another entry fits.</summary>
    public bool HasRoom => _entries.Count < MaxCount;

    /// <summary>True while entries wait.</summary>
    public bool Any => _entries.Count > 0;

    /// <summary>Adds an entry; what was taken before is overwritten once all of it was taken.</summary>
    public void Add(TTag tag, ReadOnlySpan<byte> apdu)
    {
        if (_entries.Count == 0) _used = 0;
        if (_octets.Length - _used < apdu.Length) Array.Resize(ref _octets, Math.Max(_used + apdu.Length, 2 * _octets.Length));
        apdu.CopyTo(_octets.AsSpan(_used));
        _entries.Enqueue((_used, apdu.Length, tag));
        _used += apdu.Length;
    }

    /// <summary>Takes the next entry; valid until the next <see cref="Add"/>.</summary>
    public bool TryTake(out TTag tag, out ReadOnlyMemory<byte> apdu)
    {
        if (!_entries.TryDequeue(out var entry))
        {
            (tag, apdu) = (default!, default);
            return false;
        }

        tag = entry.Tag;
        apdu = _octets.AsMemory(entry.Start, entry.Length);
        return true;
    }

    /// <summary>Forgets all entries.</summary>
    public void Clear()
    {
        _entries.Clear();
        _used = 0;
    }
}
