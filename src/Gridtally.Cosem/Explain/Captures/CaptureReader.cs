using System.Buffers.Binary;

namespace Gridtally.Cosem.Explain.Captures;

/// <summary>One packet of a capture file, as a view of the file.</summary>
/// <param name="LinkType">What the packet begins with, as tcpdump numbers it.</param>
/// <param name="Time">When it was captured, UTC; the Unix epoch where the file does not say.</param>
/// <param name="Octets">What was captured of it.</param>
/// <param name="Offset">Octets from the start of the file to the packet's first.</param>
/// <param name="IsCut">True where the packet was longer than what was captured.</param>
internal readonly record struct CapturedPacket(int LinkType, DateTime Time, ReadOnlyMemory<byte> Octets, int Offset, bool IsCut);

/// <summary>Reads the packets of a pcap or pcapng file, either byte order. Reads no file itself: it is given the octets.</summary>
/// <remarks>Formats as libpcap's pcap-savefile(5) and draft-ietf-opsawg-pcapng describe them. Blocks that hold no packets are stepped over.</remarks>
internal sealed class CaptureReader
{
    private const uint Micro = 0xA1B2_C3D4, Nano = 0xA1B2_3C4D, SectionHeader = 0x0A0D_0D0A, ByteOrder = 0x1A2B_3C4D;
    private const int FileHeader = 24, PacketHeader = 16, BlockOverhead = 12, MaxInterfaces = 4096;

    private readonly ReadOnlyMemory<byte> _file;
    private readonly List<Interface> _interfaces = [];
    private readonly bool _isNext;
    private bool _isLittle;
    private long _ticksPerSecond;
    private int _position;

    /// <summary>Begins at the first packet of a file that <see cref="IsCapture"/>.</summary>
    public CaptureReader(ReadOnlyMemory<byte> file)
    {
        _file = file;
        _isNext = BinaryPrimitives.ReadUInt32BigEndian(file.Span) == SectionHeader;
        if (_isNext) return;
        _isLittle = BinaryPrimitives.ReadUInt32LittleEndian(file.Span) is Micro or Nano;
        _ticksPerSecond = UInt32(0) == Nano ? 1_000_000_000 : 1_000_000;
        if (file.Length < FileHeader)
        {
            Problem = $"the header of a pcap file has {FileHeader} octets, {file.Length} are there";
            _position = file.Length;
            return;
        }

        _interfaces.Add(new((int)(UInt32(20) & 0x0FFF_FFFF), _ticksPerSecond));
        _position = FileHeader;
    }

    /// <summary>What is wrong with the file; null where nothing is. Nothing is read after it.</summary>
    public string? Problem { get; private set; }

    /// <summary>Octets from the start of the file to what is read next, or to what is wrong.</summary>
    public int Position => _position;

    /// <summary>The form of the file, for people.</summary>
    public string Name => _isNext ? "pcapng" : "pcap";

    /// <summary>True for octets that begin like a pcap or pcapng file.</summary>
    public static bool IsCapture(ReadOnlySpan<byte> octets) => octets.Length >= 4
        && (BinaryPrimitives.ReadUInt32BigEndian(octets) is Micro or Nano or SectionHeader || BinaryPrimitives.ReadUInt32LittleEndian(octets) is Micro or Nano);

    /// <summary>The next packet; false at the end, and at what is wrong.</summary>
    public bool TryRead(out CapturedPacket packet) => _isNext ? TryReadBlocks(out packet) : TryReadClassic(out packet);

    private bool TryReadClassic(out CapturedPacket packet)
    {
        packet = default;
        if (_position == _file.Length || Problem is not null) return false;
        if (_file.Length - _position < PacketHeader) return Fail($"the header of a packet has {PacketHeader} octets, {_file.Length - _position} are left: the file is cut short");
        var (seconds, fraction, captured, original) = (UInt32(_position), UInt32(_position + 4), UInt32(_position + 8), UInt32(_position + 12));
        if (captured > _file.Length - _position - PacketHeader) return Fail($"a packet of {captured} octets, {_file.Length - _position - PacketHeader} are left: the file is cut short or damaged");
        var at = _position + PacketHeader;
        packet = new(_interfaces[0].LinkType, TimeOf(seconds, fraction, _ticksPerSecond), _file.Slice(at, (int)captured), at, captured < original);
        _position = at + (int)captured;
        return true;
    }

