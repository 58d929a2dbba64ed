using static Gridtally.Cosem.Classes.CosemType;
using static Gridtally.Cosem.Classes.Kind;

namespace Gridtally.Cosem.Classes;

/// <content>Internet, mobile networks and push.</content>
public static partial class InterfaceClasses
{
    private static readonly ClassSpec[] PushSetupVersions = ClassSpec.Versions(40, "Push setup", "4.4.8", [0, 1, 2],
        [
            new(2, "push_object_list", ArrayOf(SharedTypes.CaptureObject), Static) { Until = 0 },
            new(2, "push_object_list", ArrayOf(Structure("restricted_push_object",
                ("class_id", LongUnsigned), ("logical_name", LogicalName), ("attribute_index", Integer), ("data_index", LongUnsigned),
                ("restriction", SharedTypes.Restriction))), Static) { From = 1, Until = 1 },
            new(2, "push_object_list", ArrayOf(SharedTypes.RestrictedCaptureObject), Static) { From = 2 },
            new(3, "send_destination_and_method", Structure("send_destination_and_method",
                ("transport_service", Enumeration("transport_service",
                    "TCP", "UDP", "FTP", "SMTP", "SMS", "HDLC", "M-Bus", "ZigBee", "DLMS gateway", "CoAP confirmable", "CoAP")),
                ("destination", OctetString),
                ("message", Enumeration("push_message", "A-XDR encoded APDU", "XML encoded APDU"))), Static),
            new(4, "communication_window", ArrayOf(SharedTypes.Window), Static),
            new(5, "randomisation_start_interval", LongUnsigned, Static),
            new(6, "number_of_retries", Unsigned, Static),
            new(7, "repetition_delay", LongUnsigned, Static) { Until = 1 },
            new(7, "repetition_delay", Structure("repetition_delay",
                ("repetition_delay_min", LongUnsigned), ("repetition_delay_exponent", LongUnsigned), ("repetition_delay_max", LongUnsigned)), Static) { From = 2 },
            new(8, "port_reference", OctetString, Static) { From = 1 },
            new(9, "push_client_SAP", OneOf(Integer, Unsigned), Static) { From = 1 },
            new(10, "push_protection_parameters", ArrayOf(SharedTypes.ProtectionParameters), Static) { From = 1 },
            new(11, "push_operation_method", Enumeration("push_operation_method",
                "unconfirmed, retry on failure", "unconfirmed, retry on missing confirmation", "confirmed"), Static) { From = 2 },
            new(12, "confirmation_parameters", Structure("confirmation_parameters",
                ("confirmation_start_date", CosemType.DateTime), ("confirmation_interval", DoubleLongUnsigned)), Static) { From = 2 },
            new(13, "last_confirmation_date_time", CosemType.DateTime, Dynamic) { From = 2 },
        ],
        [new(1, "push", NoParameter, Mandatory: true), new(2, "reset", NoParameter) { From = 2 }]);

    /// <summary>What the device sends by itself, to whom and when. Version 2.</summary>
    public static readonly ClassSpec PushSetup = PushSetupVersions[2];

    /// <summary>Parameters of a TCP or UDP port.</summary>
    public static readonly ClassSpec TcpUdpSetup = new(41, 0, "TCP-UDP setup", "4.9.1")
    {
        Attributes =
        [
            new(2, "TCP-UDP_port", LongUnsigned, Static),
            new(3, "IP_reference", OctetString, Static),
            new(4, "MSS", LongUnsigned, Static),
            new(5, "nb_of_sim_conn", Unsigned, Static),
            new(6, "inactivity_time_out", LongUnsigned, Static),
        ],
    };

