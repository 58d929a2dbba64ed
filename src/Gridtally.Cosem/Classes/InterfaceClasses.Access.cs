using static Gridtally.Cosem.Classes.CosemType;
using static Gridtally.Cosem.Classes.Kind;

namespace Gridtally.Cosem.Classes;

/// <content>Access control and management.</content>
public static partial class InterfaceClasses
{
    private static readonly CosemType AttributeAccess = ArrayOf(Structure("attribute_access_item",
        ("attribute_id", Integer), ("access_mode", CosemType.Enum), ("access_selectors", OneOf(Null, ArrayOf(Integer)))));

    private static readonly CosemType MethodAccess = ArrayOf(Structure("method_access_item", ("method_id", Integer), ("access_mode", CosemType.Enum)));

    private static readonly CosemType AccessRight = Structure("access_right", ("attribute_access", AttributeAccess), ("method_access", MethodAccess));

    private static readonly CosemType ObjectListElement = Structure("object_list_element",
        ("class_id", LongUnsigned), ("version", Unsigned), ("logical_name", LogicalName), ("access_rights", AccessRight));

    // Version 0 knows only whether a method may be invoked.
    private static readonly CosemType ObjectListElement0 = Structure("object_list_element_v0",
        ("class_id", LongUnsigned), ("version", Unsigned), ("logical_name", LogicalName),
        ("access_rights", Structure("access_right_v0",
            ("attribute_access", AttributeAccess),
            ("method_access", ArrayOf(Structure("method_access_item_v0", ("method_id", Integer), ("access_mode", Bool)))))));

    private static readonly CosemType ShortNameElement = Structure("objlist_element",
        ("base_name", Long), ("class_id", LongUnsigned), ("version", Unsigned), ("logical_name", LogicalName));

    private static readonly CosemType ShortNameRights = Structure("access_rights_element",
        ("base_name", Long), ("attribute_access", AttributeAccess), ("method_access", MethodAccess));

    private static readonly ClassSpec[] AssociationSnVersions = ClassSpec.Versions(12, "Association SN", "4.4.3", [0, 1, 2, 3],
        [
            new(2, "object_list", ArrayOf(ShortNameElement), Static) { Selectors = [1, 2, 3] },
            new(3, "access_rights_list", ArrayOf(ShortNameRights), Static) { From = 1, Selectors = [1, 2, 3], Unconfirmed = true },
            new(4, "security_setup_reference", OctetString, Static) { From = 2, Unconfirmed = true },
            new(5, "user_list", ArrayOf(SharedTypes.User), Static) { From = 3, Unconfirmed = true },
            new(6, "current_user", SharedTypes.User, Dynamic) { From = 3, Unconfirmed = true },
        ],
        [
            new(3, "read_by_logicalname", ArrayOf(SharedTypes.ValueDefinition)) { Returns = ArrayOf(Any) },
            new(4, "get_attributes&services", ArrayOf(SharedTypes.ObjectDefinition)) { Returns = Any, Until = 1, Unconfirmed = true },
            new(5, "change_LLS_secret", OctetString),
            new(6, "change_HLS_secret", OctetString),
            new(8, "reply_to_HLS_authentication", OctetString) { Returns = OctetString },
            new(9, "add_user", SharedTypes.User) { From = 3, Unconfirmed = true },
            new(10, "remove_user", SharedTypes.User) { From = 3, Unconfirmed = true },
        ],
        shortNameMethods: 0x20);

    /// <summary>The association of meters that are addressed by short names. Version 3.</summary>
    public static readonly ClassSpec AssociationSn = AssociationSnVersions[3];

