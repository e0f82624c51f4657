package cn.gridfieldbook

import cn.gridfieldbook.contract.PlainKeys
import kotlinx.coroutines.runBlocking
import kotlin.time.Duration
import kotlin.time.DurationUnit
import kotlin.time.measureTime

private const val CALLS = 5_000
private const val LISTS = 200
private const val COUNTS = 1_000

/** What a call through Kotlin costs: `BenchKt FOLDER` opens the vault there, and prints one line of JSON. It adds 1,000 counts. */
fun main(arguments: Array<String>): Unit = runBlocking {
    FieldBook.open(arguments.single(), PlainKeys()).use { book ->
        // Once for the virtual machine to compile what is measured.
        median(CALLS) { book.inner.status() }
        median(CALLS) { book.status() }
        val native = median(CALLS) { book.inner.status() }.toDouble(DurationUnit.MICROSECONDS)
        val suspending = median(CALLS) { book.status() }.toDouble(DurationUnit.MICROSECONDS)
        val tasks = median(LISTS) { book.tasks(openOnly = true, limit = 50u) }.toDouble(DurationUnit.MILLISECONDS)
        val counted = measureTime { repeat(COUNTS) { book.count(rescued(1)) } }
        val rate = COUNTS / counted.toDouble(DurationUnit.SECONDS)
        println(
            """{"runner":"kotlin","status_us":%.2f,"status_suspend_us":%.2f,"tasks_50_ms":%.3f,"counts_per_s":%.0f}"""
                .format(native, suspending, tasks, rate),
        )
    }
}

private inline fun median(times: Int, call: () -> Unit): Duration = List(times) { measureTime(call) }.sorted()[times / 2]
