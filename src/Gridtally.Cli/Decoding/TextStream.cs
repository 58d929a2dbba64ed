using System.Text;

namespace Gridtally.Cli.Decoding;

/// <summary>UTF-8 octets into a text writer, or straight to standard output where that is what the writer stands for.</summary>
internal sealed class TextStream(TextWriter writer) : Stream
{
    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();
    private readonly Stream? _console = ReferenceEquals(writer, Console.Out) ? Console.OpenStandardOutput() : null;
    private char[] _characters = new char[4096];

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Flush()
    {
        if (_console is not null) _console.Flush();
        else writer.Flush();
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (_console is not null)
        {
            _console.Write(buffer);
            return;
        }

        if (_characters.Length < buffer.Length + 4) _characters = new char[buffer.Length + 4];
        writer.Write(_characters.AsSpan(0, _decoder.GetChars(buffer, _characters, flush: false)));
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing) Flush();
        base.Dispose(disposing);
    }
}
