using static Gridtally.Cosem.Classes.CosemType;
using static Gridtally.Cosem.Classes.Kind;

namespace Gridtally.Cosem.Classes;

/// <content>Time, calendars and schedules.</content>
public static partial class InterfaceClasses
{
    /// <summary>The device's clock.</summary>
    public static readonly ClassSpec Clock = new(8, 0, "Clock", "4.5.1")
    {
        Attributes =
        [
            new(2, "time", CosemType.DateTime, Dynamic),
            new(3, "time_zone", Long, Static),
            new(4, "status", Unsigned, Dynamic),
            new(5, "daylight_savings_begin", CosemType.DateTime, Static),
            new(6, "daylight_savings_end", CosemType.DateTime, Static),
            new(7, "daylight_savings_deviation", Integer, Static),
            new(8, "daylight_savings_enabled", Bool, Static),
            new(9, "clock_base", Enumeration("clock_base", "not defined", "internal crystal", "mains frequency 50 Hz", "mains frequency 60 Hz", "GPS", "radio controlled"), Static),
        ],
        Methods =
        [
            new(1, "adjust_to_quarter", NoParameter),
            new(2, "adjust_to_measuring_period", NoParameter),
            new(3, "adjust_to_minute", NoParameter),
            new(4, "adjust_to_preset_time", NoParameter),
            new(5, "preset_adjusting_time", Structure("preset_adjusting_time",
                ("preset_time", CosemType.DateTime), ("validity_interval_start", CosemType.DateTime), ("validity_interval_end", CosemType.DateTime))),
            new(6, "shift_time", Long),
        ],
        ShortNameMethods = 0x60,
    };

    private static readonly CosemType ScriptAction = Structure("script_action",
        ("service_id", Enumeration("script_service", (1, "write attribute"), (2, "execute method"))),
        ("class_id", LongUnsigned), ("logical_name", LogicalName), ("index", Integer), ("parameter", Any));

    /// <summary>Scripts: lists of attributes to write and methods to execute.</summary>
    public static readonly ClassSpec ScriptTable = new(9, 0, "Script table", "4.5.2")
    {
        Attributes = [new(2, "scripts", ArrayOf(Structure("script", ("script_identifier", LongUnsigned), ("actions", ArrayOf(ScriptAction)))), Static)],
        Methods = [new(1, "execute", LongUnsigned, Mandatory: true)],
        ShortNameMethods = 0x20,
    };

    private static readonly CosemType ScheduleEntry = Structure("schedule_table_entry",
        ("index", LongUnsigned), ("enable", Bool), ("script_logical_name", LogicalName), ("script_selector", LongUnsigned), ("switch_time", CosemType.Time),
        ("validity_window", LongUnsigned), ("exec_weekdays", Bits), ("exec_specdays", Bits), ("begin_date", Date), ("end_date", Date));

    /// <summary>Scripts to run by weekday and date.</summary>
    public static readonly ClassSpec Schedule = new(10, 0, "Schedule", "4.5.3")
    {
        Attributes = [new(2, "entries", ArrayOf(ScheduleEntry), Static)],
        Methods =
        [
            new(1, "enable/disable", Structure("schedule_enable_disable",
                ("firstIndexA", LongUnsigned), ("lastIndexA", LongUnsigned), ("firstIndexB", LongUnsigned), ("lastIndexB", LongUnsigned))),
            new(2, "insert", ScheduleEntry),
            new(3, "delete", Structure("schedule_delete", ("firstIndex", LongUnsigned), ("lastIndex", LongUnsigned))),
        ],
        ShortNameMethods = 0x20,
    };

    private static readonly CosemType SpecialDay = Structure("spec_day_entry", ("index", LongUnsigned), ("specialday_date", Date), ("day_id", Unsigned));

    /// <summary>Days that have a day profile of their own.</summary>
    public static readonly ClassSpec SpecialDaysTable = new(11, 0, "Special days table", "4.5.4")
    {
        Attributes = [new(2, "entries", ArrayOf(SpecialDay), Static)],
        Methods = [new(1, "insert", SpecialDay), new(2, "delete", LongUnsigned)],
        ShortNameMethods = 0x10,
    };

    private static readonly CosemType Seasons = ArrayOf(Structure("season_profile",
        ("season_profile_name", OctetString), ("season_start", CosemType.DateTime), ("week_name", OctetString)));

    private static readonly CosemType Weeks = ArrayOf(Structure("week_profile",
        ("week_profile_name", OctetString), ("monday", Unsigned), ("tuesday", Unsigned), ("wednesday", Unsigned), ("thursday", Unsigned),
        ("friday", Unsigned), ("saturday", Unsigned), ("sunday", Unsigned)));

    private static readonly CosemType Days = ArrayOf(Structure("day_profile",
        ("day_id", Unsigned),
        ("day_schedule", ArrayOf(Structure("day_profile_action",
            ("start_time", CosemType.Time), ("script_logical_name", LogicalName), ("script_selector", LongUnsigned))))));

    /// <summary>Tariff calendar: seasons, weeks and days, one active and one to come.</summary>
    public static readonly ClassSpec ActivityCalendar = new(20, 0, "Activity calendar", "4.5.5")
    {
        Attributes =
        [
            new(2, "calendar_name_active", OctetString, Static),
            new(3, "season_profile_active", Seasons, Static),
            new(4, "week_profile_table_active", Weeks, Static),
            new(5, "day_profile_table_active", Days, Static),
            new(6, "calendar_name_passive", OctetString, Static),
            new(7, "season_profile_passive", Seasons, Static),
            new(8, "week_profile_table_passive", Weeks, Static),
            new(9, "day_profile_table_passive", Days, Static),
            new(10, "activate_passive_calendar_time", CosemType.DateTime, Static),
        ],
        Methods = [new(1, "activate_passive_calendar", NoParameter)],
        ShortNameMethods = 0x50,
    };

    /// <summary>Runs scripts when a value crosses thresholds.</summary>
    public static readonly ClassSpec RegisterMonitor = new(21, 0, "Register monitor", "4.5.6")
    {
        Attributes =
        [
            new(2, "thresholds", ArrayOf(Value), Static),
            new(3, "monitored_value", SharedTypes.ValueDefinition, Static),
            new(4, "actions", ArrayOf(Structure("action_set", ("action_up", SharedTypes.ActionItem), ("action_down", SharedTypes.ActionItem))), Static),
        ],
    };

    /// <summary>One script, at times of day and dates.</summary>
    public static readonly ClassSpec SingleActionSchedule = new(22, 0, "Single action schedule", "4.5.7")
    {
        Attributes =
        [
            new(2, "executed_script", SharedTypes.ActionItem, Static),
            new(3, "type", Enumeration("single_action_schedule_type",
                (1, "one time, wildcards in date"), (2, "equal times, no wildcards"), (3, "equal times, wildcards in date"),
                (4, "different times, no wildcards"), (5, "different times, wildcards in date")), Static),
            new(4, "execution_time", ArrayOf(Structure("execution_time_date", ("time", CosemType.Time), ("date", Date))), Static),
        ],
    };

    private static ClassSpec[] Time => [Clock, ScriptTable, Schedule, SpecialDaysTable, ActivityCalendar, RegisterMonitor, SingleActionSchedule];
}
