using static Gridtally.Cosem.Classes.CosemType;
using static Gridtally.Cosem.Classes.Kind;

namespace Gridtally.Cosem.Classes;

/// <content>Local ports, modems and M-Bus.</content>
public static partial class InterfaceClasses
{
    private static readonly ClassSpec[] LocalPortVersions = ClassSpec.Versions(19, "IEC local port setup", "4.7.1", [0, 1],
        [
            new(2, "default_mode", Enumeration("local_port_mode_v0", "IEC 62056-21", "HDLC direct"), Static) { Until = 0 },
            new(2, "default_mode", Enumeration("local_port_mode", "IEC 62056-21", "HDLC direct", "not specified"), Static) { From = 1 },
            new(3, "default_baud", SharedTypes.Baud, Static),
            new(4, "prop_baud", SharedTypes.Baud, Static),
            new(5, "response_time", Enumeration("response_time", "20 ms", "200 ms"), Static),
            new(6, "device_addr", OctetString, Static),
            new(7, "pass_p1", OctetString, Static),
            new(8, "pass_p2", OctetString, Static),
            new(9, "pass_w5", OctetString, Static),
        ],
        []);

    /// <summary>Parameters of an optical or electrical local port, IEC 62056-21. Version 1.</summary>
    public static readonly ClassSpec IecLocalPortSetup = LocalPortVersions[1];

    private static readonly ClassSpec[] HdlcSetupVersions = ClassSpec.Versions(23, "IEC HDLC setup", "4.7.2", [0, 1],
        [
            new(2, "comm_speed", SharedTypes.Baud, Static),
            new(3, "window_size_transmit", Unsigned, Static),
            new(4, "window_size_receive", Unsigned, Static),
            new(5, "max_info_field_length_transmit", Unsigned, Static) { Until = 0 },
            new(5, "max_info_field_length_transmit", LongUnsigned, Static) { From = 1 },
            new(6, "max_info_field_length_receive", Unsigned, Static) { Until = 0 },
            new(6, "max_info_field_length_receive", LongUnsigned, Static) { From = 1 },
            new(7, "inter_octet_time_out", LongUnsigned, Static),
            new(8, "inactivity_time_out", LongUnsigned, Static),
            new(9, "device_address", LongUnsigned, Static),
        ],
        []);

    /// <summary>Parameters of an HDLC port. Version 1.</summary>
    public static readonly ClassSpec IecHdlcSetup = HdlcSetupVersions[1];

    private static readonly ClassSpec[] TwistedPairVersions = ClassSpec.Versions(24, "IEC twisted pair (1) setup", "4.7.3", [0, 1],
        [
            new(2, "secondary_address", OctetString, Static) { Until = 0, Unconfirmed = true },
            new(3, "primary_address_list", ArrayOf(Unsigned), Static) { Until = 0, Unconfirmed = true },
            new(4, "tabi_list", ArrayOf(Integer), Static) { Until = 0, Unconfirmed = true },
            new(5, "fatal_error", CosemType.Enum, Dynamic) { Until = 0, Unconfirmed = true },
            new(2, "mode", Enumeration("twisted_pair_mode", "inactive", "active"), Static) { From = 1 },
            new(3, "speed", CosemType.Enum, Static) { From = 1 },
            new(4, "primary_address_list", ArrayOf(Unsigned), Static) { From = 1 },
            new(5, "tabi_list", ArrayOf(Integer), Static) { From = 1 },
        ],
        []);

    /// <summary>Parameters of a twisted pair bus, IEC 62056-31. Version 1.</summary>
    public static readonly ClassSpec IecTwistedPairSetup = TwistedPairVersions[1];

    /// <summary>Speed, initialization and result codes of a modem.</summary>
    public static readonly ClassSpec ModemConfiguration = new(27, 1, "Modem configuration", "4.7.4")
    {
        Attributes =
        [
            new(2, "comm_speed", SharedTypes.Baud, Static),
            new(3, "initialization_string", ArrayOf(Structure("initialization_string_element",
                ("request", OctetString), ("response", OctetString), ("delay_after_response", LongUnsigned))), Static),
            new(4, "modem_profile", ArrayOf(OctetString), Static),
        ],
    };

