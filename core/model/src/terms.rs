//! Code tables of the domain (domain.md §4, §7, §8): the names are the contract, the numbers are the wire.

use crate::coded::coded;

coded! {
    /// Kind of a matter (domain §4.3).
    pub enum CaseKind {
        Dispute = 1 "dispute",
        Hazard = 2 "hazard",
        PublicOrder = 3 "public_order",
        Environment = 4 "environment",
        Ecology = 5 "ecology",
        LivelihoodHelp = 6 "livelihood_help",
        Clue = 7 "clue",
        Urgent = 8 "urgent",
        Survey = 9 "survey",
        Publicity = 10 "publicity",
        Inspection = 11 "inspection",
        Other = 12 "other",
    }
}

coded! {
    /// What a key of the platform is for (docs/sync.md §14).
    pub enum KeyPurpose {
        Signing = 1 "signing",
        Sealing = 2 "sealing",
    }
}

coded! {
    /// How much time a matter is given (domain §6.2).
    pub enum Level {
        Simple = 1 "simple",
        General = 2 "general",
        Complex = 3 "complex",
        Urgent = 4 "urgent",
    }
}

coded! {
    /// What a dispute is about (domain §4.3).
    pub enum DisputeType {
        MarriageFamily = 1 "marriage_family",
        Neighbour = 2 "neighbour",
        PropertyMgmt = 3 "property_mgmt",
        LabourPay = 4 "labour_pay",
        LandForestWater = 5 "land_forest_water",
        Demolition = 6 "demolition",
        BuildingQuality = 7 "building_quality",
        Contract = 8 "contract",
        ConsumerTourism = 9 "consumer_tourism",
        Mudflat = 10 "mudflat",
        Medical = 11 "medical",
        School = 12 "school",
        Environment = 13 "environment",
        Traffic = 14 "traffic",
        VillageAffairs = 15 "village_affairs",
        Maritime = 16 "maritime",
        Other = 17 "other",
    }
}

coded! {
    /// How many people a dispute involves (GB/T 31000 item).
    pub enum Scale {
        Under50 = 1 "under_50",
        From50To100 = 2 "50_100",
        From100To500 = 3 "100_500",
        Over500 = 4 "over_500",
    }
}

coded! {
    /// Side of a party to a dispute.
    pub enum PartyRole {
        A = 1 "A",
        B = 2 "B",
        Other = 3 "other",
    }
}

coded! {
    /// What came of the handling (domain §8).
    pub enum ReportResult {
        Solved = 1 "solved",
        PartlySolved = 2 "partly_solved",
        Persuaded = 3 "persuaded",
        MediatedAgreed = 4 "mediated_agreed",
        MediatedFailed = 5 "mediated_failed",
        NotFound = 6 "not_found",
        FalseReport = 7 "false_report",
        Duplicate = 8 "duplicate",
        Transferred = 9 "transferred",
        NeedsDepartment = 10 "needs_department",
        RefusedEntry = 11 "refused_entry",
        EmergencyHandled = 12 "emergency_handled",
        NoViolation = 13 "no_violation",
    }
}

coded! {
    /// What was done (domain §8).
    pub enum Measure {
        Cleaned = 1 "cleaned",
        Removed = 2 "removed",
        Warned = 3 "warned",
        Persuaded = 4 "persuaded",
        Mediated = 5 "mediated",
        Evacuated = 6 "evacuated",
        Rescued = 7 "rescued",
        FirstAid = 8 "first_aid",
        NotifiedOwner = 9 "notified_owner",
        NotifiedPropertyMgmt = 10 "notified_property_mgmt",
        NotifiedDepartment = 11 "notified_department",
        SealedOrCordoned = 12 "sealed_or_cordoned",
        Publicity = 13 "publicity",
        RecordedOnly = 14 "recorded_only",
    }
}

coded! {
    /// Whether the person concerned was told the result.
    pub enum PartyTold {
        Yes = 1 "yes",
        No = 2 "no",
        Unreachable = 3 "unreachable",
    }
}

coded! {
    /// Form of an agreement between parties.
    pub enum AgreementForm {
        Oral = 1 "oral",
        Written = 2 "written",
    }
}

coded! {
    /// Kind of patrol (domain §7).
    pub enum PatrolType {
        DockDuty = 1 "dock_duty",
        ScenicArea = 2 "scenic_area",
        Coastline = 3 "coastline",
        Sea = 4 "sea",
        Street = 5 "street",
        NightMarket = 6 "night_market",
        RailStation = 7 "rail_station",
        VillageVisit = 8 "village_visit",
        PlotSurvey = 9 "plot_survey",
        Holiday = 10 "holiday",
        TyphoonCheck = 11 "typhoon_check",
        IceCheck = 12 "ice_check",
    }
}

coded! {
    /// How a patrol moves; decides which implied speeds are believed.
    pub enum Transport {
        Foot = 1 "foot",
        Bike = 2 "bike",
        Car = 3 "car",
        Boat = 4 "boat",
        DroneAssist = 5 "drone_assist",
    }
}

coded! {
    /// How a checkpoint visit was shown.
    pub enum Proof {
        Gps = 1 "gps",
        Qr = 2 "qr",
        Nfc = 3 "nfc",
        None = 4 "none",
    }
}

