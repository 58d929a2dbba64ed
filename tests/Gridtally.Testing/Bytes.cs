using System.Buffers;

namespace Gridtally.Testing;

/// <summary>Bytes that can be checked by eye.</summary>
public static class Bytes
{
    /// <summary>The octets of a hex literal; white space is for the reader.</summary>
    public static byte[] Hex(string text) => Convert.FromHexString(string.Concat(text.Where(c => !char.IsWhiteSpace(c))));

    /// <summary>What <paramref name="write"/> writes.</summary>
    public static byte[] Written(Action<IBufferWriter<byte>> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        write(buffer);
        return buffer.WrittenSpan.ToArray();
    }
}

/// <summary>A folder of its own for one test, gone after it.</summary>
public sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("gridtally-test-").FullName;

    public string File(string name) => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