    private bool TryReadBlocks(out CapturedPacket packet)
    {
        packet = default;
        while (_position < _file.Length && Problem is null)
        {
            if (_file.Length - _position < BlockOverhead) return Fail($"a block has {BlockOverhead} octets or more, {_file.Length - _position} are left: the file is cut short");
            if (UInt32(_position) is var type && type == SectionHeader) BeginSection();
            if (Problem is not null) return false;
            var length = UInt32(_position + 4);
            if (length < BlockOverhead || length % 4 != 0) return Fail($"a block says that it has {length} octets; 12 or more and a multiple of 4 expected");
            if (length > _file.Length - _position) return Fail($"a block of {length} octets, {_file.Length - _position} are left: the file is cut short or damaged");
            var (at, body) = (_position + 8, (int)length - BlockOverhead);
            switch (UInt32(_position))
            {
                case 1: AddInterface(at, body); break;
                case 2 when body >= 20: packet = Packet(UInt16(at), at + 20, body - 20, UInt32(at + 12), UInt32(at + 16), UInt32(at + 4), UInt32(at + 8)); break;
                case 3 when body >= 4: packet = Packet(0, at + 4, body - 4, Math.Min(UInt32(at), (uint)body - 4), UInt32(at), 0, 0); break;
                case 6 when body >= 20: packet = Packet(UInt32(at), at + 20, body - 20, UInt32(at + 12), UInt32(at + 16), UInt32(at + 4), UInt32(at + 8)); break;
            }

            if (Problem is not null) return false;
            _position += (int)length;
            if (packet != default) return true;
        }

        return false;
    }

    private void BeginSection()
    {
        _isLittle = BinaryPrimitives.ReadUInt32LittleEndian(_file.Span[(_position + 8)..]) == ByteOrder;
        if (!_isLittle && BinaryPrimitives.ReadUInt32BigEndian(_file.Span[(_position + 8)..]) != ByteOrder) Fail("a section header without the octets that tell the byte order");
        _interfaces.Clear();
    }

    private void AddInterface(int at, int length)
    {
        if (length < 8 || _interfaces.Count >= MaxInterfaces)
        {
            Fail("an interface block that is too short, or one too many");
            return;
        }

        var ticks = 1_000_000L;
        var end = at + length;
        for (var option = at + 8; option + 4 <= end;)
        {
            var (code, size) = (UInt16(option), UInt16(option + 2));
            if (code == 0 || option + 4 + size > end) break;
            if (code == 9 && size >= 1) ticks = Resolution(_file.Span[option + 4]);
            option += 4 + (size + 3) / 4 * 4;
        }

        _interfaces.Add(new(UInt16(at), ticks));
    }

    // if_tsresol: a negative power of ten, or of two with bit 7. Finer than a TimeSpan's ticks can't be told apart here anyway.
    private static long Resolution(byte value) => (value & 0x80) != 0 ? 1L << Math.Min(value & 0x7F, 62) : (long)Math.Pow(10, Math.Min((int)value, 18));

    private CapturedPacket Packet(uint number, int at, int room, uint captured, uint original, uint high, uint low)
    {
        if (number >= _interfaces.Count) Fail($"a packet of interface {number}, which no block describes");
        else if (captured > room) Fail($"a packet of {captured} octets in a block that has room for {room}");
        if (Problem is not null) return default;
        var (link, ticks) = _interfaces[(int)number];
        var time = (ulong)high << 32 | low;
        return new(link, TimeOf((long)Math.Min(time / (ulong)ticks, int.MaxValue * 8L), (long)(time % (ulong)ticks), ticks), _file.Slice(at, (int)captured), at, captured < original);
    }

    private static DateTime TimeOf(long seconds, long fraction, long ticksPerSecond) =>
        DateTime.UnixEpoch.AddSeconds(seconds).AddTicks((long)((Int128)fraction * TimeSpan.TicksPerSecond / ticksPerSecond));

    private bool Fail(string problem)
    {
        Problem ??= problem;
        return false;
    }

    private uint UInt32(int at) => _isLittle ? BinaryPrimitives.ReadUInt32LittleEndian(_file.Span[at..]) : BinaryPrimitives.ReadUInt32BigEndian(_file.Span[at..]);

    private ushort UInt16(int at) => _isLittle ? BinaryPrimitives.ReadUInt16LittleEndian(_file.Span[at..]) : BinaryPrimitives.ReadUInt16BigEndian(_file.Span[at..]);

    private readonly record struct Interface(int LinkType, long TicksPerSecond);
}