    private static readonly ClassSpec[] AssociationLnVersions = ClassSpec.Versions(15, "Association LN", "4.4.4", [0, 1, 2, 3],
        [
            new(2, "object_list", ArrayOf(ObjectListElement0), Static) { Until = 0, Selectors = [1, 2, 3, 4] },
            new(2, "object_list", ArrayOf(ObjectListElement), Static) { From = 1, Selectors = [1, 2, 3, 4] },
            new(3, "associated_partners_id", Structure("associated_partners_type", ("client_SAP", Integer), ("server_SAP", LongUnsigned)), Static),
            new(4, "application_context_name", OneOf(Octets(7), ContextName("application_context_name", "context_id")), Static),
            new(5, "xDLMS_context_info", Structure("xDLMS_context_type",
                ("conformance", BitString(24)), ("max_receive_pdu_size", LongUnsigned), ("max_send_pdu_size", LongUnsigned),
                ("dlms_version_number", Unsigned), ("quality_of_service", Integer), ("cyphering_info", OctetString)), Static),
            new(6, "authentication_mechanism_name", OneOf(Octets(7), ContextName("authentication_mechanism_name", "mechanism_id")), Static),
            new(7, "LLS_secret", OctetString, Static) { Until = 0, IsSecret = true },
            new(7, "secret", OctetString, Static) { From = 1, IsSecret = true },
            new(8, "association_status", Enumeration("association_status", "non-associated", "association pending", "associated"), Dynamic),
            new(9, "security_setup_reference", OctetString, Static) { From = 1 },
            new(10, "user_list", ArrayOf(SharedTypes.User), Static) { From = 2 },
            new(11, "current_user", SharedTypes.User, Dynamic) { From = 2 },
        ],
        [
            new(1, "reply_to_HLS_authentication", OctetString) { Returns = OctetString },
            new(2, "change_HLS_secret", OctetString),
            new(3, "add_object", ObjectListElement0) { Until = 0 },
            new(3, "add_object", ObjectListElement) { From = 1 },
            new(4, "remove_object", ObjectListElement0) { Until = 0 },
            new(4, "remove_object", ObjectListElement) { From = 1 },
            new(5, "add_user", SharedTypes.User) { From = 2 },
            new(6, "remove_user", SharedTypes.User) { From = 2 },
        ]);

    /// <summary>One association: who may do what with which objects. Version 2.</summary>
    public static readonly ClassSpec AssociationLn = AssociationLnVersions[2];

    private static readonly CosemType SapEntry = Structure("asslist_element", ("SAP", LongUnsigned), ("logical_device_name", OctetString));

    /// <summary>The logical devices of a physical device.</summary>
    public static readonly ClassSpec SapAssignment = new(17, 0, "SAP assignment", "4.4.5")
    {
        Attributes = [new(2, "SAP_assignment_list", ArrayOf(SapEntry), Static)],
        Methods = [new(1, "connect_logical_device", SapEntry)],
        ShortNameMethods = 0x20,
    };

    /// <summary>Takes a new firmware in blocks, verifies and activates it.</summary>
    public static readonly ClassSpec ImageTransfer = new(18, 0, "Image transfer", "4.4.6")
    {
        Attributes =
        [
            new(2, "image_block_size", DoubleLongUnsigned, Static),
            new(3, "image_transferred_blocks_status", Bits, Dynamic),
            new(4, "image_first_not_transferred_block_number", DoubleLongUnsigned, Dynamic),
            new(5, "image_transfer_enabled", Bool, Static),
            new(6, "image_transfer_status", Enumeration("image_transfer_status",
                "not initiated", "transfer initiated", "verification initiated", "verification successful", "verification failed",
                "activation initiated", "activation successful", "activation failed"), Dynamic),
            new(7, "image_to_activate_info", ArrayOf(Structure("image_to_activate_info_element",
                ("image_to_activate_size", DoubleLongUnsigned), ("image_to_activate_identification", OctetString), ("image_to_activate_signature", OctetString))), Dynamic),
        ],
        Methods =
        [
            new(1, "image_transfer_initiate", Structure("image_transfer_initiate", ("image_identifier", OctetString), ("image_size", DoubleLongUnsigned)), Mandatory: true),
            new(2, "image_block_transfer", Structure("image_block_transfer", ("image_block_number", DoubleLongUnsigned), ("image_block_value", OctetString)), Mandatory: true),
            new(3, "image_verify", NoParameter, Mandatory: true),
            new(4, "image_activate", NoParameter, Mandatory: true),
        ],
        ShortNameMethods = 0x40,
    };

    /// <summary>Protects attributes and methods apart from the association.</summary>
    public static readonly ClassSpec DataProtection = new(30, 0, "COSEM data protection", "4.4.9")
    {
        Attributes =
        [
            new(2, "protection_buffer", OctetString, Dynamic),
            new(3, "protection_object_list", ArrayOf(SharedTypes.CaptureObject), Static),
            new(4, "protection_parameters_get", ArrayOf(SharedTypes.ProtectionParameters), Static),
            new(5, "protection_parameters_set", ArrayOf(SharedTypes.ProtectionParameters), Static),
            new(6, "required_protection", SharedTypes.ProtectionMask, Static),
        ],
        Methods =
        [
            new(1, "get_protected_attributes", Any, Mandatory: true) { Returns = Any, Unconfirmed = true },
            new(2, "set_protected_attributes", Any, Mandatory: true) { Unconfirmed = true },
            new(3, "invoke_protected_method", Any, Mandatory: true) { Returns = Any, Unconfirmed = true },
        ],
    };