    /// <summary>When and from whom the device takes calls.</summary>
    public static readonly ClassSpec AutoAnswer = new(28, 2, "Auto answer", "4.7.5")
    {
        Attributes =
        [
            new(2, "mode", Enumeration("auto_answer_mode", "dedicated line", "shared, limited calls", "shared, limited successful calls", "no modem"), Static),
            new(3, "listening_window", ArrayOf(SharedTypes.Window), Static),
            new(4, "status", Enumeration("auto_answer_status", "inactive", "active", "locked"), Dynamic),
            new(5, "number_of_calls", Unsigned, Static),
            new(6, "number_of_rings", Structure("number_of_rings", ("nr_rings_in_window", Unsigned), ("nr_rings_out_of_window", Unsigned)), Static),
            new(7, "list_of_allowed_callers", ArrayOf(Structure("allowed_caller",
                ("caller_id", OctetString), ("call_type", Enumeration("call_type", "normal CSD call", "wake-up call")))), Static),
        ],
    };

    private static readonly ClassSpec[] AutoConnectVersions = ClassSpec.Versions(29, "Auto connect", "4.7.6", [1, 2],
        [
            new(2, "mode", Enumeration("auto_connect_mode",
                (0, "none"), (1, "any time"), (2, "within window"), (3, "regular within window, alarm any time"), (4, "SMS PLMN"), (5, "SMS PSTN"), (6, "e-mail"),
                (101, "permanently connected"), (102, "permanently within window"), (103, "always, also on method"), (104, "only on method")), Static),
            new(3, "repetitions", Unsigned, Static),
            new(4, "repetition_delay", LongUnsigned, Static),
            new(5, "calling_window", ArrayOf(SharedTypes.Window), Static),
            new(6, "destination_list", ArrayOf(OctetString), Static),
        ],
        [new(1, "connect", NoParameter) { From = 2 }]);

    /// <summary>When and whom the device calls. Version 2; version 1 is called Auto dial.</summary>
    public static readonly ClassSpec AutoConnect = AutoConnectVersions[1];

    private static readonly ClassSpec[] MBusClientVersions = ClassSpec.Versions(72, "M-Bus client", "4.8", [0, 1],
        [
            new(2, "mbus_port_reference", LogicalName, Static),
            new(3, "capture_definition", ArrayOf(Structure("capture_definition_element",
                ("data_information_block", OctetString), ("value_information_block", OctetString))), Static),
            new(4, "capture_period", DoubleLongUnsigned, Static),
            new(5, "primary_address", Unsigned, Dynamic),
            new(6, "identification_number", DoubleLongUnsigned, Dynamic),
            new(7, "manufacturer_id", LongUnsigned, Dynamic),
            new(8, "version", Unsigned, Dynamic),
            new(9, "device_type", Unsigned, Dynamic),
            new(10, "access_number", Unsigned, Dynamic),
            new(11, "status", Unsigned, Dynamic),
            new(12, "alarm", Unsigned, Dynamic),
            new(13, "configuration", LongUnsigned, Dynamic) { From = 1 },
            new(14, "encryption_key_status", Enumeration("encryption_key_status",
                "no encryption key", "encryption key set", "encryption key transferred", "encryption key set and transferred", "encryption key in use"), Dynamic) { From = 1 },
        ],
        [
            new(1, "slave_install", Unsigned),
            new(2, "slave_deinstall", NoParameter),
            new(3, "capture", NoParameter),
            new(4, "reset_alarm", NoParameter),
            new(5, "synchronize_clock", NoParameter),
            new(6, "data_send", ArrayOf(Structure("mbus_data",
                ("data_information_block", OctetString), ("value_information_block", OctetString), ("data", Any)))) { Unconfirmed = true },
            new(7, "set_encryption_key", OctetString),
            new(8, "transfer_key", OctetString),
        ]);

    /// <summary>One M-Bus meter that the device reads. Version 1.</summary>
    public static readonly ClassSpec MBusClient = MBusClientVersions[1];

    /// <summary>Speed of the device's M-Bus master port.</summary>
    public static readonly ClassSpec MBusMasterPortSetup = new(74, 0, "M-Bus master port setup", "4.8")
    {
        Attributes = [new(2, "comm_speed", SharedTypes.Baud, Static)],
    };

    private static ClassSpec[] Ports =>
    [
        .. LocalPortVersions, .. HdlcSetupVersions, .. TwistedPairVersions, ModemConfiguration, AutoAnswer, .. AutoConnectVersions,
        .. MBusClientVersions, MBusMasterPortSetup,
    ];
}
