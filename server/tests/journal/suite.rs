//! The promises of `journal::Journal`, one test each, for any store.

mod bounds;
pub mod changes;
mod files;
mod history;
mod marks;
mod names;
mod order;
mod pages;
mod removals;
mod renames;
mod renew;
mod rooms;
mod sign_outs;

pub use self::{
    bounds::*, changes::*, files::*, history::*, marks::*, names::*, order::*, pages::*,
    removals::*, renames::*, renew::*, rooms::*, sign_outs::*,
};

/// Makes every promise a test of its own for one store.
macro_rules! contract {
    ($store:ty) => {
        $crate::suite::contract!(@every $store);
        $crate::suite::contract!(@renewing $store,);
    };
    // For a store that ends with its process: what is only for stores on disk is listed as ignored.
    ($store:ty, not renewing: $why:literal) => {
        $crate::suite::contract!(@every $store);
        $crate::suite::contract!(@renewing $store, #[ignore = $why]);
    };
    (@every $store:ty) => {
        $crate::suite::contract!(@each $store,:
            seqs_run_from_one_in_the_order_taken rooms_are_numbered_apart a_retry_is_known_for_ever
            an_id_counts_once_in_a_batch an_id_belongs_to_its_sender_and_room
            no_room_no_entry a_message_is_located_by_its_id ones_own_reactions_are_found_by_their_message pages_end_where_the_room_does pages_hold_what_was_said a_page_is_one_snapshot
            what_came_out_can_be_read heads_are_the_newest_committed a_room_is_made_once rooms_don_t_look_alike a_room_is_found_by_any_case
            the_directory_is_ordered_by_activity rooms_without_entries_come_last the_directory_is_read_in_pages a_search_finds_all_and_ends_whatever_it_looks_for
            the_directory_is_ordered_however_far_apart the_directory_is_searched_by_folded_name
            a_consumer_that_stops_bounds_memory close_finishes_what_was_taken
            reopening_continues many_threads_many_rooms dropped_futures_break_nothing
            messages_keep_what_they_carry a_change_is_an_entry_and_an_effect
            the_rules_hold_and_a_refusal_leaves_nothing a_retry_of_any_change_is_known_for_ever
            changes_of_one_batch_meet_each_other what_makes_no_difference_commits_nothing
            a_deletion_takes_the_texts_along everybody_who_reacts_counts_once
            only_what_is_new_moves_a_room_up who_folds_what_comes_out_has_what_is_read
            a_file_is_found_once_it_is_whole what_is_uploaded_is_counted what_is_not_sent_is_doomed
            the_sweep_removes_what_nobody_wants an_upload_that_was_given_up_meanwhile_leaves_nothing a_message_takes_its_files_once
            a_deleted_message_s_files_are_doomed
            a_marker_only_moves_forwards a_marker_is_kept_for_ever a_marker_ends_at_the_head
            unread_counts_the_messages_of_others unread_looks_at_a_bounded_part who_left_is_forgotten
            members_are_found_by_how_their_name_begins a_new_name_replaces_the_old_one
            a_crowd_of_members_costs_a_page many_markers_at_once_come_to_the_furthest
            what_is_asked_beyond_the_bounds_is_not_answered what_waits_counts_as_kept
            what_becomes_of_messages_becomes_of_the_counts
            who_reads_holds_their_name who_speaks_keeps_their_name_for_ever
            a_name_given_up_is_free_again of_many_who_ask_for_a_name_one_gets_it
            silent_guests_are_forgotten who_cannot_come_back_holds_no_name empty_rooms_are_found_oldest_first
            an_empty_room_goes_and_its_number_is_no_other_s a_room_goes_or_what_is_said_stays
            all_that_was_in_a_removed_room_is_erased
            a_renamed_room_is_the_same_room a_former_name_is_no_other_rooms
            a_name_may_be_spelled_anew who_knows_an_older_name_renames_nothing
            renamed_rooms_are_found_by_their_number a_renamed_room_is_searched_by_its_new_name
            of_two_who_want_a_name_one_gets_it a_room_has_had_so_many_names_at_most
            a_sign_out_is_kept_and_only_moves_forwards
            a_sign_out_outlives_the_process_and_is_forgotten_in_the_end
            a_page_has_its_messages_however_often_a_reaction_is_flipped
            unread_messages_are_counted_past_what_is_none
            whatever_happens_is_read_by_messages_as_in_memory);
    };
    (@renewing $store:ty, $(#[$attribute:meta])?) => {
        $crate::suite::contract!(@each $store, $(#[$attribute])?:
            renewed_it_goes_on_in_another_epoch an_open_journal_is_not_renewed
            an_older_journal_is_brought_up renewing_brings_an_older_journal_up
            renewing_makes_nothing names_of_before_stay_with_who_came_first
            what_was_written_before_is_read_by_messages);
    };
    (@each $store:ty, : $($promise:ident)*) => {
        $(#[tokio::test]
        async fn $promise() {
            $crate::suite::$promise(<$store as $crate::kit::StoreUnderTest>::new()).await;
        })*
    };
    (@each $store:ty, #[$attribute:meta]: $($promise:ident)*) => {
        $(#[tokio::test]
        #[$attribute]
        async fn $promise() {
            $crate::suite::$promise(<$store as $crate::kit::StoreUnderTest>::new()).await;
        })*
    };
}
pub(crate) use contract;
