package cn.gridfieldbook

import cn.gridfieldbook.contract.PlainKeys
import com.sun.jna.Library
import com.sun.jna.Native
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withContext
import kotlin.time.DurationUnit
import kotlin.time.measureTime

private const val PAGE = 50u

/** The same calls from Rust in this process: `tests/bench-peer`. Times are microseconds. */
@Suppress("FunctionName")
private interface Peer : Library {
    fun grid_peer_open(): Double

    fun grid_peer_status(times: Int): Double

    fun grid_peer_status_elsewhere(times: Int): Double

    fun grid_peer_tasks(times: Int): Double

    fun grid_peer_tasks_elsewhere(times: Int): Double

    fun grid_peer_counts(times: Int): Double

    fun grid_peer_close(): Double
}

/**
 * What a call through Kotlin costs beside the same call from Rust, in turns: `BenchKt FOLDER` opens the vault `theirs` there, Rust
 * the one that `GRID_BENCH_PEER` names. Prints one line of JSON, and adds 2,000 counts to both.
 */
fun main(arguments: Array<String>): Unit = runBlocking {
    val peer = Native.load(checkNotNull(System.getenv("GRID_BENCH_PEER_LIB")), Peer::class.java)
    check(peer.grid_peer_open() == 0.0) { "Rust could not open its vault" }
    FieldBook.open(arguments.single() + "/theirs", PlainKeys()).use { book ->
        // Once for the virtual machine to compile what is measured.
        median(20_000) { book.inner.status() }
        median(5_000) { book.status() }
        median(500) { book.tasks(openOnly = true, limit = PAGE) }
        median(50_000) { runCatching { book.count(CountDraft(kind = "none", value = 1, post = "DL-01")) } }
        // And for the files of both vaults to have the size at which they are written over: none stays at its first records.
        repeat(100) {
            repeat(10) { book.count(rescued(1)) }
            check(peer.grid_peer_counts(10) > 0) { "Rust failed" }
        }
        val (status, rustStatus) = inTurns(50, { peer.grid_peer_status(100) }) { median(100) { book.inner.status() } }
        val (elsewhere, rustElsewhere) =
            inTurns(50, { peer.grid_peer_status_elsewhere(100) }) { median(100) { book.status() } }
        val (tasks, rustTasks) =
            inTurns(20, { peer.grid_peer_tasks(10) }) { median(10) { book.inner.tasks(openOnly = true, limit = PAGE) } }
        val (tasksElsewhere, rustTasksElsewhere) =
            inTurns(20, { peer.grid_peer_tasks_elsewhere(10) }) { median(10) { book.tasks(openOnly = true, limit = PAGE) } }
        // A loop of an app runs where blocking is allowed, as here; what leaving the main thread costs is told above.
        val (count, rustCount) = withContext(Dispatchers.IO) {
            inTurns(100, { peer.grid_peer_counts(10) / 10 }, List<Double>::average) {
                timed { repeat(10) { book.count(rescued(1)) } } / 10
            }
        }
        println(
            """{"runner":"kotlin","status_us":$status,"rust_status_us":$rustStatus,"elsewhere_us":$elsewhere,""" +
                """"rust_elsewhere_us":$rustElsewhere,"tasks_us":$tasks,"rust_tasks_us":$rustTasks,""" +
                """"tasks_elsewhere_us":$tasksElsewhere,"rust_tasks_elsewhere_us":$rustTasksElsewhere,""" +
                """"count_us":$count,"rust_count_us":$rustCount}""",
        )
    }
    check(peer.grid_peer_close() == 0.0) { "Rust failed" }
}

/** Both over so many turns, ours and Rust's: their middle, or what else [fold] makes of them. */
private inline fun inTurns(
    turns: Int,
    rust: () -> Double,
    fold: (List<Double>) -> Double = { it.sorted()[it.size / 2] },
    ours: () -> Double,
): List<Double> {
    val (theirs, own) = List(turns) { rust() to ours() }.unzip()
    check(theirs.all { it > 0 }) { "Rust failed" }
    return listOf(fold(own), fold(theirs))
}

private inline fun timed(call: () -> Unit): Double = measureTime(call).toDouble(DurationUnit.MICROSECONDS)

private inline fun median(times: Int, call: () -> Unit): Double = List(times) { timed(call) }.sorted()[times / 2]