    private static readonly CosemType CertificateEntity = Enumeration("certificate_entity", "server", "client", "certification authority", "other");

    private static readonly CosemType CertificateType = Enumeration("certificate_type", "digital signature", "key agreement", "TLS", "other");

    private static readonly CosemType KeyId = Enumeration("key_id",
        "global unicast encryption key", "global broadcast encryption key", "authentication key", "master key");

    private static readonly CosemType KeyPair = Enumeration("key_pair", "digital signature", "key agreement", "TLS");

    private static readonly CosemType KeyData = ArrayOf(Structure("key_agreement_data", ("key_id", KeyId), ("key_data", OctetString)));

    private static readonly CosemType CertificateIdentification = Structure("certificate_identification",
        ("certificate_identification_type", Enumeration("certificate_identification_type", "by entity", "by serial number")),
        ("certification_identification_options", OneOf(
            Structure("certificate_identification_by_entity", ("certificate_entity", CertificateEntity), ("certificate_type", CertificateType), ("system_title", OctetString)),
            Structure("certificate_identification_by_serial", ("serial_number", OctetString), ("issuer", OctetString)))));

    private static readonly CosemType KeyTransfer = ArrayOf(Structure("key_transfer_data", ("key_id", KeyId), ("key_wrapped", OctetString)));

    private static readonly CosemType Policy0 = Enumeration("security_policy_v0",
        "none", "all messages authenticated", "all messages encrypted", "all messages authenticated and encrypted");

    private static readonly CosemType Policy1 = Mask("security_policy",
        (0x00, "none"), (0x04, "authenticated request"), (0x08, "encrypted request"), (0x10, "digitally signed request"),
        (0x20, "authenticated response"), (0x40, "encrypted response"), (0x80, "digitally signed response"));

    private static readonly ClassSpec[] SecuritySetupVersions = ClassSpec.Versions(64, "Security setup", "4.4.7", [0, 1],
        [
            new(2, "security_policy", Policy0, Static) { Until = 0 },
            new(2, "security_policy", Policy1, Static) { From = 1 },
            new(3, "security_suite", Enumeration("security_suite",
                "AES-GCM-128", "ECDH-ECDSA-AES-GCM-128-SHA-256", "ECDH-ECDSA-AES-GCM-256-SHA-384"), Static),
            new(4, "client_system_title", OctetString, Dynamic),
            new(5, "server_system_title", OctetString, Static),
            new(6, "certificates", ArrayOf(Structure("certificate_info",
                ("certificate_entity", CertificateEntity), ("certificate_type", CertificateType), ("serial_number", OctetString),
                ("issuer", OctetString), ("subject", OctetString), ("subject_alt_name", OctetString))), Dynamic) { From = 1 },
        ],
        [
            new(1, "security_activate", Policy0) { Until = 0 },
            new(1, "security_activate", Policy1) { From = 1 },
            new(2, "global_key_transfer", KeyTransfer) { Until = 0 },
            new(2, "key_transfer", KeyTransfer) { From = 1 },
            new(3, "key_agreement", KeyData) { From = 1, Returns = KeyData },
            new(4, "generate_key_pair", KeyPair) { From = 1 },
            new(5, "generate_certificate_request", KeyPair) { From = 1, Returns = OctetString },
            new(6, "import_certificate", OctetString) { From = 1 },
            new(7, "export_certificate", CertificateIdentification) { From = 1, Returns = OctetString },
            new(8, "remove_certificate", CertificateIdentification) { From = 1 },
        ]);

    /// <summary>Keys and policy of one security context. Version 1.</summary>
    public static readonly ClassSpec SecuritySetup = SecuritySetupVersions[1];

    private static ClassSpec[] Access => [.. AssociationSnVersions, .. AssociationLnVersions, SapAssignment, ImageTransfer, DataProtection, .. SecuritySetupVersions];

    // The arcs of an object identifier, one field each; the older of its two forms.
    private static CosemType ContextName(string name, string last) => Structure(name,
        ("joint_iso_ctt_element", Unsigned), ("country_element", Unsigned), ("country_name_element", LongUnsigned), ("identified_organization_element", Unsigned),
        ("DLMS_UA_element", Unsigned), (last == "context_id" ? "application_context_element" : "authentication_mechanism_name_element", Unsigned), (last, Unsigned));
}