    /// <summary>IPv4 addresses of one interface.</summary>
    public static readonly ClassSpec IPv4Setup = new(42, 0, "IPv4 setup", "4.9.2")
    {
        Attributes =
        [
            new(2, "DL_reference", OctetString, Static),
            new(3, "IP_address", DoubleLongUnsigned, Static),
            new(4, "multicast_IP_address", ArrayOf(DoubleLongUnsigned), Static),
            new(5, "IP_options", ArrayOf(Structure("IP_options_element",
                ("IP_option_type", Unsigned), ("IP_option_length", Unsigned), ("IP_option_data", OctetString))), Static),
            new(6, "subnet_mask", DoubleLongUnsigned, Static),
            new(7, "gateway_IP_address", DoubleLongUnsigned, Static),
            new(8, "use_DHCP_flag", Bool, Static),
            new(9, "primary_DNS_address", DoubleLongUnsigned, Static),
            new(10, "secondary_DNS_address", DoubleLongUnsigned, Static),
        ],
        Methods =
        [
            new(1, "add_mc_IP_address", DoubleLongUnsigned),
            new(2, "delete_mc_IP_address", DoubleLongUnsigned),
            new(3, "get_nbof_mc_IP_addresses", NoParameter) { Returns = LongUnsigned },
        ],
        ShortNameMethods = 0x60,
    };

    /// <summary>The MAC address of one interface.</summary>
    public static readonly ClassSpec MacAddressSetup = new(43, 0, "MAC address setup", "4.9.4")
    {
        Attributes = [new(2, "MAC_address", OctetString, Static)],
    };

    /// <summary>Options and authentication of a PPP line.</summary>
    public static readonly ClassSpec PppSetup = new(44, 0, "PPP setup", "4.9.5")
    {
        Attributes =
        [
            new(2, "PHY_reference", OctetString, Static),
            new(3, "LCP_options", ArrayOf(Structure("LCP_options_element",
                ("LCP_option_type", Unsigned), ("LCP_option_length", Unsigned), ("LCP_option_data", Any))), Static),
            new(4, "IPCP_options", ArrayOf(Structure("IPCP_options_element",
                ("IPCP_option_type", Unsigned), ("IPCP_option_length", Unsigned), ("IPCP_option_data", Any))), Static),
            new(5, "PPP_authentication", OneOf(Null, Structure("PAP_login", ("user_name", OctetString), ("PAP_password", OctetString)), Any), Static),
        ],
    };

    private static readonly CosemType QualityOfService = Structure("qos_element",
        ("precedence", Unsigned), ("delay", Unsigned), ("reliability", Unsigned), ("peak_throughput", Unsigned), ("mean_throughput", Unsigned));

    /// <summary>Access point and quality of service of a GPRS modem.</summary>
    public static readonly ClassSpec GprsModemSetup = new(45, 0, "GPRS modem setup", "4.7.7")
    {
        Attributes =
        [
            new(2, "APN", OctetString, Static),
            new(3, "PIN_code", LongUnsigned, Static),
            new(4, "quality_of_service", Structure("quality_of_service", ("default", QualityOfService), ("requested", QualityOfService)), Static),
        ],
    };

    private static readonly ClassSpec[] GsmDiagnosticVersions = ClassSpec.Versions(47, "GSM diagnostic", "4.7.8", [0, 1, 2],
        [
            new(2, "operator", VisibleString, Dynamic),
            new(3, "status", Enumeration("gsm_status",
                "not registered", "registered, home network", "not registered, searching", "registration denied", "unknown", "registered, roaming"), Dynamic),
            new(4, "cs_attachment", Enumeration("cs_attachment", "inactive", "incoming call", "active"), Dynamic),
            new(5, "ps_status", Enumeration("ps_status",
                "inactive", "GPRS", "EDGE", "UMTS", "HSDPA", "LTE", "CDMA", "LTE Cat M1", "LTE Cat NB1", "LTE Cat NB2"), Dynamic),
            new(6, "cell_info", Structure("cell_info_v0",
                ("cell_ID", LongUnsigned), ("location_ID", LongUnsigned), ("signal_quality", Unsigned), ("ber", Unsigned)), Dynamic) { Until = 0 },
            new(6, "cell_info", Structure("cell_info",
                ("cell_ID", DoubleLongUnsigned), ("location_ID", LongUnsigned), ("signal_quality", Unsigned), ("ber", Unsigned),
                ("mcc", LongUnsigned), ("mnc", LongUnsigned), ("channel_number", DoubleLongUnsigned)), Dynamic) { From = 1 },
            new(7, "adjacent_cells", ArrayOf(Structure("adjacent_cell_v0", ("cell_ID", LongUnsigned), ("signal_quality", Unsigned))), Dynamic) { Until = 0 },
            new(7, "adjacent_cells", ArrayOf(Structure("adjacent_cell", ("cell_ID", DoubleLongUnsigned), ("signal_quality", Unsigned))), Dynamic) { From = 1 },
            new(8, "capture_time", CosemType.DateTime, Dynamic),
        ],
        []);

