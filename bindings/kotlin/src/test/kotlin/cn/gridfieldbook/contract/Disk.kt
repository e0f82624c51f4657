package cn.gridfieldbook.contract

import com.fasterxml.jackson.databind.JsonNode
import java.io.IOException
import java.io.RandomAccessFile
import java.nio.file.Files
import java.nio.file.Path
import java.security.MessageDigest
import kotlin.io.path.deleteIfExists
import kotlin.io.path.isRegularFile
import kotlin.io.path.moveTo
import kotlin.io.path.name
import kotlin.io.path.readBytes
import kotlin.io.path.readSymbolicLink
import kotlin.io.path.relativeTo
import kotlin.io.path.walk

/** What a case does to the files of its vault and to the disk below them. */
internal class Disk(private val scene: Scene) {
    fun run(step: JsonNode): Any? = when (step.text("do")) {
        "write_file" -> write(step)
        "move_file" -> move(step)
        "digest" -> digest()
        "open_files" -> openFiles(scene.vault())
        "small_disk" -> smallDisk()
        "fill_disk" -> fill()
        "free_disk" -> filler().deleteIfExists()
        else -> throw AssertionError("no step of the disk: $step")
    }

    fun file(step: JsonNode): Path = scene.vault().resolve(step.text("file") ?: throw AssertionError("file is missing"))

    private fun write(step: JsonNode): Any? {
        RandomAccessFile(file(step).toFile(), "rw").use { file ->
            val at = step["at"]?.longValue() ?: 0
            step["length"]?.let { file.setLength(it.longValue()) }
            step["content"]?.let {
                file.seek(if (at < 0) file.length() + at else at)
                file.write(scene.resolved(it) as ByteArray)
            }
        }
        return null
    }

    private fun move(step: JsonNode): Any? {
        val there = scene.folder.resolve(step.text("to") ?: throw AssertionError("to is missing"))
        if (step["back"]?.booleanValue() == true) there.moveTo(file(step)) else file(step).moveTo(there)
        return null
    }

    private fun digest(): String {
        val vault = scene.vault()
        val digest = MessageDigest.getInstance("SHA-256")
        vault.walk().filter { it.isRegularFile() && it.name != "lock" && !it.name.endsWith("-shm") }.sorted().forEach {
            digest.update("${it.relativeTo(vault)}\n".encodeToByteArray())
            digest.update(sha256(it.readBytes()))
        }
        return HEX.print(digest.digest())
    }

    private fun smallDisk(): Any? {
        scene.vaults = Files.createTempDirectory(small(), "case")
        scene.atEnd { scene.vaults.toFile().deleteRecursively() }
        scene.atEnd { filler().deleteIfExists() }
        return null
    }

    /** Ends when not one byte more fits. */
    private fun fill(): Any? {
        RandomAccessFile(filler().toFile(), "rw").use { file ->
            for (size in listOf(1 shl 20, 4096, 1)) {
                val piece = ByteArray(size) { 1 }
                file.seek(file.length())
                try {
                    while (true) file.write(piece)
                } catch (_: IOException) {
                    continue
                }
            }
        }
        return null
    }

    private fun filler(): Path = small().resolve("filler")

    private fun small(): Path = Path.of(environment("GRID_SMALL_DISK")).toRealPath()

    companion object {
        val STEPS = setOf("write_file", "move_file", "digest", "open_files", "small_disk", "fill_disk", "free_disk")

        /** How many open files of this process lie in a folder. */
        fun openFiles(folder: Path): Int =
            Files.newDirectoryStream(Path.of("/proc/self/fd")).use { files ->
                // One that was closed meanwhile points nowhere.
                files.count { file -> runCatching { file.readSymbolicLink() }.getOrNull()?.startsWith(folder) == true }
            }
    }
}
