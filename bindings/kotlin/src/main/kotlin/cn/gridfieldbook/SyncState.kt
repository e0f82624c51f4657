package cn.gridfieldbook

/** Where the syncs of a field book are, for the one line that a screen shows. */
public sealed interface SyncState {
    /** No sync has begun since the field book was opened. */
    public data object Idle : SyncState

    /** A sync is under way. */
    public data class Running(
        /** Where it is; none before its first step has ended. */
        public val progress: SyncProgress?,
    ) : SyncState

    /** The last sync has ended. */
    public data class Ended(
        /** What it did. */
        public val report: SyncReport,
    ) : SyncState

    /** The last sync could not be made. */
    public data class Failed(
        /** Why. */
        public val error: FieldBookException,
    ) : SyncState
}
