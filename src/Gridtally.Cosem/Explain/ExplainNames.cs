using Gridtally.Cosem.Classes;
using Gridtally.Metering;

namespace Gridtally.Cosem.Explain;

/// <summary>Names from the tables of classes, OBIS codes and enumerations.</summary>
internal static class ExplainNames
{
    private static readonly string[] Bauds = ["300 Bd", "600 Bd", "1200 Bd", "2400 Bd", "4800 Bd", "9600 Bd", "19200 Bd", "38400 Bd", "57600 Bd", "115200 Bd"];
    private static readonly string[] Suites = ["AES-GCM-128", "ECDH-ECDSA-AES-GCM-128-SHA-256", "ECDH-ECDSA-AES-GCM-256-SHA-384"];

    // What the numbers of an enum stand for, from 0 on. Blue Book, the clause of each class.
    private static readonly Dictionary<(ushort Class, sbyte Attribute), string?[]> Enumerations = new()
    {
        [(7, 5)] = [null, "FIFO", "LIFO", "largest", "smallest", "nearest to zero", "farthest from zero"],
        [(8, 9)] = ["not defined", "internal crystal", "mains 50 Hz", "mains 60 Hz", "GPS", "radio controlled"],
        [(15, 8)] = ["non-associated", "association-pending", "associated"],
        [(18, 6)] =
        [
            "image transfer not initiated", "image transfer initiated", "image verification initiated", "image verification successful", "image verification failed",
            "image activation initiated", "image activation successful", "image activation failed",
        ],
        [(19, 2)] = ["IEC 62056-21", "HDLC", "not specified"],
        [(19, 3)] = Bauds,
        [(19, 4)] = Bauds,
        [(19, 5)] = ["20 ms", "200 ms"],
        [(22, 3)] = [null, "one time, wildcards allowed", "same time on dates", "same time on dates, wildcards allowed", "times on dates", "times on dates, wildcards allowed"],
        [(23, 2)] = Bauds,
        [(27, 2)] = Bauds,
        [(28, 4)] = ["inactive", "active", "locked"],
        [(47, 3)] = ["not registered", "registered, home", "searching", "registration denied", "unknown", "registered, roaming"],
        [(47, 4)] = ["inactive", "incoming call", "active"],
        [(47, 5)] = ["inactive", "GPRS", "EDGE", "UMTS", "HSDPA", "LTE", "CDMA", "LTE Cat M1", "LTE Cat NB1", "LTE Cat NB2"],
        [(62, 6)] = ["capture on method", "capture on read"],
        [(64, 3)] = Suites,
        [(70, 3)] = ["disconnected", "connected", "ready for reconnection"],
    };

    /// <summary>Class and attribute, and what the object stands for: <c>Register.value, Active energy import (+A)</c>.</summary>
    public static string Of(in AttributeRef target)
    {
        var spec = InterfaceClasses.Find(target.ClassId);
        return With($"{spec?.Name ?? $"class {target.ClassId}"}.{spec?.Attribute(target.AttributeId)?.Name ?? $"attribute {target.AttributeId}"}", spec?.Name, target.Instance);
    }

    /// <summary>Class and method, and what the object stands for.</summary>
    public static string Of(in MethodRef target)
    {
        var spec = InterfaceClasses.Find(target.ClassId);
        return With($"{spec?.Name ?? $"class {target.ClassId}"}.{spec?.Method(target.MethodId)?.Name ?? $"method {target.MethodId}"}", spec?.Name, target.Instance);
    }

    /// <summary>The class's name; its number where it is not known.</summary>
    public static string OfClass(int classId) => InterfaceClasses.Find((ushort)classId)?.Name ?? $"class {classId}";

    /// <summary>What the column of a profile holds.</summary>
    public static string OfColumn(in AttributeRef column)
    {
        var name = ObisMeanings.Find(column.Instance) ?? column.Instance.ToString();
        return column.AttributeId == 2 ? name : $"{name}, {InterfaceClasses.Find(column.ClassId)?.Attribute(column.AttributeId)?.Name ?? $"attribute {column.AttributeId}"}";
    }

    /// <summary>What the number of an enumeration stands for; null where it is none.</summary>
    public static string? OfValue(in AttributeRef target, decimal number) =>
        Enumerations.TryGetValue((target.ClassId, target.AttributeId), out var names) && number >= 0 && number < names.Length ? names[(int)number] : null;

    private static string With(string name, string? className, ObisCode instance) =>
        ObisMeanings.Find(instance) is { } meaning && meaning != className ? $"{name}, {meaning}" : name;
}
