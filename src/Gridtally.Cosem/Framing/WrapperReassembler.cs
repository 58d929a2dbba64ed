using System.Buffers;

namespace Gridtally.Cosem.Framing;

/// <summary>Finds wrapped APDUs in what a TCP connection or datagrams bring.</summary>
/// <remarks>
/// On a stream an APDU may come in pieces, or several together. A datagram holds whole ones: what is wrong with it ends with it.
/// </remarks>
internal sealed class WrapperReassembler(bool datagrams)
{
    // Grows to the longest APDU seen, at most 64 KiB: a process may serve a thousand connections of short ones.
    private byte[] _buffer = new byte[512];
    private int _count;

    /// <summary>True once a stream is out of step; nothing more can be read from it.</summary>
    public bool Broken { get; private set; }

    /// <summary>Datagrams, or ends of datagrams, that were no wrapped APDUs.</summary>
    public long BadDatagrams { get; private set; }

    /// <summary>Takes octets from the front of <paramref name="source"/> until they make a whole APDU.</summary>
    /// <param name="source">What is left of the received octets; moved on.</param>
    /// <param name="header">Its header.</param>
    /// <param name="apdu">The APDU; valid until the next call.</param>
    /// <returns>False once <paramref name="source"/> is used up, or the stream is broken.</returns>
    public bool TryRead(scoped ref ReadOnlySpan<byte> source, out WrapperHeader header, out ReadOnlySpan<byte> apdu)
    {
        header = default;
        apdu = default;
        while (!source.IsEmpty && !Broken)
        {
            // Header first, then as much as it asks for.
            var status = WrapperHeader.TryRead(_buffer.AsSpan(0, _count), out header);
            var wanted = status == OperationStatus.Done ? WrapperHeader.Size + header.Length : WrapperHeader.Size;
            if (wanted > _buffer.Length) Array.Resize(ref _buffer, wanted);
            var take = Math.Min(wanted - _count, source.Length);
            source[..take].CopyTo(_buffer.AsSpan(_count));
            _count += take;
            source = source[take..];

            status = WrapperHeader.TryRead(_buffer.AsSpan(0, _count), out header);
            if (status == OperationStatus.InvalidData)
            {
                Break(ref source);
            }
            else if (status == OperationStatus.Done && _count == WrapperHeader.Size + header.Length)
            {
                apdu = _buffer.AsSpan(WrapperHeader.Size, header.Length);
                _count = 0;
                return true;
            }
        }

        if (!datagrams || _count == 0) return false;
        BadDatagrams++;
        _count = 0;
        return false;
    }

    /// <summary>Begins anew, as on a new connection.</summary>
    public void Reset() => (_count, Broken) = (0, false);

    private void Break(ref ReadOnlySpan<byte> source)
    {
        source = default;
        _count = 0;
        if (datagrams) BadDatagrams++;
        else Broken = true;
    }
}
