package cn.gridfieldbook

import grid.fieldbook.ffi.setLog as nativeSetLog

/**
 * Lines of the log go to [log] from now on, in place of one that was set before; with `null` they are dropped. They never
 * hold a worker's words, a name or a place.
 *
 * [log] is called on a thread of its own: one that blocks or throws loses lines, and holds up nothing.
 */
public fun setLog(log: ((LogLine) -> Unit)?): Unit = translated { nativeSetLog(log?.let(::HostedLog)) }
