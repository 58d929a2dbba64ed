using static Gridtally.Cosem.Classes.CosemType;
using static Gridtally.Cosem.Classes.Kind;

namespace Gridtally.Cosem.Classes;

/// <content>Power line carrier, G3.</content>
public static partial class InterfaceClasses
{
    /// <summary>What the MAC layer of a G3-PLC modem has sent, received and lost.</summary>
    public static readonly ClassSpec G3PlcMacLayerCounters = new(90, 1, "G3-PLC MAC layer counters", "4.13")
    {
        Attributes =
        [
            new(2, "mac_Tx_data_packet_count", DoubleLongUnsigned, Dynamic),
            new(3, "mac_Rx_data_packet_count", DoubleLongUnsigned, Dynamic),
            new(4, "mac_Tx_cmd_packet_count", DoubleLongUnsigned, Dynamic),
            new(5, "mac_Rx_cmd_packet_count", DoubleLongUnsigned, Dynamic),
            new(6, "mac_CSMA_fail_count", DoubleLongUnsigned, Dynamic),
            new(7, "mac_CSMA_no_ACK_count", DoubleLongUnsigned, Dynamic),
            new(8, "mac_bad_CRC_count", DoubleLongUnsigned, Dynamic),
            new(9, "mac_Tx_data_broadcast_count", DoubleLongUnsigned, Dynamic),
            new(10, "mac_Rx_data_broadcast_count", DoubleLongUnsigned, Dynamic),
        ],
        Methods = [new(1, "reset", NoParameter)],
    };

    private static readonly CosemType Neighbour = Structure("neighbour_table_entry",
        ("short_address", LongUnsigned), ("payload_modulation_scheme", Bool), ("tone_map", Bits), ("modulation", CosemType.Enum), ("tx_gain", Integer),
        ("tx_res", CosemType.Enum), ("tx_coeff", Bits), ("lqi", Unsigned), ("phase_differential", Integer), ("TMR_valid_time", Unsigned), ("neighbour_valid_time", Unsigned));

    private static readonly ClassSpec[] G3PlcMacSetupVersions = ClassSpec.Versions(91, "G3-PLC MAC setup", "4.13", [1, 2, 3],
        [
            new(2, "mac_short_address", LongUnsigned, Dynamic),
            new(3, "mac_RC_coord", LongUnsigned, Static),
            new(4, "mac_PAN_id", LongUnsigned, Dynamic),
            new(5, "mac_key_table", ArrayOf(Structure("mac_key", ("key_id", Unsigned), ("key", OctetString))), Dynamic),
            new(6, "mac_frame_counter", DoubleLongUnsigned, Dynamic),
            new(7, "mac_tone_mask", Bits, Static),
            new(8, "mac_TMR_TTL", Unsigned, Static),
            new(9, "mac_max_frame_retries", Unsigned, Static),
            new(10, "mac_neighbour_table_entry_TTL", Unsigned, Dynamic),
            new(11, "mac_neighbour_table", ArrayOf(Neighbour), Dynamic),
            new(12, "mac_high_priority_window_size", Unsigned, Static),
            new(13, "mac_CSMA_fairness_limit", Unsigned, Static),
            new(14, "mac_beacon_randomization_window_length", Unsigned, Static),
            new(15, "mac_A", Unsigned, Static),
            new(16, "mac_K", Unsigned, Static),
            new(17, "mac_min_CW_attempts", Unsigned, Static),
            new(18, "mac_cenelec_legacy_mode", Unsigned, Static),
            new(19, "mac_FCC_legacy_mode", Unsigned, Static),
            new(20, "mac_max_BE", Unsigned, Static),
            new(21, "mac_max_CSMA_backoffs", Unsigned, Static),
            new(22, "mac_min_BE", Unsigned, Static),
            new(23, "mac_broadcast_max_CW_enabled", Bool, Static),
            new(24, "mac_transmit_atten", Unsigned, Static),
            new(25, "mac_POS_table", ArrayOf(Any), Dynamic) { From = 2, Unconfirmed = true },
            new(26, "mac_duplicate_detection_TTL", Unsigned, Static) { From = 2 },
        ],
        [
            new(1, "mac_get_neighbour_table_entry", LongUnsigned) { Returns = ArrayOf(Neighbour), Unconfirmed = true },
            new(2, "mac_get_POS_table_entry", LongUnsigned) { From = 2, Returns = Any, Unconfirmed = true },
        ]);

