package cn.gridfieldbook

import grid.fieldbook.ffi.recover as nativeRecover

/**
 * Brings a vault back that [FieldBook.open] called [FieldBookException.Damaged], and closes it. Safe to ask for at any time,
 * again after it was cut off, too; the damaged file is kept. [FieldBookException.Damaged] when neither copy opens under this
 * key: then nothing is touched.
 */
public suspend fun recover(folder: String, keyVault: KeyVault, clock: HostClock? = null): RecoveryReport =
    offThread { nativeRecover(folder, HostedKeys(keyVault), clock?.let(::HostedClock)) }
