using System.Buffers.Binary;
using System.Globalization;
using Gridtally.Cosem.Data;
using Gridtally.Metering;

namespace Gridtally.Cosem.Explain;

/// <summary>What elements of Data say, for people and for the rules that give them a meaning.</summary>
internal static class ExplainValues
{
    /// <summary>Type and value: <c>octet-string 0100010800FF = 1-0:1.8.0.255</c>.</summary>
    public static string Text(ExplainNode node)
    {
        var name = DataTags.NameOf(node.Type!.Value);
        if (node.Type is DataTag.NullData or DataTag.DontCare) return name;
        var content = node.Content.Span;
        if (node.Type == DataTag.OctetString)
        {
            var text = content.IsEmpty ? $"{name} (empty)" : $"{name} {ExplainCursor.Show(content)}";
            return CosemValueText.Interpret(content) is { } meaning ? $"{text} = {meaning}" : text;
        }

        return TryValue(node, out var value) ? $"{name} {value}" : name;
    }

    /// <summary>The value alone, as short as it can be said: <c>1234</c>, <c>2024-06-01 12:00:00</c>, <c>1-0:1.8.0.255</c>.</summary>
    public static string Short(ExplainNode node) => node.Type switch
    {
        null => node.Value ?? "",
        DataTag.NullData or DataTag.DontCare => "",
        DataTag.OctetString => CosemValueText.Interpret(node.Content.Span) ?? ExplainCursor.Show(node.Content.Span),
        DataTag.Array or DataTag.Structure or DataTag.CompactArray => $"{{{string.Join(", ", node.Children.Where(c => c.Type is not null).Select(Short))}}}",
        _ => TryValue(node, out var value) ? value.ToString() : "",
    };

    /// <summary>A simple element as a value.</summary>
    public static bool TryValue(ExplainNode node, out CosemValue value)
    {
        value = default;
        if (node.Type is not { } tag || tag is DataTag.Array or DataTag.Structure or DataTag.CompactArray) return false;
        var content = node.Content.Span;
        var header = AxdrReader.FixedSize(tag) >= 0 ? 1 : 1 + 5;
        var octets = new byte[header + content.Length];
        octets[0] = (byte)tag;
        if (header > 1)
        {
            octets[1] = 0x84;
            BinaryPrimitives.WriteInt32BigEndian(octets.AsSpan(2), tag == DataTag.BitString ? node.BitCount : content.Length);
        }

        content.CopyTo(octets.AsSpan(header));
        return CosemValue.TryRead(octets, out value, out _);
    }

    /// <summary>The number of an integer or floating-point type.</summary>
    public static bool TryNumber(ExplainNode node, out decimal number)
    {
        number = 0;
        if (node.Type is DataTag.Boolean || !TryValue(node, out var value)) return false;
        if (value.TryGetNumber(out var whole))
        {
            number = (decimal)whole;
            return true;
        }

        if (!value.TryGetFloat(out var real) || !double.IsFinite(real) || Math.Abs(real) > 1e27) return false;
        number = value.Tag == DataTag.Float32 ? decimal.Parse(((float)real).ToString("R", CultureInfo.InvariantCulture), NumberStyles.Float, CultureInfo.InvariantCulture) : (decimal)real;
        return true;
    }

    /// <summary>A logical name: octet-string of six.</summary>
    public static bool TryObis(ExplainNode node, out ObisCode code)
    {
        code = default;
        if (node.Type != DataTag.OctetString || node.Content.Length != ObisCode.Size) return false;
        code = ObisCode.Read(node.Content.Span);
        return true;
    }

    /// <summary>scal_unit_type: structure of integer and enum.</summary>
    public static bool TryScalerUnit(ExplainNode node, out ScalerUnit scalerUnit)
    {
        scalerUnit = default;
        if (node is not { Type: DataTag.Structure, Children: [{ Type: DataTag.Integer or DataTag.Unsigned or DataTag.Long } scaler, { Type: DataTag.Enum or DataTag.Unsigned } unit] }
            || !TryNumber(scaler, out var power) || power is < sbyte.MinValue or > sbyte.MaxValue || unit.Content.Length != 1) return false;
        scalerUnit = new((sbyte)power, (Unit)unit.Content.Span[0]);
        return true;
    }

    /// <summary>A reference {class, logical name, attribute, ...} as capture lists, push lists and restrictions have it.</summary>
    public static bool TryReference(ExplainNode node, out AttributeRef reference, out ushort dataIndex)
    {
        (reference, dataIndex) = (default, 0);
        if (node is not { Type: DataTag.Structure, Children: [{ Type: DataTag.LongUnsigned } classId, var name, { Type: DataTag.Integer } attribute, ..] }
            || !TryObis(name, out var code)) return false;
        reference = new(BinaryPrimitives.ReadUInt16BigEndian(classId.Content.Span), code, (sbyte)attribute.Content.Span[0]);
        if (node.Children.Count > 3 && node.Children[3].Type == DataTag.LongUnsigned) dataIndex = BinaryPrimitives.ReadUInt16BigEndian(node.Children[3].Content.Span);
        return true;
    }

    /// <summary>Scales a number where it can be told exactly; false for what does not fit.</summary>
    public static bool TryScale(decimal raw, ScalerUnit scale, out decimal scaled)
    {
        scaled = raw;
        if (scale.Scaler is < -28 or > 28) return false;
        try
        {
            for (int i = scale.Scaler; i > 0; i--) scaled *= 10;
            if (scale.Scaler < 0) scaled *= new decimal(1, 0, 0, false, (byte)-scale.Scaler);
        }
        catch (OverflowException)
        {
            return false;
        }

        return true;
    }
}
