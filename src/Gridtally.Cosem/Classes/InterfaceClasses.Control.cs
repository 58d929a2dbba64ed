using static Gridtally.Cosem.Classes.CosemType;
using static Gridtally.Cosem.Classes.Kind;

namespace Gridtally.Cosem.Classes;

/// <content>Monitoring and control of supply and functions.</content>
public static partial class InterfaceClasses
{
    private static readonly ClassSpec[] ParameterMonitorVersions = ClassSpec.Versions(65, "Parameter monitor", "4.5.10", [0, 1],
        [
            new(2, "changed_parameter", Structure("changed_parameter",
                ("class_id", LongUnsigned), ("logical_name", LogicalName), ("attribute_index", Integer), ("attribute_value", Any)), Dynamic) { Unconfirmed = true },
            new(3, "capture_time", CosemType.DateTime, Dynamic) { Unconfirmed = true },
            new(4, "parameter_list", ArrayOf(SharedTypes.ValueDefinition), Static) { Unconfirmed = true },
            new(5, "parameter_list_name", OctetString, Static) { From = 1, Unconfirmed = true },
            new(6, "hash_algorithm_id", CosemType.Enum, Static) { From = 1, Unconfirmed = true },
            new(7, "parameter_value_digest", OctetString, Dynamic) { From = 1, Unconfirmed = true },
            new(8, "parameter_values", Any, Dynamic) { From = 1, Unconfirmed = true },
        ],
        [new(1, "insert", SharedTypes.ValueDefinition) { Unconfirmed = true }, new(2, "delete", SharedTypes.ValueDefinition) { Unconfirmed = true }]);

    /// <summary>Tells which parameter changed last. Version 1.</summary>
    public static readonly ClassSpec ParameterMonitor = ParameterMonitorVersions[1];

    /// <summary>Decides between actors that want different actions.</summary>
    public static readonly ClassSpec Arbitrator = new(68, 0, "Arbitrator", "4.5.12")
    {
        Attributes =
        [
            new(2, "actions", ArrayOf(SharedTypes.ActionItem), Static),
            new(3, "permissions_table", ArrayOf(Bits), Static),
            new(4, "weightings_table", ArrayOf(ArrayOf(LongUnsigned)), Static),
            new(5, "most_recent_requests_table", ArrayOf(Bits), Dynamic),
            new(6, "last_outcome", Unsigned, Dynamic),
        ],
        Methods =
        [
            new(1, "request_action", Structure("arbitrator_request", ("request_actor", Unsigned), ("request_action_list", Bits)), Mandatory: true),
            new(2, "reset", NoParameter),
        ],
        ShortNameMethods = 0x30,
    };

    private static readonly ClassSpec[] DisconnectControlVersions = ClassSpec.Versions(70, "Disconnect control", "4.5.8", [0, 1],
        [
            new(2, "output_state", Bool, Dynamic),
            new(3, "control_state", Enumeration("control_state", "disconnected", "connected", "ready for reconnection"), Dynamic),
            new(4, "control_mode", CosemType.Enum, Static),
        ],
        [new(1, "remote_disconnect", NoParameter, Mandatory: true), new(2, "remote_reconnect", NoParameter, Mandatory: true)],
        shortNameMethods: 0x20);

    /// <summary>The supply relay. Version 0; version 1 adds control mode 7.</summary>
    public static readonly ClassSpec DisconnectControl = DisconnectControlVersions[0];

    /// <summary>Disconnects when a value stays above its threshold.</summary>
    public static readonly ClassSpec Limiter = new(71, 0, "Limiter", "4.5.9")
    {
        Attributes =
        [
            new(2, "monitored_value", SharedTypes.ValueDefinition, Static),
            new(3, "threshold_active", Value, Dynamic),
            new(4, "threshold_normal", Value, Static),
            new(5, "threshold_emergency", Value, Static),
            new(6, "min_over_threshold_duration", DoubleLongUnsigned, Static),
            new(7, "min_under_threshold_duration", DoubleLongUnsigned, Static),
            new(8, "emergency_profile", Structure("emergency_profile",
                ("emergency_profile_id", LongUnsigned), ("emergency_activation_time", CosemType.DateTime), ("emergency_duration", DoubleLongUnsigned)), Static),
            new(9, "emergency_profile_group_id_list", ArrayOf(LongUnsigned), Static),
            new(10, "emergency_profile_active", Bool, Dynamic),
            new(11, "actions", Structure("limiter_actions",
                ("action_over_threshold", SharedTypes.ActionItem), ("action_under_threshold", SharedTypes.ActionItem)), Static),
        ],
    };

    private static readonly CosemType DeviceFunction = Structure("device_function",
        ("function_name", OctetString), ("function_specification", ArrayOf(SharedTypes.ObjectDefinition)));

    private static readonly CosemType FunctionStatus = Structure("function_status", ("function_name", OctetString), ("activation_status", Bool));

    /// <summary>Switches functions of the device on and off.</summary>
    public static readonly ClassSpec FunctionControl = new(122, 0, "Function control", "4.4.10")
    {
        Attributes = [new(2, "activation_status", ArrayOf(FunctionStatus), Dynamic), new(3, "function_list", ArrayOf(DeviceFunction), Static)],
        Methods = [new(1, "set_function_status", ArrayOf(FunctionStatus)), new(2, "add_function", DeviceFunction), new(3, "remove_function", DeviceFunction)],
    };

    private static ClassSpec[] Control => [.. ParameterMonitorVersions, Arbitrator, .. DisconnectControlVersions, Limiter, FunctionControl];
}
