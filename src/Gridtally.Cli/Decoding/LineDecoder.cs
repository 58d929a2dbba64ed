using System.Text.Json;
using Gridtally.Cosem.Explain;

namespace Gridtally.Cli.Decoding;

/// <summary>One capture per line of input to one JSON object per line of output. A bad line gives an error object, and the run goes on.</summary>
internal sealed class LineDecoder(ExplainOptions options, bool withTree)
{
    // A push of a whole day of a meter in hexadecimal digits is a hundredth of this.
    private const int MaxLine = 16 * 1024 * 1024;

    private readonly System.Buffers.ArrayBufferWriter<byte> _output = new(64 * 1024);

    /// <summary>Decodes to the end of the input.</summary>
    /// <returns>True when every line was decoded without a problem.</returns>
    public bool Run(Stream input, Stream output, CancellationToken cancellationToken)
    {
        using var json = new Utf8JsonWriter(_output, DecodeOutput.Compact);
        var (buffer, start, end, number, good, isTooLong) = (new byte[64 * 1024], 0, 0, 0L, true, false);
        while (!cancellationToken.IsCancellationRequested)
        {
            var newLine = buffer.AsSpan(start, end - start).IndexOf((byte)'\n');
            if (newLine >= 0)
            {
                good &= isTooLong ? Fail(json, number + 1, TooLong) : Decode(json, number + 1, buffer.AsSpan(start, newLine));
                (start, number, isTooLong) = (start + newLine + 1, number + 1, false);
                Flush(output, atLeast: 32 * 1024);
                continue;
            }

            if (isTooLong || end - start > MaxLine) (isTooLong, start, end) = (true, 0, 0);
            if (start > 0)
            {
                buffer.AsSpan(start, end - start).CopyTo(buffer);
                (start, end) = (0, end - start);
            }

            if (end == buffer.Length) Array.Resize(ref buffer, 2 * buffer.Length);
            Flush(output, atLeast: 1); // what is decoded is not kept waiting for what comes
            var read = input.Read(buffer, end, buffer.Length - end);
            if (read == 0) break;
            end += read;
        }

        if (isTooLong) good &= Fail(json, number + 1, TooLong);
        else if (end > start) good &= Decode(json, number + 1, buffer.AsSpan(start, end - start));
        Flush(output, atLeast: 1);
        return good;
    }

    private static string TooLong => $"a line of more than {MaxLine} characters; cut it";

    private bool Decode(Utf8JsonWriter json, long number, Span<byte> line)
    {
        if (!HexText.TryParse(line, out var count, out var fault)) return Fail(json, number, fault.ToString());
        return count == 0 || Write(json, number, Explainer.Explain(line[..count].ToArray(), options));
    }

    private bool Write(Utf8JsonWriter json, long number, ExplainNode explained)
    {
        var problems = explained.Problems.ToList();
        json.WriteStartObject();
        json.WriteNumber("line", number);
        json.WriteBoolean("ok", problems.Count == 0);
        DecodeOutput.WriteProblems(json, problems);
        DecodeOutput.WriteValues(json, explained);
        if (withTree)
        {
            json.WritePropertyName("tree");
            ExplainText.Write(json, explained);
        }

        json.WriteEndObject();
        EndLine(json);
        return problems.Count == 0;
    }

    private bool Fail(Utf8JsonWriter json, long number, string error)
    {
        json.WriteStartObject();
        json.WriteNumber("line", number);
        json.WriteBoolean("ok", false);
        json.WriteString("error", error);
        json.WriteEndObject();
        EndLine(json);
        return false;
    }

    private void EndLine(Utf8JsonWriter json)
    {
        json.Flush();
        json.Reset();
        _output.GetSpan(1)[0] = (byte)'\n';
        _output.Advance(1);
    }

    private void Flush(Stream output, int atLeast)
    {
        if (_output.WrittenCount < atLeast) return;
        output.Write(_output.WrittenSpan);
        output.Flush();
        _output.ResetWrittenCount();
    }
}
