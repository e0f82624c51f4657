package cn.gridfieldbook

import grid.fieldbook.ffi.EnrollOutcome
import grid.fieldbook.ffi.SyncOutcome
import java.util.Locale

/**
 * Why a call did not do what it was asked: eight kinds, each a different reaction of the app. Nothing saved is lost by any
 * of these.
 *
 * [message] is English, for a log; [explain] says it to a person, in both languages. What a network did is no exception but
 * a value: [SyncOutcome], [EnrollOutcome].
 */
public sealed class FieldBookException : Exception() {
    private val told: String by lazy { explain(this, "en").let { "${it.happened}. ${it.next}" } }

    /** What happened and what to do, in English. */
    override val message: String get() = told

    /** One field cannot be taken: mark it, let the worker correct it. */
    public class InvalidInput(
        /** Which field, by its snake_case name in the draft. */
        public val field: String,
        /** What is wrong, a stable name with its limit after a colon, such as `empty` or `too_long:40`. */
        public val detail: String,
    ) : FieldBookException()

    /** There is no such thing on this phone: go back and show the list again. Before enrolment `sync` says `enrolment`. */
    public class NotFound(
        /** What was looked for. */
        public val what: String,
    ) : FieldBookException()

    /** The field book was closed: [FieldBook.reopen] it and repeat the call, or open it again after [FieldBook.close]. */
    public class Closed : FieldBookException()

    /** Not now: wait for the obstacle to go, then repeat the call. */
    public class Unavailable(
        /** What is in the way. */
        public val obstacle: Obstacle,
    ) : FieldBookException()

    /** No space left and not saved: let the worker free some, then save again. */
    public class StorageFull : FieldBookException()

    /** Written by a newer application: ask for an update. Nothing was touched. */
    public class DatabaseTooNew(
        /** Schema found. */
        public val found: UInt,
        /** Newest this build knows. */
        public val supported: UInt,
    ) : FieldBookException()

    /** The database does not open under its key and is left exactly as it is: [recover] it, or call the support desk. */
    public class Damaged : FieldBookException()

    /** A bug or a failing disk: report it. */
    public class Internal(
        /** For the support desk; holds nothing personal. */
        public val detail: String,
    ) : FieldBookException()
}

/**
 * What a person is told about an error. [locale] is such as `zh-CN`; English for everything that is not Chinese. Quick, and
 * safe on any thread.
 */
public fun explain(error: FieldBookException, locale: String = Locale.getDefault().toLanguageTag()): Advice =
    grid.fieldbook.ffi.explain(error.toNative(), locale)
