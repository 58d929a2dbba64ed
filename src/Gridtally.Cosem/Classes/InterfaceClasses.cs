using static Gridtally.Cosem.Classes.CosemType;
using static Gridtally.Cosem.Classes.Kind;

namespace Gridtally.Cosem.Classes;

/// <summary>The interface classes, as tables.</summary>
/// <remarks>Blue Book ed. 12 (IEC 62056-6-2). Attribute and method names are spelled as there.</remarks>
public static class InterfaceClasses
{
    /// <summary>Holds one value of any type.</summary>
    public static readonly ClassSpec Data = new(1, 0, "Data")
    {
        Attributes = [new(2, "value", Any, Dynamic)],
    };

    /// <summary>A value with scaler and unit.</summary>
    public static readonly ClassSpec Register = new(3, 0, "Register")
    {
        Attributes = [new(2, "value", Any, Dynamic), new(3, "scaler_unit", ScalerUnit, Static)],
        Methods = [new(1, "reset", Integer)],
    };

    /// <summary>A value with scaler, unit, status and the time it was captured.</summary>
    public static readonly ClassSpec ExtendedRegister = new(4, 0, "Extended register")
    {
        Attributes =
        [
            new(2, "value", Any, Dynamic), new(3, "scaler_unit", ScalerUnit, Static),
            new(4, "status", Any, Dynamic), new(5, "capture_time", CosemType.DateTime, Dynamic),
        ],
        Methods = [new(1, "reset", Integer)],
    };

    /// <summary>Average of a quantity over the current and the last demand period.</summary>
    public static readonly ClassSpec DemandRegister = new(5, 0, "Demand register")
    {
        Attributes =
        [
            new(2, "current_average_value", Any, Dynamic), new(3, "last_average_value", Any, Dynamic),
            new(4, "scaler_unit", ScalerUnit, Static), new(5, "status", Any, Dynamic),
            new(6, "capture_time", CosemType.DateTime, Dynamic), new(7, "start_time_current", CosemType.DateTime, Dynamic),
            new(8, "period", DoubleLongUnsigned, Static), new(9, "number_of_periods", LongUnsigned, Static),
        ],
        Methods = [new(1, "reset", Integer), new(2, "next_period", Integer)],
    };

    /// <summary>Rows of captured values: load profiles, billing profiles, event logs.</summary>
    public static readonly ClassSpec ProfileGeneric = new(7, 1, "Profile generic")
    {
        Attributes =
        [
            new(2, "buffer", Any, Dynamic) { Selectors = [1, 2] },
            new(3, "capture_objects", ArrayOf(CosemType.CaptureObject), Static), new(4, "capture_period", DoubleLongUnsigned, Static),
            new(5, "sort_method", CosemType.Enum, Static), new(6, "sort_object", CosemType.CaptureObject, Static),
            new(7, "entries_in_use", DoubleLongUnsigned, Dynamic), new(8, "profile_entries", DoubleLongUnsigned, Static),
        ],
        Methods = [new(1, "reset", Integer), new(2, "capture", Integer)],
    };

    /// <summary>The device's clock.</summary>
    public static readonly ClassSpec Clock = new(8, 0, "Clock")
    {
        Attributes =
        [
            new(2, "time", CosemType.DateTime, Dynamic), new(3, "time_zone", Long, Static), new(4, "status", Unsigned, Dynamic),
            new(5, "daylight_savings_begin", CosemType.DateTime, Static), new(6, "daylight_savings_end", CosemType.DateTime, Static),
            new(7, "daylight_savings_deviation", Integer, Static), new(8, "daylight_savings_enabled", Bool, Static),
            new(9, "clock_base", CosemType.Enum, Static),
        ],
        Methods =
        [
            new(1, "adjust_to_quarter", Integer), new(2, "adjust_to_measuring_period", Integer), new(3, "adjust_to_minute", Integer),
            new(4, "adjust_to_preset_time", Integer),
            new(5, "preset_adjusting_time", Struct(CosemType.DateTime, CosemType.DateTime, CosemType.DateTime)),
            new(6, "shift_time", Long),
        ],
    };

