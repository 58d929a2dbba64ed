using static Gridtally.Cosem.Classes.CosemType;
using static Gridtally.Cosem.Classes.Kind;

namespace Gridtally.Cosem.Classes;

/// <content>Data storage.</content>
public static partial class InterfaceClasses
{
    /// <summary>Holds one value of any type.</summary>
    public static readonly ClassSpec Data = new(1, 0, "Data", "4.3.1")
    {
        Attributes = [new(2, "value", Any, Dynamic)],
    };

    /// <summary>A value with scaler and unit.</summary>
    public static readonly ClassSpec Register = new(3, 0, "Register", "4.3.2")
    {
        Attributes = [new(2, "value", Value, Dynamic), new(3, "scaler_unit", SharedTypes.ScalerUnit, Static)],
        Methods = [new(1, "reset", NoParameter)],
        ShortNameMethods = 0x28,
    };

    /// <summary>A value with scaler, unit, status and the time it was captured.</summary>
    public static readonly ClassSpec ExtendedRegister = new(4, 0, "Extended register", "4.3.3")
    {
        Attributes =
        [
            new(2, "value", Value, Dynamic),
            new(3, "scaler_unit", SharedTypes.ScalerUnit, Static),
            new(4, "status", Value, Dynamic),
            new(5, "capture_time", CosemType.DateTime, Dynamic),
        ],
        Methods = [new(1, "reset", NoParameter)],
        ShortNameMethods = 0x38,
    };

    /// <summary>Average of a quantity over the current and the last demand period.</summary>
    public static readonly ClassSpec DemandRegister = new(5, 0, "Demand register", "4.3.4")
    {
        Attributes =
        [
            new(2, "current_average_value", Value, Dynamic),
            new(3, "last_average_value", Value, Dynamic),
            new(4, "scaler_unit", SharedTypes.ScalerUnit, Static),
            new(5, "status", Value, Dynamic),
            new(6, "capture_time", CosemType.DateTime, Dynamic),
            new(7, "start_time_current", CosemType.DateTime, Dynamic),
            new(8, "period", DoubleLongUnsigned, Static),
            new(9, "number_of_periods", LongUnsigned, Static),
        ],
        Methods = [new(1, "reset", NoParameter), new(2, "next_period", NoParameter)],
        ShortNameMethods = 0x48,
    };

    private static readonly CosemType RegisterMask = Structure("register_act_mask", ("mask_name", OctetString), ("index_list", ArrayOf(Unsigned)));

    /// <summary>Which registers count, by tariff mask.</summary>
    public static readonly ClassSpec RegisterActivation = new(6, 0, "Register activation", "4.3.5")
    {
        Attributes =
        [
            new(2, "register_assignment", ArrayOf(SharedTypes.ObjectDefinition), Static),
            new(3, "mask_list", ArrayOf(RegisterMask), Static),
            new(4, "active_mask", OctetString, Dynamic),
        ],
        Methods = [new(1, "add_register", SharedTypes.ObjectDefinition), new(2, "add_mask", RegisterMask), new(3, "delete_mask", OctetString)],
        ShortNameMethods = 0x30,
    };

    /// <summary>Profile generic, all versions.</summary>
    private static readonly ClassSpec[] ProfileGenericVersions = ClassSpec.Versions(7, "Profile generic", "4.3.6", [0, 1],
        [
            new(2, "buffer", OneOf(ArrayOf(Any), Of(Cosem.Data.DataTag.CompactArray)), Dynamic) { Selectors = [1, 2] },
            new(3, "capture_objects", ArrayOf(SharedTypes.CaptureObject), Static),
            new(4, "capture_period", DoubleLongUnsigned, Static),
            new(5, "sort_method", Enumeration("sort_method",
                (1, "FIFO"), (2, "LIFO"), (3, "largest"), (4, "smallest"), (5, "nearest to zero"), (6, "farthest from zero")), Static),
            new(6, "sort_object", SharedTypes.CaptureObject, Static),
            new(7, "entries_in_use", DoubleLongUnsigned, Dynamic),
            new(8, "profile_entries", DoubleLongUnsigned, Static),
        ],
        [
            new(1, "reset", NoParameter),
            new(2, "capture", NoParameter),
            new(3, "get_buffer_by_range", Any) { Until = 0, Returns = Any, Unconfirmed = true },
            new(4, "get_buffer_by_index", Any) { Until = 0, Returns = Any, Unconfirmed = true },
        ],
        shortNameMethods: 0x58);

    /// <summary>Rows of captured values: load profiles, billing profiles, event logs. Version 1.</summary>
    public static readonly ClassSpec ProfileGeneric = ProfileGenericVersions[1];

    /// <summary>The same attribute of registers that differ in group E only.</summary>
    public static readonly ClassSpec RegisterTable = new(61, 0, "Register table", "4.3.8")
    {
        Attributes =
        [
            new(2, "table_cell_values", OneOf(ArrayOf(Any), Of(Cosem.Data.DataTag.CompactArray)), Dynamic) { Selectors = [1] },
            new(3, "table_cell_definition", Structure("table_cell_definition",
                ("class_id", LongUnsigned), ("logical_name", LogicalName), ("group_E_values", ArrayOf(Unsigned)), ("attribute_index", Integer)), Static),
            new(4, "scaler_unit", SharedTypes.ScalerUnit, Static),
        ],
        Methods = [new(1, "reset", NoParameter), new(2, "capture", NoParameter)],
        ShortNameMethods = 0x28,
    };

    private static readonly ClassSpec[] CompactDataVersions = ClassSpec.Versions(62, "Compact data", "4.3.10", [0, 1],
        [
            new(2, "compact_buffer", OctetString, Dynamic),
            new(3, "capture_objects", ArrayOf(SharedTypes.CaptureObject), Static) { Until = 0 },
            new(3, "capture_objects", ArrayOf(SharedTypes.RestrictedCaptureObject), Static) { From = 1 },
            new(4, "template_id", Unsigned, Static),
            new(5, "template_description", OctetString, Dynamic),
            new(6, "capture_method", Enumeration("capture_method", "on method capture", "implicit on read"), Static),
        ],
        [new(1, "reset", NoParameter), new(2, "capture", NoParameter)]);

    /// <summary>Captured values without their types, which a template describes. Version 1.</summary>
    public static readonly ClassSpec CompactData = CompactDataVersions[1];

    /// <summary>What the bits of a status word mean.</summary>
    public static readonly ClassSpec StatusMapping = new(63, 0, "Status mapping", "4.3.9")
    {
        Attributes =
        [
            new(2, "status_word", OneOf(Bits, Unsigned, LongUnsigned, DoubleLongUnsigned, OctetString), Dynamic),
            new(3, "mapping_table", Structure("mapping_table",
                ("ref_table_id", Unsigned), ("ref_table_mapping", OneOf(LongUnsigned, ArrayOf(LongUnsigned)))), Static),
        ],
    };

    private static ClassSpec[] DataStorage =>
    [
        Data, Register, ExtendedRegister, DemandRegister, RegisterActivation, .. ProfileGenericVersions, RegisterTable, .. CompactDataVersions, StatusMapping,
    ];
}
