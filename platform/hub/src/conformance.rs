//! The suite that every store must pass: the isolation law, and everything the hub promises over it. A store's own tests
//! call [`crate::conformance_tests!`] with a function that makes an empty store.
//!
//! Everything here repeats itself exactly: time is counted by the test, randomness is seeded.

pub mod backup;
pub mod chain;
pub mod conflicts;
pub mod counts;
pub mod desk;
pub mod device;
pub mod enrolment;
pub mod exchange;
pub mod extensions;
pub mod feed;
pub mod field;
pub mod isolation;
pub mod keys;
pub mod lanes;
pub mod lifeboat;
pub mod review;
pub mod segment;
pub mod setup;
pub mod tasks;
pub mod uploads;
pub mod world;

use std::fmt::Debug;

/// The value, or the end of the test with what stood there instead.
#[track_caller]
pub fn must<T, E: Debug>(outcome: Result<T, E>) -> T {
    match outcome {
        Ok(value) => value,
        Err(error) => panic!("expected a value, found {error:?}"),
    }
}

/// The value that must be there.
#[track_caller]
pub fn there<T>(value: Option<T>) -> T {
    match value {
        Some(value) => value,
        None => panic!("expected something, found nothing"),
    }
}

/// The protocol's answer, which must be a refusal.
#[track_caller]
pub fn refused<T, R, E: Debug>(outcome: Result<Result<T, R>, E>) -> R {
    match must(outcome) {
        Ok(_) => panic!("expected a refusal, found an answer"),
        Err(refusal) => refusal,
    }
}

