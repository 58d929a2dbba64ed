using System.Text;
using System.Text.Json;
using System.Xml;
using Gridtally.Cosem.Data;

namespace Gridtally.Fuzz;

internal sealed class DataTextTarget : Target
{
    private static readonly XmlWriterSettings Xml = new() { OmitXmlDeclaration = true, Encoding = new UTF8Encoding(false) };

    public override string Name => "data-text";

    public override string What => "Data as JSON and XML: text that reads is written and read the same; Data go through both texts unchanged";

    // Readers and writers of the framework have buffers of their own.
    public override Bound Allocation => new(128 * 1024, 2500);

    public override string[] VectorKinds => ["data", "compact-array", "datetime"];

    public override IEnumerable<(string Name, byte[] Octets)> OwnSeeds =>
        from octets in new DataTarget().OwnSeeds.Append(("one number", [0x11, 0x05]))
        let value = CosemValue.TryRead(octets.Item2, out var read, out _) ? read : default
        from text in new[] { ("JSON", ToJson(value)), ("XML", ToXml(value)) }
        select ($"{octets.Item1} in {text.Item1}", text.Item2);

    public override bool Try(ReadOnlySpan<byte> input)
    {
        if (input.IsEmpty) return false;
        CosemValue value;
        if (input[0] == '<')
        {
            if (!CosemValueXml.TryRead(input.ToArray(), out value, out _)) return false;
        }
        else if (input[0] is (byte)'{' or (byte)' ')
        {
            if (!CosemValueJson.TryRead(input, out value, out _)) return false;
        }
        else if (!CosemValue.TryRead(input, out value, out _)) return false;

        Require(CosemValueJson.TryRead(ToJson(value), out var fromJson, out var jsonError), $"written JSON can be read ({jsonError.Problem})");
        Require(fromJson.Equals(value), "JSON gives the same value");
        Require(CosemValueXml.TryRead(ToXml(value), out var fromXml, out var xmlError), $"written XML can be read ({xmlError.Problem})");
        Require(fromXml.Equals(value), "XML gives the same value");
        _ = value.ToString();
        _ = value.ToFriendlyString();
        return true;
    }

    private static byte[] ToJson(in CosemValue value)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer)) CosemValueJson.Write(value, json);
        return buffer.ToArray();
    }

    private static byte[] ToXml(in CosemValue value)
    {
        using var buffer = new MemoryStream();
        using (var xml = XmlWriter.Create(buffer, Xml)) CosemValueXml.Write(value, xml);
        return buffer.ToArray();
    }
}
