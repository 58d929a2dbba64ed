using static Gridtally.Cosem.Classes.CosemType;
using static Gridtally.Cosem.Classes.Kind;

namespace Gridtally.Cosem.Classes;

/// <content>Payment metering.</content>
public static partial class InterfaceClasses
{
    /// <summary>The account of a consumer: which credits and charges it has, and how it stands.</summary>
    public static readonly ClassSpec Account = new(111, 0, "Account", "4.6.2")
    {
        Attributes =
        [
            new(2, "account_mode_and_status", Structure("account_mode_and_status",
                ("account_mode", Enumeration("account_mode", (1, "credit mode"), (2, "prepayment mode"))),
                ("account_status", Enumeration("account_status", (1, "new, inactive"), (2, "active"), (3, "closed")))), Static),
            new(3, "current_credit_in_use", Unsigned, Dynamic),
            new(4, "current_credit_status", Bits, Dynamic),
            new(5, "available_credit", DoubleLong, Dynamic),
            new(6, "amount_to_clear", DoubleLong, Dynamic),
            new(7, "clearance_threshold", DoubleLong, Static),
            new(8, "aggregated_debt", DoubleLong, Dynamic),
            new(9, "credit_reference_list", ArrayOf(LogicalName), Static),
            new(10, "charge_reference_list", ArrayOf(LogicalName), Static),
            new(11, "credit_charge_configuration", ArrayOf(Structure("credit_charge_configuration_element",
                ("credit_reference", LogicalName), ("charge_reference", LogicalName), ("collection_configuration", Bits))), Static),
            new(12, "token_gateway_configuration", ArrayOf(Structure("token_gateway_configuration_element",
                ("credit_reference", LogicalName), ("token_proportion", Unsigned))), Static),
            new(13, "account_activation_time", CosemType.DateTime, Static),
            new(14, "account_closure_time", CosemType.DateTime, Static),
            new(15, "currency", Structure("currency",
                ("currency_name", Utf8String), ("currency_scale", Integer), ("currency_unit", Enumeration("currency_unit", "time", "consumption", "monetary"))), Static),
            new(16, "low_credit_threshold", DoubleLong, Static),
            new(17, "next_credit_available_threshold", DoubleLong, Static),
            new(18, "max_provision", LongUnsigned, Static),
            new(19, "max_provision_period", DoubleLong, Static),
        ],
        Methods = [new(1, "activate_account", NoParameter), new(2, "close_account", NoParameter), new(3, "reset_account", NoParameter)],
    };

    /// <summary>One source of credit: tokens, emergency credit.</summary>
    public static readonly ClassSpec Credit = new(112, 0, "Credit", "4.6.3")
    {
        Attributes =
        [
            new(2, "current_credit_amount", DoubleLong, Dynamic),
            new(3, "credit_type", Enumeration("credit_type", "token credit", "reserved credit", "emergency credit", "time based credit", "consumption based credit"), Static),
            new(4, "priority", Unsigned, Static),
            new(5, "warning_threshold", DoubleLong, Static),
            new(6, "limit", DoubleLong, Static),
            new(7, "credit_configuration", Bits, Static),
            new(8, "credit_status", Enumeration("credit_status", "enabled", "selectable", "selected or invoked", "in use", "exhausted"), Dynamic),
            new(9, "preset_credit_amount", DoubleLong, Static),
            new(10, "credit_available_threshold", DoubleLong, Static),
            new(11, "period", CosemType.DateTime, Static),
        ],
        Methods = [new(1, "update_amount", DoubleLong), new(2, "set_amount_to_value", DoubleLong), new(3, "invoke_credit", NoParameter)],
    };

    private static readonly CosemType ChargeTable = ArrayOf(Structure("charge_table_element", ("index", OctetString), ("charge_per_unit", Long)));

    private static readonly CosemType UnitCharge = Structure("unit_charge",
        ("charge_per_unit_scaling", Structure("charge_per_unit_scaling", ("commodity_scale", Integer), ("price_scale", Integer))),
        ("commodity_reference", SharedTypes.ValueDefinition), ("charge_table", ChargeTable));

    /// <summary>One thing that is charged for: consumption, standing charge, debt.</summary>
    public static readonly ClassSpec Charge = new(113, 0, "Charge", "4.6.4")
    {
        Attributes =
        [
            new(2, "total_amount_paid", DoubleLong, Dynamic),
            new(3, "charge_type", Enumeration("charge_type", "consumption based collection", "time based collection", "payment event based collection"), Static),
            new(4, "priority", Unsigned, Static),
            new(5, "unit_charge_active", UnitCharge, Static),
            new(6, "unit_charge_passive", UnitCharge, Static),
            new(7, "unit_charge_activation_time", CosemType.DateTime, Static),
            new(8, "period", DoubleLongUnsigned, Static),
            new(9, "charge_configuration", Bits, Static),
            new(10, "last_collection_time", CosemType.DateTime, Dynamic),
            new(11, "last_collection_amount", DoubleLong, Dynamic),
            new(12, "total_amount_remaining", DoubleLong, Dynamic),
            new(13, "proportion", LongUnsigned, Static),
        ],
        Methods =
        [
            new(1, "update_unit_charge", ChargeTable) { Unconfirmed = true },
            new(2, "activate_passive_unit_charge", NoParameter),
            new(3, "collect", NoParameter),
            new(4, "update_total_amount_remaining", DoubleLong),
            new(5, "set_total_amount_remaining", DoubleLong),
        ],
    };

    /// <summary>Takes tokens that add credit.</summary>
    public static readonly ClassSpec TokenGateway = new(115, 0, "Token gateway", "4.6.5")
    {
        Attributes =
        [
            new(2, "token", OctetString, Dynamic),
            new(3, "token_time", CosemType.DateTime, Dynamic),
            new(4, "token_description", ArrayOf(OctetString), Dynamic),
            new(5, "token_delivery_method", Enumeration("token_delivery_method", "remote", "local", "manual"), Dynamic),
            new(6, "token_status", Structure("token_status",
                ("status_code", Enumeration("token_status_code",
                    "format ok", "authentication ok", "validation ok", "execution ok", "format failure", "authentication failure",
                    "validation failure", "execution failure", "received, not yet processed")),
                ("data_value", Bits)), Dynamic),
        ],
        Methods = [new(1, "enter", OctetString) { Unconfirmed = true }],
    };

    private static ClassSpec[] Payment => [Account, Credit, Charge, TokenGateway];
}