/// Makes one `#[test]` of every case of the suite; `$fresh` is a function that gives `(store, guard)`, an empty store and
/// whatever must live as long as it (a temporary folder).
#[macro_export]
macro_rules! conformance_tests {
    ($fresh:ident) => {
        $crate::conformance_tests! { $fresh;
            backup: the_backed_up_mark_moves_up_and_never_beyond_the_verified_one, a_proof_ends_at_the_first_hole,
                a_proof_of_another_life_moves_nothing, what_is_missing_is_told_by_position;
            chain: verified_to_moves_when_the_gap_closes, a_differing_head_is_a_fork_and_refuses_nothing,
                a_second_epoch_has_a_chain_of_its_own;
            conflicts: c1_the_same_record_twice_and_another_under_its_number, c2_recalled_while_it_was_done_offline,
                c3_two_phones_report_the_same_work, c4_decided_while_a_report_was_on_its_way,
                c5_a_code_that_is_not_known_here_is_kept_as_it_is, c6_the_holder_left_his_post;
            counts: a_count_does_not_write_into_a_strangers_patrol, a_count_may_arrive_before_its_patrol;
            desk: a_session_ends_by_time_logout_and_new_password, only_desk_roles_with_the_right_password_get_in,
                ten_wrong_passwords_make_everyone_wait, a_person_sees_his_subtree_and_nothing_else,
                every_reading_is_logged_before_it_leaves, records_come_in_pages_with_their_exact_bytes,
                devices_show_what_is_missing;
            enrolment: a_code_enrols_one_vault_and_answers_it_again, a_code_survives_case_and_dashes,
                wrong_and_expired_codes_are_told_apart, too_many_wrong_codes_close_the_door_for_their_source,
                wrong_codes_from_everywhere_are_braked,
                a_forged_or_newer_enrolment_is_refused, a_revoked_vault_stays_out;
            exchange: receipts_are_idempotent, a_batch_that_overlaps_an_earlier_one_gets_the_same_decisions,
                other_bytes_under_a_taken_key_are_kept_as_a_conflict, a_forged_header_and_an_altered_body_are_refused,
                strangers_are_refused, who_signed_is_told_before_the_body,
                a_newer_version_is_told_the_newest_we_read, impossible_positions_are_refused,
                what_cannot_be_read_is_parked_and_kept, a_body_over_its_limit_is_parked_alone, odd_values_are_kept,
                mutilated_bodies_are_kept_and_break_nothing;
            extensions: c7_asked_in_time_and_heard_in_time, c7_asked_in_time_and_heard_after_the_due_time, c7_asked_late,
                c7_a_second_time_needs_the_head, c7_heard_behind_the_report_of_another_phone,
                c7_done_offline_before_the_answer_was_known, c7_two_requests_wait, c7_a_recalled_task_waits_for_no_answer,
                c7_work_that_was_in_time_needs_no_answer, c7_past_even_the_time_that_is_wanted;
            feed: a_tiny_page_gets_on_and_tells_everything_once, delivery_is_stamped_when_the_cursor_shows_it,
                delivery_counts_from_the_answer_that_brought_the_task,
                a_row_covers_own_folded_changes, another_incarnation_pulls_from_the_start,
                what_moved_of_a_known_task_is_told_in_short,
                a_row_that_moves_while_it_is_fetched_is_told_as_a_whole,
                a_device_gets_its_workers_rows_only, a_changed_post_comes_again;
            field: cases_get_numbers_milestones_and_reports, counts_add_up_and_corrections_subtract,
                a_patrol_is_measured_over_all_its_segments, a_hole_in_a_track_is_a_gap,
                an_attachment_is_expected_until_its_bytes_are_here,
                a_strangers_patrol_is_not_ours_to_add_to, a_patrol_that_is_over_stays_over;
            isolation: a_failed_write_leaves_no_trace, a_reader_sees_one_moment, series_never_repeat,
                keys_must_fit_the_store, a_new_incarnation_skips_ahead;
            keys: a_phone_in_contact_during_the_overlap_is_led_to_the_new_keys,
                a_phone_that_names_no_keys_is_led_from_those_of_its_enrolment,
                a_phone_that_was_enrolled_again_is_led_without_naming_keys,
                a_phone_that_was_away_for_two_rotations_is_led_link_by_link,
                a_compromised_key_signs_and_vouches_for_nothing, segments_sealed_to_old_and_new_keys_open,
                keys_that_are_older_than_the_store_do_not_fit;
            lanes: a_held_change_is_folded_when_its_predecessor_arrives, a_parked_predecessor_holds_back_nobody,
                lanes_do_not_wait_for_each_other;
            lifeboat: a_segment_is_taken_in_as_if_it_had_come_in_a_batch, the_same_segment_again_gives_duplicates,
                a_long_segment_is_taken_in_piece_by_piece, strangers_and_forged_segments_are_refused,
                damage_costs_what_stood_there_and_nothing_else, a_frame_holds_what_its_head_says,
                a_segment_that_is_not_for_this_platform_is_told_so, a_capture_is_taken_in_with_its_grant,
                a_capture_never_speaks_for_a_log_that_its_device_signed,
                what_a_revoked_device_wrote_is_kept_and_parked, other_bytes_in_a_segment_are_a_conflict_and_a_fork,
                a_torn_chain_inside_a_segment_is_noted, a_segment_gives_the_keys_of_its_photos;
            review: a_task_goes_round_until_it_passes, a_decision_on_an_old_revision_is_a_conflict,
                nobody_reviews_his_own_work, a_recalled_task_keeps_its_late_report, a_recall_needs_a_live_task;
            setup: names_numbers_and_prefixes_are_taken_once, a_list_of_tasks_is_taken_in_whole_and_once, tasks_are_listed_by_what_is_due_or_by_age,
                a_division_table_must_hang_together, a_dispatch_is_checked, a_due_time_is_computed_or_typed;
            tasks: submitting_implies_accepting_and_arriving, a_late_accept_is_logged_and_moves_nothing,
                a_report_behind_the_decision_is_a_supplement, a_suspect_time_is_undecided, only_work_that_is_past_due_by_its_earliest_moment_is_overdue,
                unknown_tasks_and_other_holders_are_parked,
                a_parked_change_is_judged_again;
            uploads: an_upload_goes_on_where_it_stopped, knowing_a_hash_is_not_possessing_the_file,
                wrong_bytes_begin_again, grants_end_and_die_with_the_device;
        }
    };
    ($fresh:ident; $($group:ident: $($case:ident),+;)+) => { $(
        mod $group { $(
            #[test]
            fn $case() {
                let (store, _guard) = super::$fresh();
                $crate::conformance::$group::$case(store);
            }
        )+ }
    )+ };
}
