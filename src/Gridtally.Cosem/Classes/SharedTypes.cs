using Gridtally.Metering;
using static Gridtally.Cosem.Classes.CosemType;

namespace Gridtally.Cosem.Classes;

/// <summary>Types that several interface classes share.</summary>
internal static class SharedTypes
{
    /// <summary>unit, with the symbol of each.</summary>
    public static readonly CosemType UnitEnum = Enumeration("unit", [.. System.Enum.GetValues<Unit>().Select(unit => ((byte)unit, NameOf(unit)))]);

    /// <summary>scal_unit_type: value = raw x 10^scaler.</summary>
    public static readonly CosemType ScalerUnit = Structure("scal_unit_type", ("scaler", Integer), ("unit", UnitEnum));

    /// <summary>capture_object_definition; data_index 0 is the whole attribute, n its nth element.</summary>
    public static readonly CosemType CaptureObject = Structure("capture_object_definition",
        ("class_id", LongUnsigned), ("logical_name", LogicalName), ("attribute_index", Integer), ("data_index", LongUnsigned));

    /// <summary>value_definition: one attribute.</summary>
    public static readonly CosemType ValueDefinition = Structure("value_definition",
        ("class_id", LongUnsigned), ("logical_name", LogicalName), ("attribute_index", Integer));

    /// <summary>object_definition: one object.</summary>
    public static readonly CosemType ObjectDefinition = Structure("object_definition", ("class_id", LongUnsigned), ("logical_name", LogicalName));

    /// <summary>action_item: one script of one script table.</summary>
    public static readonly CosemType ActionItem = Structure("action_item", ("script_logical_name", LogicalName), ("script_selector", LongUnsigned));

    /// <summary>window: from one moment, which may have wildcards, to another.</summary>
    public static readonly CosemType Window = Structure("window", ("start_time", CosemType.DateTime), ("end_time", CosemType.DateTime));

    /// <summary>Baud rates of ports and modems.</summary>
    public static readonly CosemType Baud = Enumeration("baud_rate",
        "300 baud", "600 baud", "1200 baud", "2400 baud", "4800 baud", "9600 baud", "19200 baud", "38400 baud", "57600 baud", "115200 baud");

    /// <summary>restriction_element of a captured or pushed profile.</summary>
    public static readonly CosemType Restriction = Structure("restriction_element",
        ("restriction_type", Enumeration("restriction_type", "none", "by date", "by entry")), ("restriction_value", Any));

    /// <summary>capture_object_definition with rows and columns chosen.</summary>
    public static readonly CosemType RestrictedCaptureObject = Structure("restricted_capture_object",
        ("class_id", LongUnsigned), ("logical_name", LogicalName), ("attribute_index", Integer), ("data_index", LongUnsigned),
        ("restriction", Restriction), ("columns", ArrayOf(CaptureObject)));

    /// <summary>How data that is protected apart from the association is protected.</summary>
    public static readonly CosemType ProtectionParameters = Structure("protection_parameters",
        ("protection_type", Enumeration("protection_type", "authentication", "encryption", "authentication and encryption", "digital signature")),
        ("protection_options", Structure("protection_options",
            ("transaction_id", OctetString), ("originator_system_title", OctetString), ("recipient_system_title", OctetString),
            ("other_information", OctetString),
            ("key_info", Structure("key_info", ("key_info_type", Enumeration("key_info_type", "identified key", "wrapped key", "agreed key")), ("key_info_options", Any))))));

    /// <summary>Protection that requests and responses must have.</summary>
    public static readonly CosemType ProtectionMask = Mask("required_protection",
        (0x00, "none"), (0x04, "authenticated request"), (0x08, "encrypted request"), (0x10, "digitally signed request"),
        (0x20, "authenticated response"), (0x40, "encrypted response"), (0x80, "digitally signed response"));

    /// <summary>A user of an association; the name is visible-string or octet-string.</summary>
    public static readonly CosemType User = Structure("association_user", ("user_id", Unsigned), ("user_name", OneOf(VisibleString, OctetString)));

    private static string NameOf(Unit unit) => unit.Symbol() is { Length: > 0 } symbol ? symbol : unit switch
    {
        Unit.Undefined => "undefined",
        Unit.Currency => "currency",
        Unit.Other => "other",
        _ => "no unit",
    };
}