coded! {
    /// Why a visit has no position; never blocks the visit.
    pub enum UnlocatedReason {
        Indoor = 1 "indoor",
        Basement = 2 "basement",
        NoSky = 3 "no_sky",
    }
}

coded! {
    /// What was seen on patrol (domain §7).
    pub enum ObservationKind {
        Normal = 1 "normal",
        Hazard = 2 "hazard",
        Dispute = 3 "dispute",
        Order = 4 "order",
        Ecology = 5 "ecology",
        Crowd = 6 "crowd",
        Vessel = 7 "vessel",
        Facility = 8 "facility",
        Visit = 9 "visit",
        Publicity = 10 "publicity",
        Other = 11 "other",
    }
}

coded! {
    /// What is counted (domain §7). Person-times are not people.
    pub enum CountKind {
        IslandEntryCheck = 1 "island_entry_check",
        DissuadeIllegalSailing = 2 "dissuade_illegal_sailing",
        MudflatDisputeResolved = 3 "mudflat_dispute_resolved",
        EcologyStopped = 4 "ecology_stopped",
        Rescued = 5 "rescued",
        VesselMoved = 6 "vessel_moved",
        PropertySaved = 7 "property_saved",
        DisputeMediated = 8 "dispute_mediated",
        HouseholdVisit = 9 "household_visit",
        TestOrganised = 10 "test_organised",
        GoodsMoved = 11 "goods_moved",
        CallsReceived = 12 "calls_received",
        OfficersOut = 13 "officers_out",
        OrderCase = 14 "order_case",
        OffenderDealt = 15 "offender_dealt",
        Publicity = 16 "publicity",
    }
}

impl CountKind {
    /// The unit a person reads beside the number; empty for a kind this build does not know.
    pub const fn unit(self) -> &'static str {
        match self {
            Self::IslandEntryCheck
            | Self::DissuadeIllegalSailing
            | Self::Rescued
            | Self::TestOrganised
            | Self::Publicity => "人次",
            Self::VesselMoved => "艘次",
            Self::PropertySaved => "元",
            Self::HouseholdVisit => "户",
            Self::GoodsMoved => "kg",
            Self::OfficersOut => "人",
            Self::OffenderDealt => "名",
            Self::MudflatDisputeResolved
            | Self::EcologyStopped
            | Self::DisputeMediated
            | Self::CallsReceived
            | Self::OrderCase => "起",
            Self::Unknown(_) => "",
        }
    }
}

coded! {
    /// A step of an urgent call, one tap each (domain §10).
    pub enum Milestone {
        Received = 1 "received",
        PartnerInformed = 2 "partner_informed",
        Departed = 3 "departed",
        OnScene = 4 "on_scene",
        ContactMade = 5 "contact_made",
        Safe = 6 "safe",
        HandedOver = 7 "handed_over",
    }
}

coded! {
    /// What an attachment shows (domain §4.5).
    pub enum AttachmentRole {
        Before = 1 "before",
        During = 2 "during",
        After = 3 "after",
        Agreement = 4 "agreement",
        Notice = 5 "notice",
        Voice = 6 "voice",
        Other = 7 "other",
    }
}

coded! {
    /// Why a review sends a report back (domain §8).
    pub enum ReviewFailReason {
        NotSolved = 1 "not_solved",
        UnclearPhoto = 2 "unclear_photo",
        WrongPlace = 3 "wrong_place",
        MissingItem = 4 "missing_item",
        NotTold = 5 "not_told",
    }
}

coded! {
    /// Role of a person (domain §9); the ones this platform signs in or enrols.
    pub enum Role {
        GridWorker = 1 "grid_worker",
        GridLeader = 2 "grid_leader",
        Liaison = 3 "liaison",
        CommunityOfficer = 4 "community_officer",
        BorderOfficer = 5 "border_officer",
        PostLeader = 6 "post_leader",
        StationLeader = 7 "station_leader",
        DutyOfficer = 8 "duty_officer",
    }
}

coded! {
    /// Why the platform parked a change; shown to the worker in words.
    pub enum ParkReason {
        UnknownTask = 1 "unknown_task",
        Conflict = 2 "conflict",
        Unreadable = 3 "unreadable",
        NotHolder = 4 "not_holder",
        TooLarge = 5 "too_large",
        NewerFormat = 6 "newer_format",
        LaneGap = 7 "lane_gap",
        Revoked = 8 "revoked",
        PostingEnded = 9 "posting_ended",
    }
}

coded! {
    /// What a row of the feed is.
    pub enum RowKind {
        Task = 1 "task",
        Post = 2 "post",
    }
}

coded! {
    /// Why the platform refused a whole request. Nothing of it is believed sent.
    pub enum RefusalCode {
        Malformed = 1 "malformed",
        NewerVersion = 2 "newer_version",
        UnknownDevice = 3 "unknown_device",
        Revoked = 4 "revoked",
        BadSignature = 5 "bad_signature",
        CodeWrong = 6 "code_wrong",
        CodeUsed = 7 "code_used",
        CodeExpired = 8 "code_expired",
        TryLater = 9 "try_later",
        TooLarge = 10 "too_large",
        Fork = 11 "fork",
        NotFound = 12 "not_found",
        HashMismatch = 13 "hash_mismatch",
        WrongOffset = 14 "wrong_offset",
        NotGranted = 15 "not_granted",
        NoKey = 16 "no_key",
    }
}