    /// <summary>One association: who may do what with which objects. Version 2.</summary>
    public static readonly ClassSpec AssociationLn = new(15, 2, "Association LN")
    {
        Attributes =
        [
            new(2, "object_list", Any, Static), new(3, "associated_partners_id", Struct(Integer, LongUnsigned), Static),
            new(4, "application_context_name", Any, Static), new(5, "xDLMS_context_info", Any, Static),
            new(6, "authentication_mechanism_name", Any, Static), new(7, "secret", OctetString, Static),
            new(8, "association_status", CosemType.Enum, Static), new(9, "security_setup_reference", LogicalName, Static),
            new(10, "user_list", ArrayOf(Struct(Unsigned, Any)), Static), new(11, "current_user", Struct(Unsigned, Any), Static),
        ],
        Methods =
        [
            new(1, "reply_to_HLS_authentication", OctetString), new(2, "change_HLS_secret", OctetString), new(3, "add_object", Any),
            new(4, "remove_object", Any), new(5, "add_user", Struct(Unsigned, Any)), new(6, "remove_user", Struct(Unsigned, Any)),
        ],
    };

    /// <summary>The logical devices of a physical device.</summary>
    public static readonly ClassSpec SapAssignment = new(17, 0, "SAP assignment")
    {
        Attributes = [new(2, "SAP_assignment_list", ArrayOf(Struct(LongUnsigned, OctetString)), Static)],
        Methods = [new(1, "connect_logical_device", Struct(LongUnsigned, OctetString))],
    };

    /// <summary>Parameters of an HDLC port.</summary>
    public static readonly ClassSpec HdlcSetup = new(23, 1, "IEC HDLC setup")
    {
        Attributes =
        [
            new(2, "comm_speed", CosemType.Enum, Static), new(3, "window_size_transmit", Unsigned, Static),
            new(4, "window_size_receive", Unsigned, Static), new(5, "max_info_field_length_transmit", LongUnsigned, Static),
            new(6, "max_info_field_length_receive", LongUnsigned, Static), new(7, "inter_octet_time_out", LongUnsigned, Static),
            new(8, "inactivity_time_out", LongUnsigned, Static), new(9, "device_address", LongUnsigned, Static),
        ],
    };

    /// <summary>Parameters of a TCP or UDP port.</summary>
    public static readonly ClassSpec TcpUdpSetup = new(41, 0, "TCP-UDP setup")
    {
        Attributes =
        [
            new(2, "TCP-UDP_port", LongUnsigned, Static), new(3, "IP_reference", OctetString, Static), new(4, "MSS", LongUnsigned, Static),
            new(5, "nb_of_sim_conn", Unsigned, Static), new(6, "inactivity_time_out", LongUnsigned, Static),
        ],
    };

    /// <summary>Keys and policy of one security context. Version 1.</summary>
    public static readonly ClassSpec SecuritySetup = new(64, 1, "Security setup")
    {
        Attributes =
        [
            new(2, "security_policy", CosemType.Enum, Static), new(3, "security_suite", CosemType.Enum, Static),
            new(4, "client_system_title", OctetString, Dynamic), new(5, "server_system_title", OctetString, Static),
            new(6, "certificates", Any, Dynamic),
        ],
        Methods =
        [
            new(1, "security_activate", CosemType.Enum), new(2, "key_transfer", ArrayOf(Struct(CosemType.Enum, OctetString))),
            new(3, "key_agreement", ArrayOf(Struct(CosemType.Enum, OctetString))), new(4, "generate_key_pair", CosemType.Enum),
            new(5, "generate_certificate_request", CosemType.Enum), new(6, "import_certificate", OctetString),
            new(7, "export_certificate", Any), new(8, "remove_certificate", Any),
        ],
    };

    /// <summary>The supply relay.</summary>
    public static readonly ClassSpec DisconnectControl = new(70, 0, "Disconnect control")
    {
        Attributes =
        [
            new(2, "output_state", Bool, Dynamic), new(3, "control_state", CosemType.Enum, Dynamic), new(4, "control_mode", CosemType.Enum, Static),
        ],
        Methods = [new(1, "remote_disconnect", Integer), new(2, "remote_reconnect", Integer)],
    };

    /// <summary>All of them, by class id.</summary>
    public static IReadOnlyList<ClassSpec> All { get; } =
    [
        Data, Register, ExtendedRegister, DemandRegister, ProfileGeneric, Clock, AssociationLn, SapAssignment, HdlcSetup, TcpUdpSetup,
        SecuritySetup, DisconnectControl,
    ];

    /// <summary>The class of that id; null where it is not known here.</summary>
    public static ClassSpec? Find(ushort classId) => All.FirstOrDefault(c => c.Id == classId);
}
