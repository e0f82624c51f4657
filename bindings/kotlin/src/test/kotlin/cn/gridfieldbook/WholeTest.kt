package cn.gridfieldbook

import grid.fieldbook.ffi.FieldBookInterface
import grid.fieldbook.ffi.LockedBookInterface
import grid.fieldbook.ffi.SyncSessionInterface
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test
import kotlin.reflect.KClass
import kotlin.reflect.full.declaredMemberFunctions

/** Nothing that the library can do is missing from the wrapper. */
class WholeTest {
    @Test
    fun `every call of the library has one here`() {
        assertWhole(FieldBookInterface::class, FieldBook::class)
        assertWhole(LockedBookInterface::class, LockedBook::class)
        assertWhole(SyncSessionInterface::class, SyncSession::class)
    }

    private fun assertWhole(library: KClass<*>, wrapper: KClass<*>) {
        val ours = wrapper.declaredMemberFunctions.map { it.name }.toSet()
        val missing = library.declaredMemberFunctions.map { NAMES[it.name] ?: it.name }.filter { it !in ours }
        assertEquals(emptyList<String>(), missing, "${wrapper.simpleName} lacks these")
    }

    private companion object {
        val NAMES = mapOf("closeBook" to "closeVault", "suspend" to "suspendVault")
    }
}
