//! The code names a scenario may use, written from the domain page by hand: a name the phone does not know is found at
//! loading, not on the ninth day.

use super::error::Fault;

pub(crate) const PATROL_TYPES: &[&str] = &[
    "dock_duty",
    "scenic_area",
    "coastline",
    "sea",
    "street",
    "night_market",
    "rail_station",
    "village_visit",
    "plot_survey",
    "holiday",
    "typhoon_check",
    "ice_check",
];
pub(crate) const TRANSPORTS: &[&str] = &["foot", "bike", "car", "boat", "drone_assist"];
pub(crate) const OBSERVATION_KINDS: &[&str] = &[
    "normal",
    "hazard",
    "dispute",
    "order",
    "ecology",
    "crowd",
    "vessel",
    "facility",
    "visit",
    "publicity",
    "other",
];
pub(crate) const COUNT_KINDS: &[&str] = &[
    "island_entry_check",
    "dissuade_illegal_sailing",
    "mudflat_dispute_resolved",
    "ecology_stopped",
    "rescued",
    "vessel_moved",
    "property_saved",
    "dispute_mediated",
    "household_visit",
    "test_organised",
    "goods_moved",
    "calls_received",
    "officers_out",
    "order_case",
    "offender_dealt",
    "publicity",
];
pub(crate) const CASE_KINDS: &[&str] = &[
    "dispute",
    "hazard",
    "public_order",
    "environment",
    "ecology",
    "livelihood_help",
    "clue",
    "urgent",
    "survey",
    "publicity",
    "inspection",
    "other",
];
pub(crate) const LEVELS: &[&str] = &["simple", "general", "complex"];
pub(crate) const DISPUTE_TYPES: &[&str] = &[
    "marriage_family",
    "neighbour",
    "property_mgmt",
    "labour_pay",
    "land_forest_water",
    "demolition",
    "building_quality",
    "contract",
    "consumer_tourism",
    "mudflat",
    "medical",
    "school",
    "environment",
    "traffic",
    "village_affairs",
    "maritime",
    "other",
];
pub(crate) const SCALES: &[&str] = &["under_50", "50_100", "100_500", "over_500"];
pub(crate) const PARTY_ROLES: &[&str] = &["A", "B", "other"];
pub(crate) const RESULTS: &[&str] = &[
    "solved",
    "partly_solved",
    "persuaded",
    "mediated_agreed",
    "mediated_failed",
    "not_found",
    "false_report",
    "duplicate",
    "transferred",
    "needs_department",
    "refused_entry",
    "emergency_handled",
    "no_violation",
];
pub(crate) const MEASURES: &[&str] = &[
    "cleaned",
    "removed",
    "warned",
    "persuaded",
    "mediated",
    "evacuated",
    "rescued",
    "first_aid",
    "notified_owner",
    "notified_property_mgmt",
    "notified_department",
    "sealed_or_cordoned",
    "publicity",
    "recorded_only",
];
pub(crate) const PARTY_TOLD: &[&str] = &["yes", "no", "unreachable"];
pub(crate) const AGREEMENTS: &[&str] = &["oral", "written"];
pub(crate) const MILESTONES: &[&str] = &[
    "received",
    "partner_informed",
    "departed",
    "on_scene",
    "contact_made",
    "safe",
    "handed_over",
];
pub(crate) const PLATFORMS: &[&str] = &["android", "ios"];

/// That a name is one of these.
pub(crate) fn one_of(field: &str, name: &str, names: &[&str]) -> Result<(), Fault> {
    if names.contains(&name) {
        return Ok(());
    }
    Err(Fault::of(
        field,
        format!("says `{name}`, which is no such name"),
        format!("use one of {}", names.join(", ")),
    ))
}

/// That a text has between 1 and `max` characters: the phone refuses a longer one.
pub(crate) fn text(field: &str, text: &str, max: usize) -> Result<(), Fault> {
    let chars = text.chars().count();
    if text.trim().is_empty() {
        return Err(Fault::of(field, "is empty", "write some words there"));
    }
    if chars > max {
        return Err(Fault::of(
            field,
            format!("has {chars} characters"),
            format!("shorten it to {max}"),
        ));
    }
    Ok(())
}