    /// <summary>The MAC layer of a G3-PLC modem. Version 3.</summary>
    public static readonly ClassSpec G3PlcMacSetup = G3PlcMacSetupVersions[2];

    private static readonly ClassSpec[] G3PlcAdaptationLayerVersions = ClassSpec.Versions(92, "G3-PLC 6LoWPAN adaptation layer setup", "4.13", [1, 2, 3],
        [
            new(2, "adp_max_hops", Unsigned, Static),
            new(3, "adp_weak_LQI_value", Unsigned, Static),
            new(4, "adp_security_level", Unsigned, Static),
            new(5, "adp_prefix_table", ArrayOf(Any), Static),
            new(6, "adp_routing_configuration", ArrayOf(Structure("routing_configuration",
                ("adp_net_traversal_time", Unsigned), ("adp_routing_table_entry_TTL", LongUnsigned), ("adp_Kr", Unsigned), ("adp_Km", Unsigned),
                ("adp_Kc", Unsigned), ("adp_Kq", Unsigned), ("adp_Kh", Unsigned), ("adp_Krt", Unsigned), ("adp_RREQ_retries", Unsigned),
                ("adp_RREQ_RERR_wait", Unsigned), ("adp_blacklist_table_entry_TTL", LongUnsigned), ("adp_unicast_RREQ_gen_enable", Bool),
                ("adp_RLC_enabled", Bool), ("adp_add_rev_link_cost", Unsigned))), Static),
            new(7, "adp_broadcast_log_table_entry_TTL", LongUnsigned, Static),
            new(8, "adp_routing_table", ArrayOf(Structure("routing_table_entry",
                ("destination_address", LongUnsigned), ("next_hop_address", LongUnsigned), ("route_cost", LongUnsigned), ("hop_count", Unsigned),
                ("weak_link_count", Unsigned), ("valid_time", LongUnsigned))), Dynamic),
            new(9, "adp_context_information_table", ArrayOf(Structure("context_information_entry",
                ("CID", Bits), ("context_length", Unsigned), ("context", OctetString), ("C", Bool), ("valid_lifetime", LongUnsigned))), Dynamic),
            new(10, "adp_blacklist_table", ArrayOf(Structure("blacklist_entry",
                ("blacklisted_neighbour_address", LongUnsigned), ("valid_time", LongUnsigned))), Static),
            new(11, "adp_broadcast_log_table", ArrayOf(Structure("broadcast_log_entry",
                ("source_address", LongUnsigned), ("sequence_number", Unsigned), ("valid_time", LongUnsigned))), Dynamic),
            new(12, "adp_group_table", ArrayOf(LongUnsigned), Static),
            new(13, "adp_max_join_wait_time", LongUnsigned, Static),
            new(14, "adp_path_discovery_time", Unsigned, Static),
            new(15, "adp_active_key_index", Unsigned, Static),
            new(16, "adp_metric_type", Unsigned, Static),
            new(17, "adp_coord_short_address", LongUnsigned, Dynamic),
            new(18, "adp_disable_default_routing", Bool, Static),
            new(19, "adp_device_type", CosemType.Enum, Static),
            new(20, "adp_default_coord_route_enabled", Bool, Static) { From = 2 },
            new(21, "adp_destination_address", ArrayOf(LongUnsigned), Static) { From = 2 },
            new(22, "adp_low_LQI", Unsigned, Static) { From = 2 },
            new(23, "adp_high_LQI", Unsigned, Static) { From = 2 },
        ],
        []);

    /// <summary>Routing and adaptation of IPv6 over G3-PLC. Version 3.</summary>
    public static readonly ClassSpec G3PlcAdaptationLayerSetup = G3PlcAdaptationLayerVersions[2];

    private static ClassSpec[] Plc => [G3PlcMacLayerCounters, .. G3PlcMacSetupVersions, .. G3PlcAdaptationLayerVersions];
}