    /// <summary>Registration and signal of a mobile modem. Version 2.</summary>
    public static readonly ClassSpec GsmDiagnostic = GsmDiagnosticVersions[2];

    private static readonly CosemType IPv6Address = Structure("IPv6_address",
        ("IPv6_address_type", Enumeration("IPv6_address_type", "unicast", "multicast", "gateway")), ("address", OctetString));

    /// <summary>IPv6 addresses of one interface.</summary>
    public static readonly ClassSpec IPv6Setup = new(48, 0, "IPv6 setup", "4.9.3")
    {
        Attributes =
        [
            new(2, "DL_reference", OctetString, Static),
            new(3, "address_config_mode", Enumeration("address_config_mode", "auto-configuration", "DHCPv6", "manual", "neighbour discovery"), Static),
            new(4, "unicast_IPv6_address", ArrayOf(OctetString), Static),
            new(5, "multicast_IPv6_address", ArrayOf(OctetString), Static),
            new(6, "gateway_IPv6_address", ArrayOf(OctetString), Static),
            new(7, "primary_DNS_address", OctetString, Static),
            new(8, "secondary_DNS_address", OctetString, Static),
            new(9, "traffic_class", Unsigned, Static),
            new(10, "neighbor_discovery_setup", ArrayOf(Structure("neighbor_discovery_setup_element",
                ("RS_max_retry", Unsigned), ("RS_retry_wait_time", LongUnsigned), ("RA_send_period", DoubleLongUnsigned))), Static),
        ],
        Methods = [new(1, "add_IPv6_address", IPv6Address), new(2, "remove_IPv6_address", IPv6Address)],
    };

    private static readonly CosemType NtpKey = Structure("NTP_authentication_key", ("key_id", DoubleLongUnsigned), ("key", OctetString));

    /// <summary>Takes the time from a server.</summary>
    public static readonly ClassSpec NtpSetup = new(100, 0, "NTP setup", "4.9.7")
    {
        Attributes =
        [
            new(2, "activated", Bool, Static),
            new(3, "server_address", OctetString, Static),
            new(4, "server_port", LongUnsigned, Static),
            new(5, "authentication_method", Enumeration("NTP_authentication_method", "no security", "shared secrets", "auto key, IFF"), Static),
            new(6, "authentication_keys", ArrayOf(NtpKey), Static),
            new(7, "client_key", OctetString, Static),
        ],
        Methods = [new(1, "synchronize", NoParameter), new(2, "add_authentication_key", NtpKey), new(3, "delete_authentication_key", DoubleLongUnsigned)],
    };

    /// <summary>Timers and signal of an LTE modem.</summary>
    public static readonly ClassSpec LteMonitoring = new(151, 0, "LTE monitoring", "4.7.9")
    {
        Attributes =
        [
            new(2, "LTE_network_parameters", Structure("LTE_network_parameters",
                ("T3402", LongUnsigned), ("T3412", LongUnsigned), ("RSRQ", Unsigned), ("RSRP", Unsigned), ("qRxlevMin", Integer)), Dynamic),
        ],
    };

    private static ClassSpec[] Network =>
    [
        .. PushSetupVersions, TcpUdpSetup, IPv4Setup, MacAddressSetup, PppSetup, GprsModemSetup, .. GsmDiagnosticVersions, IPv6Setup, NtpSetup, LteMonitoring,
    ];
}
